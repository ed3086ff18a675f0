import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathOf, readVectors } from '../../vectors/files.js';
import { textOf } from '../../vectors/generate/assemble.js';
import { makers } from '../../vectors/generate/sets.js';
import { type SetName, setNames, testsOf, type Vector } from '../../vectors/vector.js';
import type { Disagreement } from '../../vectors/verify/opinion.js';
import { verify } from '../../vectors/verify/verify.js';
import { styleFor } from '../report/style.js';
import { exitCodes } from '../run/result.js';
import { suggest, UsageError } from '../usage/usage-error.js';
import { untilInterrupted } from './interrupt.js';

/**
 * Verifies files of vectors: all are read before the first is verified.
 *
 * @throws {UsageError} when one cannot be read or does not match its schema.
 */
export async function vectorsVerifyCommand(
  paths: readonly string[],
  { format }: { readonly format: 'pretty' | 'json' },
): Promise<number> {
  const since = performance.now();
  const named = paths.length > 0 ? paths : setNames.map((set) => relative(process.cwd(), pathOf(set)));
  const files = named.map((path) => ({ path, vectors: readVectors(path) }));
  const disagreements: Disagreement[] = [];
  const { interrupted } = await untilInterrupted(async (signal) => {
    for (const { vectors } of files) {
      if (signal.aborted) break;
      disagreements.push(...(await verify(vectors)));
    }
    return { interrupted: signal.aborted };
  });
  if (interrupted) return exitCodes.interrupted;
  if (format === 'json') {
    const rows = files.map(({ path, vectors: { set, tests, negatives } }) => ({
      file: path,
      set,
      tests,
      negatives,
    }));
    process.stdout.write(`${JSON.stringify({ files: rows, disagreements }, undefined, 2)}\n`);
  } else {
    const seconds = ((performance.now() - since) / 1000).toFixed(1);
    const all = files.map(({ vectors }) => vectors);
    process.stdout.write(
      `${[...disagreements.map(blockOf), summaryOf(all, disagreements, seconds)].join('\n')}\n`,
    );
  }
  return disagreements.length > 0 ? exitCodes.nonConformant : exitCodes.conformant;
}

function blockOf({ id, by, expected, actual }: Disagreement): string {
  const style = styleFor(process.stdout);
  const start = commonStart(expected, actual);
  return `${style('red', 'WRONG')} ${id} (${by})\n  vector  ${excerpt(expected, start)}\n  found   ${excerpt(actual, start)}`;
}

function commonStart(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
}

/** The part of a long value in which it differs from another, on one line and without control characters. */
function excerpt(text: string, difference: number): string {
  const from = text.length > 160 ? Math.max(0, difference - 60) : 0;
  const shown = text.slice(from, from + 160).replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '�');
  return `${from > 0 ? '…' : ''}${shown}${from + 160 < text.length ? '…' : ''}`;
}

function summaryOf(
  files: readonly { readonly tests: number; readonly negatives: number }[],
  disagreements: readonly Disagreement[],
  seconds: string,
): string {
  const style = styleFor(process.stdout);
  const total = (pick: 'tests' | 'negatives') => files.reduce((sum, file) => sum + file[pick], 0);
  const wrong = new Set(disagreements.map(({ id }) => id)).size;
  const verdict = wrong === 0 ? style('green', 'all hold') : style('red', `${wrong} wrong`);
  const sets = `${files.length} ${files.length === 1 ? 'set' : 'sets'}`;
  return `${sets}, ${total('tests')} vectors (${total('negatives')} negative): ${verdict}, in ${seconds} s`;
}

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

/**
 * Prints vectors, one a line.
 *
 * @throws {UsageError} when a pattern names none.
 */
export function vectorsListCommand(patterns: readonly string[]): void {
  const all = setNames.flatMap((set) => testsOf(readVectors(pathOf(set))).map(({ test }) => test));
  const selected =
    patterns.length === 0 ? all : all.filter((test) => patterns.some((pattern) => fits(test, pattern)));
  const idle = patterns.find((pattern) => !all.some((test) => fits(test, pattern)));
  if (idle !== undefined)
    throw new UsageError(
      `no vector fits "${idle}"${suggest(idle, [...setNames, ...all.map(({ id }) => id)])}`,
    );
  const width = Math.max(...selected.map(({ id }) => id.length));
  const lines = selected.map((test) => {
    const { id, title, fault, requirement } = test;
    const sentence = requirement === undefined ? '' : ` (${requirement})`;
    return `${fault === undefined ? ' ' : '-'} ${id.padEnd(width)}  ${title ?? fault}${sentence}`;
  });
  process.stdout.write(`${lines.join('\n')}\n`);
}

function fits({ id, requirement = '' }: Vector, pattern: string): boolean {
  const escaped = pattern.replace(/[\\^$+?.()|[\]{}]/g, '\\$&').replace(/\*+/g, '.*');
  return new RegExp(`^${escaped}(?:/.*)?$`).test(id) || new RegExp(`^${escaped}$`).test(requirement);
}
