import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Case, Dimensions } from './case.js';
import { pairsOf } from './pairs.js';
import { permutationsOf } from './permutation.js';
import { spread } from './spread.js';

const make = (id: string, requirement: string, vary?: Dimensions): Case => ({
  id,
  title: id,
  requirements: [requirement],
  ...(vary ? { vary } : {}),
  async play() {},
  judge: () => [],
});

/** Few, so that cases share values, and one can have in another's place what it should have itself. */
const word = fc.constantFrom('x', 'y', 'z');
const dimensions = fc.dictionary(
  fc.constantFrom('away', 'to', 'type'),
  fc.uniqueArray(word, { minLength: 1, maxLength: 3 }),
  { noNullPrototype: true },
);
const suite = fc
  .array(
    fc.record({
      area: fc.constantFrom('enable', 'push'),
      requirement: fc.constantFrom('a', 'b', 'c'),
      vary: dimensions,
    }),
    { maxLength: 12 },
  )
  .map((all) => all.map(({ area, requirement, vary }, index) => make(`${area}/${index}`, requirement, vary)));

const areaPairs = (
  permutations: readonly { readonly id: string; readonly choice: Record<string, string> }[],
) =>
  new Set(
    permutations.flatMap(({ id, choice }) => pairsOf(choice).map((pair) => `${id.split('/')[0]} ${pair}`)),
  );

describe('A spread of cases over what they vary', () => {
  test('leaves no case out, and in no area a pair of values, and has no permutation twice', () => {
    fc.assert(
      fc.property(suite, (cases) => {
        const chosen = spread(cases);
        const every = cases.flatMap((subject) => permutationsOf(subject, 'every'));
        expect(new Set(chosen.map(({ id }) => id))).toEqual(new Set(cases.map(({ id }) => id)));
        expect(areaPairs(chosen)).toEqual(areaPairs(every));
        expect(new Set(chosen.map(({ path }) => path)).size).toBe(chosen.length);
        for (const { path } of chosen) expect(every.map((one) => one.path)).toContain(path);
      }),
    );
  });

  test('has the usual permutation of the first case on every sentence', () => {
    fc.assert(
      fc.property(suite, (cases) => {
        const paths = spread(cases).map(({ path }) => path);
        const first = cases.filter(
          ({ requirements: [id] }, index) =>
            cases.findIndex(({ requirements }) => requirements[0] === id) === index,
        );
        for (const subject of first) expect(paths).toContain(permutationsOf(subject, 'usual')[0]?.path);
      }),
    );
  });

  test('gives to every further case the values that are rarest', () => {
    const away = ['offline', 'hibernated', 'archived'] as const;
    const cases = Array.from({ length: 9 }, (_, index) => make(`push/${index}`, 'push.sent', { away }));
    const values = spread(cases).map(({ choice }) => choice.away);
    expect(values).toEqual([...away, ...away, ...away]);
  });

  test('chooses alike for cases that share a play, so that they are played together', () => {
    const away = ['offline', 'hibernated'];
    const [one, other] = [make('push/one', 'push.one', { away }), make('push/other', 'push.one', { away })];
    const shared = { ...other, play: one.play };
    expect(spread([one, other]).map(({ choice }) => choice.away)).toEqual(['offline', 'hibernated']);
    expect(
      spread([one, shared])
        .slice(0, 2)
        .map(({ choice }) => choice.away),
    ).toEqual(['offline', 'offline']);
  });

  test('of one case that varies much is far smaller than all of it', () => {
    const four = ['a', 'b', 'c', 'd'];
    const vary = { one: four, two: four, three: four, four };
    expect(spread([make('push/much', 'push.sent', vary)]).length).toBeLessThanOrEqual(28);
  });
});
