import type { Verdict } from '../judge/verdict.js';
import { type Deviation, exitCodeOfStress, type StressedCase, type StressResult } from '../stress/stress.js';
import type { Style } from './style.js';

/** What a person reads: what deviates and how to see it again, the sums, and how large the rate can be all the same. */
export function stressReport(result: StressResult, style: Style): string {
  const { kit, target, seed, load, executions, deviating, rounds, durationMs } = result;
  const strained = load > 0 ? ` · ${counted(load, 'busy thread')} beside` : '';
  const lines = [
    style('bold', `XMPP Web Push stress ${kit}`),
    `target ${target.name}: ${target.software} ${target.version} · seeds from ${seed}${strained}`,
    '',
    ...result.cases.filter((each) => each.deviating > 0).flatMap((each) => caseBlock(each, style)),
    `${counted(executions, 'execution')} of ${counted(result.cases.length, 'case')} in ${counted(rounds, 'round')}: ${sum(result)}`,
    `${deviating} deviating; at ${percent(result.confidence)} confidence the rate is at most ${percent(result.upperBound)}` +
      ` over all, ${percent(Math.max(0, ...result.cases.map((each) => each.upperBound)))} in any one case`,
    `in ${(durationMs / 1000).toFixed(1)} s`,
    ending(result, style),
  ];
  return `${lines.join('\n')}\n`;
}

/** Of many deviations the first few tell enough; all are in the JSON. */
const shown = 3;

function caseBlock({ id, counts, executions, deviations }: StressedCase, style: Style): readonly string[] {
  const listed = countsOf(counts);
  return [
    `${style('red', 'DEVIATES')} ${id}  ${listed} of ${executions}`,
    ...deviations.slice(0, shown).flatMap((deviation) => deviationLines(deviation)),
    ...(deviations.length > shown ? [`  and ${deviations.length - shown} more`] : []),
    '',
  ];
}

function deviationLines({ verdict, reason, repeat }: Deviation): readonly string[] {
  const [first = ''] = (reason ?? '').split('\n', 1);
  return [`  ${verdict}${first === '' ? '' : `  ${first}`}`, `    again  ${repeat}`];
}

function sum({ cases }: StressResult): string {
  const counts: Partial<Record<Verdict, number>> = {};
  for (const each of cases)
    for (const [verdict, count] of Object.entries(each.counts) as [Verdict, number][])
      counts[verdict] = (counts[verdict] ?? 0) + count;
  return countsOf(counts) || 'none';
}

function countsOf(counts: Readonly<Partial<Record<Verdict, number>>>): string {
  return Object.entries(counts)
    .map(([verdict, count]) => `${count} ${verdict}`)
    .join(', ');
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

function percent(rate: number): string {
  const text = (100 * rate).toPrecision(2);
  return `${Number(text)} %`;
}

function ending(result: StressResult, style: Style): string {
  const code = exitCodeOfStress(result);
  if (result.interrupted) return style('bold', `Interrupted (exit ${code})`);
  if (result.deviating > 0) return style(['bold', 'red'], `Verdicts differ from time to time (exit ${code})`);
  return style(
    ['bold', code === 0 ? 'green' : 'red'],
    `Each case had one verdict, every time (exit ${code})`,
  );
}
