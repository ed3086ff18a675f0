import { excluded, may, must, mustNot, type Sentence, section, should } from './sentence.js';

/** RFC 8188, Encrypted Content-Encoding for HTTP: what binds whoever encrypts. */
const document = 'RFC 8188';

export const rfc8188 = [
  ...section(
    document,
    '2',
    must(
      'rfc8188.tag',
      'A record MUST be sealed with AEAD_AES_128_GCM without additional data, its tag of 16 octets at the end.',
    ),
    must('rfc8188.delimiter', 'The last record MUST have the delimiter 0x02 after its data.'),
    must('rfc8188.padding', 'Nothing but octets of zero MUST follow the delimiter.'),
  ),
  ...section(
    document,
    '2.1',
    must(
      'rfc8188.header',
      'The body MUST start with 16 octets of salt, 4 of record size, 1 of length and as many of key id.',
    ),
    must('rfc8188.record-size', 'The record size MUST be at least 18.'),
    mustNot(
      'rfc8188.salt-unique',
      'A salt MUST NOT be used for two messages with the same input keying material.',
    ),
    should('rfc8188.salt-random', 'The salt SHOULD be random for every message.'),
  ),
  ...section(
    document,
    '2.2',
    must(
      'rfc8188.content-key',
      "The content encryption key MUST be the first 16 octets of HKDF-SHA-256 with the salt and 'Content-Encoding: aes128gcm' and a NUL.",
    ),
  ),
  ...section(
    document,
    '2.3',
    must(
      'rfc8188.nonce',
      "The nonce MUST be the first 12 octets of HKDF-SHA-256 with the salt and 'Content-Encoding: nonce' and a NUL, XORed with the number of the record from 0.",
    ),
  ),
  ...section(
    document,
    '4.6',
    should('rfc8188.content-type', 'A Content-Type SHOULD NOT tell what has been encrypted.'),
  ),
  ...section(
    document,
    '4.8',
    excluded(
      may('rfc8188.length', 'Padding MAY hide the length of the plaintext.'),
      'judged by the sentence of the XEP on padding',
    ),
  ),
];

type IdOf<S> = S extends Sentence<infer Id> ? Id : never;
export type Rfc8188Requirement = IdOf<(typeof rfc8188)[number]>;
