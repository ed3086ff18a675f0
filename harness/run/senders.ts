import type { Element } from '@xmpp/xml';
import type { Actor, Credentials } from '../actor/actor.js';
import { connectActor } from '../actor/client.js';
import { localpartOf, sentinelClient, sentinelRole } from '../fence/sentinel.js';
import type { RunningTarget } from '../target/target.js';
import { createRecorder, type Recorder } from '../transcript/transcript.js';

/**
 * Accounts on one server that only ever send: those of senders and that of the sentinel. All cases there share them, for
 * a login is the dearest thing a case does. What is sent back to them is nobody's evidence.
 */
export interface Senders {
  /** Connects, if need be. */
  jids(role: string): Promise<Pick<Actor, 'bareJid' | 'fullJid'>>;
  /** Sends a stanza; connects first, or again when the server has been away meanwhile. */
  send(role: string, stanza: Element): Promise<void>;
  /** All that was sent before has been processed. */
  ping(role: string): Promise<void>;
  /**
   * The server has been away, so no connection holds, though this side may not have seen its end yet: what was written to it
   * now would be lost. The next use connects again.
   */
  lose(): Promise<void>;
  close(): Promise<void>;
}

/** Says in a transcript which account is the sentinel's, where its name does not tell. */
export async function nameSentinel(
  recorder: Recorder,
  senders: Pick<Senders, 'jids'>,
  seed: number,
): Promise<void> {
  const { fullJid } = await senders.jids(sentinelRole);
  if (fullJid.startsWith(localpartOf(seed, sentinelRole))) return;
  const isNamed = recorder.transcript.entries.some(
    (entry) => entry.kind === 'stream' && entry.actor === sentinelClient,
  );
  if (!isNamed)
    recorder.record({ kind: 'stream', actor: sentinelClient, event: 'connected', detail: fullJid });
}

/** Every method may throw TargetFault, when the server takes no client. */
export function createSenders(target: RunningTarget, seed: number): Senders {
  const accounts = new Map<string, Promise<Credentials>>();
  const actors = new Map<string, Promise<Actor>>();

  const accountOf = (role: string) => {
    const account = accounts.get(role) ?? target.provision(localpartOf(seed, role), target.domains[0]);
    accounts.set(role, account);
    return account;
  };
  const connect = (role: string) => {
    const name = `${role}/desk`;
    const recorder = createRecorder(name, () => target.now());
    const actor = accountOf(role).then((credentials) =>
      connectActor(
        { address: target.address, credentials, name, recorder, patience: target.patience },
        { resource: 'desk', presence: 'none' },
      ),
    );
    actors.set(role, actor);
    return actor;
  };
  const using = async (role: string, act: (actor: Actor) => Promise<void>) => {
    const actor = actors.get(role) ?? connect(role);
    try {
      await act(await actor);
    } catch {
      // Another case may have connected again already.
      const other = actors.get(role);
      await act(await (other && other !== actor ? other : connect(role)));
    }
  };
  return {
    jids: (role) => actors.get(role) ?? connect(role),
    send: (role, stanza) => using(role, (actor) => actor.send(stanza)),
    ping: (role) => using(role, (actor) => actor.ping()),
    async lose() {
      const lost = [...actors.values()];
      actors.clear();
      await Promise.allSettled(lost.map(async (actor) => (await actor).lose()));
    },
    async close() {
      await Promise.allSettled([...actors.values()].map(async (actor) => (await actor).close()));
      const used = [...accounts.values()];
      accounts.clear();
      await Promise.allSettled(used.map(async (account) => target.release?.(await account, ['desk'])));
    },
  };
}
