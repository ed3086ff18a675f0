import type { Level } from '../harness/case/requirement.js';

/** A set of test vectors as it stands in its file; `schemas/vectors-<set>.schema.json` says what a test of it holds. */
export interface VectorFile {
  readonly $schema: string;
  readonly set: SetName;
  readonly title: string;
  /** What a test asks, and how its members are spelled. */
  readonly notes: readonly string[];
  /** Every requirement that a test names, with its level. */
  readonly requirements: Readonly<Record<string, Level>>;
  readonly tests: number;
  /** How many of the tests have a fault. */
  readonly negatives: number;
  /** By name. */
  readonly groups: Readonly<Record<string, VectorGroup>>;
}

export interface VectorGroup {
  readonly title: string;
  readonly tests: readonly Vector[];
}

/** One test: a positive has a title, a negative is its sibling with one fault. */
export interface Vector<Input extends object = object, Expected extends object = object> {
  /** `<set>/<name>`, stable. */
  readonly id: string;
  /** What a positive shows. */
  readonly title?: string;
  /** What is wrong with a negative. */
  readonly fault?: string;
  /** Id of the positive that is the same without the fault. */
  readonly sibling?: string;
  /** The only part of `input` in which a negative is not its sibling. */
  readonly differs?: string;
  /** The sentence a negative breaks, or one that a positive keeps. */
  readonly requirement?: string;
  /** Where published values stand: `RFC 8291 §5`. */
  readonly source?: string;
  readonly input: Input;
  readonly expected: Expected;
}

export const setNames = [
  'rfc8188',
  'rfc8291',
  'rfc8292',
  'subscription',
  'stanza',
  'importance',
  'disco',
  'payload',
] as const;

export type SetName = (typeof setNames)[number];

/** All tests of a file, with the name of their group. */
export function testsOf(file: VectorFile): readonly { readonly group: string; readonly test: Vector }[] {
  return Object.entries(file.groups).flatMap(([group, { tests }]) => tests.map((test) => ({ group, test })));
}
