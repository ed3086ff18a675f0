import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../harness/kit/kit.js';
import { reasons } from './reasons.js';
import { type Fate, isGood, type Mutant, pageOf, resultOf } from './result.js';

const mutant = (fate: Fate, file = 'a.ts', becomes = 'false'): Mutant => ({
  file,
  line: 3,
  mutator: 'ConditionalExpression',
  source: '  if (wide) return;',
  was: 'wide',
  becomes,
  fate,
});
const many = (count: number, fate: Fate) => Array.from({ length: count }, () => mutant(fate));
const reason = { file: 'a.ts', line: 'if (wide)', reason: 'it is only quicker' };

describe('The result of an area', () => {
  test('is good when 80 in 100 mutants are killed and the others have a reason', () => {
    const result = resultOf([...many(80, 'killed'), ...many(20, 'survived')], [reason]);
    expect(result).toMatchObject({ killed: 80, tried: 100, score: 80, unexplained: [], stale: [] });
    expect(isGood(result)).toBe(true);
  });

  test('is not good with one less, whatever the reasons', () => {
    expect(isGood(resultOf([...many(79, 'killed'), ...many(21, 'survived')], [reason]))).toBe(false);
  });

  test('is not good when no mutant was tried', () => {
    expect(isGood(resultOf([], []))).toBe(false);
    expect(isGood(resultOf(many(5, 'invalid'), []))).toBe(false);
  });

  test.each(['survived', 'uncovered'] as const)('is not good with one that %s without a reason', (fate) => {
    const result = resultOf([...many(99, 'killed'), mutant(fate)], []);
    expect(result.unexplained).toHaveLength(1);
    expect(isGood(result)).toBe(false);
  });

  test('is not good with a reason for what does not survive any more', () => {
    const result = resultOf(many(100, 'killed'), [reason]);
    expect(result.stale).toEqual([reason]);
    expect(isGood(result)).toBe(false);
    expect(resultOf(many(100, 'killed'), [{ ...reason, file: 'b.ts' }]).stale).toEqual([]);
  });

  test('says how many were killed only by a test that went on for ever', () => {
    const area = { name: 'judge', title: 'Judges', files: [], tests: '' };
    const result = resultOf([...many(3, 'killed'), mutant('endless')], []);
    expect(result).toMatchObject({ killed: 4, endless: 1, score: 100 });
    expect(pageOf(area, result)).toContain('| of them by a test without end | 1 |');
  });

  test('counts neither for nor against what did not compile', () => {
    expect(resultOf([...many(4, 'killed'), ...many(6, 'invalid')], [])).toMatchObject({
      tried: 4,
      score: 100,
    });
  });
});

test.each([
  ['another file', { ...reason, file: 'b.ts' }],
  ['another line', { ...reason, line: 'if (narrow)' }],
  ['another change', { ...reason, becomes: 'true' }],
])('A reason for %s is none', (_, other) => {
  expect(resultOf([mutant('survived')], [other]).unexplained).toHaveLength(1);
});

test('The page has scores and survivors, and nothing that differs from run to run', () => {
  const area = { name: 'judge', title: 'Judges', files: [], tests: '' };
  const page = pageOf(area, resultOf([...many(3, 'killed'), mutant('survived', 'b.ts')], []));
  expect(page).toContain(
    '| `a.ts` | 3 | 3 | 100.0 % |\n| `b.ts` | 0 | 1 | 0.0 % |\n| all | 3 | 4 | 75.0 % |',
  );
  expect(page).toContain('- `b.ts` line 3: `` wide `` becomes `` false ``: no reason yet');
});

test('Every reason is for a line that is there', () => {
  const astray = reasons.filter(({ file, line }) => {
    const path = join(packageRoot, file);
    return (
      !existsSync(path) ||
      !readFileSync(path, 'utf8')
        .split('\n')
        .some((text) => text.includes(line))
    );
  });
  expect(astray).toEqual([]);
});
