import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mutants } from '../../fixtures/mutants/mutants.js';
import { cases } from '../../suites/cases.js';
import { createAuthority } from '../certificate/certificate.js';
import { kitVersion } from '../kit/kit.js';
import { type Matrix, mutantRow, offencesOf, referenceRows, updated } from '../mutant/matrix.js';
import { matrixMarkdown } from '../mutant/matrix-markdown.js';
import { writeMatrix } from '../mutant/matrix-text.js';
import type { Mutant } from '../mutant/mutant.js';
import {
  createLaboratory,
  type Fate,
  findingsOf,
  type Laboratory,
  type TrialOptions,
} from '../mutant/trial.js';
import { styleFor } from '../report/style.js';
import { exitCodes } from '../run/result.js';
import { createTurn } from '../run/split.js';
import { UsageError } from '../usage/usage-error.js';
import { untilInterrupted } from './interrupt.js';
import { matrixReport } from './mutants-score-command.js';
import { readMatrix } from './read-matrix.js';
import { casesOn, selectMutants, usualJobs } from './select-mutants.js';

export interface MutantsRunOptions {
  readonly seed: number;
  readonly jobs?: number;
  /** Multiplies every time limit. */
  readonly timeoutScale: number;
  readonly quick?: boolean;
  /** Plays every case against each mutant, not only those on the sentences it breaks. */
  readonly allCases?: boolean;
  readonly report: 'pretty' | 'json';
  readonly out?: string;
}

/** Tries mutants, and gives 7 when the matrix of cases and mutants is not as it must be. */
export async function mutantsRunCommand(
  patterns: readonly string[],
  options: MutantsRunOptions,
): Promise<number> {
  const selected = selectMutants(patterns, options);
  if (options.out !== undefined) makeFolder(options.out);
  const say = options.report === 'json' ? console.error : console.log;
  const style = styleFor(options.report === 'json' ? process.stderr : process.stdout);
  const since = performance.now();
  const { matrix, used, interrupted } = await untilInterrupted(async (signal) => {
    const workers = Math.min(options.jobs ?? usualJobs, selected.length);
    const laboratories: Laboratory[] = [];
    const { seed, timeoutScale: scale } = options;
    const settings: TrialOptions = { seed, timeoutScale: scale / 2, limit: 60_000 * scale, signal };
    const fates = new Map<string, Fate>();
    try {
      const authority = createAuthority();
      for (let count = 0; count < workers; count += 1) laboratories.push(createLaboratory(authority));
      const subjects = new Map(
        selected.map((mutant) => [mutant, options.allCases ? cases : casesOn(mutant)] as const),
      );
      // With all mutants the whole of the reference is looked at.
      const used = cases.filter(
        (subject) =>
          selected.length === mutants.length || [...subjects.values()].some((some) => some.includes(subject)),
      );
      const turn = createTurn();
      const control = await Promise.all(
        laboratories.map((laboratory) => laboratory.control(used, turn, settings)),
      );
      const usual = findingsOf(control.flat());
      // The longest first, so that none is left with one of them at the end.
      const lengthOf = (mutant: Mutant) => subjects.get(mutant)?.length ?? cases.length;
      const waiting = selected.toSorted((one, other) => lengthOf(other) - lengthOf(one));
      const work = async (laboratory: Laboratory) => {
        for (let mutant = waiting.shift(); mutant && !signal.aborted; mutant = waiting.shift()) {
          const played = subjects.get(mutant) ?? cases;
          const fate = await laboratory.try(mutant, { played, all: cases }, usual, settings);
          if (signal.aborted) return;
          fates.set(mutant.id, fate);
          say(lineOf(mutant, fate));
        }
      };
      const ended = await Promise.allSettled(laboratories.map(work));
      const failed = ended.find((end) => end.status === 'rejected');
      if (failed && !signal.aborted) throw failed.reason;
      const result: Matrix = {
        format: 'webpush-conformance/matrix/1',
        kit: kitVersion(),
        seed: options.seed,
        scope: selected.length === mutants.length && !signal.aborted ? 'all' : 'some',
        cases: cases.map(({ id }) => id),
        reference: referenceRows(control.flat()),
        mutants: selected.flatMap((mutant) => {
          const fate = fates.get(mutant.id);
          return fate ? [mutantRow(mutant, fate)] : [];
        }),
      };
      return { matrix: result, used, interrupted: signal.aborted };
    } catch (error) {
      if (!signal.aborted) throw error;
      return { interrupted: true };
    } finally {
      for (const laboratory of laboratories) laboratory.close();
    }
  });
  if (interrupted || !matrix) return exitCodes.interrupted;
  if (options.out !== undefined) {
    const file = join(options.out, 'matrix.json');
    const known = { played: used.map(({ id }) => id), all: mutants.map(({ id }) => id) };
    const whole = existsSync(file) ? updated(readMatrix(file), matrix, known) : matrix;
    writeFileSync(file, writeMatrix(whole));
    writeFileSync(join(options.out, 'matrix.md'), matrixMarkdown(whole));
  }
  const offences = offencesOf(matrix);
  if (options.report === 'json') process.stdout.write(writeMatrix(matrix));
  else process.stdout.write(matrixReport(matrix, offences, style, (performance.now() - since) / 1000));
  return offences.length > 0 ? exitCodes.mutantSurvived : exitCodes.conformant;

  function lineOf({ id, title, breaks }: Mutant, fate: Fate): string {
    switch (fate.type) {
      case 'killed': {
        const { kills, played } = fate;
        const first = kills.slice(0, 4).map((kill) => kill.case);
        return `${style('green', 'killed')}   ${id} by ${kills.length} of ${played}: ${first.join(' ')}${kills.length > 4 ? ' …' : ''}`;
      }
      case 'survived':
        return `${style('red', 'SURVIVED')} ${id}: ${title}, and no case on ${breaks.join(', ')} notices`;
      case 'broken':
        return `${style('red', 'BROKEN')}   ${id}: ${fate.reason}`;
    }
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new UsageError(`--out ${folder} cannot be written to: ${(cause as Error).message}`, { cause });
  }
}
