import type { Verdict } from '../judge/verdict.js';
import { type CaseResult, exitCodes } from '../run/result.js';
import type { TargetDescription } from '../target/target.js';
import { upperBound } from './bound.js';

/** What `stress --report json` prints: how often each case had which verdict, and what can be said from that. */
export interface StressResult {
  readonly format: 'webpush-conformance/stress/1';
  readonly kit: string;
  readonly target: TargetDescription;
  /** That of the first round; each further round has the next one. */
  readonly seed: number;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly interrupted: boolean;
  /** Times that all cases were to be played. */
  readonly rounds: number;
  /** Threads that did nothing but keep processors busy meanwhile. */
  readonly load: number;
  /** How sure the upper bounds are, from 0 to 1. */
  readonly confidence: number;
  readonly executions: number;
  /** Executions with another verdict than most of the same case. */
  readonly deviating: number;
  /** The rate of deviating executions is no larger than this, as sure as `confidence`. */
  readonly upperBound: number;
  readonly cases: readonly StressedCase[];
}

export interface StressedCase {
  readonly id: string;
  /** The one it had most often; of several, the gravest. */
  readonly verdict: Verdict;
  readonly counts: Readonly<Partial<Record<Verdict, number>>>;
  readonly executions: number;
  readonly deviating: number;
  readonly upperBound: number;
  readonly deviations: readonly Deviation[];
}

/** An execution with another verdict, and how to see it again. */
export interface Deviation {
  readonly seed: number;
  readonly verdict: Verdict;
  /** Why it is no pass: the reason of the verdict, or what was expected and what came. */
  readonly reason?: string;
  readonly repeat: string;
}

/** One execution of one case. */
export interface Execution {
  readonly seed: number;
  readonly result: CaseResult;
}

/** At this confidence, bounds are given. */
export const confidence = 0.95;

const gravest: readonly Verdict[] = [
  'error',
  'fail',
  'inconclusive',
  'warn',
  'info',
  'untestable',
  'not-applicable',
  'deselected',
  'pass',
];

/** Counts verdicts, and finds what deviates. */
export function assembleStress(
  stress: Pick<
    StressResult,
    'kit' | 'target' | 'seed' | 'startedAt' | 'durationMs' | 'interrupted' | 'rounds' | 'load'
  >,
  executions: readonly Execution[],
): StressResult {
  const ofCase = new Map<string, Execution[]>();
  for (const execution of executions) {
    const { id } = execution.result;
    ofCase.set(id, [...(ofCase.get(id) ?? []), execution]);
  }
  const cases = [...ofCase]
    .map(([id, own]) => stressedCase(id, own))
    .toSorted((one, other) => (one.id < other.id ? -1 : 1));
  const deviating = cases.reduce((sum, each) => sum + each.deviating, 0);
  return {
    format: 'webpush-conformance/stress/1',
    ...stress,
    confidence,
    executions: executions.length,
    deviating,
    upperBound: upperBound(deviating, executions.length, confidence),
    cases,
  };
}

function stressedCase(id: string, executions: readonly Execution[]): StressedCase {
  const counts: Partial<Record<Verdict, number>> = {};
  for (const { result } of executions) counts[result.verdict] = (counts[result.verdict] ?? 0) + 1;
  const most = Math.max(...Object.values(counts));
  const verdict = gravest.find((each) => counts[each] === most) ?? 'error';
  const deviations = executions
    .filter(({ result }) => result.verdict !== verdict)
    .map(({ seed, result }): Deviation => {
      const reason = reasonOf(result);
      return {
        seed,
        verdict: result.verdict,
        ...(reason === undefined ? {} : { reason }),
        repeat: result.repeat,
      };
    });
  return {
    id,
    verdict,
    counts,
    executions: executions.length,
    deviating: deviations.length,
    upperBound: upperBound(deviations.length, executions.length, confidence),
    deviations,
  };
}

function reasonOf({ reason, findings }: CaseResult): string | undefined {
  if (reason !== undefined) return reason;
  const broken = findings.find((finding) => !finding.met);
  return broken?.met === false
    ? `${broken.requirement}: expected ${broken.expected}, actual ${broken.actual}`
    : undefined;
}

/** An execution that differs from the others of its case is worse than a case that is always red: it makes both unsure. */
export function exitCodeOfStress({ interrupted, executions, deviating, cases }: StressResult): number {
  if (interrupted) return exitCodes.interrupted;
  if (deviating > 0) return exitCodes.inconclusive;
  const are = (...verdicts: readonly Verdict[]) => cases.some(({ verdict }) => verdicts.includes(verdict));
  if (are('error', 'inconclusive')) return exitCodes.inconclusive;
  if (are('fail')) return exitCodes.nonConformant;
  if (are('untestable')) return exitCodes.inconclusive;
  return executions > 0 && are('pass', 'warn', 'info') ? exitCodes.conformant : exitCodes.nothingVerified;
}
