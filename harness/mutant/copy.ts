import { cpSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../kit/kit.js';
import { makeTemporaryFolder } from '../temporary/temporary-folder.js';
import { applyPatch, type Patch } from './mutant.js';

/** A copy of the compiled kit, in which the reference can be broken. */
export interface KitCopy {
  /** A script of the command line in the copy, such as `run-thread.js`. */
  script(name: string): URL;
  /**
   * Changes the copy's reference while `work` is done.
   *
   * @throws {PatchError} when a patch does not fit; the copy is then as it was.
   */
  withPatches<Result>(patches: readonly Patch[], work: () => Promise<Result>): Promise<Result>;
  /** Changes the compiled modules below these folders, `harness/judge` or `suites`, for as long as the copy is there. */
  rewrite(folders: readonly string[], change: (source: string, file: string) => string): void;
  close(): void;
}

/** Makes the copy in a temporary folder; `close` takes it away. */
export function copyKit(): KitCopy {
  const folder = makeTemporaryFolder();
  cpSync(join(packageRoot, 'dist'), join(folder, 'dist'), {
    recursive: true,
    filter: (path) => !path.endsWith('.map'),
  });
  for (const name of ['package.json', 'schemas', 'node_modules'])
    symlinkSync(join(packageRoot, name), join(folder, name));

  return {
    script: (name) => pathToFileURL(`${join(folder, 'dist', 'harness', 'cli')}${sep}${name}`),
    async withPatches(patches, work) {
      const before = new Map<string, string>();
      try {
        for (const patch of patches) {
          const module = join(folder, 'dist', 'reference', ...patch.file.split('/'));
          const source = readFileSync(module, 'utf8');
          const changed = applyPatch(source, patch);
          if (!before.has(module)) before.set(module, source);
          writeFileSync(module, changed);
        }
        return await work();
      } finally {
        for (const [module, source] of before) writeFileSync(module, source);
      }
    },
    rewrite(folders, change) {
      for (const name of folders)
        for (const file of readdirSync(join(folder, 'dist', name), { recursive: true, encoding: 'utf8' })) {
          if (!file.endsWith('.js')) continue;
          const path = join(folder, 'dist', name, file);
          writeFileSync(path, change(readFileSync(path, 'utf8'), [name, ...file.split(sep)].join('/')));
        }
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
