import { webcrypto } from 'node:crypto';
import { encodeBase64url } from './base64url.js';
import type { Opening } from './opening.js';
import type { UserAgentKeys } from './user-agent-keys.js';

const { subtle } = webcrypto;
const curve = { name: 'ECDH', namedCurve: 'P-256' };

/** Opens a body as a single record with the platform's WebCrypto: the second opinion beside `openWithNoble`. */
export async function openWithWebCrypto(body: Uint8Array, keys: UserAgentKeys): Promise<Opening> {
  const view = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (view.length < 21 || view.length - 21 < view.readUInt8(20)) return { ok: false, stage: 'header' };
  const keyid = view.subarray(21, 21 + view.readUInt8(20));
  const sealed = view.subarray(21 + keyid.length);
  const peer = await importPoint(keyid);
  if (!peer) return { ok: false, stage: 'key' };
  const agreement = { name: 'ECDH', public: peer };
  const secret = await subtle.deriveKey(agreement, await privateKeyOf(keys), 'HKDF', false, ['deriveBits']);
  const context = Buffer.concat([Buffer.from('WebPush: info'), Buffer.alloc(1), keys.publicKey, keyid]);
  const material = await subtle.deriveBits(hkdf(keys.auth, context), secret, 256);
  const salt = view.subarray(0, 16);
  const base = await subtle.importKey('raw', material, 'HKDF', false, ['deriveKey', 'deriveBits']);
  const aes128 = { name: 'AES-GCM', length: 128 };
  const [key, iv] = await Promise.all([
    subtle.deriveKey(hkdf(salt, Buffer.from('Content-Encoding: aes128gcm\0')), base, aes128, false, [
      'decrypt',
    ]),
    subtle.deriveBits(hkdf(salt, Buffer.from('Content-Encoding: nonce\0')), base, 96),
  ]);
  let opened: Buffer;
  try {
    opened = Buffer.from(await subtle.decrypt({ name: 'AES-GCM', iv, tagLength: 128 }, key, sealed));
  } catch {
    return { ok: false, stage: 'seal' };
  }
  let end = opened.length;
  while (end > 0 && opened.readUInt8(end - 1) === 0) end -= 1;
  if (end === 0 || opened.readUInt8(end - 1) !== 0x02) return { ok: false, stage: 'delimiter' };
  return { ok: true, plaintext: new Uint8Array(opened.subarray(0, end - 1)), padding: opened.length - end };
}

/** WebCrypto refuses what is not on the curve, but may take a compressed point. */
async function importPoint(point: Buffer): Promise<webcrypto.CryptoKey | undefined> {
  if (point.length !== 65 || point.readUInt8(0) !== 0x04) return undefined;
  return subtle.importKey('raw', point, curve, false, []).catch(() => undefined);
}

const privateKeys = new WeakMap<UserAgentKeys, Promise<webcrypto.CryptoKey>>();

/** Imported once for all the bodies of a subscription: reading a JWK costs as much as the agreement itself. */
function privateKeyOf(keys: UserAgentKeys): Promise<webcrypto.CryptoKey> {
  const known = privateKeys.get(keys);
  if (known) return known;
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: encodeBase64url(keys.publicKey.subarray(1, 33)),
    y: encodeBase64url(keys.publicKey.subarray(33)),
    d: encodeBase64url(keys.privateKey),
  };
  const imported = subtle.importKey('jwk', jwk, curve, false, ['deriveKey']);
  privateKeys.set(keys, imported);
  return imported;
}

function hkdf(salt: Uint8Array, info: Uint8Array) {
  return { name: 'HKDF', hash: 'SHA-256', salt, info };
}
