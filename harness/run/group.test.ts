import { expect, test } from 'vitest';
import type { Permutation } from '../case/permutation.js';
import { groupByPlay, longestFirst } from './group.js';
import { createTurn, takeTurns } from './split.js';

const act = async () => {};

const make = (id: string, play: Permutation['play'], needs?: Permutation['needs']): Permutation => ({
  id,
  path: id,
  choice: {},
  title: id,
  requirements: ['any'],
  ...(needs ? { needs } : {}),
  play,
  judge: () => [],
});

test('cases with the same play and the same needs are played together, others apart', () => {
  const groups = groupByPlay([
    make('a/1', act),
    make('a/2', async () => {}),
    make('a/3', act, { hooks: ['restart'] }),
    make('a/4', act),
    make('a/5', act, { hooks: ['restart'] }),
  ]);
  expect(groups.map((group) => group.map(({ id }) => id))).toEqual([['a/1', 'a/4'], ['a/3', 'a/5'], ['a/2']]);
});

test('cases with the same play are played apart for each choice', () => {
  const offline = { path: 'a/1/away=offline', choice: { away: 'offline' } };
  const archived = { path: 'a/1/away=archived', choice: { away: 'archived' } };
  const groups = groupByPlay([
    { ...make('a/1', act), ...offline },
    { ...make('a/1', act), ...archived },
    { ...make('a/2', act), ...offline, path: 'a/2/away=offline' },
  ]);
  expect(groups.map((group) => group.map(({ path }) => path))).toEqual([
    ['a/1/away=offline', 'a/2/away=offline'],
    ['a/1/away=archived'],
  ]);
});

test('cases that need a server of their own come first, the others in their order', () => {
  const groups = groupByPlay([
    make('a/1', act),
    make('a/2', async () => {}, { hooks: ['advanceClock'] }),
    make('a/3', async () => {}, { hooks: ['resolveName'] }),
    make('a/4', async () => {}, { config: { maxDevices: 2 } }),
  ]);
  expect(longestFirst(groups).map(([{ id }]) => id)).toEqual(['a/2', 'a/4', 'a/1', 'a/3']);
});

test('threads that share a turn play every group once between them', () => {
  const groups = groupByPlay([make('a/1', act), make('a/2', async () => {}), make('a/3', async () => {})]);
  const turn = createTurn();
  const [one, other] = [takeTurns(groups, turn), takeTurns(groups, turn)];
  expect([one(), one(), other(), one(), other()]).toEqual([...groups, undefined, undefined]);
});
