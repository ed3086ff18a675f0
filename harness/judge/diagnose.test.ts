import { createHash, createHmac, randomBytes } from 'node:crypto';
import { p256 } from '@noble/curves/nist.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Candidate, type Diagnosis, describeKeyId, diagnose } from './diagnose.js';
import { browser, gcm, hkdf, keyOfPoint, type Sealing, seal, senderKeys, withoutCounter } from './forge.js';
import { slips } from './known-slips.js';
import { openWithNoble } from './open-with-noble.js';
import { readKeys } from './user-agent-keys.js';

const user = browser();
const join = (...parts: readonly (Buffer | string | readonly number[])[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));

/** What is said of a body that does not open. */
function diagnosisOf(body: Buffer, others: readonly Candidate[] = []): Diagnosis {
  const keys = readKeys(user.entry);
  const octets = new Uint8Array(body);
  const opening = openWithNoble(octets, keys);
  if (opening.ok) throw new Error('the body opens');
  return diagnose(octets, opening.stage, keys, others);
}
const sealedWith = (changes: Partial<Sealing>) => diagnosisOf(seal(user, changes));
const reasonOf = (changes: Partial<Sealing>) => sealedWith(changes).reason;

const text = 'WebPush: info';
const keyInfo = 'Content-Encoding: aes128gcm\0';
const nonceInfo = 'Content-Encoding: nonce\0';
const sha256 = (ikm: Buffer, salt: Buffer, info: Buffer | string, octets: number) =>
  hkdf('sha256', ikm, salt, info, octets);
const firstHkdf = (change: (secret: Buffer, auth: Buffer) => readonly [ikm: Buffer, salt: Buffer]) => ({
  ikm: (secret: Buffer, auth: Buffer, info: Buffer) => sha256(...change(secret, auth), info, 32),
});
const authAs = (change: (auth: Buffer) => Buffer) => firstHkdf((secret, auth) => [secret, change(auth)]);
/** Both infos of the second HKDF. */
const infos = (key: Buffer | string, nonce: Buffer | string): Partial<Sealing> => ({
  cek: (ikm, salt) => sha256(ikm, salt, key, 16),
  nonce: (ikm, salt) => sha256(ikm, salt, nonce, 12),
});
const saltAs = (salt: Buffer): Partial<Sealing> => ({
  cek: (ikm) => sha256(ikm, salt, keyInfo, 16),
  nonce: (ikm) => sha256(ikm, salt, nonceInfo, 12),
});
const aNonce = (change: (nonce: Buffer, salt: Buffer) => Buffer): Partial<Sealing> => ({
  nonce: (ikm, salt) => change(sha256(ikm, salt, nonceInfo, 12), salt),
});

const sender = senderKeys();
const privateKey = new Uint8Array(Buffer.from(user.entry.privateKey, 'base64url'));
const point = p256.getSharedSecret(privateKey, new Uint8Array(sender.getPublicKey()), false);
const withPoint = (from: number): Partial<Sealing> => ({
  sender,
  secret: () => Buffer.from(point.subarray(from)),
});
const oldContext = join('P-256\0', [0, 65], user.publicKey, [0, 65], sender.getPublicKey());
const short = senderKeys();
while (short.computeSecret(user.publicKey)[0] !== 0) short.generateKeys();

const keyDerivation: readonly (readonly [slip: string, changes: Partial<Sealing>])[] = [
  ["the sender's key comes before the receiver's in the info", { info: (ua, as) => join(text, [0], as, ua) }],
  ["the info lacks the NUL after 'WebPush: info'", { info: (ua, as) => join(text, ua, as) }],
  ["the info has two NULs after 'WebPush: info'", { info: (ua, as) => join(text, [0, 0], ua, as) }],
  ['the info ends in a further NUL', { info: (ua, as) => join(text, [0], ua, as, [0]) }],
  ["the info is 'WebPush: info' without the two keys", { info: () => join(text, [0]) }],
  [
    "the info is 'Content-Encoding: auth', as in the aesgcm draft",
    { info: () => join('Content-Encoding: auth\0') },
  ],
  ['auth and shared secret change places in the first HKDF', firstHkdf((secret, auth) => [auth, secret])],
  ['auth is taken as its base64url text, undecoded', authAs((auth) => join(auth.toString('base64url')))],
  ['auth is taken as its base64 text, undecoded', authAs((auth) => join(auth.toString('base64')))],
  ['auth is taken as hexadecimal text', authAs((auth) => join(auth.toString('hex')))],
  ['auth is cut to 12 octets', authAs((auth) => auth.subarray(0, 12))],
  ['auth is left out', authAs(() => join())],
  ['the shared secret is used without the first HKDF', { ikm: (secret) => secret }],
  [
    'the first HKDF stops after its extract step',
    { ikm: (secret, auth) => createHmac('sha256', auth).update(secret).digest() },
  ],
  [
    'the first HKDF expands without the octet 0x01',
    { ikm: (secret, auth, info) => withoutCounter(secret, auth, info, 32) },
  ],
  ['the shared secret is hashed with SHA-256', { secret: (x) => createHash('sha256').update(x).digest() }],
  ['X and Y of the shared point are the secret, not X alone', withPoint(1)],
  ['the whole shared point is the secret, not X alone', withPoint(0)],
  [
    'the leading zeros of the shared secret are dropped',
    { sender: short, secret: (x) => x.subarray(x.findIndex((octet) => octet !== 0)) },
  ],
];

const contentKey: readonly (readonly [slip: string, changes: Partial<Sealing>])[] = [
  ["the key's info is 'Content-Encoding: aesgcm'", infos('Content-Encoding: aesgcm\0', nonceInfo)],
  [
    "the key's info is that of the aesgcm draft, with its context",
    { sender, ...infos(join('Content-Encoding: aesgcm\0', oldContext), join(nonceInfo, oldContext)) },
  ],
  ['both infos lack the NUL at their end', infos('Content-Encoding: aes128gcm', 'Content-Encoding: nonce')],
  ["the key's info lacks the NUL at its end", infos('Content-Encoding: aes128gcm', nonceInfo)],
  ["the key's info is 'aes128gcm' alone", infos('aes128gcm\0', nonceInfo)],
  [
    'the expand step lacks the octet 0x01',
    {
      cek: (ikm, salt) => withoutCounter(ikm, salt, keyInfo, 16),
      nonce: (ikm, salt) => withoutCounter(ikm, salt, nonceInfo, 12),
    },
  ],
  ['HKDF uses SHA-1', { hash: 'sha1' }],
  ['HKDF uses SHA-384', { hash: 'sha384' }],
  ['HKDF uses SHA-512', { hash: 'sha512' }],
  ['the key has 32 octets (AES-256)', { cek: (ikm, salt) => sha256(ikm, salt, keyInfo, 32) }],
  ['the salt is left out', saltAs(join())],
  ['auth takes the place of the salt', saltAs(user.auth)],
];

const nonces: readonly (readonly [slip: string, changes: Partial<Sealing>])[] = [
  ["the nonce's info lacks the NUL at its end", infos(keyInfo, 'Content-Encoding: nonce')],
  ['the nonce is all zero', aNonce(() => Buffer.alloc(12))],
  ['the nonce is a counter that starts with 1', aNonce(() => join(Buffer.alloc(11), [1]))],
  ['the nonce is the beginning of the salt', aNonce((_, salt) => salt.subarray(0, 12))],
  [
    'the number of the first record is 1',
    aNonce((nonce) => join(nonce.subarray(0, 11), [nonce.readUInt8(11) ^ 1])),
  ],
];

describe('A message opens by the one slip that its sender made, which is named:', () => {
  test.each([
    ...keyDerivation.map(([slip, changes]) => [slip, 'key-derivation', changes] as const),
    ...contentKey.map(([slip, changes]) => [slip, 'content-key', changes] as const),
    ...nonces.map(([slip, changes]) => [slip, 'nonce', changes] as const),
  ])('%s', (slip, fault, changes) => {
    expect(sealedWith(changes)).toEqual({ fault, reason: `the message opens when ${slip}` });
  });

  test('and there is none beside these', () => {
    const octets = new Uint8Array(65).fill(1);
    const context = { secret: octets, point: octets, sender: octets, receiver: octets, auth: octets };
    expect(slips({ ...context, salt: octets }).map(({ slip }) => slip)).toEqual(
      [...keyDerivation, ...contentKey, ...nonces].map(([slip]) => slip),
    );
  });

  test('two at once are not guessed', () => {
    const body = seal(user, { hash: 'sha1', nonce: () => Buffer.alloc(12) });
    expect(diagnosisOf(body)).toEqual({
      fault: 'unknown',
      reason:
        'the 52 octets after the header do not authenticate with the keys of this subscription, nor with any common mistake in deriving them',
    });
  });
});

describe('A body that is text', () => {
  const message = seal(user);

  test.each([
    ['hexadecimal digits', message.toString('hex')],
    ['hexadecimal digits', message.toString('hex').toUpperCase()],
    ['base64', message.toString('base64')],
    ['base64', `${message.toString('base64').replace(/.{76}/g, '$&\r\n')}\n`],
    ['base64', message.toString('base64url')],
    ['base64', JSON.stringify(message.toString('base64'))],
  ])('is told as the message in %s: %s', (name, body) => {
    expect(diagnosisOf(Buffer.from(body))).toEqual({
      fault: 'header',
      reason: `the body is the encrypted message as ${name}, not its octets`,
    });
  });

  test.each([
    ['{"body":"Wherefore?"}\n', '{"body":"Wherefore?"}'],
    ['\tgrüße\r\nan alle', 'grüße\r\nan alle'],
    ['0123456789abcdef', '0123456789abcdef'],
    ['x'.repeat(60), 'x'.repeat(60)],
    ['x'.repeat(61), `${'x'.repeat(60)}…`],
  ])('can be read by everybody: %j', (body, quoted) => {
    expect(diagnosisOf(Buffer.from(body))).toEqual({
      fault: 'plain-text',
      reason: `the body is readable text, not an encrypted message: ${JSON.stringify(quoted)}`,
    });
  });

  test('has no control characters but tabs and line breaks', () => {
    fc.assert(
      fc.property(fc.nat(255), (octet) => {
        const isText = octet < 128 && (octet >= 32 || [9, 10, 13].includes(octet));
        expect(diagnosisOf(join('a', [octet], 'b')).fault).toBe(isText ? 'plain-text' : 'header');
      }),
      { numRuns: 256, examples: [[8], [9], [10], [11], [12], [13], [14], [31], [32], [128]] },
    );
  });
});

describe('A header that is not all there', () => {
  test.each([
    [
      join(),
      'the body ends after 0 octets, within the 21 octets of salt, record size and length of the key id',
    ],
    [
      Buffer.alloc(20),
      'the body ends after 20 octets, within the 21 octets of salt, record size and length of the key id',
    ],
    [
      join(Buffer.alloc(20), [65]),
      'the key id is announced with 65 octets and the body ends 0 octets after that',
    ],
    [
      join(Buffer.alloc(20), [65], Buffer.alloc(64)),
      'the key id is announced with 65 octets and the body ends 64 octets after that',
    ],
  ])('is measured: %#', (body, reason) => {
    expect(diagnosisOf(body)).toEqual({ fault: 'header', reason });
  });
});

describe('A key id that is no uncompressed point', () => {
  const publicKey = sender.getPublicKey();
  const parity = publicKey.readUInt8(64) & 1;
  const spki = keyOfPoint(publicKey);
  const der = spki.export({ format: 'der', type: 'spki' });
  const pem = String(spki.export({ format: 'pem', type: 'spki' }));
  const quoted = (form: string) =>
    `the text ${JSON.stringify(`${form.slice(0, 60)}…`)} (${form.length} octets)`;
  const inText = (form: string): [string, Buffer] => [quoted(form), join(form)];

  test.each<[string, Buffer]>([
    ['a compressed point of 33 octets', join([2 + parity], publicKey.subarray(1, 33))],
    ['a hybrid point (0x06 or 0x07)', join([6 + parity], publicKey.subarray(1))],
    ['X and Y without the leading 0x04 (64 octets)', publicKey.subarray(1)],
    ['a SubjectPublicKeyInfo in DER (91 octets)', der],
    inText(publicKey.toString('hex')),
    inText(publicKey.toString('base64')),
    inText(publicKey.toString('base64url')),
    inText(pem),
    inText(pem.replaceAll('\n', '\r\n')),
  ])('is seen through when the message opens with the point it means: %s', (form, keyid) => {
    expect(sealedWith({ sender, keyid: () => keyid })).toEqual({
      fault: 'keyid',
      reason: `the key id is ${form}, not the 65 octets of an uncompressed point; with the uncompressed point in its place the message opens`,
    });
  });

  test('is not said to be all that is wrong when it is not', () => {
    const changes = { keyid: () => publicKey.subarray(1), nonce: () => Buffer.alloc(12) };
    expect(reasonOf({ sender, ...changes })).toBe(
      'the key id is X and Y without the leading 0x04 (64 octets), not the 65 octets of an uncompressed point',
    );
    expect(reasonOf({ keyid: () => join() })).toBe(
      'the key id is empty, not the 65 octets of an uncompressed point',
    );
  });

  const zeros = (first: number, octets: number) => join([first], Buffer.alloc(octets - 1));

  test.each([
    ['empty', join()],
    ['65 octets that start with 0x04 but are no point of the curve P-256', zeros(4, 65)],
    ['66 octets that start with 0x04', zeros(4, 66)],
    ['65 octets that start with 0x05', zeros(5, 65)],
    ['a hybrid point (0x06 or 0x07)', zeros(6, 65)],
    ['a hybrid point (0x06 or 0x07)', zeros(7, 65)],
    ['66 octets that start with 0x06', zeros(6, 66)],
    ['66 octets that start with 0x07', zeros(7, 66)],
    ['a compressed point of 33 octets', zeros(2, 33)],
    ['a compressed point of 33 octets', zeros(3, 33)],
    ['33 octets that start with 0x04', zeros(4, 33)],
    ['34 octets that start with 0x02', zeros(2, 34)],
    ['34 octets that start with 0x03', zeros(3, 34)],
    ['X and Y without the leading 0x04 (64 octets)', zeros(0, 64)],
    ['a SubjectPublicKeyInfo in DER (91 octets)', zeros(0x30, 91)],
    ['92 octets that start with 0x30', zeros(0x30, 92)],
    ['91 octets that start with 0x31', zeros(0x31, 91)],
    ['the text "grün" (5 octets)', join('grün')],
    ['2 octets that start with 0x0f', zeros(0x0f, 2)],
  ])('is told from others: %s', (form, keyid) => {
    expect(describeKeyId(keyid)).toBe(form);
  });
});

describe('A record that opens and has no end', () => {
  const withRecord = (...record: readonly (string | readonly number[])[]) =>
    sealedWith({ record: () => join(...record) });

  test.each([[[]], [[0]], [[0, 0, 0]]])('is without a delimiter: %j', (record) => {
    expect(withRecord(record)).toEqual({
      fault: 'delimiter',
      reason: 'the record has no octet but zeros, so no delimiter',
    });
  });

  test('is one of the aesgcm draft', () => {
    expect(withRecord([0, 0], 'text')).toEqual({
      fault: 'delimiter',
      reason:
        'the record starts with a padding length of two octets, as in the aesgcm draft, and has no delimiter',
    });
  });

  test.each([[['text', [1]]], [['text', [1, 0, 0]]], [[[0, 1]]]])('says that more follow: %j', (record) => {
    expect(withRecord(...record)).toEqual({
      fault: 'delimiter',
      reason: 'the delimiter is 0x01, which says that more records follow; the last has 0x02',
    });
  });

  test.each([[['text', [2, 0, 7, 0]]], [[[2, 7]]], [['a', [2, 1, 3]]]])(
    'is padded with more than zeros: %j',
    (record) => {
      expect(withRecord(...record)).toEqual({
        fault: 'padding',
        reason: 'what follows the delimiter 0x02 is not all zeros',
      });
    },
  );

  test.each([
    ['0x74', ['text']],
    ['0x74', ['text', [0, 0]]],
    ['0x03', ['text', [3]]],
    ['0xff', [[0, 0, 0xff]]],
    ['0x74', [[0], 'text']],
    ['0x74', ['t', [0], 'ext']],
    ['0x07', [[0xff, 2, 7]]],
  ])('ends in %s: %j', (octet, record) => {
    expect(withRecord(...record)).toEqual({
      fault: 'delimiter',
      reason: `the record ends in ${octet} and zeros in place of the delimiter 0x02 and zeros`,
    });
  });
});

describe('Several records', () => {
  const pieces = (size: number, change: (number: number, piece: Buffer) => Buffer = (_, piece) => piece) =>
    seal(user, {
      recordSize: size,
      seal(key, nonce, record) {
        const data = record.subarray(0, -1);
        const count = Math.ceil(data.length / (size - 17));
        const sealed = Array.from({ length: count }, (_, number) => {
          const own = Buffer.from(nonce);
          own.writeUInt32BE((own.readUInt32BE(8) ^ number) >>> 0, 8);
          const part = data.subarray(number * (size - 17), (number + 1) * (size - 17));
          return change(number, gcm(key, own, join(part, [number === count - 1 ? 2 : 1])));
        });
        return join(...sealed);
      },
    });

  test.each([
    [2, 40],
    [35, 18],
    [12, 20],
  ])('are counted: %i of %i octets', (count, size) => {
    expect(diagnosisOf(pieces(size))).toEqual({
      fault: 'several-records',
      reason: `the message consists of ${count} records of up to ${size} octets; Web Push allows one`,
    });
  });

  test.each([0, 1])('are none when that with the number %i does not open', (broken) => {
    const turned = (piece: Buffer) => piece.map((octet) => octet ^ 1);
    const body = pieces(40, (number, piece) => (number === broken ? Buffer.from(turned(piece)) : piece));
    expect(diagnosisOf(body).fault).toBe('unknown');
  });

  test.each([0, 1, 4096])(
    'are none when there is nothing but a header, for records of %i octets',
    (recordSize) => {
      expect(sealedWith({ recordSize, seal: () => join() })).toMatchObject({
        fault: 'unknown',
        reason: expect.stringMatching(/^the 0 octets after the header/),
      });
    },
  );
});

describe('The tag', () => {
  const tagged = (change: (sealed: Buffer) => Buffer, record?: Sealing['record']) =>
    sealedWith({
      seal: (key, nonce, plain) => change(gcm(key, nonce, plain)),
      ...(record && { record }),
    });

  test('stands in front', () => {
    expect(tagged((sealed) => join(sealed.subarray(-16), sealed.subarray(0, -16)))).toEqual({
      fault: 'tag',
      reason: 'the authentication tag stands before the ciphertext, not after it',
    });
  });

  test('covers the header', () => {
    expect(sealedWith({ seal: gcm })).toEqual({
      fault: 'tag',
      reason: 'the header was authenticated as additional data; there must be none',
    });
  });

  test.each([4, 8, 12, 13, 14, 15])('is cut to %i octets', (kept) => {
    const cut = { fault: 'tag', reason: `the authentication tag is cut to ${kept} octets` };
    expect(tagged((sealed) => sealed.subarray(0, kept - 16))).toEqual(cut);
    // Even where it is all there is.
    expect(
      tagged(
        (sealed) => sealed.subarray(0, kept - 16),
        () => join(),
      ),
    ).toEqual(cut);
  });

  test.each([
    ['text', [2]],
    ['text', [2, 0, 0]],
    [[], [2]],
  ])('is missing behind %j and %j', (plaintext, end) => {
    expect(
      tagged(
        (sealed) => sealed.subarray(0, -16),
        () => join(plaintext, end),
      ),
    ).toEqual({ fault: 'tag', reason: 'the authentication tag is missing' });
  });

  test.each([
    ['no delimiter ends it', 'text'],
    ['it is no text', [0xff, 0xff, 2]],
    ['something follows the delimiter', [0x61, 2, 7]],
  ])('is not said to be missing from what decrypts to anything: %s', (_, record) => {
    expect(
      tagged(
        (sealed) => sealed.subarray(0, -16),
        () => join(record),
      ).fault,
    ).toBe('unknown');
  });

  test('is not said to be cut when it is another', () => {
    expect(tagged((sealed) => join(sealed.subarray(0, -16), randomBytes(12))).fault).toBe('unknown');
  });
});

test('A message for another subscription is said to be, by its name', () => {
  const [tablet, desk] = [browser('juliet/tablet'), browser('nurse/desk')];
  const others = [tablet, desk].map(({ entry }) => ({ name: entry.name, keys: readKeys(entry) }));
  expect(diagnosisOf(seal(desk), others)).toEqual({
    fault: 'wrong-keys',
    reason: 'the message opens with the keys of nurse/desk, not with those of this endpoint',
  });
  expect(diagnosisOf(seal(browser()), others).fault).toBe('unknown');
});
