import { randomInt } from 'node:crypto';
import { accessSync, constants, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join as joinPath } from 'node:path';
import { cases } from '../../suites/cases.js';
import { catalogue } from '../../suites/requirements/catalogue.js';
import { kitVersion } from '../kit/kit.js';
import { junitReport } from '../report/junit.js';
import { prettyReport } from '../report/pretty.js';
import { styleFor } from '../report/style.js';
import { groupByPlay, longestFirst } from '../run/group.js';
import { assembleResult, type CaseResult, exitCodeOf, exitCodes, type RunResult } from '../run/result.js';
import type { Outcome } from '../run/run.js';
import { createTurn, playInThread, takeTurns } from '../run/split.js';
import { findTarget } from '../target/find.js';
import { findPlugins } from '../target/plugins.js';
import type { Target } from '../target/target.js';
import type { Transcript } from '../transcript/transcript.js';
import { UsageError } from '../usage/usage-error.js';
import { untilInterrupted } from './interrupt.js';
import { createProgress } from './progress.js';
import { parseGrade, selectCases } from './select.js';

export interface RunCommandOptions {
  readonly target: string;
  readonly plugins?: string;
  readonly enable?: readonly string[];
  readonly filter?: readonly string[];
  readonly level: string;
  readonly seed?: number;
  readonly jobs: number;
  readonly timeoutScale: number;
  readonly report: 'pretty' | 'json' | 'junit';
  readonly out?: string;
  readonly dryRun?: boolean;
  readonly deep?: boolean;
}

/** Plays, judges, reports. Gives the exit code. */
export async function runCommand(options: RunCommandOptions): Promise<number> {
  const selected = selectCases(
    cases,
    catalogue,
    options.filter ?? [],
    parseGrade(options.level),
    options.deep ?? false,
  );
  const plugins = options.plugins === undefined ? undefined : findPlugins(options.plugins, options.enable);
  const target = await findTarget(options.target, plugins);
  if (options.dryRun) {
    process.stdout.write(selected.map(({ id }) => `${id}\n`).join(''));
    return exitCodes.conformant;
  }
  if (options.out !== undefined) makeFolder(options.out);
  const transcripts: Transcript[] = [];
  const progress = createProgress(process.stderr);
  const startedAt = new Date();
  const since = performance.now();
  const seed = options.seed ?? randomInt(0, 2 ** 32);
  let done = 0;
  const onCase = (result: CaseResult) => {
    done += 1;
    progress.onCase(result, done, selected.length);
  };
  const onTranscript = (transcript: Transcript) => void transcripts.push(transcript);
  const { outcome, interrupted } = await untilInterrupted(async (signal) => {
    const { jobs, timeoutScale } = options;
    await target.prepare?.();
    const threads = threadsFor(target, selected.length, jobs);
    const groups = longestFirst(groupByPlay(selected));
    if (threads === 1) {
      const { run } = await import('../run/run.js');
      const only = await run({
        next: takeTurns(groups, createTurn()),
        catalogue,
        target,
        seed,
        jobs,
        timeoutScale,
        signal,
        onCase,
        onTranscript,
      });
      return { outcome: only, interrupted: signal.aborted };
    }
    const part = {
      target: options.target,
      ...(plugins ? { plugins } : {}),
      cases: groups.flat().map(({ id }) => id),
      turn: createTurn(),
      seed,
      jobs: Math.ceil(jobs / threads),
      timeoutScale,
      wantsTranscripts: options.out !== undefined,
    };
    const script = new URL('./run-thread.js', import.meta.url);
    const outcomes = await Promise.all(
      Array.from({ length: threads }, () =>
        playInThread(script, part, signal, { case: onCase, transcript: onTranscript }),
      ),
    );
    return { outcome: join(outcomes), interrupted: signal.aborted };
  }).finally(progress.end);
  const result = assembleResult({
    ...outcome,
    kit: kitVersion(),
    seed,
    startedAt: startedAt.toISOString(),
    durationMs: Math.round(performance.now() - since),
    interrupted,
    deselected: cases.length - selected.length,
  });
  if (options.out !== undefined) writeResults(options.out, result, transcripts);
  process.stdout.write(render(options.report, result));
  return exitCodeOf(result);
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

function render(format: RunCommandOptions['report'], result: RunResult): string {
  switch (format) {
    case 'pretty':
      return prettyReport(result, styleFor(process.stdout));
    case 'json':
      return `${JSON.stringify(result, undefined, 2)}\n`;
    case 'junit':
      return junitReport(result);
  }
}

function makeFolder(folder: string): void {
  try {
    makeParentsToo(folder);
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    throw new UsageError(`--out ${folder} cannot be written to: ${(cause as Error).message}`, { cause });
  }
}

/** As `mkdirSync` with `recursive`, which on a file system that takes no folders tries for ever. */
function makeParentsToo(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  if (dirname(folder) !== folder) makeParentsToo(dirname(folder));
  mkdirSync(folder);
}

function writeResults(folder: string, result: RunResult, transcripts: readonly Transcript[]): void {
  writeFileSync(joinPath(folder, 'run.json'), `${JSON.stringify(result, undefined, 2)}\n`);
  writeFileSync(joinPath(folder, 'junit.xml'), junitReport(result));
  for (const transcript of transcripts) {
    const file = joinPath(folder, 'transcripts', `${transcript.case}.json`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(transcript, undefined, 2)}\n`);
  }
}
