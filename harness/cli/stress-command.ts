import { randomInt } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { cases } from '../../suites/cases.js';
import { catalogue } from '../../suites/requirements/catalogue.js';
import { kitVersion } from '../kit/kit.js';
import { stressReport } from '../report/stress.js';
import { styleFor } from '../report/style.js';
import { assembleStress, type Execution, exitCodeOfStress } from '../stress/stress.js';
import { findTarget } from '../target/find.js';
import type { TargetDescription } from '../target/target.js';
import { UsageError } from '../usage/usage-error.js';
import { untilInterrupted } from './interrupt.js';
import { playOnThreads } from './play-target.js';
import { createCount } from './progress.js';
import { selectPermutations } from './select.js';

export interface StressCommandOptions {
  readonly target: string;
  readonly filter?: readonly string[];
  readonly rounds: number;
  readonly seed?: number;
  readonly jobs: number;
  readonly load: number;
  readonly timeoutScale: number;
  readonly report: 'pretty' | 'json';
}

/** Plays the same cases again and again, with a new seed each time, and counts the verdicts. Gives the exit code. */
export async function stressCommand(options: StressCommandOptions): Promise<number> {
  const { rounds, jobs, load, timeoutScale } = options;
  const selected = selectPermutations(cases, catalogue, { patterns: options.filter ?? [], deep: true });
  const target = await findTarget(options.target);
  const seed = options.seed ?? randomInt(0, 2 ** 32);
  const startedAt = new Date();
  const since = performance.now();
  const progress = createCount(process.stderr, 'executions');
  const executions: Execution[] = [];
  let description: TargetDescription = { name: options.target, software: 'unknown', version: 'unknown' };
  let played = 0;
  const interrupted = await untilInterrupted(async (signal) => {
    await target.prepare?.();
    const busy = Array.from({ length: load }, () => new Worker(new URL('./stress-load.js', import.meta.url)));
    const stopped = new Promise<undefined>((resolve) => {
      signal.addEventListener('abort', () => resolve(undefined));
    });
    try {
      for (let round = 0; round < rounds && !signal.aborted; round += 1) {
        const own = (seed + round) % 2 ** 32;
        const setting = { target, name: options.target, selected, seed: own, jobs, timeoutScale, signal };
        const playing = playOnThreads(setting, () => {
          played += 1;
          progress.on(played, rounds * selected.length);
        });
        // Whoever interrupts wants to know what has been counted, not to wait for a round that counts no more.
        const outcome = await Promise.race([playing, stopped]);
        if (!outcome) {
          playing.catch(() => {});
          break;
        }
        if (outcome.unsupported)
          throw new UsageError(`${options.target} has no Web Push: \`run\` says what was looked for`);
        description = outcome.target;
        // Cases that cannot be played have a verdict at once.
        played = (round + 1) * selected.length;
        progress.on(played, rounds * selected.length);
        for (const result of outcome.cases) executions.push({ seed: own, result });
      }
      return signal.aborted;
    } finally {
      await Promise.all(busy.map((thread) => thread.terminate()));
    }
  }).finally(progress.end);
  const result = assembleStress(
    {
      kit: kitVersion(),
      target: description,
      seed,
      startedAt: startedAt.toISOString(),
      durationMs: Math.round(performance.now() - since),
      interrupted,
      rounds,
      load,
    },
    executions,
  );
  process.stdout.write(
    options.report === 'json'
      ? `${JSON.stringify(result, undefined, 2)}\n`
      : stressReport(result, styleFor(process.stdout)),
  );
  return exitCodeOfStress(result);
}
