import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import type { Verdict } from '../judge/verdict.js';
import { readSchema } from '../kit/kit.js';
import { assembleResult, type CaseResult, exitCodeOf, type RunResult } from '../run/result.js';
import { type Compared, compare, comparisonMarkdown, comparisonTable } from './comparison.js';
import { junitComparison } from './junit.js';
import { styleFor } from './style.js';

const plain = styleFor({ isTTY: false });

function caseOf(id: string, verdict: Verdict): CaseResult {
  return {
    id,
    title: `title | of ${id}`,
    verdict,
    durationMs: 1,
    requirements: ['important.headline'],
    findings: [],
    fences: [],
    repeat: '',
  };
}

function played(target: string, cases: readonly CaseResult[], extra: Partial<RunResult> = {}): Compared {
  const result = {
    ...assembleResult({
      kit: '0.1.0',
      target: { name: target, software: 'xmppd', version: '1' },
      seed: 7,
      startedAt: '2026-11-22T12:00:00.000Z',
      durationMs: 1,
      interrupted: false,
      calibration: { pingMs: 1, order: 'kept', patienceMs: 5000, sentinels: 1 },
      cases,
      deselected: 0,
    }),
    ...extra,
  };
  return { target, exitCode: exitCodeOf(result), result };
}

const right = played('right', [
  caseOf('enable/a', 'pass'),
  caseOf('live/b', 'pass'),
  caseOf('live/c', 'pass'),
]);
const wrong = played('wrong', [caseOf('enable/a', 'pass'), caseOf('live/b', 'fail')]);
const without = played('without', [], {
  unsupported: [{ lookedFor: 'the feature', where: 'disco#info', found: 'not listed' }],
});
const dead: Compared = { target: 'dead', exitCode: 3, fault: { code: 'start-failed', message: 'it ended' } };
const all = compare('0.1.0', 7, [right, wrong, without, dead]);

describe('The worst exit code of several targets', () => {
  test.each([
    [[0, 4], 4],
    [[0, 5, 4], 5],
    [[5, 3], 3],
    [[3, 1, 0], 1],
    [[1, 130], 130],
    [[0, 0], 0],
  ])('of %j is %i: what is broken outweighs what could not be seen', (codes, worst) => {
    const targets = codes.map((exitCode, index) => ({ ...dead, target: `t${index}`, exitCode }));
    expect(compare('0.1.0', 7, targets).exitCode).toBe(worst);
  });
});

test('Cases differ whose verdicts do, among the targets that played them', () => {
  expect(all.differences).toEqual([
    { case: 'live/b', title: 'title | of live/b', verdicts: ['pass', 'fail', undefined, undefined] },
  ]);
});

test('The table has a column for each target, why one did not start, and the verdicts that differ', () => {
  expect(comparisonTable(all, plain)).toBe(
    [
      '          right         wrong             without        dead',
      '  enable  1 pass        1 pass',
      '  live    2 pass        1 fail',
      '  exit    0 conformant  1 not conformant  1 no Web Push  3 did not start',
      '',
      'dead: it ended',
      '',
      'Verdicts that differ',
      '          right  wrong  without  dead',
      '  live/b  pass   fail   -        -',
      '',
      'Worst exit code: 1',
      '',
    ].join('\n'),
  );
});

test('Markdown has the same as a table, and a bar in a title ends no cell', () => {
  const lines = comparisonMarkdown(all).split('\n');
  expect(lines[0]).toBe('|  | right | wrong | without | dead |');
  expect(lines).toContain('| live | 2 pass | 1 fail |  |  |');
  expect(lines).toContain('| `live/b` title \\| of live/b | pass | fail |  |  |');
});

test('JUnit has the suites of every target by its name, and an error for one that did not start', () => {
  const report = junitComparison(all);
  expect([...report.matchAll(/<testsuite name="([^"]*)"/g)].map(([, name]) => name)).toEqual([
    'right.enable',
    'right.live',
    'wrong.enable',
    'wrong.live',
    'without.support',
    'dead.start',
  ]);
  expect(report).toMatch(
    /<testsuites name="webpush-conformance" tests="7" failures="2" errors="1" skipped="0"/,
  );
});

test('JSON matches its schema', () => {
  const ajv = new Ajv({ strict: true, strictRequired: false, allowUnionTypes: true }).addSchema(
    readSchema('run'),
  );
  const validate = ajv.compile(readSchema('comparison'));
  expect(validate(JSON.parse(JSON.stringify(all))), JSON.stringify(validate.errors)).toBe(true);
});
