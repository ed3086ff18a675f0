import type { Choice, Dimensions } from './case.js';

/** Every combination of values, the last name changing fastest. */
export function everyChoice(vary: Dimensions): readonly Choice[] {
  return Object.entries(vary).reduce<readonly Choice[]>(
    (choices, [name, values]) =>
      choices.flatMap((choice) => values.map((value) => ({ ...choice, [name]: value }))),
    [{}],
  );
}

/** The pairs of values in a choice, each as a text; its only value, when there is but one. */
export function pairsOf(choice: Choice): readonly string[] {
  const values = Object.entries(choice).map(([name, value]) => `${name}=${value}`);
  if (values.length < 2) return values;
  return values.flatMap((one, index) => values.slice(index + 1).map((other) => `${one} ${other}`));
}
