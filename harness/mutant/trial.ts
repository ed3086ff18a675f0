import type { Case } from '../case/case.js';
import { permutationsOf } from '../case/permutation.js';
import type { Authority } from '../certificate/certificate.js';
import type { CaseResult } from '../run/result.js';
import { createTurn, playInThread } from '../run/split.js';
import { TargetFault } from '../target/fault.js';
import { copyKit } from './copy.js';
import type { Mutant } from './mutant.js';

/** A case that found sentences broken which the mutant breaks. */
export interface Kill {
  readonly case: string;
  readonly sentences: readonly string[];
}

/** What became of a mutant. */
export type Fate =
  | { readonly type: 'killed'; readonly kills: readonly Kill[]; readonly played: number }
  /** No case noticed, or only on other sentences: `elsewhere` has those. */
  | { readonly type: 'survived'; readonly elsewhere: readonly string[]; readonly played: number }
  /** It shows nothing of the cases: it does not start, hangs, changes nothing, or its patch does not fit. */
  | { readonly type: 'broken'; readonly reason: string };

/** A copy of the compiled kit in which one mutant after the other is tried. */
export interface Laboratory {
  /**
   * Plays cases on the mutant, and where none notices, all the others too: a mutant that nothing shows is none.
   *
   * @param usual what cases find broken of the reference itself; see `findingsOf`.
   */
  try(mutant: Mutant, cases: Subjects, usual: ReadonlySet<string>, options: TrialOptions): Promise<Fate>;
  /** Plays cases on the reference as it is; several laboratories share them when they share the turn. */
  control(cases: readonly Case[], turn: Int32Array, options: TrialOptions): Promise<readonly CaseResult[]>;
  close(): void;
}

export interface Subjects {
  readonly played: readonly Case[];
  readonly all: readonly Case[];
}

export interface TrialOptions {
  readonly seed: number;
  /** Multiplies the time limits of cases: what a mutant never does is waited for in vain. */
  readonly timeoutScale: number;
  /** Milliseconds after which a mutant counts as hanging; with all cases played, five times as many. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

/**
 * Makes the copy; `close` takes it away.
 *
 * @param authority of all trials.
 */
export function createLaboratory(authority: Promise<Authority>): Laboratory {
  const copy = copyKit();
  const place: Place = { script: copy.script('run-thread.js'), authority };
  return {
    async try(mutant, { played, all }, usual, options) {
      try {
        return await copy.withPatches(mutant.patches, async () => {
          const fate = fateOf(mutant, await play(place, played, createTurn(), options), usual);
          if (fate.type !== 'survived') return fate;
          const known = played.length === all.length;
          const among = known
            ? fate
            : fateOf(mutant, await play(place, all, createTurn(), ample(options)), usual);
          return among.type === 'survived' && among.elsewhere.length === 0 ? unnoticeable : among;
        });
      } catch (error) {
        if (options.signal.aborted) throw error;
        return { type: 'broken', reason: reasonOf(error) };
      }
    },
    control: (cases, turn, options) => play(place, cases, turn, ample(options)),
    close: copy.close,
  };
}

/** All cases take their time, on a busy machine most of all. */
function ample(options: TrialOptions): TrialOptions {
  return { ...options, limit: options.limit * 5 };
}

const unnoticeable: Fate = { type: 'broken', reason: 'it changes nothing that any case shows' };

/** What all trials of a laboratory have in common. */
interface Place {
  /** Compiled, in the copy. */
  readonly script: URL;
  readonly authority: Promise<Authority>;
}

async function play(
  { script, authority }: Place,
  cases: readonly Case[],
  turn: Int32Array,
  options: TrialOptions,
): Promise<readonly CaseResult[]> {
  const limit = AbortSignal.timeout(options.limit);
  const hangs = () => new Error(`it hangs: no end after ${options.limit / 1000} s`);
  try {
    // The verdicts at the end, not as they come: a push that was only late turns a case after the fact.
    const { cases: results, unsupported } = await playInThread(
      script,
      {
        target: 'embedded',
        // Each in its usual permutation: what a mutant breaks shows there, or the case has the wrong one first.
        cases: cases.flatMap((subject) => permutationsOf(subject, 'usual')).map(({ path }) => path),
        turn,
        seed: options.seed,
        jobs: 8,
        timeoutScale: options.timeoutScale,
        wantsTranscripts: false,
        quiet: true,
      },
      authority,
      AbortSignal.any([limit, options.signal]),
      { case: () => {}, transcript: () => {} },
    );
    if (limit.aborted) throw hangs();
    if (unsupported) throw new Error('it is taken for a server without Web Push, and no case is played');
    return results;
  } catch (error) {
    // Whatever ended a thread that had been told to stop.
    throw limit.aborted ? hangs() : error;
  }
}

/**
 * Only a finding on a sentence that the mutant breaks is its death: any other may be an accident.
 *
 * @param usual what cases find broken of the reference itself, which no mutant is to blame for.
 */
export function fateOf(
  { breaks }: Pick<Mutant, 'breaks'>,
  results: readonly CaseResult[],
  usual: ReadonlySet<string> = new Set(),
): Fate {
  const broken = results.map((result) => ({
    case: caseOf(result),
    verdict: result.verdict,
    sentences: sentencesOf(result).filter((sentence) => !usual.has(nameOf(caseOf(result), sentence))),
  }));
  const kills = broken.flatMap(({ case: id, sentences }) => {
    const own = sentences.filter((sentence) => breaks.includes(sentence));
    return own.length > 0 ? [{ case: id, sentences: own }] : [];
  });
  if (kills.length > 0) return { type: 'killed', kills: sorted(kills), played: results.length };
  const elsewhere = broken.filter(
    ({ sentences, verdict }) => sentences.length > 0 || verdict === 'inconclusive' || verdict === 'error',
  );
  return {
    type: 'survived',
    elsewhere: sorted(elsewhere).map(({ case: id }) => id),
    played: results.length,
  };
}

/** What cases found broken, each with its sentence. */
export function findingsOf(results: readonly CaseResult[]): ReadonlySet<string> {
  return new Set(results.flatMap((result) => sentencesOf(result).map((id) => nameOf(caseOf(result), id))));
}

/** The case itself, whichever permutation of it was played. */
function caseOf(result: CaseResult): string {
  return result.case ?? result.id;
}

function nameOf(subject: string, sentence: string): string {
  return `${subject} ${sentence}`;
}

function sentencesOf({ findings }: CaseResult): readonly string[] {
  return [...new Set(findings.flatMap(({ met, requirement }) => (met ? [] : [requirement])))].sort();
}

function sorted<T extends { readonly case: string }>(items: readonly T[]): readonly T[] {
  return items.toSorted((one, other) => (one.case < other.case ? -1 : 1));
}

function reasonOf(error: unknown): string {
  if (error instanceof TargetFault) return `it does not start: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
