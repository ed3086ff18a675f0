import type { Finding } from './finding.js';

/** What a judge saw, beside whether the sentence was kept. */
export interface Observation {
  readonly expected: string;
  readonly actual: string;
  /** `seq` of the transcript entries that show it. */
  readonly evidence: readonly number[];
  readonly claimsAbsence?: true;
}

/** One finding: a sentence of the catalogue, kept or broken. */
export function check<R extends string>(requirement: R, met: boolean, observation: Observation): Finding {
  return { requirement, met, ...observation };
}
