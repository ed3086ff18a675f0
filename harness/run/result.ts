import type { Choice } from '../case/case.js';
import type { Permutation } from '../case/permutation.js';
import type { Verdict } from '../judge/verdict.js';
import type { TargetDescription } from '../target/target.js';
import type { Entry } from '../transcript/transcript.js';
import type { Calibration } from './calibration.js';
import type { Look } from './support.js';

/**
 * What `run.json` holds; every report is made from it alone. Two runs with one seed in which the server behaves alike
 * differ in times only: `startedAt`, `…Ms`, and `at` of the entries.
 */
export interface RunResult {
  readonly format: 'webpush-conformance/run/1';
  /** The kit's version. */
  readonly kit: string;
  readonly target: TargetDescription;
  readonly seed: number;
  readonly startedAt: string;
  readonly durationMs: number;
  /** The run was stopped before every case had its verdict. */
  readonly interrupted: boolean;
  /** What was measured at the start, and how the run heeds it. */
  readonly calibration: Calibration;
  /** Present when the target has no Web Push: what was looked for, where, and what was there. No case was played. */
  readonly unsupported?: readonly Look[];
  readonly counts: Readonly<Record<Verdict, number>>;
  /** Median time from the last stimulus to the proof of an absence. */
  readonly medianAbsenceMs?: number;
  readonly cases: readonly CaseResult[];
}

export interface CaseResult {
  /** Its path, for a permutation of a case: `importance/chat-body/away=hibernated/to=full`. */
  readonly id: string;
  /** Present when the case varies something: its own id, and what was chosen. */
  readonly case?: string;
  readonly choice?: Choice;
  readonly title: string;
  readonly verdict: Verdict;
  readonly reason?: string;
  readonly durationMs: number;
  readonly requirements: readonly string[];
  readonly findings: readonly CaseFinding[];
  readonly fences: readonly {
    readonly fence: string;
    readonly state: 'held' | 'lost';
    readonly detail: string;
    readonly tookMs: number;
  }[];
  /** The end of the server's log when the case had been played; not where all is well. */
  readonly log?: string;
  /** One command that plays it again. */
  readonly repeat: string;
}

/** A sentence that a case judged: kept, or broken with what shows it. */
export type CaseFinding = KeptSentence | BrokenSentence;

interface JudgedSentence {
  readonly requirement: string;
  readonly level: string;
  readonly sentence: string;
  /** Document and section. */
  readonly source: string;
}

export interface KeptSentence extends JudgedSentence {
  readonly met: true;
}

export interface BrokenSentence extends JudgedSentence {
  readonly met: false;
  readonly expected: string;
  readonly actual: string;
  /** The entries of the transcript that show it. */
  readonly entries: readonly Entry[];
}

/** How a result says which permutation of which case it is of. */
export function nameOf({
  id,
  path,
  choice,
}: Pick<Permutation, 'id' | 'path' | 'choice'>): Pick<CaseResult, 'id' | 'case' | 'choice'> {
  return path === id ? { id } : { id: path, case: id, choice };
}

/** Plays one case again as it was played. */
export function repeatCommand(target: string, id: string, seed: number): string {
  return `npx webpush-conformance run --target ${target} --filter ${id} --seed ${seed}`;
}

/** The process's exit codes, for scripts that gate on them. */
export const exitCodes = {
  conformant: 0,
  nonConformant: 1,
  usage: 2,
  targetDidNotStart: 3,
  nothingVerified: 4,
  inconclusive: 5,
  mutantSurvived: 7,
  brokenSpec: 8,
  interrupted: 130,
} as const;

/** What the run's verdicts add up to. A broken MUST outweighs doubts about other cases; no verdict at all is no success. */
export function exitCodeOf(result: Pick<RunResult, 'counts' | 'interrupted' | 'unsupported'>): number {
  const { counts } = result;
  if (result.interrupted) return exitCodes.interrupted;
  if (result.unsupported) return exitCodes.nonConformant;
  if (counts.fail > 0) return exitCodes.nonConformant;
  if (counts.error + counts.inconclusive + counts.untestable > 0) return exitCodes.inconclusive;
  if (counts.pass + counts.warn + counts.info === 0) return exitCodes.nothingVerified;
  return exitCodes.conformant;
}

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

/** Puts the result of a run together from its cases, which may come in any order. */
export function assembleResult(
  run: Omit<RunResult, 'format' | 'counts' | 'medianAbsenceMs'> & { readonly deselected: number },
): RunResult {
  const { deselected, cases, ...rest } = run;
  const count = (verdict: Verdict) => cases.filter((one) => one.verdict === verdict).length;
  const counts = Object.fromEntries(verdicts.map((verdict) => [verdict, count(verdict)])) as Record<
    Verdict,
    number
  >;
  const absence = median(
    cases.flatMap(({ fences }) => fences.flatMap(({ state, tookMs }) => (state === 'held' ? [tookMs] : []))),
  );
  return {
    format: 'webpush-conformance/run/1',
    ...rest,
    counts: { ...counts, deselected },
    ...(absence === undefined ? {} : { medianAbsenceMs: absence }),
    cases: cases.toSorted((one, other) => (one.id < other.id ? -1 : 1)),
  };
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)];
}
