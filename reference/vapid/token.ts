import { sign } from 'node:crypto';
import type { ApplicationServerKey } from './key.js';

/** What a token states (RFC 8292 §2). Nothing else goes in: the push service has no business with who is notified. */
export interface TokenClaims {
  /** The push resource's origin; see `audience`. */
  readonly aud: string;
  /** Unix time in whole seconds, at most 24 hours from now. */
  readonly exp: number;
  /** Contact of the operator, a mailto: or https: URI (RFC 8292 §2.1). */
  readonly sub: string;
}

/** The operator's contact is no URI a push service takes. */
export class SubjectError extends Error {
  override readonly name = 'SubjectError';
  readonly code = 'invalid-subject';
}

/** Gives the `Authorization` field for a request to an endpoint, at a time (Unix time in milliseconds). */
export type Authorization = (endpoint: string, key: ApplicationServerKey, now: number) => string;

const HOUR = 3_600_000;
/** Half of what RFC 8292 §2 allows, which leaves room for wrong clocks on either side. */
const TOKEN_LIFE = 12 * HOUR;
/** Push services cache the verification of a token they have seen (RFC 8292 §5), so it is used for most of its life. */
const TOKEN_USE = 10 * HOUR;
/** Clients choose the endpoints and so the origins: only so many tokens are kept. */
const MAX_TOKENS = 1000;

const tokenHeader = encode(JSON.stringify({ typ: 'JWT', alg: 'ES256' }));

/** The origin of an endpoint: scheme, host, and the port unless it is the default one (RFC 8292 §2, RFC 6454 §6.1). */
export function audience(endpoint: string): string {
  return new URL(endpoint).origin;
}

/** A JWT signed with ES256: the signature is R and S of 32 octets each (RFC 7518 §3.4). */
export function createToken(key: ApplicationServerKey, { aud, exp, sub }: TokenClaims): string {
  const input = `${tokenHeader}.${encode(JSON.stringify({ aud, exp, sub }))}`;
  const signature = sign('sha256', Buffer.from(input), {
    key: key.privateKey,
    dsaEncoding: 'ieee-p1363',
  });
  return `${input}.${signature.toString('base64url')}`;
}

/**
 * Identifies this host to push services (RFC 8292 §3): makes a token for each origin and key, and uses it again for 10 of
 * its 12 hours.
 *
 * @param subject contact of the operator, a mailto: or https: URI.
 * @throws {SubjectError} when the subject is not such a URI.
 */
export function createAuthorization(subject: string): Authorization {
  checkSubject(subject);
  /** The least recently made first. */
  const fields = new Map<string, { readonly field: string; readonly madeAt: number }>();

  return (endpoint, key, now) => {
    const aud = audience(endpoint);
    const name = `${aud} ${key.publicKey}`;
    const kept = fields.get(name);
    // A clock set back must not send a token that expires more than 24 hours ahead.
    if (kept && kept.madeAt <= now && now < kept.madeAt + TOKEN_USE) return kept.field;

    const token = createToken(key, { aud, exp: Math.floor((now + TOKEN_LIFE) / 1000), sub: subject });
    const field = `vapid t=${token}, k=${key.publicKey}`;
    fields.delete(name);
    fields.set(name, { field, madeAt: now });
    for (const oldest of fields.keys()) {
      if (fields.size <= MAX_TOKENS) break;
      fields.delete(oldest);
    }
    return field;
  };
}

function checkSubject(subject: string): void {
  const fits =
    /^mailto:[^\s@]+@[^\s@]+$/.test(subject) || (/^https:\/\/\S+$/.test(subject) && URL.canParse(subject));
  if (!fits)
    throw new SubjectError(
      'the subject is neither a mailto: URI with an address nor an https: URI, expected one like mailto:operator@example.org',
    );
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64url');
}
