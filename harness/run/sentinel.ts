import { createHash } from 'node:crypto';
import xml, { type Element } from '@xmpp/xml';
import type { Actor } from '../actor/actor.js';
import { connectActor } from '../actor/client.js';
import type { RunningTarget } from '../target/target.js';
import { createRecorder } from '../transcript/transcript.js';

/**
 * The account that sends sentinels on one server. All cases there share it, for it only ever sends: one login, not one
 * for each proof of an absence.
 */
export interface Sentinel {
  /** Sends a message; connects, or connects again when the server has been away meanwhile. */
  send(message: Element): Promise<void>;
  close(): Promise<void>;
}

/** How transcripts call it; no case may cast this role. */
export const sentinelActor = 'sentinel/fence';

/** The same for the same seed, so that a stored transcript tells its sentinels. */
const localpartOf = (seed: number) =>
  `sentinel-${createHash('sha256').update(`${seed}`).digest('hex').slice(0, 10)}`;

/** A sentinel's push is known by its sender: the payload's `from` is the sentinel's account. */
export function sentinelTest(seed: number): (payload: unknown) => boolean {
  const localpart = localpartOf(seed);
  return (payload) =>
    typeof payload === 'object' &&
    payload !== null &&
    'from' in payload &&
    typeof payload.from === 'string' &&
    payload.from.startsWith(localpart);
}

/** @param place where it stands in the transcript, so that no two are alike. */
export function sentinelMessage(to: string, place: number): Element {
  return xml('message', { to, type: 'chat', id: `fence-${place}` }, xml('body', {}, 'Sentinel'));
}

/** @throws TargetFault from `send`, when the server takes no client. */
export function createSentinel(target: RunningTarget, seed: number): Sentinel {
  let account: ReturnType<RunningTarget['provision']> | undefined;
  let actor: Promise<Actor> | undefined;
  const connect = async (): Promise<Actor> => {
    account ??= target.provision(localpartOf(seed), target.domains[0]);
    return connectActor(
      {
        address: target.address,
        credentials: await account,
        name: sentinelActor,
        recorder: createRecorder(sentinelActor, () => target.now()),
        patience: target.patience,
      },
      { resource: 'fence', presence: 'none' },
    );
  };
  return {
    async send(message) {
      actor ??= connect();
      const current = actor;
      try {
        await (await current).send(message);
      } catch {
        if (actor === current) actor = connect();
        await (await actor).send(message);
      }
    },
    async close() {
      await actor?.then((connected) => connected.close()).catch(() => {});
    },
  };
}
