import { setMaxListeners } from 'node:events';
import type fc from 'fast-check';
import { createAuthority } from '../certificate/certificate.js';
import type { HookName, Target, TargetDescription } from '../target/target.js';
import type { Entry } from '../transcript/transcript.js';
import type { Abilities, Command } from './command.js';
import type { LeftOut } from './exploration.js';
import type { Disagreement } from './model.js';
import { openStand, type PlayOutcome, type Stand } from './stand.js';
import type { Witness } from './witness.js';

export interface ExploreOptions {
  readonly target: Target;
  /** Unsigned 32-bit: the sequences come from it. */
  readonly seed: number;
  /** Sequences in all, of which this call plays those that fall to its lanes. */
  readonly runs: number;
  /** Of these lanes, counted from 0, each plays on a server of its own. */
  readonly lanes: readonly number[];
  /** How many lanes share the sequences. */
  readonly allLanes: number;
  /** Plays this one sequence alone. */
  readonly path?: string;
  readonly timeoutScale: number;
  readonly signal: AbortSignal;
  readonly onRun?: (steps: number, requests: number) => void;
}

/** The shortest sequence found on which server and model disagree. */
export interface Counterexample extends Disagreement {
  /** Repeats it, together with the seed. */
  readonly path: string;
  readonly steps: readonly string[];
  readonly entries: readonly Entry[];
  /** Sequences tried to make it shorter. */
  readonly shrinks: number;
}

export interface Explored {
  readonly target: TargetDescription;
  readonly leftOut: readonly LeftOut[];
  readonly counterexample?: Counterexample;
}

/** After so many plays a server is given up for a new one: nobody else would throw away what they left there. */
const playsPerServer = 40;
/** Sequences played side by side on the only server there is: they have nothing in common but their waiting. */
const sideBySide = 8;
/** Attempts at making a counterexample shorter. */
const mostShrinks = 400;

/**
 * Plays random sequences of steps and compares what comes with the model. Ends at the first disagreement, which is made as
 * short as possible.
 *
 * @throws FenceLost, TargetFault, Error what kept a sequence from being played: no disagreement then.
 */
export async function explore(options: ExploreOptions): Promise<Explored> {
  const { default: fastCheck } = await import('fast-check');
  const { commandsFor } = await import('./arbitrary.js');
  const { target, seed, runs, path, timeoutScale } = options;
  const authority = await createAuthority();
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  setMaxListeners(0, signal);
  const open = (hooks: readonly HookName[]) => openStand(target, authority, timeoutScale, hooks);
  const first = await open([]);
  const { abilities, leftOut } = await first.examine().catch(async (error: unknown) => {
    await first.close();
    throw error;
  });
  const arbitrary = commandsFor(abilities);
  const only = target.instances === 'one' ? first : undefined;
  if (!only) await first.close();
  const isDisturbed = abilities.restart || abilities.crash || abilities.clock || abilities.changeKey;
  const isAlone = isDisturbed || path !== undefined;
  const bearable = isAlone ? 1 : Math.min(target.jobs ?? sideBySide, sideBySide);
  const lanes = only ? Array.from({ length: bearable }, (_, lane) => lane) : options.lanes;
  const allLanes = only ? lanes.length : options.allLanes;

  const walk = async (lane: number): Promise<Counterexample | undefined> => {
    const stands = only ? onOne(only, abilities) : onMany(open, abilities);
    let last: Pick<Counterexample, 'sentence' | 'expected' | 'actual' | 'steps' | 'entries'> | undefined;
    let fault: { readonly error: unknown } | undefined;
    let dealt = 0;
    let shrinks = 0;
    const isMine = () => path !== undefined || dealt % allLanes === lane;
    const property = fastCheck.asyncProperty(arbitrary, async (commands) => {
      if (signal.aborted || fault) return;
      if (last) {
        shrinks += 1;
        if (shrinks > mostShrinks) return;
      } else {
        const mine = isMine();
        dealt += 1;
        if (!mine || (path !== undefined && dealt > 1)) return;
      }
      const outcome = await stands.play(commands, signal).catch((error: unknown) => {
        // An end of the exploration breaks off what is under way.
        if (!signal.aborted) fault = { error };
        return undefined;
      });
      if (!outcome || signal.aborted) return;
      if (!last) options.onRun?.(outcome.steps.length, outcome.requests);
      if (!outcome.disagreement) return;
      const { steps, entries, disagreement } = outcome;
      last = { ...disagreement, steps, entries };
      throw new Error(disagreement.sentence);
    });
    try {
      const parameters: fc.Parameters<[readonly Command[]]> = {
        seed,
        numRuns: runs,
        ...(path === undefined ? {} : { path, endOnFailure: true }),
      };
      const { counterexamplePath } = await fastCheck.check(property, parameters);
      if (fault) throw fault.error;
      if (!last || options.signal.aborted) return undefined;
      return { ...last, path: counterexamplePath ?? '', shrinks: Math.min(shrinks, mostShrinks) };
    } finally {
      if (last || fault) stop.abort();
      await stands.close();
    }
  };

  const walks = await Promise.allSettled(lanes.map(walk));
  await only?.close();
  const counterexample = walks.flatMap((one) =>
    one.status === 'fulfilled' && one.value ? [one.value] : [],
  )[0];
  const failed = walks.find((one) => one.status === 'rejected');
  if (!counterexample && failed?.status === 'rejected') throw failed.reason;
  return { target: first.server.description, leftOut, ...(counterexample ? { counterexample } : {}) };
}

/** Where the sequences of one lane are played. */
interface Stands {
  play(commands: readonly Command[], signal: AbortSignal): Promise<PlayOutcome>;
  close(): Promise<void>;
}

/** The server that is there already, shared by all lanes. */
function onOne(stand: Stand, abilities: Abilities): Stands {
  const witness = stand.openWitness();
  return {
    play: (commands, signal) => stand.play(commands, abilities, witness, signal),
    async close() {},
  };
}

/** Servers of the lane's own, of two kinds: a restart needs data on disk, and everything else is quicker without. */
function onMany(openOne: (hooks: readonly HookName[]) => Promise<Stand>, abilities: Abilities): Stands {
  const open = new Map<boolean, { readonly stand: Stand; readonly witness: Witness; plays: number }>();
  return {
    async play(commands, signal) {
      const durable = commands.some(({ type }) => type === 'restart' || type === 'crash');
      let current = open.get(durable);
      if (current && current.plays >= playsPerServer) {
        open.delete(durable);
        await current.stand.close();
        current = undefined;
      }
      if (!current) {
        const stand = await openOne(durable ? ['restart', 'crash', 'advanceClock'] : ['advanceClock']);
        current = { stand, witness: stand.openWitness(), plays: 0 };
      }
      current.plays += 1;
      open.set(durable, current);
      return current.stand.play(commands, abilities, current.witness, signal);
    },
    async close() {
      await Promise.allSettled([...open.values()].map(({ stand }) => stand.close()));
    },
  };
}
