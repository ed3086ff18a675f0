import type { Verdict } from '../judge/verdict.js';
import type { CaseResult } from '../run/result.js';

/** In the order in which they are told. */
const shown: readonly Verdict[] = [
  'pass',
  'fail',
  'warn',
  'info',
  'inconclusive',
  'error',
  'untestable',
  'not-applicable',
  'deselected',
];

/** How often each verdict occurs, without those that do not. */
export function countsOf(
  cases: readonly Pick<CaseResult, 'verdict'>[],
): readonly (readonly [verdict: Verdict, count: number])[] {
  return shown
    .map((verdict) => [verdict, cases.filter((one) => one.verdict === verdict).length] as const)
    .filter(([, count]) => count > 0);
}
