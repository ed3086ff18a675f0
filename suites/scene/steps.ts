import type { Element } from '@xmpp/xml';
import type { Actor } from '../../harness/actor/actor.js';
import type { Sender, Stage } from '../../harness/case/stage.js';
import { TargetFault } from '../../harness/target/fault.js';
import { keepMessages } from './archive.js';
import { type Device, enabled } from './scene.js';

/** A registration with its account: all it takes to be told. */
type Told = Pick<Device, 'account' | 'subscription'>;

/**
 * Sends, waits for the push, and proves that no other one follows.
 *
 * @param count pushes for the device until then, sentinels apart.
 */
export async function tellOnce(
  stage: Stage,
  { account, subscription }: Told,
  sender: Sender,
  stanza: Element,
  count = 1,
): Promise<void> {
  await sender.send(stanza);
  await stage.pushed(subscription, count);
  await stage.fence.sentinel(account, subscription, sender);
}

/** `enabledAndGone` for an account whose archive keeps every message. */
export async function keptAndGone(stage: Stage, name: string): Promise<Device> {
  stage.requires('archive');
  const device = await enabled(stage, name);
  await keepMessages(device.actor);
  await device.actor.close();
  return device;
}

/**
 * The server knows that the client has what was routed to it so far: a server asks for acknowledgements before it answers
 * the first ping at the latest, and has got them before it answers the second.
 */
export async function acknowledgeAll(actor: Actor): Promise<void> {
  await actor.ping();
  await actor.ping();
}

/** Takes up a session that hibernates. A refusal stops the case: there is nothing to judge then. */
export async function resumed({ actor }: Device): Promise<void> {
  if ((await actor.resume()) === 'refused') {
    throw new TargetFault('refused', `${actor.name}: the server did not resume the session`);
  }
}

/** The next message of somebody reaches this client. */
export async function receiveFrom(actor: Actor, sender: Sender): Promise<Element> {
  return actor.receive(
    `message of ${sender.name}`,
    ({ name, attrs }) => name === 'message' && attrs.from === sender.fullJid,
  );
}

/**
 * A sentinel that itself has to wait for the end of a batch window, which only the clock brings. Another session of the
 * account, which never enabled, sees that it has reached the server.
 *
 * @param window milliseconds.
 */
export async function sentinelAfterBatch(
  stage: Stage,
  { account, subscription }: Told,
  window: number,
  sender: Sender,
): Promise<void> {
  const watch = await stage.connect(`${account.role}/watch`);
  const routed = async () => {
    await watch.receive(
      'the sentinel',
      (stanza) => stanza.is('message') && !String(stanza.attrs.from).startsWith(sender.bareJid),
    );
    await watch.ping();
    await stage.hooks.advanceClock(window);
  };
  await Promise.all([stage.fence.sentinel(account, subscription, sender), routed()]);
}
