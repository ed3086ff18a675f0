import type { Requirement } from '../../case/requirement.js';
import type { ExtractedSentence } from './extract.js';

/** How the text and the catalogue that the cases rest on have come apart. */
export type Drift =
  | { readonly type: 'added'; readonly id: string; readonly now: ExtractedSentence }
  | { readonly type: 'removed'; readonly id: string; readonly before: Requirement }
  /** Another wording or level: the cases have to be looked at. */
  | {
      readonly type: 'reworded';
      readonly id: string;
      readonly before: Requirement;
      readonly now: ExtractedSentence;
    }
  /** The same sentence in another place. */
  | {
      readonly type: 'moved';
      readonly id: string;
      readonly before: Requirement;
      readonly now: ExtractedSentence;
    };

/**
 * @param text the sentences as the text has them now.
 * @param catalogue the sentences of the same document that were accepted last.
 */
export function driftOf(
  text: readonly ExtractedSentence[],
  catalogue: readonly Requirement[],
): readonly Drift[] {
  const accepted = new Map(catalogue.map((requirement) => [requirement.id, requirement]));
  const present = new Set(text.map(({ id }) => id));
  return [
    ...text.flatMap((now): readonly Drift[] => {
      const before = accepted.get(now.id);
      if (!before) return [{ type: 'added', id: now.id, now }];
      if (before.sentence !== now.sentence || before.level !== now.level)
        return [{ type: 'reworded', id: now.id, before, now }];
      return before.section === now.section ? [] : [{ type: 'moved', id: now.id, before, now }];
    }),
    ...catalogue
      .filter(({ id }) => !present.has(id))
      .map((before): Drift => ({ type: 'removed', id: before.id, before })),
  ];
}
