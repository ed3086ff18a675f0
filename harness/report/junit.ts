import xml, { type Element } from '@xmpp/xml';
import type { CaseResult, RunResult } from '../run/result.js';
import type { Comparison } from './comparison.js';

/** JUnit XML: a suite for each area. Broken MUSTs are failures, what has no verdict is an error, what cannot apply is skipped. */
export function junitReport(result: RunResult): string {
  return documentOf(`webpush-conformance ${result.target.name}`, suitesOf(result, ''));
}

/** The same for several targets: their suites are called by target and area. */
export function junitComparison({ targets }: Pick<Comparison, 'targets'>): string {
  const suites = targets.flatMap(({ target, result, fault }) =>
    result
      ? suitesOf(result, `${target}.`)
      : [lone(`${target}.start`, 'the target starts', 'error', fault?.code ?? '', fault?.message ?? '')],
  );
  return documentOf('webpush-conformance', suites);
}

function documentOf(name: string, suites: readonly Element[]): string {
  const sum = (count: string) => suites.reduce((total, { attrs }) => total + Number(attrs[count]), 0);
  const totals = Object.fromEntries(
    ['tests', 'failures', 'errors', 'skipped'].map((count) => [count, String(sum(count))]),
  );
  const root = xml('testsuites', { name, ...totals, time: sum('time').toFixed(3) }, ...suites);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root.toString()}\n`;
}

function suitesOf(result: RunResult, prefix: string): readonly Element[] {
  if (result.unsupported) return [withoutSupport(result.unsupported, prefix)];
  const areas = [...new Set(result.cases.map(({ id }) => id.slice(0, id.indexOf('/'))))];
  return areas.map((area) => {
    const cases = result.cases.filter(({ id }) => id.startsWith(`${area}/`));
    const name = `${prefix}${area}`;
    return xml('testsuite', { name, ...totals(cases) }, ...cases.map((one) => testcase(name, one)));
  });
}

/** A server without Web Push fails once. */
function withoutSupport(looks: NonNullable<RunResult['unsupported']>, prefix: string): Element {
  const text = looks.map(({ lookedFor, where, found }) => `${lookedFor}: ${found} (${where})`).join('\n');
  return lone(`${prefix}support`, 'the server has Web Push', 'failure', 'unsupported', text);
}

/** A suite of one case that went wrong. */
function lone(
  suite: string,
  name: string,
  outcome: 'failure' | 'error',
  type: string,
  text: string,
): Element {
  const counts = {
    tests: '1',
    failures: outcome === 'failure' ? '1' : '0',
    errors: outcome === 'error' ? '1' : '0',
    skipped: '0',
    time: '0.000',
  };
  return xml(
    'testsuite',
    { name: suite, ...counts },
    xml(
      'testcase',
      { classname: suite, name, time: '0.000' },
      xml(outcome, { message: firstLine(text), type }, printable(text)),
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
    ...(one.case === undefined ? [] : [permutation(one.case, one.choice)]),
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

function permutation(subject: string, choice: CaseResult['choice'] = {}): Element {
  const property = (name: string, value: string) => xml('property', { name, value });
  const chosen = Object.entries(choice).map(([name, value]) => property(`choice.${name}`, value));
  return xml('properties', {}, property('case', subject), ...chosen);
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
  const log = one.log === undefined ? [] : [`log:\n${one.log}`];
  return parts.length > 0 ? [...parts, ...log, `again: ${one.repeat}`].join('\n') : undefined;
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
