import type { Case } from './case.js';
import { pairsOf } from './pairs.js';
import { type Permutation, permutationsOf } from './permutation.js';

/** A permutation, and the pairs of values in it, each with the area it belongs to. */
interface Candidate<R extends string> {
  readonly one: Permutation<R>;
  readonly pairs: readonly string[];
}

/**
 * Permutations that leave no case out, and no pair of values of what the cases of an area vary (no value, where one thing
 * varies alone): what goes wrong mostly does so for one value or two together, and seldom for one stanza only. The first
 * case on every sentence has its usual permutation, which most servers can be asked for; the others have the values that
 * were rarest so far; then come those that have a pair no other has. The same cases always have the same ones.
 */
export function spread<R extends string>(cases: readonly Case<R>[]): readonly Permutation<R>[] {
  const taken = new Map<string, number>();
  const chosen: Permutation<R>[] = [];
  const judged = new Set<R>();
  /** Cases with the same play are played together, if they are played the same way. */
  const choices = new Map<Case<R>['play'], string>();

  const times = (pair: string) => taken.get(pair) ?? 0;
  const rarity = ({ pairs }: Candidate<R>) => Math.min(...pairs.map(times));
  const missing = ({ pairs }: Candidate<R>) => pairs.filter((pair) => times(pair) === 0).length;
  const take = ({ one, pairs }: Candidate<R>) => {
    for (const pair of pairs) taken.set(pair, times(pair) + 1);
    chosen.push(one);
  };

  let left: Candidate<R>[] = [];
  for (const subject of cases) {
    const candidates = permutationsOf(subject, 'every').map((one) => ({ one, pairs: pairsIn(one) }));
    const { requirements, play } = subject;
    const isFirst = requirements.some((id) => !judged.has(id));
    const same = candidates.find(({ one }) => JSON.stringify(one.choice) === choices.get(play));
    const best = same ?? (isFirst ? candidates.at(0) : undefined) ?? least(candidates, rarity);
    for (const id of requirements) judged.add(id);
    choices.set(play, JSON.stringify(best.one.choice));
    take(best);
    left.push(...candidates);
  }
  for (left = left.filter(missing); left.length > 0; left = left.filter(missing))
    take(least(left, (candidate) => -missing(candidate)));
  return chosen;
}

/** The first of those with the lowest rank. */
function least<T>(some: readonly T[], rank: (one: T) => number): T {
  return some.reduce((found, one) => (rank(one) < rank(found) ? one : found));
}

function pairsIn({ id, choice }: Permutation): readonly string[] {
  const area = id.slice(0, id.indexOf('/'));
  return pairsOf(choice).map((pair) => `${area} ${pair}`);
}
