import type { MessageExpected, MessageInput as MessageVector } from '../../kinds.js';
import { type Draft, positive } from '../assemble.js';
import { base64url, bodyOf, keyPairFor, type MessageInput, seal, userAgentFor, utf8 } from '../message.js';
import { webPushEncryption as published } from '../published.js';
import { octetsFor, search } from '../seed.js';

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

export const example: MessageDraft = positive(
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

export const userAgent = userAgentFor('leading zeros');
export const sender = keyPairFor('leading zeros sender');
export const salt = octetsFor('leading zeros salt', 16);
export const plaintext = utf8('Leading zeros count.');
export const right: MessageInput = { plaintext, userAgent, sender, salt };

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

export const rarities: readonly MessageDraft[] = [
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

export const lengths: readonly MessageDraft[] = [
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
