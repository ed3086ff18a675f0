/** One thing a judge looked at: kept or broken, and what shows it. Only the catalogue knows how grave a break is. */
export interface Finding {
  /** Id of the requirement in the catalogue. */
  readonly requirement: string;
  readonly met: boolean;
  readonly expected: string;
  readonly actual: string;
  /** `seq` of the transcript entries that show it. */
  readonly evidence: readonly number[];
  /** It says that something did not happen, so the case must have put up a fence. */
  readonly claimsAbsence?: true;
}
