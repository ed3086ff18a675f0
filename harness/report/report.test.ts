import { Ajv } from 'ajv';
import { SaxesParser } from 'saxes';
import { describe, expect, test } from 'vitest';
import type { Verdict } from '../judge/verdict.js';
import { readSchema } from '../kit/kit.js';
import type { CaseResult, RunResult } from '../run/result.js';
import { exitCodeOf } from '../run/result.js';
import { junitReport } from './junit.js';
import { prettyReport } from './pretty.js';
import { styleFor } from './style.js';

const plain = styleFor({ isTTY: false });

function caseOf(id: string, verdict: Verdict, extra: Partial<CaseResult> = {}): CaseResult {
  return {
    id,
    title: `title of ${id}`,
    verdict,
    durationMs: 12,
    requirements: ['important.headline'],
    findings: [],
    fences: [],
    repeat: `npx webpush-conformance run --target embedded --filter ${id} --seed 7`,
    ...extra,
  };
}

const broken = caseOf('importance/headline', 'fail', {
  findings: [
    {
      requirement: 'important.headline',
      met: false,
      expected: 'no request for juliet/phone',
      actual: '1 request',
      level: 'MUST NOT',
      sentence: "A server MUST NOT push a message of type 'headline'.",
      source: 'XEP-XXXX §8 What Is Important',
      entries: [
        {
          kind: 'stanza',
          actor: 'romeo/desk',
          direction: 'sent',
          xml: "<message type='headline'><body>\u001b[2J & ]]></body></message>",
          seq: 3,
          at: 0,
        },
      ],
    },
  ],
  fences: [{ fence: 'sentinel', state: 'held', detail: 'to juliet through juliet/phone', tookMs: 9 }],
});

const verdicts: readonly Verdict[] = [
  'pass',
  'fail',
  'warn',
  'info',
  'not-applicable',
  'untestable',
  'inconclusive',
  'error',
  'deselected',
];

function resultOf(cases: readonly CaseResult[], extra: Partial<RunResult> = {}): RunResult {
  const counts = Object.fromEntries(
    verdicts.map((verdict) => [verdict, cases.filter((one) => one.verdict === verdict).length]),
  );
  return {
    format: 'webpush-conformance/run/1',
    kit: '0.1.0',
    target: { name: 'embedded', software: 'reference', version: '0.1.0' },
    seed: 7,
    startedAt: '2026-11-22T12:00:00.000Z',
    durationMs: 1234,
    interrupted: false,
    calibration: { pingMs: 1, pushMs: 8, slowestPushMs: 12, order: 'kept', patienceMs: 5000, sentinels: 1 },
    counts: counts as RunResult['counts'],
    medianAbsenceMs: 9,
    cases,
    ...extra,
  };
}

const mixed = resultOf([
  caseOf('enable/result', 'pass'),
  broken,
  caseOf('importance/lost', 'inconclusive', { reason: 'the sentinel fence was lost' }),
  caseOf('registry/hook', 'untestable', { reason: 'the target has no hook restart' }),
  caseOf('rooms/none', 'not-applicable', { reason: 'the target has no rooms' }),
]);

describe('the exit code', () => {
  test.each([
    ['passes only', ['pass', 'warn', 'info', 'not-applicable'], 0],
    ['a broken MUST, whatever else', ['pass', 'fail', 'error'], 1],
    ['an inconclusive case', ['pass', 'inconclusive'], 5],
    ['an untestable case', ['pass', 'untestable'], 5],
    ['a fault of the suite', ['pass', 'error'], 5],
    ['nothing but what does not apply', ['not-applicable'], 4],
    ['nothing at all', [], 4],
  ] as const)('of %s', (_, seen, code) => {
    expect(exitCodeOf(resultOf(seen.map((verdict, index) => caseOf(`a/${index}`, verdict))))).toBe(code);
  });

  test('of an interrupted run is never success', () => {
    expect(exitCodeOf(resultOf([caseOf('a/b', 'pass')], { interrupted: true }))).toBe(130);
  });
});

describe('the report for people', () => {
  const text = prettyReport(mixed, plain);

  test('tells requirement, sentence, expected, actual, what crossed the wire, the fence and the repeating command, in this order', () => {
    const order = [
      'FAIL importance/headline',
      'important.headline (MUST NOT), XEP-XXXX §8 What Is Important',
      "A server MUST NOT push a message of type 'headline'.",
      'expected  no request for juliet/phone',
      'actual    1 request',
      'romeo/desk → server',
      'fence     sentinel to juliet through juliet/phone, held after 9 ms',
      'again     npx webpush-conformance run --target embedded --filter importance/headline --seed 7',
    ].map((part) => text.indexOf(part));
    expect(order.every((place) => place > 0)).toBe(true);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });

  test('never lets what a server sent steer the terminal', () => {
    expect(text).not.toContain('\u001b');
    expect(text).toContain('\\x1b[2J');
  });

  test('says how quick the target is, and what that means for waits and fences', () => {
    const line = (calibration: RunResult['calibration']) =>
      prettyReport(resultOf([caseOf('a/b', 'pass')], { calibration }), plain).split('\n')[2];
    const quick = {
      pingMs: 1,
      pushMs: 8,
      slowestPushMs: 12,
      order: 'kept',
      patienceMs: 5000,
      sentinels: 1,
    } as const;
    expect(line(quick)).toBe('pushes take 8 ms, at most 12 ms · a ping 1 ms · patience 5000 ms');
    expect(line({ ...quick, order: 'not-kept', sentinels: 3 })).toBe(
      'pushes take 8 ms, at most 12 ms · a ping 1 ms · pushes overtake one another: a fence is 3 sentinels · patience 5000 ms',
    );
    expect(line({ pingMs: 1, order: 'unknown', patienceMs: 5000, sentinels: 1 })).toBe(
      'no push came: see `webpush-conformance doctor --target embedded` · a ping 1 ms · patience 5000 ms',
    );
  });

  test('ends with the sum and the exit code', () => {
    expect(text).toContain('5 cases: 1 pass, 1 fail, 1 inconclusive, 1 untestable, 1 not-applicable');
    expect(text.trimEnd().split('\n').at(-1)).toBe('Not conformant: at least one MUST is broken (exit 1)');
  });
});

test("A failure quotes the end of the server's log, which steers no terminal", () => {
  const logged = resultOf([{ ...broken, log: 'error: no such key\n\u001b[2Jgone' }]);
  expect(prettyReport(logged, plain)).toContain(
    '\n  log\n    error: no such key\n    \\x1b[2Jgone\n  again ',
  );
  expect(junitReport(logged)).toContain('log:\nerror: no such key');
  const validate = new Ajv({ strict: true }).compile(readSchema('run'));
  expect(validate(logged), JSON.stringify(validate.errors)).toBe(true);
});

describe('A server without Web Push', () => {
  const result = resultOf([], {
    unsupported: [
      {
        lookedFor: 'the feature urn:xmpp:webpush:0',
        where: 'disco#info of a@b, asked by its owner',
        found: 'not listed',
      },
      {
        lookedFor: 'a result for an enable',
        where: 'a session of a@b',
        found: 'the error service-unavailable',
      },
    ],
  });

  test('is told what was looked for and where, in a few lines', () => {
    const text = prettyReport(result, plain);
    expect(text).toContain('Not supported: this server has no Web Push, so no case was played.\n');
    expect(text).toMatch(/feature urn:xmpp:webpush:0\s+not listed {2}\(disco#info of a@b/);
    expect(text).toMatch(/an enable\s+the error service-unavailable {2}\(a session of a@b\)/);
    expect(text).toMatch(/\nNot conformant: no Web Push \(exit 1\)\n$/);
    expect(text.split('\n').length).toBeLessThan(12);
  });

  test('does not conform, and fails once in JUnit', () => {
    expect(exitCodeOf(result)).toBe(1);
    const report = junitReport(result);
    expect(report.match(/<testcase /g)).toHaveLength(1);
    expect(report).toContain('type="unsupported"');
    expect(report).toContain('the error service-unavailable');
  });

  test('matches the schema', () => {
    const validate = new Ajv({ strict: true }).compile(readSchema('run'));
    expect(validate(result), JSON.stringify(validate.errors)).toBe(true);
  });
});

describe('permutations of a case', () => {
  const paths = ['away=offline/to=bare', 'away=offline/to=full'].map(
    (rest) => `importance/chat-body/${rest}`,
  );
  const result = resultOf([
    caseOf('importance/headline', 'pass'),
    ...paths.map((path, index) =>
      caseOf(path, index === 0 ? 'pass' : 'warn', {
        case: 'importance/chat-body',
        choice: { away: 'offline', to: path.split('=').at(-1) ?? '' },
      }),
    ),
  ]);

  test('are told apart by path, case and choice, and counted', () => {
    const text = prettyReport(result, plain);
    expect(text).toContain(`WARN ${paths[1]}  title of`);
    expect(text).toContain(`--filter ${paths[1]} --seed 7`);
    expect(text).toContain('\n2 cases in 3 permutations: 2 pass, 1 warn\n');
    const report = junitReport(result);
    expect(report).toContain(`name="${paths[1]}: title of ${paths[1]}"`);
    expect(report).toContain('<property name="case" value="importance/chat-body"/>');
    expect(report).toContain('<property name="choice.to" value="full"/>');
    expect(report.match(/<properties>/g)).toHaveLength(2);
  });

  test('match the schema, and a choice without its case does not', () => {
    const validate = new Ajv({ strict: true }).compile(readSchema('run'));
    expect(validate(result), JSON.stringify(validate.errors)).toBe(true);
    expect(validate(resultOf([caseOf('a/b', 'pass', { choice: { to: 'full' } })]))).toBe(false);
  });
});

describe('colour', () => {
  test('is used on a terminal only, and not against NO_COLOR', () => {
    expect(styleFor({ isTTY: true }, {})('red', 'x')).not.toBe('x');
    expect(styleFor({ isTTY: true }, { NO_COLOR: '1' })('red', 'x')).toBe('x');
    expect(styleFor({ isTTY: false }, {})('red', 'x')).toBe('x');
  });
});

describe('the JUnit report', () => {
  const tags: { name: string; attributes: Record<string, string> }[] = [];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) =>
    tags.push({ name, attributes: attributes as Record<string, string> }),
  );
  parser.write(junitReport(mixed)).close();
  const count = (name: string) => tags.filter((tag) => tag.name === name).length;

  test('files each verdict where a second parser finds it', () => {
    expect([count('testcase'), count('failure'), count('error'), count('skipped')]).toEqual([5, 1, 2, 1]);
  });

  test('counts what it files', () => {
    expect(tags[0]?.attributes).toMatchObject({ tests: '5', failures: '1', errors: '2', skipped: '1' });
  });
});

describe('run.json', () => {
  test('matches its schema', () => {
    const validate = new Ajv({ strict: true }).compile(readSchema('run'));
    expect(validate(mixed), JSON.stringify(validate.errors)).toBe(true);
  });
});
