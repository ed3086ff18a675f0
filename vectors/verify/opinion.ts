import type { Vector } from '../vector.js';

/** One implementation, or a rule on vectors, that does not come to what a vector says. */
export interface Disagreement {
  /** Id of the vector. */
  readonly id: string;
  /** Whose opinion it is: `reference`, `judge`, `@noble`, `WebCrypto`, `node:crypto` … */
  readonly by: string;
  readonly expected: string;
  readonly actual: string;
}

/** What an implementation makes of a vector, beside what the vector says. */
export interface Opinion {
  readonly by: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** Asks everybody who has an opinion on one kind of test. */
export type Opinions<Input extends object, Expected extends object> = (
  test: Vector<Input, Expected>,
) => readonly Opinion[] | Promise<readonly Opinion[]>;

/** The opinions that differ from the vector. */
export function disagreements(id: string, opinions: readonly Opinion[]): readonly Disagreement[] {
  return opinions.flatMap(({ by, expected, actual }) => {
    const [wanted, found] = [textOf(expected), textOf(actual)];
    return wanted === found ? [] : [{ id, by, expected: wanted, actual: found }];
  });
}

/** What an act comes to, or `refused` when it throws. */
export function attempt<T>(act: () => T): T | 'refused' {
  try {
    return act();
  } catch {
    return 'refused';
  }
}

/** Members in the order of their names, so that the same value is always the same text. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return JSON.stringify(sorted(value)) ?? 'nothing';
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
}

export const octets = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64url'));
export const base64url = (value: Uint8Array): string => Buffer.from(value).toString('base64url');
