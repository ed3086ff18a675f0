import { gcm } from '@noble/ciphers/aes.js';
import { p256 } from '@noble/curves/nist.js';
import { expand, extract } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { Opening } from './opening.js';
import type { UserAgentKeys } from './user-agent-keys.js';

const HEADER = 21;
const POINT = 65;

const text = (value: string) => new TextEncoder().encode(value);
const join = (...parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

const KEY_INFO = text('WebPush: info\0');
const CEK_INFO = text('Content-Encoding: aes128gcm\0');
const NONCE_INFO = text('Content-Encoding: nonce\0');

const scalarOf = (octets: Uint8Array) => BigInt(`0x${Buffer.from(octets).toString('hex')}`);

/**
 * Opens a body as a single record, whatever its record size says (RFC 8291 §4 allows a user agent to), with @noble. The first of two
 * opinions; the other is `openWithWebCrypto`, and neither uses a line of the other.
 */
export function openWithNoble(body: Uint8Array, keys: UserAgentKeys): Opening {
  const length = body[20];
  if (length === undefined || body.length < HEADER + length) return { ok: false, stage: 'header' };
  const salt = body.subarray(0, 16);
  const sender = body.subarray(HEADER, HEADER + length);
  // The library also takes compressed points.
  if (sender.length !== POINT) return { ok: false, stage: 'key' };
  let secret: Uint8Array;
  try {
    // In variable time: the keys are thrown away with the run, and every request of a run is opened.
    secret = p256.Point.fromBytes(sender).multiplyUnsafe(scalarOf(keys.privateKey)).toBytes().subarray(1);
  } catch {
    return { ok: false, stage: 'key' };
  }
  const prkKey = extract(sha256, secret, keys.auth);
  const ikm = expand(sha256, prkKey, join(KEY_INFO, keys.publicKey, sender), 32);
  const prk = extract(sha256, ikm, salt);
  const key = expand(sha256, prk, CEK_INFO, 16);
  const nonce = expand(sha256, prk, NONCE_INFO, 12);
  const sealed = body.subarray(HEADER + POINT);
  let record: Uint8Array;
  try {
    record = gcm(key, nonce).decrypt(sealed);
  } catch {
    return { ok: false, stage: 'seal' };
  }
  const delimiter = record.findLastIndex((octet) => octet !== 0);
  if (record[delimiter] !== 2) return { ok: false, stage: 'delimiter' };
  return { ok: true, plaintext: record.slice(0, delimiter), padding: record.length - delimiter - 1 };
}
