import { ECDH } from 'node:crypto';
import { decodeBase64url } from './base64url.js';
import { type AddressPolicy, checkEndpoint } from './endpoint.js';

/** A browser's push subscription: where to push, and what to encrypt with (RFC 8291 §2.1). */
export interface Subscription {
  /** The push resource, octet for octet as it was given. */
  readonly endpoint: string;
  /** The user agent's P-256 public key: 65 octets, an uncompressed point on the curve (RFC 8291 §3.1). */
  readonly p256dh: Uint8Array;
  /** The authentication secret: 16 octets (RFC 8291 §3.2). */
  readonly auth: Uint8Array;
}

/** A subscription as `PushSubscription.toJSON()` spells it: the endpoint, and both keys in base64url. */
export interface SubscriptionText {
  readonly endpoint: string;
  readonly p256dh: string;
  readonly auth: string;
}

export type SubscriptionResult =
  | { readonly ok: true; readonly subscription: Subscription }
  | {
      readonly ok: false;
      /** The stanza error condition: an encoding that cannot be read, or a value that is refused (RFC 6120 §8.3.3). */
      readonly condition: 'bad-request' | 'not-acceptable';
      readonly field: 'endpoint' | 'p256dh' | 'auth';
      /** The fault and what was expected; never the value, which is a secret. */
      readonly text: string;
    };

type KeyResult =
  | { readonly ok: true; readonly octets: Uint8Array }
  | { readonly ok: false; readonly condition: 'bad-request' | 'not-acceptable'; readonly text: string };

const P256DH_OCTETS = 65;
const AUTH_OCTETS = 16;

/** How the base64 of every P-256 SubjectPublicKeyInfo begins: its algorithm part is constant (RFC 5480 §2). */
const spkiStart = 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgA';

/**
 * Reads a subscription out of three texts, taken as they are: surrounding white space is the caller's to remove. Padding is
 * optional in both keys. The first fault found is told, in the order endpoint, p256dh, auth.
 *
 * @param policy which hosts are exempt from the endpoint's address rules.
 */
export function parseSubscription(text: SubscriptionText, policy: AddressPolicy): SubscriptionResult {
  const endpoint = checkEndpoint(text.endpoint, policy);
  if (!endpoint.ok) return { ...endpoint, field: 'endpoint' };
  const p256dh = parseP256dh(text.p256dh);
  if (!p256dh.ok) return { ...p256dh, field: 'p256dh' };
  const auth = parseKey('auth', text.auth, AUTH_OCTETS);
  if (!auth.ok) return { ...auth, field: 'auth' };
  return {
    ok: true,
    subscription: { endpoint: text.endpoint, p256dh: p256dh.octets, auth: auth.octets },
  };
}

/** RFC 8291 §7 and §3.1: uncompressed, and on the curve. */
function parseP256dh(text: string): KeyResult {
  const key = parseKey('p256dh', text, P256DH_OCTETS);
  if (!key.ok) return key;
  // The curve check alone would also take a hybrid point (06, 07), which is as long.
  if (key.octets[0] !== 0x04)
    return refused('p256dh is not an uncompressed point, expected its first octet to be 04');
  try {
    ECDH.convertKey(key.octets, 'prime256v1');
  } catch {
    return refused('p256dh is not a point on the curve P-256');
  }
  return key;
}

function parseKey(name: string, text: string, length: number): KeyResult {
  const expected = `expected ${length} octets in base64url`;
  if (text === '') return malformed(`${name} is empty, ${expected}`);
  // Hexadecimal digits are base64url digits too, so these come first.
  if (text.length === length * 2 && /^[0-9a-f]+$/i.test(text))
    return refused(`${name} looks like hexadecimal, ${expected}`);
  if (text.startsWith(spkiStart)) return refused(`${name} looks like an SPKI structure, ${expected}`);
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(text) && /[+/]/.test(text))
    return malformed(`${name} uses the standard base64 alphabet with + and /, ${expected} with - and _`);
  const octets = decodeBase64url(text);
  if (!octets) return malformed(`${name} is not base64url, ${expected}`);
  if (octets.length !== length) return refused(`${name} has ${octets.length} octets, ${expected}`);
  return { ok: true, octets };
}

const malformed = (text: string): KeyResult => ({ ok: false, condition: 'bad-request', text });
const refused = (text: string): KeyResult => ({ ok: false, condition: 'not-acceptable', text });
