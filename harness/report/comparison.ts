import type { Verdict } from '../judge/verdict.js';
import { type CaseResult, exitCodes, type RunResult } from '../run/result.js';
import { countsOf } from './counts.js';
import type { Style } from './style.js';

/** What became of one target of several. */
export interface Compared {
  /** As reports call it. */
  readonly target: string;
  readonly exitCode: number;
  readonly result?: RunResult;
  /** Why there is no result: the target did not start, or its description is wrong. */
  readonly fault?: { readonly code: string; readonly message: string };
}

/** What `run` with several targets prints as JSON; every table is made from it. */
export interface Comparison {
  readonly format: 'webpush-conformance/comparison/1';
  readonly kit: string;
  readonly seed: number;
  /** The gravest of all. */
  readonly exitCode: number;
  readonly targets: readonly Compared[];
  /** Cases whose verdicts differ between targets that played them. */
  readonly differences: readonly Difference[];
}

export interface Difference {
  readonly case: string;
  readonly title: string;
  /** In the order of the targets; absent where it was not played. */
  readonly verdicts: readonly (Verdict | undefined)[];
}

/** From the least grave to the gravest. What was seen to be broken outweighs what could not be seen. */
const gravity: readonly number[] = [
  exitCodes.conformant,
  exitCodes.nothingVerified,
  exitCodes.inconclusive,
  exitCodes.usage,
  exitCodes.targetDidNotStart,
  exitCodes.nonConformant,
  exitCodes.interrupted,
];

/** Puts the results of several targets side by side. */
export function compare(kit: string, seed: number, targets: readonly Compared[]): Comparison {
  const worst = targets
    .map(({ exitCode }) => exitCode)
    .toSorted((a, b) => gravity.indexOf(b) - gravity.indexOf(a));
  return {
    format: 'webpush-conformance/comparison/1',
    kit,
    seed,
    exitCode: worst[0] ?? exitCodes.nothingVerified,
    targets,
    differences: differencesBetween(targets),
  };
}

function differencesBetween(targets: readonly Compared[]): readonly Difference[] {
  const byTarget = targets.map(
    ({ result }) => new Map((result?.cases ?? []).map((one): [string, CaseResult] => [one.id, one])),
  );
  const all = new Map(byTarget.flatMap((cases) => [...cases]));
  return [...all.values()]
    .toSorted((one, other) => (one.id < other.id ? -1 : 1))
    .map(({ id, title }) => ({ case: id, title, verdicts: byTarget.map((cases) => cases.get(id)?.verdict) }))
    .filter(({ verdicts }) => new Set(verdicts.filter((verdict) => verdict !== undefined)).size > 1);
}

/** One table for people at a terminal. */
export function comparisonTable(comparison: Comparison, style: Style): string {
  const { targets, differences } = comparison;
  const rows = [['', ...targets.map(({ target }) => target)], ...areaRows(targets), exitRow(targets)];
  const lines = [
    ...aligned(rows).map((line, index) => (index === 0 ? style('bold', line) : line)),
    ...targets.flatMap(({ target, fault }) => (fault ? ['', `${target}: ${fault.message}`] : [])),
  ];
  if (differences.length > 0) {
    const table = differences.map((one) => [one.case, ...one.verdicts.map((verdict) => verdict ?? '-')]);
    const painted = aligned([['', ...targets.map(({ target }) => target)], ...table]);
    lines.push('', style('bold', 'Verdicts that differ'), ...painted);
  }
  const code = comparison.exitCode;
  lines.push('', style(code === exitCodes.conformant ? 'green' : 'red', `Worst exit code: ${code}`));
  return `${lines.join('\n')}\n`;
}

/** The same for a README. */
export function comparisonMarkdown({
  kit,
  seed,
  targets,
  differences,
}: Pick<Comparison, 'kit' | 'seed' | 'targets' | 'differences'>): string {
  const row = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const table = ([head = [], ...body]: readonly (readonly string[])[]) => [
    row(head),
    row(head.map(() => '---')),
    ...body.map(row),
  ];
  const software = ({ result }: Compared) =>
    result ? `${result.target.software} ${result.target.version}` : '';
  const lines = [
    ...table([
      ['', ...targets.map(({ target }) => target)],
      ['server', ...targets.map(software)],
      ...areaRows(targets),
      exitRow(targets),
    ]),
    ...(differences.length > 0
      ? [
          '',
          'Verdicts that differ:',
          '',
          ...table([
            ['case', ...targets.map(({ target }) => target)],
            ...differences.map((one) => [
              `\`${one.case}\` ${one.title}`,
              ...one.verdicts.map((verdict) => verdict ?? ''),
            ]),
          ]),
        ]
      : []),
    '',
    `webpush-conformance ${kit}, seed ${seed}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** A row for each area: what became of its cases on each target. */
function areaRows(targets: readonly Compared[]): string[][] {
  const areaOf = ({ id }: CaseResult) => id.slice(0, id.indexOf('/'));
  const areas = [...new Set(targets.flatMap(({ result }) => (result?.cases ?? []).map(areaOf)))].toSorted();
  return areas.map((area) => [
    area,
    ...targets.map(({ result }) =>
      countsOf((result?.cases ?? []).filter((one) => areaOf(one) === area))
        .map(([verdict, count]) => `${count} ${verdict}`)
        .join(', '),
    ),
  ]);
}

function exitRow(targets: readonly Compared[]): string[] {
  return ['exit', ...targets.map((one) => `${one.exitCode} ${inWords(one)}`)];
}

function inWords({ exitCode, result, fault }: Compared): string {
  if (fault) return fault.code === 'usage' ? 'wrong description' : 'did not start';
  if (result?.unsupported) return 'no Web Push';
  switch (exitCode) {
    case exitCodes.conformant:
      return 'conformant';
    case exitCodes.nonConformant:
      return 'not conformant';
    case exitCodes.interrupted:
      return 'interrupted';
    case exitCodes.nothingVerified:
      return 'nothing verified';
    default:
      return 'inconclusive';
  }
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  );
}
