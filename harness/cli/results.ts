import { accessSync, constants, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Comparison, comparisonMarkdown, comparisonTable } from '../report/comparison.js';
import type { ReportFormat } from '../report/format.js';
import { junitComparison, junitReport } from '../report/junit.js';
import { prettyReport } from '../report/pretty.js';
import { styleFor } from '../report/style.js';
import { exitCodeOf, type RunResult } from '../run/result.js';
import type { Transcript } from '../transcript/transcript.js';
import { UsageError } from '../usage/usage-error.js';

/** The result of one target as it is printed. */
export function render(format: ReportFormat, result: RunResult): string {
  switch (format) {
    case 'pretty':
      return prettyReport(result, styleFor(process.stdout));
    case 'json':
      return `${JSON.stringify(result, undefined, 2)}\n`;
    case 'junit':
      return junitReport(result);
    case 'markdown': {
      const target = { target: result.target.name, exitCode: exitCodeOf(result), result };
      return comparisonMarkdown({ kit: result.kit, seed: result.seed, targets: [target], differences: [] });
    }
  }
}

/** Those of several, when all have been played. */
export function renderComparison(format: ReportFormat, comparison: Comparison): string {
  switch (format) {
    case 'pretty':
      return comparisonTable(comparison, styleFor(process.stdout));
    case 'json':
      return `${JSON.stringify(comparison, undefined, 2)}\n`;
    case 'junit':
      return junitComparison(comparison);
    case 'markdown':
      return comparisonMarkdown(comparison);
  }
}

/**
 * Makes a folder for results, and gives its name.
 *
 * @throws UsageError when nothing can be written there.
 */
export function makeFolder(folder: string): string {
  try {
    makeParentsToo(folder);
    accessSync(folder, constants.W_OK);
    return folder;
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

/** `run.json`, `junit.xml` and the transcripts of one target. */
export function writeResults(folder: string, result: RunResult, transcripts: readonly Transcript[]): void {
  writeFileSync(join(folder, 'run.json'), `${JSON.stringify(result, undefined, 2)}\n`);
  writeFileSync(join(folder, 'junit.xml'), junitReport(result));
  for (const transcript of transcripts) {
    const file = join(folder, 'transcripts', `${transcript.case}.json`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(transcript, undefined, 2)}\n`);
  }
}

/** `comparison.json`, `comparison.md` and one `junit.xml` for all. */
export function writeComparison(folder: string, comparison: Comparison): void {
  writeFileSync(join(folder, 'comparison.json'), `${JSON.stringify(comparison, undefined, 2)}\n`);
  writeFileSync(join(folder, 'comparison.md'), comparisonMarkdown(comparison));
  writeFileSync(join(folder, 'junit.xml'), junitComparison(comparison));
}
