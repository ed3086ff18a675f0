import { describe, expect, test } from 'vitest';
import type { Verdict } from '../judge/verdict.js';
import { stressReport } from '../report/stress.js';
import type { CaseResult } from '../run/result.js';
import { upperBound } from './bound.js';
import { assembleStress, exitCodeOfStress } from './stress.js';

describe('The upper bound of a rate', () => {
  test.each([
    // n, k and the upper end at 95 %, one-sided, as tables of Clopper and Pearson have it.
    [10, 0, 0.2589],
    [10, 1, 0.3942],
    [20, 2, 0.2826],
    [50, 5, 0.1988],
    [100, 0, 0.0295],
    [1000, 3, 0.00774],
  ])('for %i trials in which it was seen %i times is %d', (trials, seen, bound) => {
    expect(upperBound(seen, trials, 0.95)).toBeCloseTo(bound, 4);
  });

  test('is about three in the number of trials when nothing was seen', () => {
    expect(upperBound(0, 10_000, 0.95)).toBeCloseTo(3 / 10_000, 5);
  });

  test('grows with the confidence', () => {
    expect(upperBound(0, 100, 0.99)).toBeGreaterThan(upperBound(0, 100, 0.95));
  });

  test('is everything when nothing was tried, or it was seen each time', () => {
    expect([upperBound(0, 0, 0.95), upperBound(5, 5, 0.95)]).toEqual([1, 1]);
  });

  test('does not vanish among many trials', () => {
    expect(upperBound(1000, 1_000_000, 0.95)).toBeGreaterThan(0.001);
    expect(upperBound(1000, 1_000_000, 0.95)).toBeLessThan(0.0011);
  });
});

const execution = (id: string, verdict: Verdict, seed = 1, more: Partial<CaseResult> = {}) => ({
  seed,
  result: {
    id,
    title: id,
    verdict,
    durationMs: 1,
    requirements: [],
    findings: [],
    fences: [],
    repeat: `again ${id} ${seed}`,
    ...more,
  },
});

const stress = {
  kit: '0',
  target: { name: 'embedded', software: 'reference', version: '0' },
  seed: 1,
  startedAt: '',
  durationMs: 1,
  interrupted: false,
  rounds: 3,
  load: 0,
};
const resultOf = (...executions: readonly ReturnType<typeof execution>[]) =>
  assembleStress(stress, executions);

describe('An execution deviates', () => {
  test('when its verdict is not that of most, whichever that is', () => {
    const result = resultOf(
      execution('a/b', 'fail', 1),
      execution('a/b', 'pass', 2),
      execution('a/b', 'fail', 3),
    );
    expect(result).toMatchObject({ executions: 3, deviating: 1 });
    expect(result.cases).toMatchObject([
      {
        id: 'a/b',
        verdict: 'fail',
        counts: { fail: 2, pass: 1 },
        executions: 3,
        deviating: 1,
        deviations: [{ seed: 2, verdict: 'pass', repeat: 'again a/b 2' }],
      },
    ]);
  });

  test('from the gravest when there are as many of each', () => {
    const [only] = resultOf(execution('a/b', 'pass'), execution('a/b', 'inconclusive')).cases;
    expect(only?.verdict).toBe('inconclusive');
  });

  test('and says why it is no pass', () => {
    const broken = {
      requirement: 'x.y',
      level: 'MUST',
      sentence: '',
      source: '',
      met: false,
      expected: 'one',
      actual: 'two',
      entries: [],
    } as const;
    const { cases } = resultOf(
      execution('a/b', 'pass'),
      execution('a/b', 'pass'),
      execution('a/b', 'fail', 3, { findings: [{ ...broken, met: true }, broken] }),
      execution('a/b', 'inconclusive', 4, { reason: 'silence' }),
    );
    expect(cases[0]?.deviations.map(({ reason }) => reason)).toEqual([
      'x.y: expected one, actual two',
      'silence',
    ]);
  });

  test('in no case of which all executions agree, though cases differ', () => {
    const result = resultOf(
      ...[1, 2].flatMap((seed) => [execution('a/b', 'info', seed), execution('a/a', 'pass', seed)]),
    );
    expect(result.deviating).toBe(0);
    expect(result.cases.map(({ id }) => id)).toEqual(['a/a', 'a/b']);
    expect(result.upperBound).toBeLessThan(result.cases[0]?.upperBound ?? 0);
  });
});

test.each([
  [0, 'every case passes each time', ['pass', 'pass']],
  [0, 'nothing graver than a warning', ['warn', 'warn']],
  [1, 'a case fails each time', ['fail', 'fail']],
  [5, 'a case fails once', ['fail', 'pass']],
  [5, 'a case is inconclusive each time', ['inconclusive', 'inconclusive']],
  [5, 'the suite has a fault each time', ['error', 'error']],
  [5, 'a case is untestable', ['untestable', 'untestable']],
  [4, 'no case applies', ['not-applicable', 'not-applicable']],
] as const)('The exit code is %i when %s', (code, _, verdicts) => {
  expect(exitCodeOfStress(resultOf(...verdicts.map((verdict) => execution('a/b', verdict))))).toBe(code);
});

test('The exit code is 4 without an execution, and 130 when it was interrupted', () => {
  expect(exitCodeOfStress(resultOf())).toBe(4);
  expect(exitCodeOfStress(assembleStress({ ...stress, interrupted: true }, []))).toBe(130);
});

test('The report shows what deviates, how to see it again, and the bounds', () => {
  const report = stressReport(
    resultOf(execution('a/b', 'pass', 1), execution('a/b', 'pass', 2), execution('a/b', 'fail', 3)),
    (_, text) => text,
  );
  expect(report).toContain('DEVIATES a/b  2 pass, 1 fail of 3\n  fail\n    again  again a/b 3\n');
  expect(report).toContain(
    '3 executions of 1 case in 3 rounds: 2 pass, 1 fail\n' +
      '1 deviating; at 95 % confidence the rate is at most 86 % over all, 86 % in any one case\n',
  );
  expect(report).toContain('Verdicts differ from time to time (exit 5)');
});
