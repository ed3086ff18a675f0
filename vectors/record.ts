import { createDecipheriv, createECDH, hkdfSync } from 'node:crypto';

/** The keys that an input gives beside its body: of a user agent (RFC 8291 §3), or the keying material itself (RFC 8188). */
interface Keys {
  readonly body?: unknown;
  readonly ikm?: unknown;
  readonly uaPrivate?: unknown;
  readonly p256dh?: unknown;
  readonly auth?: unknown;
}

/**
 * Plaintext, delimiter and padding of a body that authenticates as one record, whatever its delimiter; undefined for any
 * other. It only tells where two bodies differ; whether one is right is for others to say.
 */
export function openRecord(input: Keys): Buffer | undefined {
  const body = octets(input.body);
  const keyId = body.subarray(21, 21 + (body[20] ?? 0));
  const sealed = body.subarray(21 + keyId.length);
  try {
    const ikm = input.ikm === undefined ? keyingMaterial(input, keyId) : octets(input.ikm);
    const take = (info: string, length: number) =>
      Buffer.from(hkdfSync('sha256', ikm, body.subarray(0, 16), `Content-Encoding: ${info}\0`, length));
    const decipher = createDecipheriv('aes-128-gcm', take('aes128gcm', 16), take('nonce', 12));
    decipher.setAuthTag(sealed.subarray(-16));
    return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
  } catch {
    return undefined;
  }
}

function keyingMaterial({ uaPrivate, p256dh, auth }: Keys, keyId: Buffer): Buffer {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(octets(uaPrivate));
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), octets(p256dh), keyId]);
  return Buffer.from(hkdfSync('sha256', ecdh.computeSecret(keyId), octets(auth), info, 32));
}

function octets(text: unknown): Buffer {
  return Buffer.from(typeof text === 'string' ? text : '', 'base64url');
}
