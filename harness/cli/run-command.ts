import { randomInt } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cases } from '../../suites/cases.js';
import { catalogue } from '../../suites/requirements/catalogue.js';
import { kitVersion } from '../kit/kit.js';
import { junitReport } from '../report/junit.js';
import { prettyReport } from '../report/pretty.js';
import { styleFor } from '../report/style.js';
import { exitCodeOf, exitCodes, type RunResult } from '../run/result.js';
import { run } from '../run/run.js';
import { findTarget } from '../target/find.js';
import type { Transcript } from '../transcript/transcript.js';
import { UsageError } from '../usage/usage-error.js';
import { untilInterrupted } from './interrupt.js';
import { createProgress } from './progress.js';
import { parseGrade, selectCases } from './select.js';

export interface RunCommandOptions {
  readonly target: string;
  readonly filter?: readonly string[];
  readonly level: string;
  readonly seed?: number;
  readonly jobs: number;
  readonly timeoutScale: number;
  readonly report: 'pretty' | 'json' | 'junit';
  readonly out?: string;
  readonly dryRun?: boolean;
}

/** Plays, judges, reports. Gives the exit code. */
export async function runCommand(options: RunCommandOptions): Promise<number> {
  const selected = selectCases(cases, catalogue, options.filter ?? [], parseGrade(options.level));
  const target = findTarget(options.target);
  if (options.dryRun) {
    process.stdout.write(selected.map(({ id }) => `${id}\n`).join(''));
    return exitCodes.conformant;
  }
  if (options.out !== undefined) makeFolder(options.out);
  const transcripts: Transcript[] = [];
  const progress = createProgress(process.stderr);
  const result = await untilInterrupted((signal) =>
    run({
      cases: selected,
      deselected: cases.length - selected.length,
      catalogue,
      target,
      kit: kitVersion(),
      seed: options.seed ?? randomInt(0, 2 ** 32),
      jobs: options.jobs,
      timeoutScale: options.timeoutScale,
      signal,
      onCase: progress.onCase,
      onTranscript: ({ recorder }) => void transcripts.push(recorder.transcript),
    }),
  ).finally(progress.end);
  if (options.out !== undefined) writeResults(options.out, result, transcripts);
  process.stdout.write(render(options.report, result));
  return exitCodeOf(result);
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
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new UsageError(`--out ${folder} cannot be made a folder: ${(cause as Error).message}`, { cause });
  }
}

function writeResults(folder: string, result: RunResult, transcripts: readonly Transcript[]): void {
  writeFileSync(join(folder, 'run.json'), `${JSON.stringify(result, undefined, 2)}\n`);
  writeFileSync(join(folder, 'junit.xml'), junitReport(result));
  for (const transcript of transcripts) {
    const file = join(folder, 'transcripts', `${transcript.case}.json`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(transcript, undefined, 2)}\n`);
  }
}
