import { createECDH, type ECDH, randomFillSync } from 'node:crypto';
import { bodyLength, encodeSingleRecord, hmac } from './aes128gcm.js';

const P256DH_OCTETS = 65;
const AUTH_OCTETS = 16;
const SALT_OCTETS = 16;

/** A push service need not take a longer body (RFC 8030 §7.2). */
export const MAX_BODY_OCTETS = 4096;
/** Plaintext, delimiter and padding of the largest body: 3994 octets, which with the tag stays below the record size. */
const MAX_RECORD_CONTENT = MAX_BODY_OCTETS - bodyLength(P256DH_OCTETS, 0);
/** One octet is the delimiter's (RFC 8291 §4). */
export const MAX_PLAINTEXT_OCTETS = MAX_RECORD_CONTENT - 1;

/**
 * The few sizes to which messages are padded, so that a body's length does not tell the text's (RFC 8188 §4.8): octets of
 * plaintext, delimiter and padding. The last one is near the most that every user agent receives.
 */
export const PADDED_SIZES = [512, 1024, 2048, 2816] as const;

export type EncryptionErrorCode = 'plaintext-too-long' | 'invalid-padding' | 'invalid-key' | 'invalid-salt';

/** A message that cannot be encrypted. The text holds lengths only, no key and no content. */
export class EncryptionError extends Error {
  override readonly name = 'EncryptionError';

  constructor(
    readonly code: EncryptionErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The keys of a subscription (RFC 8291 §2.1). */
export interface RecipientKeys {
  /** The user agent's public key, 65 octets uncompressed. */
  readonly p256dh: Uint8Array;
  /** The authentication secret, 16 octets. */
  readonly auth: Uint8Array;
}

export interface EncryptionOptions {
  /** Octets of plaintext, delimiter and padding together; see `paddedSize`. Default: no padding. */
  readonly padTo?: number;
  /** 16 octets in place of random ones. For test vectors only. */
  readonly salt?: Uint8Array;
  /** A P-256 private key of 32 octets in place of a new one. For test vectors only. */
  readonly ephemeralKey?: Uint8Array;
}

/**
 * The smallest of `PADDED_SIZES` that holds the plaintext and its delimiter. A longer plaintext stays as long as it is:
 * the next common size would be the maximum, which not every user agent receives.
 */
export function paddedSize(plaintextOctets: number): number {
  return PADDED_SIZES.find((size) => size > plaintextOctets) ?? plaintextOctets + 1;
}

/**
 * Encrypts a message for one user agent (RFC 8291): a body of at most 4096 octets in the aes128gcm content coding, in one
 * record, with a key pair and a salt of its own.
 *
 * @param plaintext at most 3993 octets.
 * @throws {EncryptionError} when the plaintext or the padding does not fit, or a key has a wrong length or is no point of
 *   the curve.
 */
export function encrypt(
  plaintext: Uint8Array,
  { p256dh, auth }: RecipientKeys,
  options: EncryptionOptions = {},
): Uint8Array {
  const recordContent = options.padTo ?? plaintext.length + 1;
  if (plaintext.length > MAX_PLAINTEXT_OCTETS)
    throw new EncryptionError(
      'plaintext-too-long',
      `the plaintext has ${plaintext.length} octets, at most ${MAX_PLAINTEXT_OCTETS} fit into a push message`,
    );
  if (
    !Number.isInteger(recordContent) ||
    recordContent <= plaintext.length ||
    recordContent > MAX_RECORD_CONTENT
  )
    throw new EncryptionError(
      'invalid-padding',
      `cannot pad ${plaintext.length} octets to ${recordContent}: expected ${plaintext.length + 1} to ${MAX_RECORD_CONTENT}`,
    );
  if (auth.length !== AUTH_OCTETS)
    throw new EncryptionError('invalid-key', `auth has ${auth.length} octets, expected ${AUTH_OCTETS}`);

  const { keyId, sharedSecret } = agree(p256dh, options.ephemeralKey);
  return encodeSingleRecord(
    plaintext,
    {
      inputKeyingMaterial: combine(auth, sharedSecret, p256dh, keyId),
      salt: options.salt === undefined ? nextSalt() : checkedSalt(options.salt),
      keyId,
    },
    recordContent,
  );
}

/** "WebPush: info", ua_public, as_public (RFC 8291 §3.4), and the counter octet of HKDF's first block. */
const keyInfoLabel = Buffer.from('WebPush: info\0', 'latin1');

/** The input keying material of RFC 8291 §3.4: HKDF with the authentication secret as salt. */
function combine(auth: Uint8Array, sharedSecret: Uint8Array, p256dh: Uint8Array, keyId: Uint8Array): Buffer {
  const info = Buffer.alloc(keyInfoLabel.length + 2 * P256DH_OCTETS + 1);
  info.set(keyInfoLabel);
  info.set(p256dh, keyInfoLabel.length);
  info.set(keyId, keyInfoLabel.length + P256DH_OCTETS);
  info[info.length - 1] = 0x01;
  return hmac(hmac(auth, sharedSecret), info);
}

/** One object for all messages, as making it costs more than a key pair; every message gets its own key pair in it. */
const sender = createECDH('prime256v1');

/** ECDH with a new key pair (RFC 8291 §3.1). */
function agree(
  p256dh: Uint8Array,
  privateKey: Uint8Array | undefined,
): { keyId: Buffer; sharedSecret: Buffer } {
  // computeSecret takes compressed and hybrid points too, for which the key derivation would not be the user agent's.
  if (p256dh.length !== P256DH_OCTETS || p256dh[0] !== 0x04)
    throw new EncryptionError(
      'invalid-key',
      'p256dh is not an uncompressed point of 65 octets starting with 04',
    );
  const ecdh = privateKey === undefined ? sender : createECDH('prime256v1');
  const keyId = privateKey === undefined ? ecdh.generateKeys() : usePrivateKey(ecdh, privateKey);
  try {
    // 32 octets, leading zeros kept (RFC 8291 §3.4 takes the field element at its full length).
    return { keyId, sharedSecret: ecdh.computeSecret(p256dh) };
  } catch (cause) {
    throw new EncryptionError('invalid-key', 'p256dh is not a point on the curve P-256', { cause });
  }
}

function usePrivateKey(ecdh: ECDH, privateKey: Uint8Array): Buffer {
  try {
    ecdh.setPrivateKey(privateKey);
    return ecdh.getPublicKey();
  } catch (cause) {
    throw new EncryptionError('invalid-key', 'the ephemeral key is not a P-256 private key', { cause });
  }
}

function checkedSalt(salt: Uint8Array): Uint8Array {
  if (salt.length !== SALT_OCTETS)
    throw new EncryptionError('invalid-salt', `the salt has ${salt.length} octets, expected ${SALT_OCTETS}`);
  return salt;
}

/** Random octets for many salts at once, since a call for each costs more than the octets. Every salt is used once. */
const saltPool = Buffer.alloc(256 * SALT_OCTETS);
let saltsTaken = saltPool.length;

function nextSalt(): Uint8Array {
  if (saltsTaken === saltPool.length) {
    randomFillSync(saltPool);
    saltsTaken = 0;
  }
  saltsTaken += SALT_OCTETS;
  return saltPool.subarray(saltsTaken - SALT_OCTETS, saltsTaken);
}
