import { availableParallelism } from 'node:os';
import { mutants } from '../../fixtures/mutants/mutants.js';
import { cases } from '../../suites/cases.js';
import type { Mutant } from '../mutant/mutant.js';
import { createLaboratory, type Fate } from '../mutant/trial.js';
import { styleFor } from '../report/style.js';
import { exitCodes } from '../run/result.js';
import { suggest, UsageError } from '../usage/usage-error.js';
import { untilInterrupted } from './interrupt.js';

export interface MutantsRunOptions {
  readonly seed: number;
  readonly jobs?: number;
  /** Plays every case against each mutant, not only those on the sentences it breaks. */
  readonly allCases?: boolean;
}

/** Prints the mutants, one a line. */
export function mutantsListCommand(patterns: readonly string[]): number {
  const selected = select(patterns);
  const width = Math.max(...selected.map(({ id }) => id.length));
  for (const { id, title, breaks } of selected)
    console.log(`${id.padEnd(width)}  ${title} (${breaks.join(', ')})`);
  return exitCodes.conformant;
}

/** Tries mutants, and gives 7 when one is not noticed, or cannot be tried. */
export async function mutantsRunCommand(
  patterns: readonly string[],
  options: MutantsRunOptions,
): Promise<number> {
  const selected = select(patterns);
  const style = styleFor(process.stdout);
  const since = performance.now();
  const fates = new Map<string, Fate>();
  const { interrupted } = await untilInterrupted(async (signal) => {
    const waiting = [...selected];
    const workers = Math.min(options.jobs ?? availableParallelism(), selected.length);
    const work = async () => {
      const laboratory = createLaboratory();
      try {
        for (let mutant = waiting.shift(); mutant && !signal.aborted; mutant = waiting.shift()) {
          const fate = await laboratory.try(mutant, casesFor(mutant, options.allCases ?? false), {
            seed: options.seed,
            timeoutScale: 0.5,
            limit: 60_000,
            signal,
          });
          if (signal.aborted) return;
          fates.set(mutant.id, fate);
          console.log(lineOf(mutant, fate));
        }
      } finally {
        laboratory.close();
      }
    };
    const ended = await Promise.allSettled(Array.from({ length: workers }, work));
    const failed = ended.find((end) => end.status === 'rejected');
    if (failed && !signal.aborted) throw failed.reason;
    return { interrupted: signal.aborted };
  });
  const count = (type: Fate['type']) => [...fates.values()].filter((fate) => fate.type === type).length;
  const seconds = ((performance.now() - since) / 1000).toFixed(1);
  const failures = count('survived') + count('broken');
  const summary = `${selected.length} mutants: ${count('killed')} killed, ${count('survived')} survived, ${count('broken')} broken`;
  console.log(`${style(failures > 0 ? 'red' : 'green', summary)} in ${seconds} s`);
  if (interrupted) return exitCodes.interrupted;
  return failures > 0 ? exitCodes.mutantSurvived : exitCodes.conformant;

  function lineOf({ id, title, breaks }: Mutant, fate: Fate): string {
    switch (fate.type) {
      case 'killed': {
        const blunt =
          options.allCases && fate.by.length > fate.played / 3 ? ' (blunt: more than a third)' : '';
        return `${style('green', 'killed')}   ${id} by ${fate.by.length} of ${fate.played}: ${fate.by.slice(0, 4).join(' ')}${fate.by.length > 4 ? ' …' : ''}${blunt}`;
      }
      case 'survived': {
        const elsewhere =
          fate.elsewhere.length > 0 ? `; red on other sentences: ${fate.elsewhere.join(' ')}` : '';
        return `${style('red', 'SURVIVED')} ${id}: ${title}, and no case on ${breaks.join(', ')} notices${elsewhere}`;
      }
      case 'broken':
        return `${style('red', 'BROKEN')}   ${id}: ${fate.reason}`;
    }
  }
}

/** The cases on the sentences that a mutant breaks. */
export function casesFor({ breaks }: Pick<Mutant, 'breaks'>, all: boolean) {
  return all ? cases : cases.filter(({ requirements }) => requirements.some((id) => breaks.includes(id)));
}

/** @throws {UsageError} when a pattern names none. */
function select(patterns: readonly string[]): readonly Mutant[] {
  if (patterns.length === 0) return mutants;
  const chosen = patterns.flatMap((pattern) => {
    const found = mutants.filter(({ id }) => id === pattern || id.startsWith(`${pattern}/`));
    if (found.length > 0) return found;
    const known = [...new Set(mutants.flatMap(({ id }) => [id, id.split('/', 1)[0] ?? '']))];
    throw new UsageError(
      `there is no mutant "${pattern}"${suggest(pattern, known)}; \`mutants list\` has them`,
    );
  });
  return [...new Set(chosen)];
}
