import { describe, expect, test } from 'vitest';
import { defects } from '../fixtures/mutants/defects.js';
import { sentences } from '../harness/model/sentence.js';
import { searchWith } from '../harness/model/trial.js';
import { catalogue } from '../suites/requirements/catalogue.js';
import { cli } from './cli.fixture.js';

const { signal } = new AbortController();

test('Every sentence that the model can find broken is one of the catalogue that a server MUST keep', () => {
  const wrong = sentences.filter((id) => !catalogue.get(id)?.level.startsWith('MUST'));
  expect(wrong).toEqual([]);
});

test('An exploration repeats with its seed, and says so in JSON', async () => {
  const explore = async () => {
    const { code, stdout, leftovers } = await cli(
      'explore',
      '--runs',
      '6',
      '--seed',
      '7',
      '--report',
      'json',
    );
    expect({ code, leftovers }).toEqual({ code: 0, leftovers: [] });
    return JSON.parse(stdout);
  };
  const [one, other] = [await explore(), await explore()];
  expect(one).toMatchObject({ format: 'webpush-conformance/explore/1', seed: 7, runs: 6, leftOut: [] });
  expect([other.runs, other.steps]).toEqual([one.runs, one.steps]);
}, 60_000);

describe('A defect that only a sequence shows', () => {
  const [defect] = defects.filter(({ id }) => id === 'binding-lost');

  test('is found, made short, and found again by its path', async () => {
    const patches = defect?.patches ?? [];
    const found = await searchWith(patches, { seed: 3, runs: 300, signal });
    expect(found?.sentence).toBe('hibernated.binding');
    expect(found?.steps).toHaveLength(4);
    const again = await searchWith(patches, { seed: 3, runs: 1, path: found?.path ?? '', signal });
    expect(again?.steps).toEqual(found?.steps);
  }, 120_000);
});
