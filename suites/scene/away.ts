import type { Element } from '@xmpp/xml';
import type { Actor } from '../../harness/actor/actor.js';
import type { Needs } from '../../harness/case/case.js';
import type { Sender, Stage } from '../../harness/case/stage.js';
import { keepMessages } from './archive.js';
import { type Device, enabled } from './scene.js';
import { acknowledgeAll } from './steps.js';

/**
 * How a device is away when it is to be told. Servers notice each at another place, and what they do at one they easily
 * forget at the next: `offline` without a session; `hibernated`, its connection lost; `unacknowledged`, the connection
 * lost after the stanza went over it; `archived` without a session while another device of the account is live.
 */
export const everyAway = ['offline', 'hibernated', 'unacknowledged', 'archived'] as const;
export type Away = (typeof everyAway)[number];

/** Without the archive, for what has neither a body nor the hint to be stored: no archive has to keep that. */
export const unarchivedAway = ['offline', 'hibernated', 'unacknowledged'] as const;

/** Those in which there is a session of the device, which also gets what nobody keeps. */
export const sessionAway = ['hibernated', 'unacknowledged'] as const;

/** What a target has for it. */
export function needsOf(away: Away): Needs {
  return away === 'archived' ? { traits: ['archive'] } : {};
}

/**
 * Sends a stanza to a device that is enabled but away: `juliet/phone`. Whatever it causes, a fence behind `sender` comes
 * after it.
 */
export async function sentTo(
  stage: Stage,
  name: string,
  away: Away,
  sender: Sender,
  stanza: (device: Device) => Element,
  options: Parameters<typeof enabled>[2] = {},
): Promise<Device> {
  const hasSession = away === 'hibernated' || away === 'unacknowledged';
  const device = await enabled(stage, name, {
    ...options,
    ...(hasSession ? { streamManagement: 'resumable' } : {}),
  });
  if (hasSession) {
    await leaving(away, device.actor, async () => {
      await sender.send(stanza(device));
      await sender.ping();
    });
    return device;
  }
  if (away === 'archived') await keepMessages(device.actor);
  await device.actor.close();
  if (away === 'archived') await stage.connect(`${device.account.role}/desk`);
  await sender.send(stanza(device));
  return device;
}

/**
 * The device loses its connection, and something is sent to it that the server has handled when `send` resolves: after
 * that, or before, so that it reaches the device and is never acknowledged.
 */
export async function leaving(
  away: (typeof sessionAway)[number],
  actor: Actor,
  send: () => Promise<void>,
): Promise<void> {
  if (away === 'hibernated') {
    await actor.lose();
    await send();
    return;
  }
  await acknowledgeAll(actor);
  actor.acknowledge(false);
  await send();
  // What was routed to the device before its ping has reached it when the answer comes.
  await actor.ping();
  await actor.lose();
}
