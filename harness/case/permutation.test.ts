import { describe, expect, test } from 'vitest';
import { type Case, varied } from './case.js';
import { permutationsOf, siblingOf } from './permutation.js';

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
    expect(permutationsOf(plain, 'every')).toMatchObject([{ id: 'a/b', path: 'a/b', choice: {} }]);
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
