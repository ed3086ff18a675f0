import { cases } from '../../suites/cases.js';
import type { Case } from '../case/case.js';
import { type Authority, createAuthority } from '../certificate/certificate.js';
import { lendAuthority } from '../certificate/lend.js';
import { copyKit, type KitCopy } from '../mutant/copy.js';
import { instrumented } from '../mutant/judges.js';
import type { Mutant } from '../mutant/mutant.js';
import { styleFor } from '../report/style.js';
import { exitCodes } from '../run/result.js';
import { workInThread } from '../run/thread.js';
import { untilInterrupted } from './interrupt.js';
import type { JudgePart, JudgesAsked } from './judge-thread.js';
import { casesOn, selectMutants, usualJobs } from './select-mutants.js';

export interface MutantsJudgesOptions {
  readonly seed: number;
  readonly jobs?: number;
  /** Multiplies every time limit. */
  readonly timeoutScale: number;
  readonly quick?: boolean;
  readonly json?: boolean;
}

/** Modules with judges in them. */
const judgeFolders = ['harness/judge', 'suites'];

/**
 * Takes one judge out after the other, and gives 7 when one is not missed: when every mutant that it helps to kill would be
 * killed without it.
 */
export async function mutantsJudgesCommand(
  patterns: readonly string[],
  options: MutantsJudgesOptions,
): Promise<number> {
  const selected = selectMutants(patterns, options);
  const style = styleFor(process.stdout);
  /** For each judge, the mutants that would survive without it. */
  const missed = new Map<string, string[]>();
  const survivors: string[] = [];
  const since = performance.now();
  const interrupted = await untilInterrupted(async (signal) => {
    const copies: KitCopy[] = [];
    const waiting = [...selected];
    const work = async (place: Place) => {
      for (let mutant = waiting.shift(); mutant && !signal.aborted; mutant = waiting.shift()) {
        const { id } = mutant;
        const { kills, asked, needed } = await judgesOf(place, mutant, casesOn(mutant), options, signal)
          // What comes late shows only in a run that lasts.
          .then((few) => (few.kills.length > 0 ? few : judgesOf(place, mutant, cases, options, signal)))
          .catch((cause: Error) => {
            throw signal.aborted ? cause : new Error(`${id} cannot be tried: ${cause.message}`, { cause });
          });
        if (kills.length === 0) survivors.push(id);
        for (const judge of asked) missed.set(judge, missed.get(judge) ?? []);
        for (const judge of needed) missed.get(judge)?.push(id);
        console.error(`${id}: ${needed.length} of ${asked.length} judges are missed`);
      }
    };
    try {
      const workers = Math.min(options.jobs ?? usualJobs, selected.length);
      for (let count = 0; count < workers; count += 1) {
        const copy = copyKit();
        copies.push(copy);
        copy.rewrite(judgeFolders, instrumented);
      }
      const authority = createAuthority();
      await Promise.all(copies.map((copy) => work({ copy, authority })));
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      for (const copy of copies) copy.close();
    }
    return signal.aborted;
  });
  if (interrupted) return exitCodes.interrupted;
  const judges = [...missed].sort(([one], [other]) => (one < other ? -1 : 1));
  const idle = judges.filter(([, mutants]) => mutants.length === 0);
  if (options.json) {
    console.log(JSON.stringify(Object.fromEntries(judges), undefined, 2));
  } else {
    for (const [judge, mutants] of judges)
      console.log(
        mutants.length > 0
          ? `${style('green', 'missed')}     ${judge} by ${mutants.length}: ${mutants.slice(0, 3).join(' ')}${mutants.length > 3 ? ' …' : ''}`
          : `${style('red', 'NOT MISSED')} ${judge}: without it every mutant is killed all the same`,
      );
    for (const id of survivors) console.log(`${style('red', 'SURVIVED')}   ${id}`);
    const seconds = ((performance.now() - since) / 1000).toFixed(1);
    const summary = `${judges.length} judges: ${judges.length - idle.length} missed when they are out, ${idle.length} not`;
    console.log(
      `${style(idle.length > 0 ? 'red' : 'green', summary)}; ${selected.length} mutants in ${seconds} s`,
    );
  }
  return idle.length + survivors.length > 0 ? exitCodes.mutantSurvived : exitCodes.conformant;
}

/** Where mutants are tried one after the other. */
interface Place {
  readonly copy: KitCopy;
  readonly authority: Promise<Authority>;
}

function judgesOf(
  { copy, authority }: Place,
  mutant: Mutant,
  played: readonly Case[],
  { seed, timeoutScale }: MutantsJudgesOptions,
  signal: AbortSignal,
): Promise<JudgesAsked> {
  const lent = lendAuthority(authority);
  const part: JudgePart = {
    authority: lent,
    cases: played.map(({ id }) => id),
    breaks: mutant.breaks,
    usual: [],
    seed,
    timeoutScale: timeoutScale / 2,
  };
  return copy.withPatches(mutant.patches, () =>
    workInThread<JudgePart, JudgesAsked, JudgesAsked>(
      copy.script('judge-thread.js'),
      part,
      signal,
      (message, resolve) => resolve(message),
      [lent],
    ),
  );
}
