import type { Permutation } from '../case/permutation.js';
import type { Catalogue } from '../case/requirement.js';
import { TraitMissing } from '../case/trait-missing.js';
import { FenceLost } from '../fence/fence.js';
import { sentinelTest } from '../fence/sentinel.js';
import type { Evidence } from '../judge/evidence.js';
import { createEvidence } from '../judge/examine.js';
import type { Finding } from '../judge/finding.js';
import { JudgeError } from '../judge/judge-error.js';
import { type Decision, decide } from '../judge/verdict.js';
import { TargetFault } from '../target/fault.js';
import { createRecorder, type Recorder } from '../transcript/transcript.js';
import type { Group } from './group.js';
import { type StageContext, setStage } from './stage.js';

/** One performance: enough to judge its cases, now or again when a late request has come. */
export interface Played {
  readonly recorder: Recorder;
  readonly seed: number;
  readonly durationMs: number;
  /** Why the play stopped early, by the target's doing. */
  readonly stopped?: string;
  /** What it came to need that the target has not. */
  readonly lacking?: string;
  /** Why it stopped early, by the suite's own fault. */
  readonly mistake?: string;
}

export interface Judged extends Decision {
  readonly findings: readonly Finding[];
  /** How many entries the transcript had: more since then, and it must be judged again. */
  readonly entries: number;
}

type Ending = Pick<Played, 'stopped' | 'lacking' | 'mistake'>;

/** What a play has around it, beside the case itself. */
export type PlaySurroundings = Omit<StageContext, 'subject' | 'recorder'>;

/**
 * Plays what a group of cases shares on a running target. What goes wrong is part of the result.
 *
 * @throws TargetFault `hook-failed`, by which no case can be judged.
 */
export async function play([subject]: Group, surroundings: PlaySurroundings): Promise<Played> {
  const { target, seed, signal } = surroundings;
  const recorder = createRecorder(subject.path, () => target.now());
  const since = performance.now();
  const { stage, strike } = setStage({ ...surroundings, subject, recorder });
  // What the case waits for ends with its streams.
  signal.addEventListener('abort', strike);
  let outcome: Ending = {};
  try {
    await subject.play(stage, subject.choice);
  } catch (error) {
    outcome = blame(error);
  } finally {
    signal.removeEventListener('abort', strike);
    await strike();
  }
  return { recorder, seed, durationMs: performance.now() - since, ...outcome };
}

/** Judges the cases of a performance, from the transcript alone. */
export async function judge(
  subjects: readonly Permutation[],
  played: Played,
  catalogue: Catalogue,
): Promise<readonly Judged[]> {
  const { recorder, seed, lacking, mistake } = played;
  const entries = recorder.transcript.entries.length;
  const all = (verdict: 'error' | 'not-applicable', reason: string) =>
    subjects.map((): Judged => ({ verdict, reason, findings: [], entries }));
  if (lacking !== undefined) return all('not-applicable', lacking);
  if (mistake !== undefined) return all('error', mistake);
  try {
    const evidence = await createEvidence(recorder.transcript, {
      isSentinel: sentinelTest(seed, recorder.transcript),
    });
    return subjects.map((subject) => judgeOne(subject, played, evidence, catalogue));
  } catch (error) {
    return all('error', explain(error));
  }
}

function judgeOne(subject: Permutation, played: Played, evidence: Evidence, catalogue: Catalogue): Judged {
  const entries = evidence.entries.length;
  const { fences } = evidence;
  const stopped = played.stopped === undefined ? {} : { stopped: played.stopped };
  const verdictOn = (findings: readonly Finding[]): Judged => ({
    ...decide(subject, { findings, fences, ...stopped }, catalogue),
    findings,
    entries,
  });
  try {
    return verdictOn(subject.judge(evidence, subject.choice));
  } catch (error) {
    // Not seen to be kept, but not seen to be broken either: another case has the finding on what hides it.
    if (error instanceof JudgeError && error.code === 'hidden') {
      const stopped = played.stopped ?? error.message;
      return { ...decide(subject, { findings: [], fences, stopped }, catalogue), findings: [], entries };
    }
    const broughtToAnEnd = played.stopped !== undefined || fences.some(({ state }) => state === 'lost');
    // The server kept the play from the step the judge asks for: that is no fault of the suite's.
    if (broughtToAnEnd && error instanceof JudgeError && error.code === 'unknown-mark') return verdictOn([]);
    return { verdict: 'error', reason: explain(error), findings: [], entries };
  }
}

function blame(error: unknown): Ending {
  if (error instanceof TraitMissing) return { lacking: error.message };
  if (error instanceof FenceLost) return {};
  if (error instanceof TargetFault && error.code === 'hook-failed') throw error;
  if (error instanceof TargetFault) return { stopped: error.message };
  return { mistake: explain(error) };
}

function explain(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
