import { randomInt } from 'node:crypto';
import { basename } from 'node:path';
import { cases } from '../../suites/cases.js';
import { catalogue } from '../../suites/requirements/catalogue.js';
import { kitVersion } from '../kit/kit.js';
import { type Compared, type Comparison, compare } from '../report/comparison.js';
import type { ReportFormat } from '../report/format.js';
import { exitCodeOf, exitCodes } from '../run/result.js';
import { TargetFault } from '../target/fault.js';
import { findTarget } from '../target/find.js';
import { findPlugins } from '../target/plugins.js';
import type { Target } from '../target/target.js';
import type { Transcript } from '../transcript/transcript.js';
import { UsageError } from '../usage/usage-error.js';
import { untilInterrupted } from './interrupt.js';
import { playTarget } from './play-target.js';
import { makeFolder, render, renderComparison, writeComparison, writeResults } from './results.js';
import { parseGrade, selectPermutations } from './select.js';

export interface RunCommandOptions {
  /** One or more, with commas between them. */
  readonly target: string;
  readonly plugins?: string;
  readonly enable?: readonly string[];
  readonly filter?: readonly string[];
  readonly level: string;
  readonly seed?: number;
  readonly jobs: number;
  readonly timeoutScale: number;
  readonly report: ReportFormat;
  readonly out?: string;
  readonly dryRun?: boolean;
  readonly deep?: boolean;
}

/** Plays, judges, reports. Gives the exit code: of several targets, the gravest. */
export async function runCommand(options: RunCommandOptions): Promise<number> {
  const { out, report, jobs, timeoutScale } = options;
  const selected = selectPermutations(cases, catalogue, {
    patterns: options.filter ?? [],
    grade: parseGrade(options.level),
    deep: options.deep ?? false,
  });
  const plugins = options.plugins === undefined ? undefined : findPlugins(options.plugins, options.enable);
  const names = parseTargets(options.target);
  const found: (readonly [name: string, target: Target])[] = [];
  // Of several targets, modules are for those that take some; of one, it is an error when it takes none.
  const pluginsFor = (name: string) =>
    names.length === 1 || name.startsWith('prosody') ? plugins : undefined;
  for (const name of names) found.push([name, await findTarget(name, pluginsFor(name))]);
  if (options.dryRun) {
    process.stdout.write(selected.map(({ path }) => `${path}\n`).join(''));
    return exitCodes.conformant;
  }
  if (out !== undefined) makeFolder(out);
  const seed = options.seed ?? randomInt(0, 2 ** 32);

  const playOne = async (name: string, target: Target, signal: AbortSignal, folder: string | undefined) => {
    const transcripts: Transcript[] = [];
    const modules = pluginsFor(name);
    const result = await playTarget({
      name,
      target,
      selected,
      seed,
      jobs,
      timeoutScale,
      signal,
      ...(modules ? { plugins: modules } : {}),
      ...(folder === undefined ? {} : { onTranscript: (transcript) => void transcripts.push(transcript) }),
    });
    if (folder !== undefined) writeResults(folder, result, transcripts);
    return result;
  };

  return untilInterrupted(async (signal) => {
    const [[name, target] = [], ...others] = found;
    if (name === undefined || !target) throw new UsageError('--target names nothing');
    if (others.length === 0) {
      const result = await playOne(name, target, signal, out);
      process.stdout.write(render(report, result));
      return exitCodeOf(result);
    }
    const comparison = await playAll(found, seed, signal, report, async (one, its, shown) =>
      playOne(one, its, signal, out === undefined ? undefined : makeFolder(`${out}/${folderFor(shown)}`)),
    );
    if (out !== undefined) writeComparison(out, comparison);
    process.stdout.write(renderComparison(report, comparison));
    return comparison.exitCode;
  });
}

type PlayOne = (name: string, target: Target, shown: string) => ReturnType<typeof playTarget>;

/** One target after the other. One that does not start keeps none of the others from being played. */
async function playAll(
  found: readonly (readonly [name: string, target: Target])[],
  seed: number,
  signal: AbortSignal,
  report: ReportFormat,
  play: PlayOne,
): Promise<Comparison> {
  const compared: Compared[] = [];
  for (const [index, [name, target]] of found.entries()) {
    if (signal.aborted) break;
    const shown = shownName(name);
    process.stderr.write(`target ${shown} (${index + 1} of ${found.length})\n`);
    try {
      const result = await play(name, target, shown);
      compared.push({ target: shown, exitCode: exitCodeOf(result), result });
      if (report === 'pretty') process.stdout.write(`${render(report, result)}\n`);
    } catch (error) {
      if (!(error instanceof TargetFault || error instanceof UsageError)) throw error;
      const exitCode = error instanceof UsageError ? exitCodes.usage : exitCodes.targetDidNotStart;
      compared.push({ target: shown, exitCode, fault: { code: error.code, message: error.message } });
      process.stderr.write(`webpush-conformance: ${shown}: ${error.message}\n`);
    }
  }
  return compare(kitVersion(), seed, compared);
}

/** @throws UsageError when a name is empty or stands there twice. */
function parseTargets(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes(''))
    throw new UsageError(
      `--target ${text} has an empty name; write names with commas between them, such as a.json,b.json`,
    );
  const twice = names.find((name, index) =>
    names.some((other, place) => place < index && shownName(other) === shownName(name)),
  );
  if (twice !== undefined) throw new UsageError(`--target names ${shownName(twice)} twice`);
  return names;
}

/** The name of a target in tables: of a file, what it is called. */
const shownName = (name: string) => basename(name, '.json');

const folderFor = (name: string) => name.replace(/[^A-Za-z0-9._-]+/g, '-');
