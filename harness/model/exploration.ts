import type { BrokenSentence, RunResult } from '../run/result.js';

export interface LeftOut {
  readonly steps: string;
  /** `the target has no hook restart`. */
  readonly because: string;
}

/** What `explore --report json` prints. */
export interface Exploration
  extends Pick<RunResult, 'kit' | 'target' | 'seed' | 'startedAt' | 'durationMs' | 'interrupted'> {
  readonly format: 'webpush-conformance/explore/1';
  /** Sequences played, and their steps and requests in all; those tried to shorten a counterexample apart. */
  readonly runs: number;
  readonly steps: number;
  readonly requests: number;
  /** Steps that were left out, and what the target lacks for them. */
  readonly leftOut: readonly LeftOut[];
  /** The shortest sequence on which the server broke a sentence. */
  readonly counterexample?: {
    readonly finding: BrokenSentence;
    readonly steps: readonly string[];
    readonly path: string;
    readonly shrinks: number;
    /** One command that plays it again. */
    readonly repeat: string;
  };
}
