import { randomInt } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type fc from 'fast-check';
import { type Authority, createAuthority } from '../certificate/certificate.js';
import { sentinelMessage, sentinelRole } from '../fence/sentinel.js';
import { createSenders } from '../run/senders.js';
import { setStage } from '../run/stage.js';
import { openSurroundings } from '../run/surroundings.js';
import { reachedWithin } from '../run/wait.js';
import {
  type HookName,
  heededBy,
  type RunningTarget,
  type Target,
  type TargetDescription,
} from '../target/target.js';
import { createRecorder, type Entry } from '../transcript/transcript.js';
import { type Command, hookFor } from './command.js';
import type { Disagreement } from './model.js';
import { playCommands } from './player.js';
import { openWitness } from './witness.js';

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
  /** Hooks the target has not, so that the steps that need them were left out. */
  readonly missingHooks: readonly HookName[];
  readonly counterexample?: Counterexample;
}

const wantedHooks = ['restart', 'advanceClock'] as const satisfies readonly HookName[];
/** Two, so that three browsers go over the limit; and a window as the XEP has it, since waiting costs nothing. */
const config = { maxDevices: 2, batchWindow: 1000 };
/** After so many plays a server is given up for a new one: nobody else would throw away what they left there. */
const playsPerServer = 40;
/** Milliseconds: more than five seconds, within which a request should be sent, and than any batch window. */
const promptly = 6000;
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
  const { target, seed, runs, lanes, allLanes, path, timeoutScale } = options;
  const authority = await createAuthority();
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  setMaxListeners(0, signal);
  const first = await openStand(target, authority, timeoutScale, []);
  const { hooks, description } = first.server;
  const missingHooks = wantedHooks.filter((hook) => !hooks[hook]);
  const isPossible = (hook: HookName) => hooks[hook] !== undefined;
  const arbitrary = commandsFor({ restart: isPossible('restart'), clock: isPossible('advanceClock') });
  await first.close();

  const walk = async (lane: number): Promise<Counterexample | undefined> => {
    const stands = createStands(target, authority, timeoutScale);
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
  const counterexample = walks.flatMap((one) =>
    one.status === 'fulfilled' && one.value ? [one.value] : [],
  )[0];
  const failed = walks.find((one) => one.status === 'rejected');
  if (!counterexample && failed?.status === 'rejected') throw failed.reason;
  return { target: description, missingHooks, ...(counterexample ? { counterexample } : {}) };
}

/** A server with a push service of its own, and somebody by whom to tell that it has nothing more to send. */
interface Stand {
  readonly server: RunningTarget;
  readonly play: (commands: readonly Command[], signal: AbortSignal) => Promise<PlayOutcome>;
  readonly close: () => Promise<void>;
}

interface PlayOutcome {
  readonly steps: readonly string[];
  readonly disagreement?: Disagreement;
  readonly entries: readonly Entry[];
  readonly requests: number;
}

/** Hands out servers of two kinds: a restart needs data on disk, and everything else is quicker without. */
function createStands(target: Target, authority: Authority, timeoutScale: number) {
  const open = new Map<boolean, { readonly stand: Stand; plays: number }>();
  return {
    async play(commands: readonly Command[], signal: AbortSignal): Promise<PlayOutcome> {
      const durable = commands.some((command) => hookFor(command) === 'restart');
      let current = open.get(durable);
      if (current && current.plays >= playsPerServer) {
        open.delete(durable);
        await current.stand.close();
        current = undefined;
      }
      current ??= {
        stand: await openStand(
          target,
          authority,
          timeoutScale,
          durable ? ['restart', 'advanceClock'] : ['advanceClock'],
        ),
        plays: 0,
      };
      current.plays += 1;
      open.set(durable, current);
      return current.stand.play(commands, signal);
    },
    async close() {
      await Promise.allSettled([...open.values()].map(({ stand }) => stand.close()));
    },
  };
}

async function openStand(
  target: Target,
  authority: Authority,
  timeoutScale: number,
  hooks: readonly HookName[],
): Promise<Stand> {
  const { pushService, environment } = await openSurroundings(target, authority, timeoutScale);
  // Accounts outlive the sequence on a server that is not of our making, so no two may be of one name.
  const nonce = randomInt(0, 2 ** 32);
  let server: RunningTarget;
  try {
    server = await target.start(environment, heededBy(target, config), hooks);
  } catch (error) {
    await pushService.close();
    throw error;
  }
  const senders = createSenders(server, nonce);
  const witness = openWitness(server, pushService, nonce);
  const hasClock = server.hooks.advanceClock !== undefined;
  let plays = 0;
  return {
    server,
    async play(commands, signal) {
      plays += 1;
      const id = `explore/${plays}`;
      const recorder = createRecorder(id, () => server.now());
      const needs = { hooks: wantedHooks.filter((hook) => server.hooks[hook] !== undefined) };
      const { stage, strike } = setStage({
        subject: { path: id, needs },
        target: server,
        pushService,
        recorder,
        seed: nonce,
        signal,
        senders,
      });
      signal.addEventListener('abort', strike);
      try {
        const played = await playCommands(
          {
            stage,
            recorder,
            hasClock,
            maxDevices: server.config.maxDevices ?? 5,
            signal,
            fence: () =>
              witness.prove(
                async (to, place) => {
                  await senders.send(sentinelRole, sentinelMessage(to, place));
                  await senders.ping(sentinelRole);
                },
                hasClock ? () => stage.hooks.advanceClock(promptly) : undefined,
                signal,
              ),
            waitFor: (reached) => reachedWithin(recorder, server.patience, signal, reached),
          },
          commands,
        );
        const { entries } = recorder.transcript;
        return { ...played, entries, requests: entries.filter(({ kind }) => kind === 'request').length };
      } finally {
        signal.removeEventListener('abort', strike);
        await strike();
      }
    },
    async close() {
      await senders.close();
      await Promise.allSettled([server.stop(), pushService.close()]);
    },
  };
}
