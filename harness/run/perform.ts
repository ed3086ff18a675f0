import type { Case } from '../case/case.js';
import type { Catalogue } from '../case/requirement.js';
import { FenceLost } from '../fence/fence.js';
import type { Evidence } from '../judge/evidence.js';
import { createEvidence } from '../judge/examine.js';
import type { Finding } from '../judge/finding.js';
import { JudgeError } from '../judge/judge-error.js';
import { type Decision, decide } from '../judge/verdict.js';
import type { PushService } from '../push-service/push-service.js';
import { TargetFault } from '../target/fault.js';
import type { RunningTarget } from '../target/target.js';
import { createRecorder, type Recorder } from '../transcript/transcript.js';
import type { Group } from './group.js';
import { type Senders, sentinelTest } from './senders.js';
import { setStage } from './stage.js';

/** One performance: enough to judge its cases, now or again when a late request has come. */
export interface Played {
  readonly recorder: Recorder;
  readonly seed: number;
  readonly durationMs: number;
  /** Why the play stopped early, by the target's doing. */
  readonly stopped?: string;
  /** Why it stopped early, by the suite's own fault. */
  readonly mistake?: string;
}

export interface Judged extends Decision {
  readonly findings: readonly Finding[];
  /** How many entries the transcript had: more since then, and it must be judged again. */
  readonly entries: number;
}

/** Plays what a group of cases shares on a running target. Never throws: what goes wrong is part of the result. */
export async function play(
  [subject]: Group,
  target: RunningTarget,
  pushService: PushService,
  senders: Senders,
  seed: number,
  signal: AbortSignal,
): Promise<Played> {
  const recorder = createRecorder(subject.id, () => target.now());
  const since = performance.now();
  const { stage, strike } = setStage({
    subject,
    target,
    pushService,
    recorder,
    seed,
    signal,
    senders,
  });
  // What the case waits for ends with its streams.
  signal.addEventListener('abort', strike);
  let outcome: Pick<Played, 'stopped' | 'mistake'> = {};
  try {
    await subject.play(stage);
  } catch (error) {
    outcome = blame(error);
  }
  signal.removeEventListener('abort', strike);
  await strike();
  return { recorder, seed, durationMs: performance.now() - since, ...outcome };
}

/** Judges the cases of a performance, from the transcript alone. */
export async function judge(
  subjects: readonly Case[],
  played: Played,
  catalogue: Catalogue,
): Promise<readonly Judged[]> {
  const { recorder, seed, mistake } = played;
  const entries = recorder.transcript.entries.length;
  const inError = (reason: string) =>
    subjects.map((): Judged => ({ verdict: 'error', reason, findings: [], entries }));
  if (mistake !== undefined) return inError(mistake);
  try {
    const evidence = await createEvidence(recorder.transcript, { isSentinel: sentinelTest(seed) });
    return subjects.map((subject) => judgeOne(subject, played, evidence, catalogue));
  } catch (error) {
    return inError(explain(error));
  }
}

function judgeOne(subject: Case, played: Played, evidence: Evidence, catalogue: Catalogue): Judged {
  const entries = evidence.entries.length;
  const { fences } = evidence;
  const stopped = played.stopped === undefined ? {} : { stopped: played.stopped };
  const verdictOn = (findings: readonly Finding[]): Judged => ({
    ...decide(subject, { findings, fences, ...stopped }, catalogue),
    findings,
    entries,
  });
  try {
    return verdictOn(subject.judge(evidence));
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

function blame(error: unknown): Pick<Played, 'stopped' | 'mistake'> {
  if (error instanceof FenceLost) return {};
  if (error instanceof TargetFault) return { stopped: error.message };
  return { mistake: explain(error) };
}

function explain(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
