import type { SubscriptionEntry } from '../transcript/transcript.js';
import { decodeBase64url } from './base64url.js';
import { JudgeError } from './judge-error.js';

/** What a browser keeps for one subscription (RFC 8291 §3). */
export interface UserAgentKeys {
  /** 65 octets, uncompressed. */
  readonly publicKey: Uint8Array;
  /** 32 octets. */
  readonly privateKey: Uint8Array;
  /** 16 octets. */
  readonly auth: Uint8Array;
}

const known = new WeakMap<SubscriptionEntry, UserAgentKeys>();

/**
 * The keys of a subscription, the same object for the same entry.
 *
 * @throws {JudgeError} `broken-transcript`: the harness itself made these keys.
 */
export function readKeys(entry: SubscriptionEntry): UserAgentKeys {
  const before = known.get(entry);
  if (before) return before;
  const take = (name: string, text: string, octets: number): Uint8Array => {
    const value = decodeBase64url(text);
    if (value?.length === octets) return value;
    throw new JudgeError(
      'broken-transcript',
      `${name} of ${entry.name} is not ${octets} octets in base64url`,
    );
  };
  const keys = {
    publicKey: take('p256dh', entry.p256dh, 65),
    privateKey: take('privateKey', entry.privateKey, 32),
    auth: take('auth', entry.auth, 16),
  };
  known.set(entry, keys);
  return keys;
}
