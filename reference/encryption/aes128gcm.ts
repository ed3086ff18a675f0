import { createCipheriv, createHmac } from 'node:crypto';

/** The record size declared by every header; the only one all user agents take. */
export const RECORD_SIZE = 4096;
/** salt, rs, idlen (RFC 8188 §2.1); the keyid follows. */
const FIXED_HEADER_OCTETS = 21;
const SALT_OCTETS = 16;
const TAG_OCTETS = 16;
/** Delimiter of the last, here only, record (RFC 8188 §2). */
const LAST_RECORD = 0x02;

// The info strings of RFC 8188 §2.2 and §2.3, each with the counter octet of HKDF's first block (RFC 5869 §2.3).
const cekInfo = Buffer.from('Content-Encoding: aes128gcm\0\x01', 'latin1');
const nonceInfo = Buffer.from('Content-Encoding: nonce\0\x01', 'latin1');

/** HMAC-SHA-256, which is both HKDF-Extract and, for outputs up to 32 octets, HKDF-Expand (RFC 5869 §2). */
export function hmac(key: Uint8Array, data: Uint8Array): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

export interface ContentKey {
  /** IKM (RFC 8188 §2.2). */
  readonly inputKeyingMaterial: Uint8Array;
  /** 16 octets, never used twice with the same keying material (RFC 8188 §4.3). */
  readonly salt: Uint8Array;
  /** Names the keying material to the recipient; at most 255 octets. */
  readonly keyId: Uint8Array;
}

/** Octets of a body whose record holds `recordContent` octets of plaintext, delimiter and padding. */
export function bodyLength(keyIdLength: number, recordContent: number): number {
  return FIXED_HEADER_OCTETS + keyIdLength + recordContent + TAG_OCTETS;
}

/**
 * Encodes content as one record of the aes128gcm content coding (RFC 8188 §2): header, then ciphertext and tag.
 *
 * @param recordContent octets of plaintext, delimiter and padding together: at least one more than the plaintext, and with
 *   the tag at most the record size.
 */
export function encodeSingleRecord(
  plaintext: Uint8Array,
  key: ContentKey,
  recordContent: number,
): Uint8Array {
  const pseudoRandomKey = hmac(key.salt, key.inputKeyingMaterial);
  const contentEncryptionKey = hmac(pseudoRandomKey, cekInfo).subarray(0, 16);
  // The first record's sequence number is 0, so the nonce is the derived one unchanged (RFC 8188 §2.3).
  const nonce = hmac(pseudoRandomKey, nonceInfo).subarray(0, 12);

  // Zeroed: what follows the delimiter is padding (RFC 8188 §2).
  const record = Buffer.alloc(recordContent);
  record.set(plaintext);
  record[plaintext.length] = LAST_RECORD;

  const start = FIXED_HEADER_OCTETS + key.keyId.length;
  const body = Buffer.allocUnsafeSlow(bodyLength(key.keyId.length, recordContent));
  body.set(key.salt);
  body.writeUInt32BE(RECORD_SIZE, SALT_OCTETS);
  body.writeUInt8(key.keyId.length, SALT_OCTETS + 4);
  body.set(key.keyId, FIXED_HEADER_OCTETS);

  const cipher = createCipheriv('aes-128-gcm', contentEncryptionKey, nonce);
  body.set(cipher.update(record), start);
  cipher.final();
  body.set(cipher.getAuthTag(), start + recordContent);
  return body;
}
