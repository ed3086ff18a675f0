import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Case, varied } from './case.js';
import { everyChoice, pairsOf, pairwise } from './pairwise.js';
import { permutationsOf, siblingOf } from './permutation.js';

const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,6}$/);
const dimensions = fc.dictionary(word, fc.uniqueArray(word, { minLength: 1, maxLength: 4 }), {
  maxKeys: 5,
  noNullPrototype: true,
});

describe('A pairwise choice of permutations', () => {
  test('has every pair of values that there is, and none twice', () => {
    fc.assert(
      fc.property(dimensions, (vary) => {
        const every = everyChoice(vary);
        const some = pairwise(vary);
        expect(new Set(some.flatMap(pairsOf))).toEqual(new Set(every.flatMap(pairsOf)));
        expect(new Set(some.map((choice) => JSON.stringify(choice))).size).toBe(some.length);
        for (const choice of some) expect(every).toContainEqual(choice);
      }),
    );
  });

  test('begins with the first value of everything', () => {
    expect(pairwise({ away: ['offline', 'hibernated'], to: ['bare', 'full'] })[0]).toEqual({
      away: 'offline',
      to: 'bare',
    });
  });

  test('is far smaller than all of them', () => {
    const four = ['a', 'b', 'c', 'd'];
    const vary = { one: four, two: four, three: four, four };
    expect(everyChoice(vary)).toHaveLength(256);
    expect(pairwise(vary).length).toBeLessThanOrEqual(28);
  });
});

describe('A permutation', () => {
  const subject = varied({
    id: 'push/sent',
    title: 'a push is sent',
    requirements: ['push.sent'],
    vary: { away: ['offline', 'hibernated'], connection: ['tcp', 'websocket'] },
    needs: { hooks: ['restart'] },
    needsFor: ({ connection }) => (connection === 'websocket' ? { traits: ['websocket'] } : {}),
    async play() {},
    judge: () => [],
  });

  test('has a path that tells what was chosen, the usual one first', () => {
    expect(permutationsOf(subject, 'every').map(({ path }) => path)).toEqual([
      'push/sent/away=offline/connection=tcp',
      'push/sent/away=offline/connection=websocket',
      'push/sent/away=hibernated/connection=tcp',
      'push/sent/away=hibernated/connection=websocket',
    ]);
    expect(permutationsOf(subject, 'usual').map(({ path }) => path)).toEqual([
      'push/sent/away=offline/connection=tcp',
    ]);
  });

  test('needs what its case needs and what its choice needs', () => {
    const [tcp, websocket] = permutationsOf(subject, 'every');
    expect(tcp?.needs).toEqual({ hooks: ['restart'] });
    expect(websocket?.needs).toEqual({ hooks: ['restart'], traits: ['websocket'] });
  });

  test('of a case that varies nothing is that case', () => {
    const plain: Case = { id: 'a/b', title: 't', requirements: ['r'], async play() {}, judge: () => [] };
    expect(permutationsOf(plain, 'pairwise')).toMatchObject([{ id: 'a/b', path: 'a/b', choice: {} }]);
  });

  test('of a negative has the sibling of the same choice, and what only that varies as usual', () => {
    const short = {
      ...subject,
      id: 'push/short',
      vary: { octets: ['0', '1'], away: ['offline', 'hibernated'] },
    };
    const negative: Case = {
      ...short,
      negative: { sibling: 'push/sent', fault: 'the body is short', across: 'octets' },
    };
    const siblings = permutationsOf(negative, 'every').map(
      (one) => siblingOf(one, [subject, negative])?.path,
    );
    expect(siblings).toEqual([
      'push/sent/away=offline/connection=tcp',
      'push/sent/away=hibernated/connection=tcp',
      'push/sent/away=offline/connection=tcp',
      'push/sent/away=hibernated/connection=tcp',
    ]);
    const [plain] = permutationsOf(subject, 'usual');
    expect(plain && siblingOf(plain, [subject])).toBeUndefined();
  });
});
