import type { Permutation } from '../case/permutation.js';
import { type CaseResult, nameOf } from './result.js';

/**
 * The results of a run, one for each case that was to be played. A case without a result, or with several, is an error of
 * the suite: a run that lost cases on the way looks like one that had nothing to complain about.
 *
 * @param again the command that plays a case again.
 */
export function accountFor(
  cases: readonly Pick<Permutation, 'id' | 'path' | 'choice' | 'title' | 'requirements'>[],
  results: readonly CaseResult[],
  again: (id: string) => string,
): readonly CaseResult[] {
  return cases.map(({ title, requirements, ...names }) => {
    const own = results.filter((result) => result.id === names.path);
    const [only] = own;
    if (only && own.length === 1) return only;
    return {
      ...nameOf(names),
      title,
      verdict: 'error',
      reason: only ? `it has ${own.length} results` : 'it was to be played, and has no result',
      durationMs: 0,
      requirements,
      findings: [],
      fences: [],
      repeat: again(names.path),
    };
  });
}
