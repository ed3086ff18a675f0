import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { pathOf, readVectors } from './files.js';
import { textOf } from './generate/assemble.js';
import { makers } from './generate/sets.js';
import { setNames, testsOf } from './vector.js';
import { verify } from './verify/verify.js';

describe.each(setNames)('The vectors of %s', (set) => {
  test('match their schema', () => {
    expect(readVectors(pathOf(set)).set).toBe(set);
  });

  test('are what `vectors generate` writes, octet for octet', () => {
    const isCurrent = readFileSync(pathOf(set), 'utf8') === textOf(makers[set]());
    expect(isCurrent, 'npx webpush-conformance vectors generate writes it anew').toBe(true);
  });

  test('hold for every implementation', async () => {
    expect(await verify(readVectors(pathOf(set)))).toEqual([]);
  });

  test('are negatives by half at least', () => {
    const { tests, negatives } = readVectors(pathOf(set));
    expect(negatives * 2).toBeGreaterThanOrEqual(tests);
  });
});

test('Every id is that of one vector', () => {
  const ids = setNames.flatMap((set) => testsOf(readVectors(pathOf(set))).map(({ test: { id } }) => id));
  expect(new Set(ids).size).toBe(ids.length);
});
