import { describe, expect, test } from 'vitest';
import type { Requirement } from '../../case/requirement.js';
import { readSource, specSource } from '../testing/spec.fixture.js';
import { coverageOf } from './coverage.js';
import { driftOf } from './drift.js';
import { extractSentences, hashOf } from './extract.js';
import { writeCatalogue } from './write.js';

const marked = (id: string, sentence: string) => `<p><span class='requirement ${id}'>${sentence}</span></p>`;
const extracted = (...bodies: readonly string[]) =>
  extractSentences(readSource(specSource(bodies.join('\n'))), 'XEP-XXXX');

describe('The sentences of a text', () => {
  test('have the level of their first keyword, and the section they stand in', () => {
    expect(extracted(marked('a.b', 'A server\n  MUST NOT push.'))).toEqual([
      {
        id: 'a.b',
        level: 'MUST NOT',
        document: 'XEP-XXXX',
        section: '1 One',
        sentence: 'A server MUST NOT push.',
        hash: hashOf('MUST NOT', 'A server MUST NOT push.'),
        line: 3,
      },
    ]);
  });

  test.each([
    ['SHALL', 'MUST'],
    ['SHALL NOT', 'MUST NOT'],
    ['REQUIRED', 'MUST'],
    ['RECOMMENDED', 'SHOULD'],
    ['NOT RECOMMENDED', 'SHOULD NOT'],
    ['OPTIONAL', 'MAY'],
  ])('know that %s is %s', (keyword, level) => {
    expect(extracted(marked('a.b', `This is ${keyword}.`))).toMatchObject([{ level }]);
  });

  test('without a keyword are none', () => {
    expect(extracted(marked('a.b', 'A server must push.'))).toEqual([]);
  });
});

describe('A text that has changed since its sentences were accepted', () => {
  const before = extracted(marked('a.a', 'It MUST.'), marked('a.b', 'It SHOULD.'));
  const changes = (...bodies: readonly string[]) =>
    driftOf(extracted(...bodies), before).map(({ type, id }) => `${type} ${id}`);

  test.each([
    ['nothing when it is the same', [marked('a.a', 'It MUST.'), marked('a.b', 'It\n SHOULD.')], []],
    ['another wording', [marked('a.a', 'It MUST!'), marked('a.b', 'It SHOULD.')], ['reworded a.a']],
    ['another level', [marked('a.a', 'It MAY.'), marked('a.b', 'It SHOULD.')], ['reworded a.a']],
    [
      'a new sentence',
      [marked('a.a', 'It MUST.'), marked('a.b', 'It SHOULD.'), marked('a.c', 'It MAY.')],
      ['added a.c'],
    ],
    ['a sentence that is gone', [marked('a.a', 'It MUST.')], ['removed a.b']],
    [
      'another section',
      [marked('a.a', 'It MUST.'), `</section1><section1 topic='Two'>`, marked('a.b', 'It SHOULD.')],
      ['moved a.b'],
    ],
  ])('is told: %s', (_, bodies, expected) => {
    expect(changes(...bodies)).toEqual(expected);
  });

  test('has other hashes for other levels and wordings', () => {
    expect(new Set([hashOf('MUST', 'a'), hashOf('SHOULD', 'a'), hashOf('MUST', 'b')]).size).toBe(3);
  });
});

test('The module that is written holds the sentences, whatever is in them', () => {
  const sentences = extracted(marked('a.b', 'It MUST say "no" &amp; `yes` \\ to \'all\'.'));
  const module = writeCatalogue(sentences);
  expect(module).toContain('sentence: "It MUST say \\"no\\" & `yes` \\\\ to \'all\'.",');
  expect(module).not.toContain('line:');
});

describe('A sentence', () => {
  const requirement = (level: Requirement['level'], excluded?: string): Requirement => ({
    id: 'a.b',
    level,
    sentence: 's',
    document: 'd',
    section: '1',
    ...(excluded === undefined ? {} : { excluded }),
  });
  const subject = {
    id: 'a/b',
    title: 't',
    requirements: ['a.b'] as const,
    play: async () => {},
    judge: () => [],
  };
  const state = (one: Requirement, cases: readonly (typeof subject)[]) =>
    coverageOf(new Map([[one.id, one]]), cases).map((coverage) => coverage.state);

  test('that a case names is tested', () => {
    expect(state(requirement('MUST'), [subject])).toEqual(['tested']);
  });
  test('that says why it is not tested is excluded', () => {
    expect(state(requirement('MUST', 'why'), [])).toEqual(['excluded']);
  });
  test.each(['MUST', 'MUST NOT', 'SHOULD', 'SHOULD NOT'] as const)(
    'of level %s that nothing tests is a hole',
    (level) => {
      expect(state(requirement(level), [])).toEqual(['hole']);
    },
  );
  test('that permits need not be tested', () => {
    expect(state(requirement('MAY'), [])).toEqual(['untested-permission']);
  });
});
