import type { CaseFinding } from '../run/result.js';
import type { TargetDescription } from '../target/target.js';

/** What `explore --report json` prints. */
export interface Exploration {
  readonly format: 'webpush-conformance/explore/1';
  /** The kit's version. */
  readonly kit: string;
  readonly target: TargetDescription;
  readonly seed: number;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly interrupted: boolean;
  /** Sequences played, and their steps and requests in all; those tried to shorten a counterexample apart. */
  readonly runs: number;
  readonly steps: number;
  readonly requests: number;
  /** Steps that were left out, each with the hook the target lacks. */
  readonly leftOut: readonly { readonly steps: string; readonly hook: string }[];
  /** The shortest sequence on which the server broke a sentence. */
  readonly counterexample?: {
    readonly finding: Extract<CaseFinding, { met: false }>;
    readonly steps: readonly string[];
    readonly path: string;
    readonly shrinks: number;
    /** One command that plays it again. */
    readonly repeat: string;
  };
}
