import { randomInt } from 'node:crypto';
import type { ConnectOptions } from '../actor/actor.js';
import { connectActor } from '../actor/client.js';
import type { Authority } from '../certificate/certificate.js';
import { sentinelMessage, sentinelRole } from '../fence/sentinel.js';
import { createSenders } from '../run/senders.js';
import { setStage } from '../run/stage.js';
import { openSurroundings } from '../run/surroundings.js';
import { reachedWithin } from '../run/wait.js';
import { TargetFault } from '../target/fault.js';
import { type HookName, heededBy, type RunningTarget, type Target } from '../target/target.js';
import { createRecorder, type Entry } from '../transcript/transcript.js';
import type { Abilities, Command } from './command.js';
import type { LeftOut } from './exploration.js';
import type { Disagreement } from './model.js';
import { playCommands } from './player.js';
import { openWitness, type Witness } from './witness.js';

/** Two, so that three browsers go over the limit; and a window as the XEP has it, since waiting costs nothing. */
const config = { maxDevices: 2, batchWindow: 1000 };
/** Milliseconds: more than five seconds, within which a request should be sent, and than any batch window. */
const promptly = 6000;
/** What the XEP has a server allow at least, if it does not say what it allows. */
const usualDevices = 5;

/** A server with a push service of its own. */
export interface Stand {
  readonly server: RunningTarget;
  /** Finds out what can be done here. */
  examine(): Promise<{ readonly abilities: Abilities; readonly leftOut: readonly LeftOut[] }>;
  /** Somebody by whom to tell that the server has nothing more to send; each lane has one of its own. */
  openWitness(): Witness;
  play(
    commands: readonly Command[],
    abilities: Abilities,
    witness: Witness,
    signal: AbortSignal,
  ): Promise<PlayOutcome>;
  close(): Promise<void>;
}

export interface PlayOutcome {
  readonly steps: readonly string[];
  readonly disagreement?: Disagreement;
  readonly entries: readonly Entry[];
  readonly requests: number;
}

const hookSteps = {
  restart: 'restarts of the server',
  crash: 'sudden deaths of the server',
  advanceClock: 'time that passes, and steps within a batch window',
  changeKey: 'changes of the application server key',
} as const satisfies Partial<Record<HookName, string>>;

/** @param hooks that will be used. */
export async function openStand(
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
  const has = (hook: HookName) => server.hooks[hook] !== undefined;
  let plays = 0;
  let witnesses = 0;

  /** Whether a client can log in like this. */
  const takes = async (options: Omit<ConnectOptions, 'resource'>, name: string): Promise<boolean> => {
    const { address, patience } = server;
    const recorder = createRecorder('explore/examination', () => server.now());
    const credentials = await server.provision(`${name}-${nonce.toString(16)}`, server.domains[0]);
    try {
      const actor = await connectActor(
        { address, credentials, name: `${name}/desk`, recorder, patience },
        { ...options, resource: 'desk' },
      );
      await actor.close();
      return true;
    } catch (error) {
      if (error instanceof TargetFault && error.code === 'refused') return false;
      throw error;
    } finally {
      await server.release?.(credentials, ['desk']);
    }
  };

  return {
    server,
    async examine() {
      const resumption = await takes({ streamManagement: 'resumable' }, 'sleeper');
      const carbons = await takes({ carbons: true }, 'copyist');
      const lacks = Object.entries(hookSteps).flatMap(([hook, steps]) =>
        has(hook as HookName) ? [] : [{ steps, because: `the target has no hook ${hook}` }],
      );
      return {
        abilities: {
          restart: has('restart'),
          crash: has('crash'),
          clock: has('advanceClock'),
          changeKey: has('changeKey'),
          resumption,
          carbons,
        },
        leftOut: [
          ...lacks,
          ...(resumption
            ? []
            : [{ steps: 'sessions that hibernate', because: 'the server lets none be resumed (XEP-0198)' }]),
        ],
      };
    },
    openWitness() {
      witnesses += 1;
      return openWitness(server, pushService, `${nonce.toString(16)}-${witnesses}`);
    },
    async play(commands, abilities, witness, signal) {
      plays += 1;
      const id = `explore/${plays}`;
      const recorder = createRecorder(id, () => server.now());
      const { stage, strike } = setStage({
        subject: { path: id, needs: { hooks: ['restart', 'crash', 'advanceClock', 'changeKey'] } },
        target: server,
        pushService,
        recorder,
        seed: nonce,
        signal,
        senders,
      });
      signal.addEventListener('abort', strike);
      const sendSentinel = async (to: string, place: number) => {
        await senders.send(sentinelRole, sentinelMessage(to, place));
        await senders.ping(sentinelRole);
      };
      const passWindow = abilities.clock ? () => stage.hooks.advanceClock(promptly) : undefined;
      try {
        const played = await playCommands(
          {
            stage,
            recorder,
            abilities,
            maxDevices: server.config.maxDevices ?? usualDevices,
            signal,
            fence: () => witness.prove(sendSentinel, passWindow, signal),
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
