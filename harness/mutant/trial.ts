import type { Case } from '../case/case.js';
import type { CaseResult } from '../run/result.js';
import { createTurn, playInThread } from '../run/split.js';
import { TargetFault } from '../target/fault.js';
import { copyKit } from './copy.js';
import type { Mutant } from './mutant.js';

/** What became of a mutant. */
export type Fate =
  /** Cases broke on a sentence that the mutant breaks. */
  | { readonly type: 'killed'; readonly by: readonly string[]; readonly played: number }
  /** No case noticed, or only on other sentences: `elsewhere` has those. */
  | { readonly type: 'survived'; readonly elsewhere: readonly string[]; readonly played: number }
  /** It shows nothing of the cases: it does not start, hangs, or its patch does not fit. */
  | { readonly type: 'broken'; readonly reason: string };

/** A copy of the compiled kit in which one mutant after the other is tried. */
export interface Laboratory {
  try(mutant: Mutant, cases: readonly Case[], options: TrialOptions): Promise<Fate>;
  close(): void;
}

export interface TrialOptions {
  readonly seed: number;
  /** Multiplies the time limits of cases: what a mutant never does is waited for in vain. */
  readonly timeoutScale: number;
  /** Milliseconds after which a mutant counts as hanging. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

/** Makes the copy; `close` takes it away. */
export function createLaboratory(): Laboratory {
  const copy = copyKit();
  const script = copy.script('run-thread.js');
  return {
    async try(mutant, cases, options) {
      try {
        return fateOf(mutant, await copy.withPatches([mutant.patch], () => play(script, cases, options)));
      } catch (error) {
        if (options.signal.aborted) throw error;
        return { type: 'broken', reason: reasonOf(error) };
      }
    },
    close: copy.close,
  };
}

async function play(
  script: URL,
  cases: readonly Case[],
  options: TrialOptions,
): Promise<readonly CaseResult[]> {
  const limit = AbortSignal.timeout(options.limit);
  // The verdicts at the end, not as they come: a push that was only late turns a case after the fact.
  const { cases: results } = await playInThread(
    script,
    {
      target: 'embedded',
      cases: cases.map(({ id }) => id),
      turn: createTurn(),
      seed: options.seed,
      jobs: 8,
      timeoutScale: options.timeoutScale,
      wantsTranscripts: false,
    },
    AbortSignal.any([limit, options.signal]),
    { case: () => {}, transcript: () => {} },
  );
  if (limit.aborted) throw new Error(`it hangs: no end after ${options.limit / 1000} s`);
  return results;
}

/** Only a finding on a sentence that the mutant breaks is its death: any other may be an accident. */
export function fateOf({ breaks }: Pick<Mutant, 'breaks'>, results: readonly CaseResult[]): Fate {
  const broken = results.filter(({ findings }) => findings.some(({ met }) => !met));
  const by = broken.filter(({ findings }) =>
    findings.some(({ met, requirement }) => !met && breaks.includes(requirement)),
  );
  const ids = (found: readonly CaseResult[]) => found.map(({ id }) => id).sort();
  return by.length > 0
    ? { type: 'killed', by: ids(by), played: results.length }
    : { type: 'survived', elsewhere: ids(broken), played: results.length };
}

function reasonOf(error: unknown): string {
  if (error instanceof TargetFault) return `it does not start: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
