import { availableParallelism } from 'node:os';
import { cases } from '../../suites/cases.js';
import { catalogue } from '../../suites/requirements/catalogue.js';
import { type Permutation, permutationsOf } from '../case/permutation.js';
import type { Authority } from '../certificate/certificate.js';
import { kitVersion } from '../kit/kit.js';
import { accountFor } from '../run/account.js';
import { groupByPlay, longestFirst } from '../run/group.js';
import { assembleResult, type CaseResult, type RunResult, repeatCommand } from '../run/result.js';
import type { Outcome, RunOptions } from '../run/run.js';
import { createTurn, playInThread, takeTurns } from '../run/split.js';
import type { Plugins } from '../target/plugins.js';
import type { Target } from '../target/target.js';
import type { Transcript } from '../transcript/transcript.js';
import { createProgress } from './progress.js';

/** What one target is played with. */
export interface PlayOptions
  extends Pick<RunOptions, 'target' | 'seed' | 'jobs' | 'timeoutScale' | 'signal'> {
  /** As given on the command line: threads find the target by it. */
  readonly name: string;
  readonly plugins?: Plugins;
  readonly selected: readonly Permutation[];
  /** Called with each transcript, if it is wanted. */
  readonly onTranscript?: (transcript: Transcript) => void;
}

/**
 * Plays the selected cases on a target, on as many threads as pay, with progress on standard error.
 *
 * @throws TargetFault when the target does not start or takes no client.
 */
export async function playTarget(options: PlayOptions): Promise<RunResult> {
  const { target, selected, seed, signal } = options;
  const progress = createProgress(process.stderr);
  const startedAt = new Date();
  const since = performance.now();
  let done = 0;
  const onCase = (result: CaseResult) => {
    done += 1;
    progress.onCase(result, done, selected.length);
  };
  try {
    await target.prepare?.();
    const outcome = await playOnThreads(options, onCase);
    return assembleResult({
      ...outcome,
      kit: kitVersion(),
      seed,
      startedAt: startedAt.toISOString(),
      durationMs: Math.round(performance.now() - since),
      interrupted: signal.aborted,
      deselected: cases.flatMap((one) => permutationsOf(one, 'every')).length - selected.length,
    });
  } finally {
    progress.end();
  }
}

/** Plays the cases, without a word. Each has its result then, unless the signal aborts. */
export async function playOnThreads(
  options: PlayOptions,
  onCase: (result: CaseResult) => void,
): Promise<Outcome> {
  const { name, selected, seed, signal } = options;
  const outcome = await play(options, onCase);
  if (signal.aborted || outcome.unsupported) return outcome;
  const again = (id: string) => repeatCommand(name, id, seed);
  return { ...outcome, cases: accountFor(selected, outcome.cases, again) };
}

async function play(options: PlayOptions, onCase: (result: CaseResult) => void): Promise<Outcome> {
  const { target, name, plugins, selected, seed, jobs, timeoutScale, signal, onTranscript } = options;
  const threads = threadsFor(target, selected.length, jobs);
  const groups = longestFirst(groupByPlay(selected));
  const turn = createTurn();
  const authority = makeAuthority();
  // What one part meets, such as a server that is gone, the others need not meet, too.
  const failed = new AbortController();
  const common = { seed, jobs: Math.ceil(jobs / threads), timeoutScale };
  const either = AbortSignal.any([signal, failed.signal]);
  const part = {
    ...common,
    target: name,
    ...(plugins ? { plugins } : {}),
    cases: groups.flat().map(({ path }) => path),
    turn,
    wantsTranscripts: onTranscript !== undefined,
  };
  const script = new URL('./run-thread.js', import.meta.url);
  const on = { case: onCase, transcript: onTranscript ?? (() => {}) };
  // Threads first, for they have their modules to read. This one has the most of them and plays meanwhile.
  const others = Array.from({ length: threads - 1 }, () => playInThread(script, part, authority, either, on));
  const here = async () => {
    const { run } = await import('../run/run.js');
    return run({
      ...common,
      next: takeTurns(groups, turn),
      catalogue,
      target,
      authority: await authority,
      signal: either,
      onCase,
      ...(onTranscript ? { onTranscript } : {}),
    });
  };
  const parts = [here(), ...others];
  for (const one of parts) one.catch(() => failed.abort());
  await Promise.allSettled(parts);
  return join(await Promise.all(parts));
}

/** Loaded when it is used: it takes as long to load as everything else. */
async function makeAuthority(): Promise<Authority> {
  const { createAuthority } = await import('../certificate/certificate.js');
  return createAuthority();
}

/** A thread costs the start of its modules; below so many cases it does not pay. */
const casesPerThread = 40;

function threadsFor(target: Target, count: number, jobs: number): number {
  if (target.instances === 'one') return 1;
  return Math.max(1, Math.min(availableParallelism(), jobs, Math.floor(count / casesPerThread)));
}

function join([first, ...others]: readonly Outcome[]): Outcome {
  if (!first) throw new Error('a run has at least one part');
  return { ...first, cases: [first, ...others].flatMap(({ cases: part }) => part) };
}
