import { expand } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { RequirementId } from '../../suites/requirements/catalogue.js';
import type {
  BodyExpected,
  BodyInput,
  MessageExpected,
  MessageInput as MessageVector,
  RecipientExpected,
  RecipientInput,
} from '../kinds.js';
import { assemble, type Draft, negative, positive } from './assemble.js';
import {
  ascii,
  base64url,
  bodyOf,
  contentOf,
  header,
  join,
  keyPair,
  keyPairFor,
  type MessageInput,
  octets,
  type Slips,
  seal,
  type UserAgent,
  userAgentFor,
  utf8,
} from './message.js';
import { webPushEncryption as published } from './published.js';
import { octetsFor, search } from './seed.js';
import { compressed, hybrid, offCurve, spki } from './token.js';

const watermelon = utf8('When I grow up, I want to be a watermelon');

// Messages that have to come out octet for octet.

type MessageDraft = Draft<MessageVector, MessageExpected>;

function message(name: string, title: string, input: MessageInput): MessageDraft {
  const { userAgent, sender, salt, plaintext, padding = 0 } = input;
  const steps = seal(input);
  return positive(
    name,
    title,
    {
      plaintext: base64url(plaintext),
      p256dh: base64url(userAgent.publicKey),
      auth: base64url(userAgent.auth),
      uaPrivate: base64url(userAgent.privateKey),
      asPrivate: base64url(sender.privateKey),
      salt: base64url(salt),
      padding,
    },
    {
      result: 'valid',
      asPublic: base64url(sender.publicKey),
      sharedSecret: base64url(steps.sharedSecret),
      prkKey: base64url(steps.prkKey),
      keyInfo: base64url(steps.keyInfo),
      ikm: base64url(steps.ikm),
      prk: base64url(steps.prk),
      cek: base64url(steps.cek),
      nonce: base64url(steps.nonce),
      body: base64url(bodyOf(input)),
    },
    { requirement: 'rfc8291.key-derivation' },
  );
}

const example: MessageDraft = positive(
  'example',
  'the example of RFC 8291',
  {
    plaintext: published.plaintext,
    p256dh: published.uaPublic,
    auth: published.authSecret,
    uaPrivate: published.uaPrivate,
    asPrivate: published.asPrivate,
    salt: published.salt,
    padding: 0,
  },
  {
    result: 'valid',
    asPublic: published.asPublic,
    sharedSecret: published.sharedSecret,
    prkKey: published.prkKey,
    keyInfo: published.keyInfo,
    ikm: published.ikm,
    prk: published.prk,
    cek: published.cek,
    nonce: published.nonce,
    body: published.body,
  },
  { requirement: 'rfc8291.key-derivation', source: 'RFC 8291 §5 and Appendix A' },
);

const userAgent = userAgentFor('leading zeros');
const sender = keyPairFor('leading zeros sender');
const salt = octetsFor('leading zeros salt', 16);
const plaintext = utf8('Leading zeros count.');
const right: MessageInput = { plaintext, userAgent, sender, salt };

const startsWithZero = (value: Uint8Array) => value[0] === 0;

/** A message in which a value starts with a zero octet: random keys meet that once in 256 messages. */
function rare(
  name: string,
  title: string,
  from: number,
  attempt: (counter: number) => MessageInput,
  isRare: (input: MessageInput) => boolean,
): MessageDraft {
  const found = search(from, (counter) => {
    const input = attempt(counter);
    return isRare(input) ? input : undefined;
  });
  return message(name, title, found);
}

const sendBy = (label: string) => (counter: number) => ({ ...right, sender: keyPairFor(label, counter) });
const receiveBy = (label: string) => (counter: number) => ({
  ...right,
  userAgent: { ...userAgent, ...keyPairFor(label, counter) },
});

const derived = (
  [
    ['prkKey', 'PRK_key', 123],
    ['ikm', 'the input keying material', 149],
    ['prk', 'PRK', 2],
    ['cek', 'the content encryption key', 306],
    ['nonce', 'the nonce', 364],
  ] as const
).map(([step, what, from]) =>
  rare(
    `zero-${step.toLowerCase()}`,
    `${what} starts with a zero octet`,
    from,
    sendBy(`leading zero ${step}`),
    (input) => startsWithZero(seal(input)[step]),
  ),
);

const rarities: readonly MessageDraft[] = [
  rare(
    'zero-secret',
    'the shared secret starts with one zero octet',
    157,
    sendBy('leading zero secret'),
    (input) => startsWithZero(seal(input).sharedSecret),
  ),
  rare(
    'zero-zero-secret',
    'the shared secret starts with two zero octets',
    14_728,
    sendBy('leading zero secret'),
    (input) => {
      const { sharedSecret } = seal(input);
      return sharedSecret[0] === 0 && sharedSecret[1] === 0;
    },
  ),
  rare(
    'zero-as-x',
    "X of the application server's key starts with a zero octet",
    264,
    sendBy('leading zero x'),
    ({ sender: { publicKey } }) => publicKey[1] === 0,
  ),
  rare(
    'zero-as-y',
    "Y of the application server's key starts with a zero octet",
    311,
    sendBy('leading zero y'),
    ({ sender: { publicKey } }) => publicKey[33] === 0,
  ),
  rare(
    'zero-as-private',
    "the application server's private key starts with a zero octet",
    44,
    sendBy('leading zero private key'),
    ({ sender: { privateKey } }) => startsWithZero(privateKey),
  ),
  rare(
    'zero-ua-x',
    "X of the user agent's key starts with a zero octet",
    264,
    receiveBy('leading zero x'),
    ({ userAgent: { publicKey } }) => publicKey[1] === 0,
  ),
  rare(
    'zero-ua-y',
    "Y of the user agent's key starts with a zero octet",
    311,
    receiveBy('leading zero y'),
    ({ userAgent: { publicKey } }) => publicKey[33] === 0,
  ),
  rare(
    'zero-ua-private',
    "the user agent's private key starts with a zero octet",
    44,
    receiveBy('leading zero private key'),
    ({ userAgent: { privateKey } }) => startsWithZero(privateKey),
  ),
  ...derived,
  rare(
    'zero-salt',
    'the salt starts with a zero octet',
    72,
    (counter) => ({ ...right, salt: octetsFor('leading zero salt', 16, counter) }),
    (input) => startsWithZero(input.salt),
  ),
  rare(
    'zero-auth',
    'the authentication secret starts with a zero octet',
    53,
    (counter) => ({
      ...right,
      userAgent: { ...userAgent, auth: octetsFor('leading zero auth', 16, counter) },
    }),
    (input) => startsWithZero(input.userAgent.auth),
  ),
];

const lengths: readonly MessageDraft[] = [
  message('empty', 'a plaintext of no octets', { ...right, plaintext: new Uint8Array() }),
  message('one-octet', 'a plaintext of one octet', { ...right, plaintext: utf8('a') }),
  message('block', 'a plaintext that fills a block of the cipher with its delimiter', {
    ...right,
    plaintext: new Uint8Array(15).fill(0x61),
  }),
  message('largest', 'the longest plaintext that fits into a body of 4096 octets', {
    ...right,
    plaintext: new Uint8Array(3993).fill(0x61),
  }),
  message('padded', 'padding to 512 octets', { ...right, padding: 512 - plaintext.length - 1 }),
  message('padded-full', 'padding to a body of 4096 octets', {
    ...right,
    padding: 3994 - plaintext.length - 1,
  }),
  message('ends-in-zeros', 'a plaintext that ends in octets of zero, which are no padding', {
    ...right,
    plaintext: Uint8Array.of(0x61, 0, 0),
  }),
  message('ends-in-delimiter', 'a plaintext that ends in 0x02, which is no delimiter', {
    ...right,
    plaintext: Uint8Array.of(0x61, 2),
    padding: 3,
  }),
  message('only-zeros', 'a plaintext of zeros alone', { ...right, plaintext: new Uint8Array(4) }),
];

// Bodies that open or do not.

type BodyDraft = Draft<BodyInput, BodyExpected>;

const reader: UserAgent = {
  ...keyPair(octets(published.uaPrivate)),
  auth: octets(published.authSecret),
};
const writer = keyPair(octets(published.asPrivate));
const base: MessageInput = {
  plaintext: watermelon,
  userAgent: reader,
  sender: writer,
  salt: octets(published.salt),
};
const inputOf = (body: Uint8Array, keys: UserAgent = reader): BodyInput => ({
  p256dh: base64url(keys.publicKey),
  auth: base64url(keys.auth),
  uaPrivate: base64url(keys.privateKey),
  body: base64url(body),
});

function opens(name: string, title: string, input: MessageInput): BodyDraft {
  const { padding = 0 } = input;
  return positive(name, title, inputOf(bodyOf(input), input.userAgent), {
    result: 'valid',
    plaintext: base64url(input.plaintext),
    padding,
  });
}

function wrong(
  name: string,
  fault: string,
  requirement: RequirementId,
  body: Uint8Array,
  more: { readonly sibling?: string; readonly opens?: boolean } = {},
): BodyDraft {
  const { sibling = 'body', opens: readable = false } = more;
  return negative(name, sibling, fault, requirement, inputOf(body), { result: 'invalid', opens: readable });
}

const right4096 = bodyOf(base);
const sealedStart = 86;
const sealedOctets = right4096.length - sealedStart;
const slip = (slips: Slips) => bodyOf(base, slips);
const replaceKeyId = (keyId: Uint8Array) =>
  join(header(base.salt, 4096, keyId), right4096.subarray(sealedStart));
const withSealed = (sealed: Uint8Array) => join(right4096.subarray(0, sealedStart), sealed);
const sealedPart = right4096.subarray(sealedStart);
const withSize = (recordSize: number) => bodyOf({ ...base, recordSize });
const label = ascii('WebPush: info');
const nul = Uint8Array.of(0);
const derive = (prk: Uint8Array, info: string, length: number) => expand(sha256, prk, ascii(info), length);

/** The same text in two records of 59 octets, the most that one record of it needs, plus one. */
function twoRecords(): Uint8Array {
  const records = [join(watermelon, Uint8Array.of(1, 0)), Uint8Array.of(2)];
  const { ikm } = seal(base);
  return contentOf({ ikm, salt: base.salt, recordSize: 59, keyId: writer.publicKey, records }).body;
}

const bodies: readonly BodyDraft[] = [
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

// Who can be written to.

const recipient = (changes: Partial<RecipientInput> = {}): RecipientInput => ({
  p256dh: published.uaPublic,
  auth: published.authSecret,
  plaintextOctets: 3993,
  ...changes,
});
const refused = (
  name: string,
  fault: string,
  requirement: RequirementId,
  changes: Partial<RecipientInput>,
): Draft<RecipientInput, RecipientExpected> =>
  negative(name, 'recipient', fault, requirement, recipient(changes), { result: 'invalid' });

const recipients: readonly Draft<RecipientInput, RecipientExpected>[] = [
  positive('recipient', 'keys and a plaintext that fit', recipient(), { result: 'valid', bodyOctets: 4096 }),
  refused('recipient-3994', 'the plaintext has 3994 octets', 'rfc8291.body-4096', { plaintextOctets: 3994 }),
  refused('recipient-off-curve', 'p256dh is no point of the curve', 'rfc8291.public-key-valid', {
    p256dh: base64url(offCurve(reader.publicKey)),
  }),
  refused('recipient-compressed', 'p256dh is a compressed point', 'rfc8291.public-key-valid', {
    p256dh: base64url(compressed(reader.publicKey)),
  }),
  refused('recipient-hybrid', 'p256dh is a hybrid point', 'rfc8291.public-key-valid', {
    p256dh: base64url(hybrid(reader.publicKey)),
  }),
  refused('recipient-zero', 'p256dh is 0x04 and zeros', 'rfc8291.public-key-valid', {
    p256dh: base64url(Uint8Array.of(4, ...new Uint8Array(64))),
  }),
  refused('recipient-auth-15', 'auth has 15 octets', 'rfc8291.auth-length', {
    auth: base64url(reader.auth.subarray(1)),
  }),
  refused('recipient-auth-17', 'auth has 17 octets', 'rfc8291.auth-length', {
    auth: base64url(join(reader.auth, nul)),
  }),
];

export const rfc8291 = () =>
  assemble(
    'rfc8291',
    'Web Push encryption (RFC 8291)',
    [
      'All octets are base64url without padding. Private keys have 32 octets, public keys 65, auth and salt 16.',
      'messages: encrypt input.plaintext with the given salt and private key; every step and the body must come out octet for octet. Padding is octets of zero after the delimiter.',
      'bodies: open input.body with the keys of the user agent. An invalid one does not open, or (opens: true) opens although its sender broke the sentence named.',
      'recipients: an application server encrypts to the valid one and refuses the others.',
    ],
    {
      messages: {
        title: 'Messages that come out octet for octet',
        tests: [example, ...rarities, ...lengths],
      },
      bodies: { title: 'Bodies that open, and such as do not', tests: bodies },
      recipients: { title: 'What can be encrypted, and to whom', tests: recipients },
    },
  );
