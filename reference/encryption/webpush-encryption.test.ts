import { webcrypto } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { messages, exampleMessage as vector } from '../vectors.fixture.js';
import { EncryptionError, encrypt, PADDED_SIZES, paddedSize } from './webpush-encryption.js';

const { subtle } = webcrypto;
const octets = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'));
const text = (value: Uint8Array) => Buffer.from(value).toString('base64url');
const keys = { p256dh: octets(vector.p256dh), auth: octets(vector.auth) };

/** What the user agent does (RFC 8291 §3, RFC 8188 §2), with WebCrypto. Gives the record's content, padding included. */
async function open(body: Uint8Array, ua = vector): Promise<Uint8Array> {
  const point = octets(ua.p256dh);
  const curve = { name: 'ECDH', namedCurve: 'P-256' };
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    d: ua.uaPrivate,
    x: text(point.subarray(1, 33)),
    y: text(point.subarray(33)),
  };
  const privateKey = await subtle.importKey('jwk', jwk, curve, false, ['deriveBits']);
  const hkdf = async (input: ArrayBuffer, salt: Uint8Array, info: Uint8Array, length: number) => {
    const key = await subtle.importKey('raw', input, 'HKDF', false, ['deriveBits']);
    return subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info }, key, length * 8);
  };
  const [salt, keyId, record] = [body.subarray(0, 16), body.subarray(21, 86), body.subarray(86)];
  const sender = await subtle.importKey('raw', keyId, curve, false, []);
  const secret = await subtle.deriveBits({ name: 'ECDH', public: sender }, privateKey, 256);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), point, keyId]);
  const ikm = await hkdf(secret, octets(ua.auth), info, 32);
  const cek = await hkdf(ikm, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16);
  const nonce = await hkdf(ikm, salt, Buffer.from('Content-Encoding: nonce\0'), 12);
  const key = await subtle.importKey('raw', cek, 'AES-GCM', false, ['decrypt']);
  return new Uint8Array(await subtle.decrypt({ name: 'AES-GCM', iv: nonce }, key, record));
}

describe('a message', () => {
  test('of RFC 8291 §5 comes out octet for octet', () => {
    const body = encrypt(octets(vector.plaintext), keys, {
      salt: octets(vector.salt),
      ephemeralKey: octets(vector.asPrivate),
    });
    expect(text(body)).toBe(vector.body);
    expect(body.length).toBe(144);
  });

  test.each(messages)('comes out right: $title', async (pinned) => {
    const recipient = { p256dh: octets(pinned.p256dh), auth: octets(pinned.auth) };
    const body = encrypt(octets(pinned.plaintext), recipient, {
      salt: octets(pinned.salt),
      ephemeralKey: octets(pinned.asPrivate),
      padTo: octets(pinned.plaintext).length + 1 + pinned.padding,
    });
    expect(text(body)).toBe(pinned.body);
    expect(text(await open(body, pinned))).toBe(
      text(Buffer.concat([octets(pinned.plaintext), Buffer.of(2), Buffer.alloc(pinned.padding)])),
    );
  });

  test('of any content up to 3993 octets, padded or not, opens again, in one record of the right length', async () => {
    const message = fc.uint8Array({ maxLength: 3993, size: 'max' }).chain((plaintext) =>
      fc.record({
        plaintext: fc.constant(plaintext),
        padTo: fc.option(fc.integer({ min: plaintext.length + 1, max: 3994 }), { nil: undefined }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(message, async ({ plaintext, padTo }) => {
        const body = encrypt(plaintext, keys, padTo === undefined ? {} : { padTo });
        const content = padTo ?? plaintext.length + 1;
        expect(body.length).toBe(86 + content + 16);
        expect([...body.subarray(16, 22)]).toEqual([0, 0, 0x10, 0, 65, 4]);
        const record = Buffer.alloc(content);
        record.set([...plaintext, 2]);
        expect(record.equals(await open(body))).toBe(true);
      }),
    );
  });

  test.each([0, 3993])('of exactly %i octets opens again', async (length) => {
    const plaintext = new Uint8Array(length).fill(0x61);
    const body = encrypt(plaintext, keys);
    expect(body.length).toBe(103 + length);
    expect(Buffer.from(await open(body)).equals(Buffer.concat([plaintext, Buffer.of(2)]))).toBe(true);
  });

  test('has a salt and a key pair that no other message has', () => {
    const bodies = Array.from({ length: 600 }, () => encrypt(Buffer.from('same'), keys));
    expect(new Set(bodies.map((body) => text(body.subarray(0, 16)))).size).toBe(600);
    expect(new Set(bodies.map((body) => text(body.subarray(21, 86)))).size).toBe(600);
  });

  test('with a key pair of a test vector leaves the next message its own', () => {
    encrypt(Buffer.from('vector'), keys, { ephemeralKey: octets(vector.asPrivate) });
    expect(text(encrypt(Buffer.from('next'), keys).subarray(21, 86))).not.toBe(vector.asPublic);
  });

  test('leaves what it was given as it was', () => {
    const given = [Buffer.from('text'), Buffer.from(keys.p256dh), Buffer.from(keys.auth)] as const;
    const [plaintext, p256dh, auth] = given;
    const before = given.map(text);
    encrypt(plaintext, { p256dh, auth }, { padTo: 512 });
    expect(given.map(text)).toEqual(before);
  });
});

describe('padding', () => {
  test.each([
    [0, 512],
    [511, 512],
    [512, 1024],
    [1023, 1024],
    [1024, 2048],
    [2047, 2048],
    [2048, 2816],
    [2815, 2816],
    [2816, 2817],
    [3993, 3994],
  ])('%i octets of plaintext fill a record of %i', (plaintext, size) => {
    expect(paddedSize(plaintext)).toBe(size);
  });

  test('makes bodies of equal length of texts of different length', () => {
    const lengths = [1, 100, 511].map(
      (n) => encrypt(Buffer.alloc(n, 'a'), keys, { padTo: paddedSize(n) }).length,
    );
    expect(new Set(lengths)).toEqual(new Set([86 + PADDED_SIZES[0] + 16]));
  });
});

describe('an error tells', () => {
  const offCurve = keys.p256dh.with(64, (keys.p256dh[64] ?? 0) ^ 1);
  const plain = Buffer.from('text');
  const notUncompressed = 'p256dh is not an uncompressed point of 65 octets starting with 04';
  test.each([
    [
      'a plaintext of 3994 octets',
      'plaintext-too-long',
      'the plaintext has 3994 octets, at most 3993 fit into a push message',
      () => encrypt(Buffer.alloc(3994), keys),
    ],
    [
      'padding that leaves no room for the delimiter',
      'invalid-padding',
      'cannot pad 4 octets to 4: expected 5 to 3994',
      () => encrypt(plain, keys, { padTo: 4 }),
    ],
    [
      'padding beyond the largest body',
      'invalid-padding',
      'cannot pad 4 octets to 3995: expected 5 to 3994',
      () => encrypt(plain, keys, { padTo: 3995 }),
    ],
    [
      'padding that is no integer',
      'invalid-padding',
      'cannot pad 4 octets to 512.5: expected 5 to 3994',
      () => encrypt(plain, keys, { padTo: 512.5 }),
    ],
    [
      'an authentication secret of 15 octets',
      'invalid-key',
      'auth has 15 octets, expected 16',
      () => encrypt(plain, { ...keys, auth: keys.auth.subarray(1) }),
    ],
    [
      'a compressed key',
      'invalid-key',
      notUncompressed,
      () => encrypt(plain, { ...keys, p256dh: Buffer.from([2, ...keys.p256dh.subarray(1, 33)]) }),
    ],
    [
      'a hybrid key',
      'invalid-key',
      notUncompressed,
      () => encrypt(plain, { ...keys, p256dh: keys.p256dh.with(0, 6 | ((keys.p256dh[64] ?? 0) & 1)) }),
    ],
    [
      'a key with an octet more',
      'invalid-key',
      notUncompressed,
      () => encrypt(plain, { ...keys, p256dh: Buffer.from([...keys.p256dh, 0]) }),
    ],
    [
      'a key off the curve',
      'invalid-key',
      'p256dh is not a point on the curve P-256',
      () => encrypt(plain, { ...keys, p256dh: offCurve }),
    ],
    [
      'an ephemeral key of zero',
      'invalid-key',
      'the ephemeral key is not a P-256 private key',
      () => encrypt(plain, keys, { ephemeralKey: new Uint8Array(32) }),
    ],
    [
      'a salt of 15 octets',
      'invalid-salt',
      'the salt has 15 octets, expected 16',
      () => encrypt(plain, keys, { salt: new Uint8Array(15) }),
    ],
  ] as const)('%s', (_, code, message, act) => {
    expect(act).toThrow(expect.objectContaining({ name: 'EncryptionError', code, message }));
    expect(act).toThrow(EncryptionError);
  });

  test.each([
    ['a key off the curve', () => encrypt(plain, { ...keys, p256dh: offCurve })],
    ['an ephemeral key of zero', () => encrypt(plain, keys, { ephemeralKey: new Uint8Array(32) })],
  ])('what node:crypto says of %s', (_, act) => {
    expect(act).toThrow(expect.objectContaining({ cause: expect.any(Error) }));
  });

  test('and the next message is well', async () => {
    expect(() => encrypt(plain, { ...keys, p256dh: offCurve })).toThrow(EncryptionError);
    expect(text(await open(encrypt(plain, keys)))).toBe(text(Buffer.from('text\x02')));
  });
});
