import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { catalogue } from '../../suites/requirements/catalogue.js';
import { FenceLost } from '../fence/fence.js';
import { kitVersion } from '../kit/kit.js';
import type { Exploration } from '../model/exploration.js';
import type { Counterexample, Explored } from '../model/explore.js';
import { exploreInThread } from '../model/split.js';
import { explorationReport } from '../report/exploration.js';
import { styleFor } from '../report/style.js';
import { exitCodes } from '../run/result.js';
import { findTarget } from '../target/find.js';
import { untilInterrupted } from './interrupt.js';
import { createCount } from './progress.js';

export interface ExploreCommandOptions {
  readonly target: string;
  readonly runs: number;
  readonly seed?: number;
  readonly path?: string;
  readonly timeoutScale: number;
  readonly report: 'pretty' | 'json';
}

/** Sequences played side by side in one thread: while one waits for an answer, another has something to do. */
const lanesPerThread = 2;
/** A thread costs the start of its modules and a server; below so many sequences it does not pay. */
const runsPerThread = 40;

/** Plays random sequences, reports. Gives the exit code. */
export async function exploreCommand(options: ExploreCommandOptions): Promise<number> {
  const { runs, path, timeoutScale } = options;
  const target = await findTarget(options.target);
  const seed = options.seed ?? randomInt(0, 2 ** 32);
  const startedAt = new Date();
  const since = performance.now();
  const progress = createCount(process.stderr, 'sequences');
  const played = { runs: 0, steps: 0, requests: 0 };
  const isAlone = path !== undefined || target.instances === 'one';
  const threads = isAlone
    ? 1
    : Math.max(1, Math.min(availableParallelism(), Math.floor(runs / runsPerThread)));
  const allLanes = isAlone ? 1 : Math.min(threads * lanesPerThread, runs);
  const { explored, interrupted } = await untilInterrupted(async (signal) => {
    const found = new AbortController();
    const either = AbortSignal.any([signal, found.signal]);
    const script = new URL('./explore-thread.js', import.meta.url);
    const lanes = Array.from({ length: allLanes }, (_, lane) => lane);
    const shares = Array.from({ length: threads }, (_, thread) => ({
      target: options.target,
      seed,
      runs: path === undefined ? runs : 1,
      lanes: lanes.filter((lane) => lane % threads === thread),
      allLanes,
      timeoutScale,
      ...(path === undefined ? {} : { path }),
    }));
    const all = await Promise.allSettled(
      shares.map(async (share) => {
        try {
          const one = await exploreInThread(script, share, either, (steps, requests) => {
            played.runs += 1;
            played.steps += steps;
            played.requests += requests;
            progress.on(played.runs, path === undefined ? runs : 1);
          });
          if (one.counterexample) found.abort();
          return one;
        } catch (error) {
          found.abort();
          throw error;
        }
      }),
    );
    return { explored: join(all), interrupted: signal.aborted };
  }).finally(progress.end);
  const { counterexample } = explored;
  const result: Exploration = {
    format: 'webpush-conformance/explore/1',
    kit: kitVersion(),
    target: explored.target,
    seed,
    startedAt: startedAt.toISOString(),
    durationMs: Math.round(performance.now() - since),
    interrupted,
    ...played,
    leftOut: explored.leftOut,
    ...(counterexample ? { counterexample: inFull(counterexample, options.target, seed) } : {}),
  };
  process.stdout.write(
    options.report === 'json'
      ? `${JSON.stringify(result, undefined, 2)}\n`
      : explorationReport(result, styleFor(process.stdout)),
  );
  if (counterexample) return exitCodes.nonConformant;
  if (interrupted) return exitCodes.interrupted;
  return played.runs === 0 ? exitCodes.nothingVerified : exitCodes.conformant;
}

/** A disagreement that one thread found outweighs what went wrong in another. */
function join(all: readonly PromiseSettledResult<Explored>[]): Explored {
  const explored = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const found = explored.find(({ counterexample }) => counterexample);
  if (found) return found;
  const failed = all.find((one) => one.status === 'rejected');
  if (failed?.status === 'rejected') {
    if (failed.reason instanceof FenceLost) throw new Error(`inconclusive: ${failed.reason.message}`);
    throw failed.reason;
  }
  const [first] = explored;
  if (!first) throw new Error('an exploration has at least one share');
  return first;
}

function inFull(
  { sentence: id, expected, actual, entries, steps, path, shrinks }: Counterexample,
  target: string,
  seed: number,
): NonNullable<Exploration['counterexample']> {
  const requirement = catalogue.get(id);
  return {
    finding: {
      requirement: id,
      level: requirement?.level ?? 'MUST',
      sentence: requirement?.sentence ?? '',
      source: requirement ? `${requirement.document} §${requirement.section}` : '',
      met: false,
      expected,
      actual,
      entries,
    },
    steps,
    path,
    shrinks,
    repeat: `npx webpush-conformance explore --target ${target} --seed ${seed} --path ${path}`,
  };
}
