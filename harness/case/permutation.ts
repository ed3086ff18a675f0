import type { Case, Choice, Needs } from './case.js';
import { everyChoice } from './pairs.js';

/** A case with one value for each thing that it varies: what is played. A case that varies nothing has one. */
export interface Permutation<R extends string = string> extends Omit<Case<R>, 'vary' | 'needsFor'> {
  /** The case's id, and `/name=value` for each thing that varies. No two are alike. */
  readonly path: string;
  readonly choice: Choice;
}

/** How many permutations of a case: the usual one, or every combination of values. */
export type Extent = 'usual' | 'every';

/** The permutations of a case, the usual one first. */
export function permutationsOf<R extends string>(
  subject: Case<R>,
  extent: Extent,
): readonly Permutation<R>[] {
  const choices = everyChoice(subject.vary ?? {});
  return (extent === 'usual' ? choices.slice(0, 1) : choices).map((choice) => withChoice(subject, choice));
}

function withChoice<R extends string>(subject: Case<R>, choice: Choice): Permutation<R> {
  const { vary: _, needsFor, needs, ...rest } = subject;
  const all = merged(needs, needsFor?.(choice));
  return { ...rest, path: pathOf(subject.id, choice), choice, ...(all ? { needs: all } : {}) };
}

/** `importance/chat-body/away=hibernated/to=full`. */
export function pathOf(id: string, choice: Choice): string {
  return [id, ...Object.entries(choice).map(([name, value]) => `${name}=${value}`)].join('/');
}

/**
 * The permutation of its sibling that is the same as a negative but for the fault: with the same choice, and what only the
 * sibling varies as usual. Undefined when it is no negative, or its sibling is not among the cases.
 */
export function siblingOf<R extends string>(
  { negative, choice }: Pick<Permutation<R>, 'negative' | 'choice'>,
  cases: readonly Case<R>[],
): Permutation<R> | undefined {
  const sibling = cases.find(({ id }) => id === negative?.sibling);
  if (!sibling) return undefined;
  const wanted = Object.entries(sibling.vary ?? {}).map(([name, values]) => {
    const same = name === negative?.across ? undefined : values.find((value) => value === choice[name]);
    return [name, same ?? values[0] ?? ''] as const;
  });
  return withChoice(sibling, Object.fromEntries(wanted));
}

function merged(one: Needs | undefined, other: Needs | undefined): Needs | undefined {
  if (!one || !other) return one ?? other;
  const traits = [...(one.traits ?? []), ...(other.traits ?? [])];
  const hooks = [...(one.hooks ?? []), ...(other.hooks ?? [])];
  const config = one.config || other.config ? { ...one.config, ...other.config } : undefined;
  return {
    ...(traits.length > 0 ? { traits } : {}),
    ...(hooks.length > 0 ? { hooks } : {}),
    ...(config ? { config } : {}),
  };
}
