import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Defect, defects } from '../fixtures/mutants/defects.js';
import { readSchema } from '../harness/kit/kit.js';
import type { Counterexample } from '../harness/model/explore.js';
import { sentences } from '../harness/model/sentence.js';
import { exploreInThread } from '../harness/model/split.js';
import { copyKit, type KitCopy } from '../harness/mutant/copy.js';
import { catalogue } from '../suites/requirements/catalogue.js';
import { cli } from './cli.fixture.js';

test('Every sentence that the model can find broken is one of the catalogue that a server MUST keep', () => {
  const wrong = sentences.filter((id) => !catalogue.get(id)?.level.startsWith('MUST'));
  expect(wrong).toEqual([]);
});

test('An exploration of the reference finds nothing, and says what it did', async () => {
  const { code, stdout } = await cli('explore', '--runs', '5', '--seed', '3');
  expect(stdout).toMatch(/5 sequences, \d+ steps, \d+ requests/);
  expect(stdout).toContain('No disagreement with the model (exit 0)');
  expect(code).toBe(0);
}, 30_000);

test('An exploration repeats with its seed, and prints JSON as its schema has it', async () => {
  const validate = new Ajv({ strict: true }).compile(readSchema('exploration'));
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
    const printed = JSON.parse(stdout);
    expect(validate(printed), JSON.stringify(validate.errors)).toBe(true);
    return printed;
  };
  const [one, other] = [await explore(), await explore()];
  expect(one).toMatchObject({ format: 'webpush-conformance/explore/1', seed: 7, runs: 6, leftOut: [] });
  expect([other.runs, other.steps]).toEqual([one.runs, one.steps]);
}, 60_000);

describe('A defect that only a sequence shows is found and made short:', () => {
  let copy: KitCopy;
  beforeAll(() => {
    copy = copyKit();
  });
  afterAll(() => copy.close());

  const search = (
    { patches }: Defect,
    { runs, path }: { readonly runs: number; readonly path?: string },
  ): Promise<Counterexample | undefined> =>
    copy.withPatches(patches, async () => {
      const { counterexample } = await exploreInThread(
        copy.script('explore-thread.js'),
        {
          target: 'embedded',
          seed: 3,
          runs,
          lanes: [0],
          allLanes: 1,
          timeoutScale: 1,
          ...(path === undefined ? {} : { path }),
        },
        new AbortController().signal,
        () => {},
      );
      return counterexample;
    });

  test.each(defects.map((defect) => [defect.title, defect] as const))(
    '%s',
    async (_, defect) => {
      const found = await search(defect, { runs: 300 });
      expect(defect.breaks).toContain(found?.sentence);
      expect(found?.steps.length).toBeLessThanOrEqual(8);
      const again = await search(defect, { runs: 1, path: found?.path ?? '' });
      expect(again?.steps).toEqual(found?.steps);
    },
    // For a machine that has much else to do.
    300_000,
  );
});
