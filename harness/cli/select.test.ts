import { describe, expect, test } from 'vitest';
import type { Case } from '../case/case.js';
import type { Catalogue } from '../case/requirement.js';
import { NothingSelected, parseGrade, selectCases, selectPermutations } from './select.js';

const catalogue: Catalogue = new Map(
  [
    { id: 'enable.result', level: 'MUST' as const },
    { id: 'enable.padding', level: 'SHOULD' as const },
    { id: 'push.extra', level: 'MAY' as const },
  ].map((one) => [one.id, { ...one, sentence: '', document: 'XEP-XXXX', section: '5' }]),
);

const make = (id: string, ...requirements: [string, ...string[]]): Case => ({
  id,
  title: id,
  requirements,
  async play() {},
  judge: () => [],
});

const cases = [
  make('enable/result', 'enable.result'),
  make('enable/padding', 'enable.padding'),
  make('push/extra', 'push.extra'),
];

const select = (...patterns: string[]) => selectCases(cases, catalogue, { patterns }).map(({ id }) => id);

describe('a filter', () => {
  test.each([
    ['nothing', [], ['enable/result', 'enable/padding', 'push/extra']],
    ['a case', ['enable/padding'], ['enable/padding']],
    ['an area', ['enable'], ['enable/result', 'enable/padding']],
    ['a requirement', ['enable.result'], ['enable/result']],
    ['a star within a segment', ['enable/*'], ['enable/result', 'enable/padding']],
    ['two stars over segments', ['**r**'], ['enable/result', 'push/extra']],
    ['several patterns', ['push', 'enable/result'], ['enable/result', 'push/extra']],
  ])('may be %s', (_, patterns, expected) => {
    expect(select(...patterns).toSorted()).toEqual(expected.toSorted());
  });

  test('takes its punctuation literally', () => {
    expect(() => select('enable.result.')).toThrow(NothingSelected);
    expect(() => select('enableXresult')).toThrow(NothingSelected);
    expect(() => select('(')).toThrow(NothingSelected);
  });

  test('that matches nothing is refused with the nearest word, even beside one that matches', () => {
    expect(() => select('push', 'enable/resutl')).toThrow(
      'no case matches "enable/resutl"; did you mean "enable/result"?',
    );
  });
});

describe('of a case that varies something', () => {
  const vary = { away: ['offline', 'hibernated'], to: ['bare', 'full'], type: ['chat', 'normal'] };
  const varying = [{ ...make('push/varied', 'push.extra'), vary }, make('push/plain', 'push.extra')];
  const paths = (patterns: string[], deep = false) =>
    selectPermutations(varying, catalogue, { patterns, deep }).map(({ path }) => path);

  test('every pair of values is selected, with --deep every combination', () => {
    expect(paths([])).toHaveLength(5);
    expect(paths(['push/varied'])).toHaveLength(4);
    expect(paths(['push'])).toHaveLength(5);
    expect(paths(['push/**'])).toHaveLength(5);
    expect(paths(['push/plain'])).toEqual(['push/plain']);
    expect(paths(['push/varied'], true)).toHaveLength(8);
    expect(paths([], true)).toHaveLength(9);
  });

  test('a path selects that permutation alone, and stars in it what they match', () => {
    const [path = ''] = paths(['push/varied/away=hibernated/to=bare/type=normal']);
    expect(path).toBe('push/varied/away=hibernated/to=bare/type=normal');
    expect(paths(['push/varied/**/to=full/*'])).toHaveLength(4);
  });

  test('a path that there is not is refused with the nearest', () => {
    expect(() => paths(['push/varied/away=offline/to=bear/type=chat'])).toThrow(
      'did you mean "push/varied/away=offline/to=bare/type=chat"?',
    );
  });
});

describe('a level', () => {
  test.each([
    ['must', ['enable/result']],
    ['should', ['enable/result', 'enable/padding']],
    ['may', ['enable/result', 'enable/padding', 'push/extra']],
  ] as const)('%s selects sentences of that grade and graver', (grade, expected) => {
    expect(selectCases(cases, catalogue, { grade }).map(({ id }) => id)).toEqual(expected);
  });

  test('is read in any case of letters and refused by name', () => {
    expect(parseGrade('MUST')).toBe('must');
    expect(() => parseGrade('shoud')).toThrow('--level shoud is unknown; did you mean "should"?');
  });
});
