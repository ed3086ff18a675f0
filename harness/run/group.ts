import type { Case } from '../case/case.js';

/** Cases that are played together: they share the function that acts and what it needs, and differ in what they judge. */
export type Group = readonly [Case, ...Case[]];

/**
 * Puts cases with the same play together, in the order of the first of each group. One performance then serves them all:
 * a transcript shows every sentence that was kept or broken in it.
 */
export function groupByPlay(cases: readonly Case[]): readonly Group[] {
  const groups = new Map<Case['play'], Map<string, [Case, ...Case[]]>>();
  for (const subject of cases) {
    const samePlay = groups.get(subject.play) ?? new Map<string, [Case, ...Case[]]>();
    groups.set(subject.play, samePlay);
    const needs = JSON.stringify(subject.needs ?? {});
    const group = samePlay.get(needs);
    if (group) group.push(subject);
    else samePlay.set(needs, [subject]);
  }
  return [...groups.values()].flatMap((samePlay) => [...samePlay.values()]);
}
