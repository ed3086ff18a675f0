import { describe, expect, test } from 'vitest';
import type { CaseResult } from '../run/result.js';
import { applyPatch } from './mutant.js';
import { fateOf, findingsOf } from './trial.js';

const result = (
  id: string,
  ...findings: readonly (readonly [requirement: string, met: boolean])[]
): CaseResult => ({
  id,
  title: id,
  verdict: 'pass',
  durationMs: 1,
  requirements: [],
  fences: [],
  repeat: '',
  findings: findings.map(([requirement, met]) => {
    const judged = { requirement, level: 'MUST', sentence: '', source: '' };
    return met ? { ...judged, met } : { ...judged, met, expected: '', actual: '', entries: [] };
  }),
});

describe('A mutant', () => {
  test('is killed by the cases that find a sentence broken which it breaks', () => {
    const results = [
      result('a/b', ['x.y', false]),
      result('a/c', ['x.y', true]),
      result('a/a', ['x.y', false]),
    ];
    expect(fateOf({ breaks: ['x.y'] }, results)).toEqual({
      type: 'killed',
      kills: [
        { case: 'a/a', sentences: ['x.y'] },
        { case: 'a/b', sentences: ['x.y'] },
      ],
      played: 3,
    });
  });

  test('survives when only other sentences are found broken, which may be an accident', () => {
    const results = [result('a/b', ['x.z', false])];
    expect(fateOf({ breaks: ['x.y'] }, results)).toEqual({ type: 'survived', elsewhere: ['a/b'], played: 1 });
  });

  test('is not killed by what is found broken of the reference itself', () => {
    const results = [result('a/b', ['x.y', false])];
    expect(fateOf({ breaks: ['x.y'] }, results, findingsOf(results))).toEqual({
      type: 'survived',
      elsewhere: [],
      played: 1,
    });
  });

  test('survives when nothing is found broken', () => {
    expect(fateOf({ breaks: ['x.y'] }, [result('a/b', ['x.y', true])])).toEqual({
      type: 'survived',
      elsewhere: [],
      played: 1,
    });
  });
});

describe('A patch', () => {
  test('changes the one place it names, and takes what it writes literally', () => {
    expect(applyPatch('a.b(c); a+b', { file: 'f', find: 'a.b(c)', write: '$&$1' })).toBe('$&$1; a+b');
  });

  test.each([
    ['nowhere', 'x', /occurs 0 times in f, expected once/],
    ['in two places', 'a', /occurs 2 times in f, expected once/],
  ])('that fits %s is refused', (_, find, message) => {
    expect(() => applyPatch('a a', { file: 'f', find, write: '' })).toThrow(message);
  });
});
