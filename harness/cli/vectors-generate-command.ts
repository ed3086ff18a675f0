import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathOf } from '../../vectors/files.js';
import { textOf } from '../../vectors/generate/assemble.js';
import { makers } from '../../vectors/generate/sets.js';
import { type SetName, setNames } from '../../vectors/vector.js';
import { styleFor } from '../report/style.js';
import { exitCodes } from '../run/result.js';
import { suggest, UsageError } from '../usage/usage-error.js';

/**
 * Writes the sets, each file as a whole.
 *
 * @throws {UsageError} when there is no such set, or a file cannot be written.
 */
export function vectorsGenerateCommand(
  names: readonly string[],
  { check = false, out }: { readonly check?: boolean; readonly out?: string },
): number {
  const sets = names.length > 0 ? names.map(setNamed) : setNames;
  const lines = sets.map((set) => {
    const path = out === undefined ? relative(process.cwd(), pathOf(set)) : join(out, `${set}.json`);
    const file = makers[set]();
    const text = textOf(file);
    const isCurrent = existsSync(path) && readFileSync(path, 'utf8') === text;
    if (!isCurrent && !check) write(path, text, out);
    const state = isCurrent ? 'unchanged' : check ? 'stale' : 'written';
    return { isCurrent, line: `${path}: ${file.tests} vectors, ${file.negatives} negative: ${state}` };
  });
  const stale = lines.filter(({ isCurrent }) => !isCurrent).length;
  const style = styleFor(process.stdout);
  const advice = check && stale > 0 ? [style('red', '`vectors generate` writes them anew')] : [];
  process.stdout.write(`${[...lines.map(({ line }) => line), ...advice].join('\n')}\n`);
  return check && stale > 0 ? exitCodes.nonConformant : exitCodes.conformant;
}

function setNamed(name: string): SetName {
  const set = setNames.find((known) => known === name);
  if (set) return set;
  throw new UsageError(`there is no set "${name}"${suggest(name, setNames)}`);
}

function write(path: string, text: string, folder: string | undefined): void {
  try {
    if (folder !== undefined) mkdirSync(folder, { recursive: true });
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  } catch (cause) {
    throw new UsageError(`${path} cannot be written: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
}
