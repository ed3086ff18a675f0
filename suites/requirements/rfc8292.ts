import { excluded, must, mustNot, type Sentence, section, should } from './sentence.js';

/** RFC 8292, Voluntary Application Server Identification (VAPID) for Web Push: what binds the application server. */
const document = 'RFC 8292';

export const rfc8292 = [
  ...section(
    document,
    '2',
    must('rfc8292.signing-key', 'The key that signs MUST be one for ECDSA on the curve P-256.'),
    must(
      'rfc8292.audience',
      "The claim 'aud' MUST include the origin of the push resource: scheme, host, and the port unless it is the scheme's own.",
    ),
    must('rfc8292.expiry-present', "The token MUST have the claim 'exp'."),
    mustNot('rfc8292.expiry-limit', 'The token MUST NOT expire later than 24 hours after the request.'),
    must('rfc8292.es256', 'The token MUST be signed with ES256.'),
  ),
  ...section(
    document,
    '2.1',
    should('rfc8292.subject-form', "The claim 'sub' SHOULD be a mailto: or https: URI."),
  ),
  ...section(
    document,
    '2.2',
    excluded(
      should('rfc8292.claims-small', 'Further claims SHOULD be few and short.'),
      'the RFC sets no bound that could be tested',
    ),
  ),
  ...section(
    document,
    '3',
    must(
      'rfc8292.authorization',
      "The application server MUST identify itself in one Authorization field with the scheme 'vapid'.",
    ),
    mustNot('rfc8292.not-proxy-authorization', 'The token MUST NOT be sent in Proxy-Authorization.'),
    must('rfc8292.parameters', "The field MUST have the parameters 't' and 'k', each once."),
  ),
  ...section(
    document,
    '3.2',
    must(
      'rfc8292.key-form',
      "The parameter 'k' MUST be the public key as an uncompressed point of 65 octets in base64url without padding.",
    ),
    must('rfc8292.separate-keys', 'The key that signs MUST NOT also be the key that encrypts.'),
  ),
  ...section(
    document,
    '4.2',
    must(
      'rfc8292.restricted-key',
      'A message to a restricted subscription MUST be signed with the key the subscription was made with.',
    ),
    must('rfc8292.signature', "The signature MUST verify with the key in 'k'."),
    must('rfc8292.expiry-future', 'The token MUST NOT have expired when the request is made.'),
    excluded(
      must(
        'rfc8292.key-change',
        'An application server whose key has changed MUST use the old one for subscriptions that were made with it.',
      ),
      'judged by the sentences of the XEP on the application server key',
    ),
  ),
  ...section(
    document,
    '5',
    should(
      'rfc8292.token-reuse',
      'A token SHOULD be used again for further messages, so that a push service can remember that it is valid.',
    ),
  ),
];

type IdOf<S> = S extends Sentence<infer Id> ? Id : never;
export type Rfc8292Requirement = IdOf<(typeof rfc8292)[number]>;
