/** Why no test needs to notice a mutant. */
export interface Reason {
  readonly file: string;
  /** Part of the line in which the mutant begins, as it stands in the source. */
  readonly line: string;
  /** Only mutants that put this in the place; any, when it is absent. */
  readonly becomes?: string;
  readonly reason: string;
}

/** Survivors that are no gap in the tests. One that fits no survivor any more has to go. */
export const reasons: readonly Reason[] = [];
