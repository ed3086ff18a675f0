import xml, { type Element } from '@xmpp/xml';
import type { CaseResult, RunResult } from '../run/result.js';

/** JUnit XML: a suite for each area. Broken MUSTs are failures, what has no verdict is an error, what cannot apply is skipped. */
export function junitReport(result: RunResult): string {
  const areas = [...new Set(result.cases.map(({ id }) => id.slice(0, id.indexOf('/'))))];
  const suites = areas.map((area) => {
    const cases = result.cases.filter(({ id }) => id.startsWith(`${area}/`));
    return xml('testsuite', { name: area, ...totals(cases) }, ...cases.map((one) => testcase(area, one)));
  });
  const { unsupported } = result;
  const root = unsupported
    ? xml('testsuites', { name: nameOf(result), ...oneFailure }, withoutSupport(unsupported))
    : xml('testsuites', { name: nameOf(result), ...totals(result.cases) }, ...suites);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root.toString()}\n`;
}

const nameOf = ({ target }: RunResult) => `webpush-conformance ${target.name}`;

const oneFailure = { tests: '1', failures: '1', errors: '0', skipped: '0', time: '0.000' };

/** A server without Web Push fails once. */
function withoutSupport(looks: NonNullable<RunResult['unsupported']>): Element {
  const text = looks.map(({ lookedFor, where, found }) => `${lookedFor}: ${found} (${where})`).join('\n');
  return xml(
    'testsuite',
    { name: 'support', ...oneFailure },
    xml(
      'testcase',
      { classname: 'support', name: 'the server has Web Push', time: '0.000' },
      xml('failure', { message: 'no Web Push', type: 'unsupported' }, printable(text)),
    ),
  );
}

type Outcome = 'passed' | 'failure' | 'error' | 'skipped';

function outcomeOf({ verdict }: CaseResult): Outcome {
  switch (verdict) {
    case 'pass':
    case 'warn':
    case 'info':
      return 'passed';
    case 'fail':
      return 'failure';
    case 'not-applicable':
    case 'deselected':
      return 'skipped';
    default:
      return 'error';
  }
}

function totals(cases: readonly CaseResult[]): Record<string, string> {
  const count = (outcome: Outcome) => String(cases.filter((one) => outcomeOf(one) === outcome).length);
  return {
    tests: String(cases.length),
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
    time: seconds(cases.reduce((sum, one) => sum + one.durationMs, 0)),
  };
}

function testcase(area: string, one: CaseResult): Element {
  const outcome = outcomeOf(one);
  const text = explanationOf(one);
  return xml(
    'testcase',
    { classname: area, name: `${one.id}: ${one.title}`, time: seconds(one.durationMs) },
    ...(outcome === 'passed' || text === undefined
      ? []
      : [
          xml(
            outcome,
            outcome === 'skipped'
              ? { message: one.reason ?? '' }
              : { message: firstLine(text), type: one.verdict },
            printable(text),
          ),
        ]),
    ...(outcome === 'passed' && text !== undefined
      ? [xml('system-out', {}, printable(`${one.verdict}: ${text}`))]
      : []),
  );
}

function explanationOf(one: CaseResult): string | undefined {
  const broken = one.findings.flatMap((finding) =>
    finding.met
      ? []
      : [
          [
            `${finding.requirement} (${finding.level}), ${finding.source}: ${finding.sentence}`,
            `expected: ${finding.expected}`,
            `actual: ${finding.actual}`,
          ].join('\n'),
        ],
  );
  const parts = [...(one.reason === undefined ? [] : [one.reason]), ...broken];
  return parts.length > 0 ? [...parts, `again: ${one.repeat}`].join('\n') : undefined;
}

function firstLine(text: string): string {
  return printable(text.split('\n', 1)[0] ?? '');
}

/** XML 1.0 has no way to write most control characters. */
function printable(text: string): string {
  return text.replace(/(?![\t\n\r])\p{Cc}|[\ufffe\uffff]/gu, '\ufffd');
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}
