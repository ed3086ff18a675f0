import { expect, test } from 'vitest';
import type { Case } from '../case/case.js';
import { groupByPlay } from './group.js';

const act = async () => {};

const make = (id: string, play: Case['play'], needs?: Case['needs']): Case => ({
  id,
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
