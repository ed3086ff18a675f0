import { pathOf, readVectors } from '../../vectors/files.js';
import { setNames, testsOf, type Vector } from '../../vectors/vector.js';
import { suggest, UsageError } from '../usage/usage-error.js';

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
