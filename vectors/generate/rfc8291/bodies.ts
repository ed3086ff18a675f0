import { negative } from '../assemble.js';
import {
  ascii,
  base64url,
  bodyOf,
  contentOf,
  join,
  keyPairFor,
  type MessageInput,
  seal,
} from '../message.js';
import { webPushEncryption as published } from '../published.js';
import { octetsFor } from '../seed.js';
import { compressed, hybrid, offCurve, spki } from '../token.js';
import {
  type BodyDraft,
  base,
  derive,
  inputOf,
  label,
  nul,
  opens,
  reader,
  replaceKeyId,
  right4096,
  sealedOctets,
  sealedStart,
  slip,
  watermelon,
  withSize,
  writer,
  wrong,
} from './body.js';
import { right, sender, userAgent } from './messages.js';

const sealedPart = right4096.subarray(sealedStart);
const withSealed = (sealed: Uint8Array) => join(right4096.subarray(0, sealedStart), sealed);

/** The same text in two records of 59 octets, the most that one record of it needs, plus one. */
function twoRecords(): Uint8Array {
  const records = [join(watermelon, Uint8Array.of(1, 0)), Uint8Array.of(2)];
  const { ikm } = seal(base);
  return contentOf({ ikm, salt: base.salt, recordSize: 59, keyId: writer.publicKey, records }).body;
}

export const bodies: readonly BodyDraft[] = [
  opens('body', 'the body of the example of RFC 8291', base),
  opens('body-padded', 'a padded body', { ...base, padding: 100 }),
  opens('body-small-record', 'a record size just above the record', {
    ...base,
    recordSize: sealedOctets + 1,
  }),
  opens('body-large-record', 'a record size of 65536', { ...base, recordSize: 65_536 }),
  wrong(
    'delimiter-01',
    'the delimiter is 0x01',
    'rfc8188.delimiter',
    slip({ record: (record) => record.with(-1, 1) }),
  ),
  wrong(
    'delimiter-00',
    'there are zeros where the delimiter should be',
    'rfc8188.delimiter',
    slip({ record: (record) => record.with(-1, 0) }),
  ),
  wrong(
    'delimiter-03',
    'the delimiter is 0x03',
    'rfc8188.delimiter',
    slip({ record: (record) => record.with(-1, 3) }),
  ),
  wrong(
    'delimiter-missing',
    'there is no delimiter',
    'rfc8188.delimiter',
    slip({ record: (record) => record.subarray(0, -1) }),
  ),
  wrong(
    'record-of-zeros',
    'the record has no octet but zeros',
    'rfc8188.delimiter',
    slip({ record: (record) => new Uint8Array(record.length) }),
  ),
  wrong(
    'aesgcm-padding',
    'the record starts with a padding length, as in the aesgcm draft',
    'rfc8188.delimiter',
    slip({ record: () => join(Uint8Array.of(0, 0), watermelon) }),
  ),
  wrong(
    'padding-not-zero',
    'an octet of the padding is 0x61',
    'rfc8188.padding',
    bodyOf({ ...base, padding: 100 }, { record: (record) => record.with(-7, 0x61) }),
    { sibling: 'body-padded' },
  ),
  wrong('two-records', 'the message is split into two records', 'rfc8291.single-record', twoRecords(), {
    sibling: 'body-small-record',
  }),
  wrong(
    'record-size-equal',
    'the record size is that of the record, not greater',
    'rfc8291.record-size',
    withSize(sealedOctets),
    { opens: true },
  ),
  wrong(
    'record-size-plaintext',
    'the record size is the length of the plaintext',
    'rfc8291.record-size',
    withSize(watermelon.length),
    { opens: true },
  ),
  wrong('record-size-17', 'the record size is 17', 'rfc8188.record-size', withSize(17), { opens: true }),
  wrong('record-size-0', 'the record size is 0', 'rfc8188.record-size', withSize(0), { opens: true }),
  wrong(
    'record-size-reversed',
    'the octets of the record size are in reverse order',
    'receivers.record-size-4096',
    withSize(0x0010_0000),
    { opens: true },
  ),
  wrong(
    'record-size-signed',
    'the record size is 4294967295',
    'receivers.record-size-signed',
    withSize(0xffff_ffff),
    { opens: true },
  ),
  wrong(
    'keyid-compressed',
    'the key id is a compressed point',
    'rfc8291.keyid',
    replaceKeyId(compressed(writer.publicKey)),
  ),
  wrong(
    'keyid-hybrid',
    'the key id is a hybrid point',
    'rfc8291.keyid',
    replaceKeyId(hybrid(writer.publicKey)),
  ),
  wrong(
    'keyid-without-04',
    'the key id is X and Y without the 0x04',
    'rfc8291.keyid',
    replaceKeyId(writer.publicKey.subarray(1)),
  ),
  wrong(
    'keyid-spki',
    'the key id is a SubjectPublicKeyInfo',
    'rfc8291.keyid',
    replaceKeyId(spki(writer.publicKey)),
  ),
  wrong('keyid-empty', 'the key id is empty', 'rfc8291.keyid', replaceKeyId(new Uint8Array())),
  wrong('keyid-text', 'the key id is the text p256dh', 'rfc8291.keyid', replaceKeyId(ascii('p256dh'))),
  wrong(
    'keyid-base64url',
    'the key id is the point in base64url',
    'rfc8291.keyid',
    replaceKeyId(ascii(published.asPublic)),
  ),
  wrong(
    'keyid-off-curve',
    'the key id is no point of the curve',
    'rfc8291.keyid',
    replaceKeyId(offCurve(writer.publicKey)),
  ),
  wrong(
    'keyid-zero',
    'the key id is 0x04 and zeros',
    'rfc8291.keyid',
    replaceKeyId(Uint8Array.of(4, ...new Uint8Array(64))),
  ),
  wrong(
    'keyid-other',
    "the key id is another application server's",
    'rfc8291.opens',
    replaceKeyId(sender.publicKey),
  ),
  wrong('idlen-64', 'the key id is announced with 64 octets', 'rfc8291.keyid', right4096.with(20, 64)),
  wrong(
    'idlen-255',
    'the key id is announced longer than the body',
    'rfc8188.header',
    right4096.with(20, 255),
  ),
  wrong('cut-in-salt', 'the body ends within the salt', 'rfc8188.header', right4096.subarray(0, 12)),
  wrong(
    'cut-before-idlen',
    'the body ends before the length of the key id',
    'rfc8188.header',
    right4096.subarray(0, 20),
  ),
  wrong('cut-in-keyid', 'the body ends within the key id', 'rfc8188.header', right4096.subarray(0, 60)),
  wrong(
    'cut-after-header',
    'the body ends after the header',
    'rfc8291.opens',
    right4096.subarray(0, sealedStart),
  ),
  wrong('cut-in-tag', 'the tag is cut to 12 octets', 'rfc8188.tag', right4096.subarray(0, -4)),
  wrong('cut-tag', 'the tag is missing', 'rfc8188.tag', right4096.subarray(0, -16)),
  wrong(
    'cut-in-ciphertext',
    'the last octets of the ciphertext are missing',
    'rfc8291.opens',
    withSealed(join(sealedPart.subarray(0, -20), sealedPart.subarray(-16))),
  ),
  wrong(
    'tag-first',
    'the tag stands before the ciphertext',
    'rfc8188.tag',
    withSealed(join(sealedPart.subarray(-16), sealedPart.subarray(0, -16))),
  ),
  wrong(
    'tag-bit',
    'a bit of the tag is wrong',
    'rfc8291.opens',
    right4096.with(-1, (right4096.at(-1) ?? 0) ^ 1),
  ),
  wrong(
    'ciphertext-bit',
    'a bit of the ciphertext is wrong',
    'rfc8291.opens',
    right4096.with(sealedStart, (right4096[sealedStart] ?? 0) ^ 0x80),
  ),
  wrong(
    'salt-bit',
    'a bit of the salt is wrong',
    'rfc8291.opens',
    right4096.with(0, (right4096[0] ?? 0) ^ 1),
  ),
  wrong('trailing-octet', 'an octet follows the tag', 'rfc8291.opens', join(right4096, nul)),
  wrong(
    'info-keys-swapped',
    "the application server's key stands first in the info",
    'rfc8291.key-derivation',
    slip({ keyInfo: () => join(label, nul, writer.publicKey, reader.publicKey) }),
  ),
  wrong(
    'info-without-nul',
    "there is no NUL after 'WebPush: info'",
    'rfc8291.key-derivation',
    slip({ keyInfo: () => join(label, reader.publicKey, writer.publicKey) }),
  ),
  wrong(
    'info-two-nuls',
    "there are two NULs after 'WebPush: info'",
    'rfc8291.key-derivation',
    slip({ keyInfo: () => join(label, nul, nul, reader.publicKey, writer.publicKey) }),
  ),
  wrong(
    'info-without-keys',
    'the info lacks the keys',
    'rfc8291.key-derivation',
    slip({ keyInfo: () => join(label, nul) }),
  ),
  wrong(
    'cek-info-aesgcm',
    "the info of the key says 'aesgcm'",
    'rfc8188.content-key',
    slip({ cek: (_, { prk }) => derive(prk, 'Content-Encoding: aesgcm\0', 16) }),
  ),
  wrong(
    'cek-info-without-nul',
    'the info of the key has no NUL',
    'rfc8188.content-key',
    slip({ cek: (_, { prk }) => derive(prk, 'Content-Encoding: aes128gcm', 16) }),
  ),
  wrong(
    'nonce-info-without-nul',
    'the info of the nonce has no NUL',
    'rfc8188.nonce',
    slip({ nonce: (_, { prk }) => derive(prk, 'Content-Encoding: nonce', 12) }),
  ),
  wrong(
    'nonce-zero',
    'the nonce is zero, not derived',
    'rfc8188.nonce',
    slip({ nonce: () => new Uint8Array(12) }),
  ),
  wrong(
    'nonce-record-1',
    'the records are counted from 1',
    'rfc8188.nonce',
    slip({ nonce: (nonce) => nonce.with(11, (nonce[11] ?? 0) ^ 1) }),
  ),
  wrong(
    'body-base64url',
    'the body is text in base64url, not octets',
    'rfc8188.header',
    ascii(base64url(right4096)),
  ),
  ...secretFaults(),
  ...keyFaults(),
  wrong(
    'body-4097',
    'the body has 4097 octets',
    'rfc8291.body-4096',
    bodyOf({ ...base, plaintext: watermelon, padding: 3995 - watermelon.length - 1 }),
    { sibling: 'body-4096', opens: true },
  ),
  opens('body-4096', 'a body of 4096 octets', { ...base, padding: 3994 - watermelon.length - 1 }),
];

/** The shared secret with its leading zero stripped needs a message that has one. */
function secretFaults(): readonly BodyDraft[] {
  const input: MessageInput = { ...right, sender: keyPairFor('leading zero secret', 157) };
  const stripped = bodyOf(input, { sharedSecret: (secret) => secret.subarray(1) });
  return [
    opens('body-zero-secret', 'a body whose shared secret starts with a zero octet', input),
    negative(
      'secret-stripped',
      'body-zero-secret',
      'the leading zero of the shared secret was left out',
      'rfc8291.key-derivation',
      inputOf(stripped, userAgent),
      { result: 'invalid', opens: false },
    ),
  ];
}

/** The right body, and a user agent that is not the one it was meant for. */
function keyFaults(): readonly BodyDraft[] {
  const invalid = { result: 'invalid', opens: false } as const;
  const input = inputOf(right4096);
  const auth = base64url(octetsFor('another auth', 16));
  return [
    negative(
      'auth-other',
      'body',
      'the authentication secret is another one',
      'rfc8291.opens',
      { ...input, auth },
      invalid,
    ),
  ];
}
