import { createHash } from 'node:crypto';
import xml, { type Element } from '@xmpp/xml';
import type { Transcript } from '../transcript/transcript.js';

/** The role whose messages are sentinels; no case may cast it. */
export const sentinelRole = 'sentinel';

/** The same for the same seed, so that a stored transcript tells its sentinels. */
export const localpartOf = (seed: number, role: string) =>
  `${role}-${createHash('sha256').update(`${seed}/${role}`).digest('hex').slice(0, 10)}`;

/** Its one client, as it stands in transcripts. */
export const sentinelClient = `${sentinelRole}/desk`;

/**
 * A sentinel's push is known by its sender: the payload's `from` is the sentinel's account.
 *
 * @param transcript says which account that is, where accounts are not named by the kit.
 */
export function sentinelTest(seed: number, transcript?: Transcript): (payload: unknown) => boolean {
  const localpart = localpartOf(seed, sentinelRole);
  return (payload) => {
    if (typeof payload !== 'object' || payload === null || !('from' in payload)) return false;
    const { from } = payload;
    if (typeof from !== 'string') return false;
    return from.startsWith(localpart) || (transcript !== undefined && isClientOf(from, transcript));
  };
}

function isClientOf(from: string, { entries }: Transcript): boolean {
  return entries.some(
    (entry) =>
      entry.kind === 'stream' &&
      entry.actor === sentinelClient &&
      entry.event === 'connected' &&
      entry.detail?.split('/')[0] === from.split('/')[0],
  );
}

/** @param place where it stands in the transcript, so that no two are alike. */
export function sentinelMessage(to: string, place: number): Element {
  return xml('message', { to, type: 'chat', id: `fence-${place}` }, xml('body', {}, 'Sentinel'));
}
