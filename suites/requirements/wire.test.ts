import { describe, expect, test } from 'vitest';
import { wireRequirements } from '../../harness/judge/wire.js';
import { jose } from './jose.js';
import { receivers } from './receivers.js';
import { rfc8030 } from './rfc8030.js';
import { rfc8188 } from './rfc8188.js';
import { rfc8291 } from './rfc8291.js';
import { rfc8292 } from './rfc8292.js';

const sentences = [...rfc8030, ...rfc8188, ...rfc8291, ...rfc8292, ...jose, ...receivers];

describe('The sentences on what goes over the wire', () => {
  test('have ids of their own', () => {
    const ids = sentences.map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  test('include every one a judge of requests can find something on', () => {
    const judgeable = sentences.filter(({ excluded }) => excluded === undefined).map(({ id }) => id);
    expect(wireRequirements.filter((id) => !judgeable.some((known) => known === id))).toEqual([]);
  });

  test('are each judged or excluded for a reason', () => {
    const judged = new Set<string>(wireRequirements);
    expect(sentences.filter(({ id, excluded }) => excluded === undefined && !judged.has(id))).toEqual([]);
    expect(sentences.filter(({ id, excluded }) => excluded !== undefined && judged.has(id))).toEqual([]);
  });

  test('say their level in the sentence', () => {
    const missing = sentences.filter(({ sentence, level }) => !sentence.includes(level.split(' ')[0] ?? ''));
    expect(missing).toEqual([]);
  });
});
