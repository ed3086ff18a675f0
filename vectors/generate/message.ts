import { gcm } from '@noble/ciphers/aes.js';
import { p256 } from '@noble/curves/nist.js';
import { expand, extract } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { octetsFor } from './seed.js';

/**
 * Web Push encryption as RFC 8291 §3.4 and RFC 8188 §2 write it down, one step after the other, with every step open to a
 * fault. Neither the reference, which uses node:crypto, nor the judge, which only opens, shares a line with it.
 */

const HASH_OCTETS = 32;

export const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
export const ascii = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));
export const utf8 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'utf8'));
export const base64url = (octets: Uint8Array): string => Buffer.from(octets).toString('base64url');
export const octets = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64url'));

/** A P-256 key pair: 32 octets, and the uncompressed point of 65. */
export interface KeyPair {
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

export function keyPair(privateKey: Uint8Array): KeyPair {
  return { privateKey, publicKey: p256.getPublicKey(privateKey, false) };
}

export const keyPairFor = (label: string, counter = 0): KeyPair => keyPair(octetsFor(label, 32, counter));

/** A user agent: its key pair and its authentication secret of 16 octets. */
export interface UserAgent extends KeyPair {
  readonly auth: Uint8Array;
}

export const userAgentFor = (label: string, counter = 0): UserAgent => ({
  ...keyPairFor(`${label} user agent`, counter),
  auth: octetsFor(`${label} auth`, 16, counter),
});

/** What a message is made of; the record may be longer than the plaintext and its delimiter. */
export interface MessageInput {
  readonly plaintext: Uint8Array;
  readonly userAgent: UserAgent;
  readonly sender: KeyPair;
  /** 16 octets. */
  readonly salt: Uint8Array;
  readonly recordSize?: number;
  /** Octets of zero after the delimiter. */
  readonly padding?: number;
}

/** Everything on the way to a body, as Appendix A of RFC 8291 lists it. */
interface Steps {
  readonly sharedSecret: Uint8Array;
  readonly prkKey: Uint8Array;
  readonly keyInfo: Uint8Array;
  readonly ikm: Uint8Array;
  readonly prk: Uint8Array;
  readonly cek: Uint8Array;
  readonly nonce: Uint8Array;
  /** Plaintext, delimiter and padding. */
  readonly record: Uint8Array;
  /** The key id: the sender's public key. */
  readonly keyId: Uint8Array;
  /** Ciphertext and tag. */
  readonly sealed: Uint8Array;
}

/** A step done wrong: it is given what was made so far. */
export type Slips = { readonly [Step in keyof Steps]?: (right: Uint8Array, steps: Steps) => Uint8Array };

/** The steps from keys and plaintext to the sealed record; later steps build on what a slip made of an earlier one. */
export function seal(input: MessageInput, slips: Slips = {}): Steps {
  const { userAgent, sender, salt } = input;
  const made: { -readonly [Step in keyof Steps]: Uint8Array } = {
    sharedSecret: new Uint8Array(),
    prkKey: new Uint8Array(),
    keyInfo: new Uint8Array(),
    ikm: new Uint8Array(),
    prk: new Uint8Array(),
    cek: new Uint8Array(),
    nonce: new Uint8Array(),
    record: new Uint8Array(),
    keyId: new Uint8Array(),
    sealed: new Uint8Array(),
  };
  const step = (name: keyof Steps, right: Uint8Array) => {
    made[name] = slips[name]?.(right, made) ?? right;
  };
  step('keyId', sender.publicKey);
  // The X coordinate of the shared point, all 32 octets of it.
  step('sharedSecret', p256.getSharedSecret(sender.privateKey, userAgent.publicKey, false).subarray(1, 33));
  step('prkKey', extract(sha256, made.sharedSecret, userAgent.auth));
  step('keyInfo', join(ascii('WebPush: info\0'), userAgent.publicKey, sender.publicKey));
  step('ikm', expand(sha256, made.prkKey, made.keyInfo, HASH_OCTETS));
  step('prk', extract(sha256, made.ikm, salt));
  step('cek', expand(sha256, made.prk, ascii('Content-Encoding: aes128gcm\0'), 16));
  step('nonce', expand(sha256, made.prk, ascii('Content-Encoding: nonce\0'), 12));
  step('record', join(input.plaintext, Uint8Array.of(2), new Uint8Array(input.padding ?? 0)));
  step('sealed', gcm(made.cek, made.nonce).encrypt(made.record));
  return made;
}

/** The aes128gcm header (RFC 8188 §2.1). */
export function header(salt: Uint8Array, recordSize: number, keyId: Uint8Array): Uint8Array {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(recordSize);
  return join(salt, size, Uint8Array.of(keyId.length), keyId);
}

/** A whole body. */
export function bodyOf(input: MessageInput, slips: Slips = {}): Uint8Array {
  const { keyId, sealed } = seal(input, slips);
  return join(header(input.salt, input.recordSize ?? 4096, keyId), sealed);
}

/** Content in any number of records (RFC 8188 §2): each with its delimiter and padding, sealed with its number in the nonce. */
export function contentOf(content: {
  readonly ikm: Uint8Array;
  readonly salt: Uint8Array;
  readonly recordSize: number;
  readonly keyId: Uint8Array;
  readonly records: readonly Uint8Array[];
}) {
  const prk = extract(sha256, content.ikm, content.salt);
  const cek = expand(sha256, prk, ascii('Content-Encoding: aes128gcm\0'), 16);
  const nonce = expand(sha256, prk, ascii('Content-Encoding: nonce\0'), 12);
  const nonces = content.records.map((_, number) => numbered(nonce, number));
  const sealed = content.records.map((record, number) => gcm(cek, numbered(nonce, number)).encrypt(record));
  return { prk, cek, nonces, body: join(header(content.salt, content.recordSize, content.keyId), ...sealed) };
}

/** RFC 8188 §2.3. */
function numbered(nonce: Uint8Array, number: number): Uint8Array {
  const own = Buffer.from(nonce);
  own.writeUInt32BE((own.readUInt32BE(8) ^ number) >>> 0, 8);
  return new Uint8Array(own);
}
