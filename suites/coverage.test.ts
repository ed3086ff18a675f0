import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../harness/kit/kit.js';
import { coverageOf } from '../harness/spec/catalogue/coverage.js';
import { driftOf } from '../harness/spec/catalogue/drift.js';
import { extractSentences } from '../harness/spec/catalogue/extract.js';
import { writeCatalogue } from '../harness/spec/catalogue/write.js';
import { readSpec } from '../harness/spec/read.js';
import { cases } from './cases.js';
import { catalogue } from './requirements/catalogue.js';
import { exclusions } from './requirements/exclusions.js';
import { webpush } from './requirements/webpush.js';

const covered = coverageOf(catalogue, cases);

test('Every sentence that can be judged from outside is judged by a case, or says why it is not', () => {
  const missing = covered.filter(({ state }) => state === 'hole' || state === 'untested-permission');
  expect(missing.map(({ requirement: { id, level } }) => `${id} (${level})`)).toEqual([]);
});

test('No sentence is excluded that a case tests', () => {
  const both = covered.filter(
    ({ requirement, cases: own }) => requirement.excluded !== undefined && own.length > 0,
  );
  expect(both.map(({ requirement: { id } }) => id)).toEqual([]);
});

test('Every exclusion is one of a sentence in the text', () => {
  const ids: readonly string[] = webpush.map(({ id }) => id);
  expect(Object.keys(exclusions).filter((id) => !ids.includes(id))).toEqual([]);
});

test('The sentences the cases rest on are those of the text', () => {
  const file = join('reference', 'spec', 'webpush.xml');
  const { document } = readSpec(file, readFileSync(join(packageRoot, file)));
  const sentences = document ? extractSentences(document, 'XEP-XXXX') : [];
  expect(driftOf(sentences, webpush)).toEqual([]);
  const written = readFileSync(join(packageRoot, 'suites', 'requirements', 'webpush.ts'), 'utf8');
  expect(written).toBe(writeCatalogue(sentences));
});
