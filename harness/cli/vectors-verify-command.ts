import { relative } from 'node:path';
import { pathOf, readVectors } from '../../vectors/files.js';
import { setNames } from '../../vectors/vector.js';
import type { Disagreement } from '../../vectors/verify/opinion.js';
import { verify } from '../../vectors/verify/verify.js';
import { styleFor } from '../report/style.js';
import { exitCodes } from '../run/result.js';
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
