import type { Level, Requirement } from '../../harness/case/requirement.js';

/** A requirement whose id is known to the compiler, so that a case cannot name a sentence that does not exist. */
export interface Sentence<Id extends string> extends Requirement {
  readonly id: Id;
}

type Draft<Id extends string> = Pick<Sentence<Id>, 'id' | 'level' | 'sentence'> &
  Partial<Pick<Sentence<Id>, 'excluded'>>;

const drafter =
  (level: Level) =>
  <const Id extends string>(id: Id, sentence: string): Draft<Id> => ({ id, level, sentence });

export const must = drafter('MUST');
export const mustNot = drafter('MUST NOT');
export const should = drafter('SHOULD');
export const shouldNot = drafter('SHOULD NOT');
export const may = drafter('MAY');

/** A sentence that no test from outside can judge, and why. */
export function excluded<Id extends string>(draft: Draft<Id>, reason: string): Draft<Id> {
  return { ...draft, excluded: reason };
}

/** The sentences of one section of one document. */
export function section<Id extends string>(
  document: string,
  title: string,
  ...drafts: readonly Draft<Id>[]
): readonly Sentence<Id>[] {
  return drafts.map((draft) => ({ ...draft, document, section: title }));
}
