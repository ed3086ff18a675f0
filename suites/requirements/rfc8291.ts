import { excluded, must, mustNot, type Sentence, section, should } from './sentence.js';

/** RFC 8291, Message Encryption for Web Push: what binds the application server. */
const document = 'RFC 8291';

export const rfc8291 = [
  ...section(
    document,
    '2.1',
    excluded(
      must(
        'rfc8291.hand-over',
        'The public key and the authentication secret MUST travel over a channel that is confidential and authenticated.',
      ),
      'how the subscription travels is up to the XMPP stream, which the sentences of the XEP cover',
    ),
  ),
  ...section(
    document,
    '3',
    must(
      'rfc8291.opens',
      'A push message MUST open with the private key and the authentication secret of the subscription it is sent to.',
    ),
  ),
  ...section(
    document,
    '3.1',
    should('rfc8291.ephemeral-key', 'The application server SHOULD make a new key pair for every message.'),
  ),
  ...section(
    document,
    '3.2',
    excluded(
      must('rfc8291.auth-length', 'The authentication secret MUST have 16 octets.'),
      'judged by the sentence of the XEP on the length of auth',
    ),
  ),
  ...section(
    document,
    '3.4',
    must(
      'rfc8291.key-derivation',
      "The input keying material MUST be HKDF-SHA-256 of the X coordinate that the key agreement gives, with the authentication secret as salt and 'WebPush: info', a NUL, the user agent's and the application server's public key as info.",
    ),
  ),
  ...section(
    document,
    '4',
    must('rfc8291.single-record', 'A push message MUST be encrypted as a single record.'),
    must(
      'rfc8291.record-size',
      'The record size MUST be greater than plaintext, delimiter, padding and tag together.',
    ),
    must(
      'rfc8291.keyid',
      "The key id MUST be the application server's public key for this message as an uncompressed point of 65 octets.",
    ),
    should(
      'rfc8291.body-4096',
      'The body SHOULD have at most 4096 octets, for no push service needs to take more.',
    ),
    mustNot(
      'rfc8291.content-coding',
      'A push message MUST NOT have any content coding but aes128gcm, and that once.',
    ),
  ),
  ...section(
    document,
    '7',
    excluded(
      must(
        'rfc8291.public-key-valid',
        'A public key that is received MUST be checked to be a point of the curve.',
      ),
      'judged by the sentence of the XEP on p256dh',
    ),
  ),
];

type IdOf<S> = S extends Sentence<infer Id> ? Id : never;
export type Rfc8291Requirement = IdOf<(typeof rfc8291)[number]>;
