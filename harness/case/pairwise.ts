import type { Choice, Dimensions } from './case.js';

/** Every combination of values, the last name changing fastest. */
export function everyChoice(vary: Dimensions): readonly Choice[] {
  return Object.entries(vary).reduce<readonly Choice[]>(
    (choices, [name, values]) =>
      choices.flatMap((choice) => values.map((value) => ({ ...choice, [name]: value }))),
    [{}],
  );
}

/**
 * So many choices that each pair of values of two names is in one of them (or each value, when there is but one name): what
 * goes wrong mostly does so for one value or two together. Greedy, so not always the fewest; always the same ones, the
 * first of which has the first value of everything.
 */
export function pairwise(vary: Dimensions): readonly Choice[] {
  const all = everyChoice(vary);
  const missing = new Set(all.flatMap(pairsOf));
  const gain = (choice: Choice) => pairsOf(choice).filter((pair) => missing.has(pair)).length;
  const chosen: Choice[] = [];
  do {
    const best = all.reduce((found, choice) => (gain(choice) > gain(found) ? choice : found));
    chosen.push(best);
    for (const pair of pairsOf(best)) missing.delete(pair);
  } while (missing.size > 0);
  return chosen;
}

/** The pairs of values in a choice, each as a text. */
export function pairsOf(choice: Choice): readonly string[] {
  const values = Object.entries(choice).map(([name, value]) => `${name}=${value}`);
  if (values.length < 2) return values;
  return values.flatMap((one, index) => values.slice(index + 1).map((other) => `${one} ${other}`));
}
