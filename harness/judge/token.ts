import { webcrypto } from 'node:crypto';
import { p256 } from '@noble/curves/nist.js';
import { parseCredentials } from './authorization.js';
import { decodeBase64url } from './base64url.js';
import type { Vapid } from './evidence.js';
import { JudgeError } from './judge-error.js';

type JsonObject = Readonly<Record<string, unknown>>;

/** How many results are kept; a sender that reuses its tokens needs a handful. */
const MEMORY = 256;
const verifications = new Map<string, Promise<boolean>>();

/**
 * The Authorization fields of a request, read as RFC 8292 §3 and RFC 7515 §7.1 have it, as far as they go.
 *
 * @throws {JudgeError} `judges-disagree` when only one implementation takes the signature.
 */
export async function readVapid(fields: readonly string[]): Promise<Vapid> {
  const parameters = fields
    .map((field) => parseCredentials(field))
    .filter(({ scheme }) => scheme.toLowerCase() === 'vapid')
    .flatMap((credentials) => credentials.parameters);
  const value = (name: string) => parameters.find((parameter) => parameter.name === name)?.value;
  const [token, key] = [value('t'), value('k')];
  const [head, payload, signature, ...more] = token?.split('.') ?? [];
  const octets = signature === undefined ? undefined : decodeBase64url(signature);
  const header = readObject(head);
  const claims = readObject(payload);
  const point = key === undefined ? undefined : decodeBase64url(key);
  const verified =
    octets && point && isPoint(point) && more.length === 0
      ? await remembered(`${token} ${key}`, () => verify(`${head}.${payload}`, octets, point))
      : undefined;
  return {
    fields,
    ...(token === undefined ? {} : { token }),
    ...(key === undefined ? {} : { key }),
    ...(header ? { header } : {}),
    ...(claims ? { claims } : {}),
    ...(octets ? { signatureOctets: octets.length } : {}),
    ...(verified === undefined ? {} : { verified }),
  };
}

/** True for an uncompressed point of P-256: 65 octets, first 0x04, on the curve. */
export function isPoint(octets: Uint8Array): boolean {
  // The library also takes compressed points.
  if (octets.length !== 65) return false;
  try {
    p256.Point.fromBytes(octets).assertValidity();
    return true;
  } catch {
    return false;
  }
}

/**
 * A part of a token as text: what base64url without padding would be, or as near as a lax reader comes to it, so that one mistake
 * does not hide the next.
 */
export function partText(part = ''): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(part, 'base64'));
  } catch {
    return undefined;
  }
}

function readObject(part: string | undefined): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(partText(part) ?? '');
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value))
      : undefined;
  } catch {
    return undefined;
  }
}

/** By the exact token and key, for tokens are reused over many requests. */
function remembered(name: string, check: () => Promise<boolean>): Promise<boolean> {
  const known = verifications.get(name);
  if (known) return known;
  const oldest = verifications.keys().next().value;
  if (verifications.size >= MEMORY && oldest !== undefined) verifications.delete(oldest);
  const result = check();
  verifications.set(name, result);
  return result;
}

async function verify(text: string, signature: Uint8Array, point: Uint8Array): Promise<boolean> {
  if (signature.length !== 64) return false;
  const signed = new TextEncoder().encode(text);
  // JWS has no rule for a low S, and half of all signatures have a high one.
  const first = p256.verify(signature, signed, point, { lowS: false });
  const key = await webcrypto.subtle.importKey('raw', point, { name: 'ECDSA', namedCurve: 'P-256' }, false, [
    'verify',
  ]);
  const second = await webcrypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, signature, signed);
  if (first === second) return first;
  throw new JudgeError(
    'judges-disagree',
    `the token ${text}… is ${first ? 'valid' : 'invalid'} to @noble and ${second ? 'valid' : 'invalid'} to WebCrypto`,
  );
}
