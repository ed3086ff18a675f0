import type { Needs } from '../case/case.js';
import type { Permutation } from '../case/permutation.js';
import type { HookName } from '../target/target.js';

/**
 * Cases that are played together: they share the function that acts, what it is to choose and what it needs, and differ
 * in what they judge.
 */
export type Group = readonly [Permutation, ...Permutation[]];

/**
 * Puts cases with the same play together, in the order of the first of each group. One performance then serves them all:
 * a transcript shows every sentence that was kept or broken in it.
 */
export function groupByPlay(cases: readonly Permutation[]): readonly Group[] {
  const groups = new Map<Permutation['play'], Map<string, [Permutation, ...Permutation[]]>>();
  for (const subject of cases) {
    const samePlay = groups.get(subject.play) ?? new Map<string, [Permutation, ...Permutation[]]>();
    groups.set(subject.play, samePlay);
    const circumstances = JSON.stringify([subject.choice, subject.needs ?? {}]);
    const group = samePlay.get(circumstances);
    if (group) group.push(subject);
    else samePlay.set(circumstances, [subject]);
  }
  return [...groups.values()].flatMap((samePlay) => [...samePlay.values()]);
}

/** Those that get a server of their own first: they take longest, and no thread should be left with them at the end. */
export function longestFirst(groups: readonly Group[]): readonly Group[] {
  const rank = ([{ needs }]: Group) => (wantsServerOfItsOwn(needs) ? 0 : 1);
  return groups.toSorted((one, other) => rank(one) - rank(other));
}

const disruptive: readonly HookName[] = ['restart', 'crash', 'advanceClock', 'changeKey'];

/** Whether cases with these needs would disturb others on the same server. */
export function wantsServerOfItsOwn(needs: Needs | undefined): boolean {
  return needs?.config !== undefined || (needs?.hooks ?? []).some((hook) => disruptive.includes(hook));
}
