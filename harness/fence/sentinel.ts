import { createHash } from 'node:crypto';
import xml, { type Element } from '@xmpp/xml';

/** The role whose messages are sentinels; no case may cast it. */
export const sentinelRole = 'sentinel';

/** The same for the same seed, so that a stored transcript tells its sentinels. */
export const localpartOf = (seed: number, role: string) =>
  `${role}-${createHash('sha256').update(`${seed}/${role}`).digest('hex').slice(0, 10)}`;

/** A sentinel's push is known by its sender: the payload's `from` is the sentinel's account. */
export function sentinelTest(seed: number): (payload: unknown) => boolean {
  const localpart = localpartOf(seed, sentinelRole);
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
