import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../kit/kit.js';
import { applyPatch, type Patch } from '../mutant/mutant.js';
import { makeTemporaryFolder } from '../temporary/temporary-folder.js';
import type { Counterexample } from './explore.js';
import { exploreInThread } from './split.js';

export interface SearchOptions {
  readonly seed: number;
  readonly runs: number;
  /** Plays this one sequence alone. */
  readonly path?: string;
  readonly signal: AbortSignal;
}

/**
 * Explores a copy of the compiled reference that is wrong on purpose.
 *
 * @returns what was found, or undefined when nothing was.
 * @throws PatchError when a patch does not fit the reference any more.
 */
export async function searchWith(
  patches: readonly Patch[],
  { seed, runs, path, signal }: SearchOptions,
): Promise<Counterexample | undefined> {
  const folder = makeTemporaryFolder();
  try {
    cpSync(join(packageRoot, 'dist'), join(folder, 'dist'), {
      recursive: true,
      filter: (name) => !name.endsWith('.map'),
    });
    for (const name of ['package.json', 'schemas', 'node_modules'])
      symlinkSync(join(packageRoot, name), join(folder, name));
    mkdirSync(join(folder, 'reference'));
    for (const patch of patches) {
      const module = join(folder, 'dist', 'reference', ...patch.file.split('/'));
      writeFileSync(module, applyPatch(readFileSync(module, 'utf8'), patch));
    }
    const script = pathToFileURL(`${join(folder, 'dist', 'harness', 'cli')}${sep}explore-thread.js`);
    const share = { target: 'embedded', seed, runs, lanes: [0], allLanes: 1, timeoutScale: 1 };
    const { counterexample } = await exploreInThread(
      script,
      path === undefined ? share : { ...share, path },
      signal,
      () => {},
    );
    return counterexample;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
