import type { Verdict } from '../judge/verdict.js';
import {
  type BrokenSentence,
  type CaseResult,
  exitCodeOf,
  exitCodes,
  type RunResult,
} from '../run/result.js';
import type { Entry } from '../transcript/transcript.js';
import { countsOf } from './counts.js';
import { harmless } from './harmless.js';
import type { Style } from './style.js';

const colours: Partial<Record<Verdict, 'green' | 'red' | 'yellow' | 'cyan' | 'magenta'>> = {
  pass: 'green',
  fail: 'red',
  warn: 'yellow',
  info: 'cyan',
  inconclusive: 'magenta',
  error: 'magenta',
  untestable: 'magenta',
};

/** What a person reads: the areas, then every case that is not a pass with what shows it, then the sum. */
export function prettyReport(result: RunResult, style: Style): string {
  const { target } = result;
  const lines = [
    style('bold', `XMPP Web Push conformance ${result.kit}`),
    harmless(`target ${target.name}: ${target.software} ${target.version} · seed ${result.seed}`),
    calibrationLine(result),
    '',
    ...unsupportedBlock(result, style),
    ...areaTable(result, style),
    ...result.cases.filter(isTold).flatMap((one) => [...caseBlock(one, style), '']),
    ...unplayedBlock(result.cases, style),
    summary(result, style),
  ];
  return `${lines.join('\n')}\n`;
}

/** How quick the target is, and what that means for waits and fences. */
function calibrationLine({ calibration, target, unsupported }: RunResult): string {
  const { pingMs, pushMs, slowestPushMs, order, patienceMs, sentinels } = calibration;
  const silent = `no push came: see \`webpush-conformance doctor --target ${target.name}\``;
  const pushes = pushMs === undefined ? silent : `pushes take ${pushMs} ms, at most ${slowestPushMs} ms`;
  const overtaking =
    order === 'not-kept' ? [`pushes overtake one another: a fence is ${sentinels} sentinels`] : [];
  const parts = [`a ping ${pingMs} ms`, ...overtaking, `patience ${patienceMs} ms`];
  return (unsupported ? parts : [pushes, ...parts]).join(' · ');
}

/** One answer in place of a red line for each case. */
function unsupportedBlock({ unsupported }: RunResult, style: Style): string[] {
  if (!unsupported) return [];
  const width = Math.max(...unsupported.map(({ lookedFor }) => lookedFor.length));
  return [
    `${style(['bold', 'red'], 'Not supported')}: this server has no Web Push, so no case was played.`,
    ...unsupported.map(({ lookedFor, where, found }) => `  ${lookedFor.padEnd(width)}  ${found}  (${where})`),
    '',
  ];
}

function areaTable({ cases }: RunResult, style: Style): string[] {
  const areas = [...new Set(cases.map(({ id }) => id.slice(0, id.indexOf('/'))))];
  const width = Math.max(...areas.map((area) => area.length), 0);
  const lines = areas.map((area) => {
    const own = cases.filter(({ id }) => id.startsWith(`${area}/`));
    return `  ${area.padEnd(width)}  ${countsLine(own, style)}`;
  });
  return lines.length > 0 ? [...lines, ''] : [];
}

function countsLine(cases: readonly CaseResult[], style: Style): string {
  return countsOf(cases)
    .map(([verdict, count]) => paint(style, verdict, `${count} ${verdict}`))
    .join(', ');
}

function paint(style: Style, verdict: Verdict, text: string): string {
  const colour = colours[verdict];
  return colour ? style(colour, text) : text;
}

/** Cases that were not played say so in a line for each reason; there can be many. */
const unplayed: readonly Verdict[] = ['untestable', 'not-applicable'];

function isTold({ verdict }: CaseResult): boolean {
  return verdict !== 'pass' && !unplayed.includes(verdict);
}

function unplayedBlock(cases: readonly CaseResult[], style: Style): string[] {
  const lines = unplayed.flatMap((verdict) => {
    const own = cases.filter((one) => one.verdict === verdict);
    return [...new Set(own.map(({ reason }) => reason))].map((reason) => {
      const ids = own.filter((one) => one.reason === reason).map(({ id }) => id);
      return `${paint(style, verdict, verdict.toUpperCase())} ${reason}: ${ids.join(', ')}`;
    });
  });
  return lines.length > 0 ? [...lines, ''] : [];
}

/** Requirement and sentence, expected, actual, what crossed the wire, the fence, and how to see it again. */
function caseBlock(one: CaseResult, style: Style): string[] {
  const head = `${paint(style, one.verdict, one.verdict.toUpperCase())} ${style('bold', one.id)}  ${one.title}`;
  return [
    head,
    ...(one.reason === undefined ? [] : indent(2, `reason    ${harmless(one.reason)}`)),
    ...one.findings.flatMap((finding) => (finding.met ? [] : findingBlock(finding, style))),
    ...one.fences.map(
      ({ fence, state, detail, tookMs }) => `  fence     ${fence} ${detail}, ${state} after ${tookMs} ms`,
    ),
    ...(one.log === undefined ? [] : ['  log', ...indent(4, style('dim', harmless(one.log)))]),
    `  again     ${one.repeat}`,
  ];
}

function findingBlock(finding: BrokenSentence, style: Style): string[] {
  return [
    `  ${style('bold', finding.requirement)} (${finding.level}), ${finding.source}`,
    ...indent(4, `“${finding.sentence}”`),
    ...indent(2, `expected  ${harmless(finding.expected)}`),
    ...indent(2, `actual    ${harmless(finding.actual)}`),
    ...finding.entries.flatMap((entry) => indent(4, style('dim', describeEntry(entry)))),
  ];
}

function indent(columns: number, text: string): string[] {
  return text.split('\n').map((line) => ' '.repeat(columns) + line);
}

const longest = 1200;

/** One entry of a transcript in one or a few lines, with its role. */
export function describeEntry(entry: Entry): string {
  const text = harmless(describe(entry));
  return `#${entry.seq} ${text.length > longest ? `${text.slice(0, longest)} … (${text.length} characters)` : text}`;
}

function describe(entry: Entry): string {
  switch (entry.kind) {
    case 'stanza':
      return entry.direction === 'sent'
        ? `${entry.actor} → server  ${entry.xml}`
        : `server → ${entry.actor}  ${entry.xml}`;
    case 'stream':
      return `${entry.actor} stream ${entry.event}${entry.detail ? ` (${entry.detail})` : ''}`;
    case 'subscription':
      return `subscription ${entry.name}  ${entry.endpoint}`;
    case 'request': {
      const { method, target, headers, body } = entry.request;
      const answer = entry.answer.type === 'status' ? entry.answer.status : entry.answer.type;
      const fields = headers.map(([name, value]) => `${name}: ${value}`).join('; ');
      const octets = Buffer.byteLength(body, 'base64url');
      return `server → push service for ${entry.subscription ?? 'no subscription'}  ${method} ${target}  ${fields}  [${octets} octets]  → ${answer}`;
    }
    case 'fence':
      return `fence ${entry.fence} ${entry.state}: ${entry.detail}`;
    case 'clock':
      return `the server's clock moved ${entry.advanced} ms forward`;
    case 'hook':
      return `hook ${entry.hook}${entry.detail ? `: ${entry.detail}` : ''}`;
    case 'mark':
      return `step: ${entry.label}`;
  }
}

function summary(result: RunResult, style: Style): string {
  const permutations = result.cases.length;
  const total = new Set(result.cases.map((one) => one.case ?? one.id)).size;
  const played = `${total} ${total === 1 ? 'case' : 'cases'}${permutations > total ? ` in ${permutations} permutations` : ''}`;
  const absence =
    result.medianAbsenceMs === undefined ? '' : ` · median proof of absence ${result.medianAbsenceMs} ms`;
  const deselected = result.counts.deselected > 0 ? ` (${result.counts.deselected} deselected)` : '';
  const code = exitCodeOf(result);
  if (result.unsupported) return style(['bold', 'red'], `Not conformant: no Web Push (exit ${code})`);
  return [
    `${played}${deselected}: ${countsLine(result.cases, style)}`,
    `in ${(result.durationMs / 1000).toFixed(1)} s${absence}`,
    style(['bold', code === exitCodes.conformant ? 'green' : 'red'], `${verdictOf(code)} (exit ${code})`),
  ].join('\n');
}

function verdictOf(code: number): string {
  switch (code) {
    case exitCodes.conformant:
      return 'Conformant: no MUST is broken';
    case exitCodes.nonConformant:
      return 'Not conformant: at least one MUST is broken';
    case exitCodes.nothingVerified:
      return 'Nothing was verified';
    case exitCodes.interrupted:
      return 'Interrupted';
    default:
      return 'Inconclusive: at least one case has no verdict';
  }
}
