import { availableParallelism } from 'node:os';
import { mutants } from '../../fixtures/mutants/mutants.js';
import { quick } from '../../fixtures/mutants/quick.js';
import { cases } from '../../suites/cases.js';
import type { Case } from '../case/case.js';
import type { Mutant } from '../mutant/mutant.js';
import { suggest, UsageError } from '../usage/usage-error.js';

/** Mutants tried side by side: more than there are cores, for a trial waits as often as it works. */
export const usualJobs = availableParallelism() + 3;

/** The cases on the sentences that a mutant breaks: no other can kill it. */
export function casesOn({ breaks }: Pick<Mutant, 'breaks'>): readonly Case[] {
  return cases.filter(({ requirements }) => requirements.some((id) => breaks.includes(id)));
}

/**
 * The mutants of these ids or areas, or that break these sentences; without any, all, or the quick ones.
 *
 * @throws {UsageError} when a pattern names none.
 */
export function selectMutants(
  patterns: readonly string[],
  options: { readonly quick?: boolean } = {},
): readonly Mutant[] {
  const candidates = options.quick ? mutants.filter(({ id }) => quick.includes(id)) : mutants;
  if (patterns.length === 0) return candidates;
  const chosen = patterns.flatMap((pattern) => {
    const found = candidates.filter(
      ({ id, breaks }) =>
        id === pattern || id.startsWith(`${pattern}/`) || breaks.some((sentence) => sentence === pattern),
    );
    if (found.length > 0) return found;
    const known = [
      ...new Set(candidates.flatMap(({ id, breaks }) => [id, id.split('/', 1)[0] ?? '', ...breaks])),
    ];
    throw new UsageError(
      `there is no mutant "${pattern}"${suggest(pattern, known)}; \`mutants list\` has them`,
    );
  });
  return [...new Set(chosen)];
}
