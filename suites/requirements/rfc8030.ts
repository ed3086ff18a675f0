import { excluded, must, mustNot, type Sentence, section, should } from './sentence.js';

/** RFC 8030, Generic Event Delivery Using HTTP Push: what binds the application server. */
const document = 'RFC 8030';

const transport = [
  ...section(document, '3', must('rfc8030.https', 'A push resource MUST be used over HTTPS.')),
  ...section(
    document,
    '4',
    excluded(
      must(
        'rfc8030.hand-over',
        'The URL of a push resource MUST reach the application server over a channel that is confidential and authenticated.',
      ),
      'how the subscription travels is up to the XMPP stream, which the sentences of the XEP cover',
    ),
  ),
] as const;

const requesting = section(
  document,
  '5',
  must('rfc8030.post', 'A push message MUST be requested with POST.'),
  must(
    'rfc8030.push-resource',
    'The request MUST go to the exact URL of the push resource, path and query unchanged.',
  ),
  must('rfc8030.whole-request', 'The request MUST be well-framed HTTP and arrive as a whole.'),
  excluded(
    must(
      'rfc8030.accepted-is-not-delivered',
      'An application server MUST NOT take the status 201 for a sign that the message was delivered.',
    ),
    'what a server concludes from a status shows only in its treatment of the stanza, which the sentences of the XEP cover',
  ),
);

const receipts = section(
  document,
  '5.1',
  excluded(
    should(
      'rfc8030.receipt-subscription',
      'An application server SHOULD name the receipt subscription it was given when it asks the same origin for further receipts.',
    ),
    'the push service of this kit grants no receipts',
  ),
);

const fields = [
  ...section(
    document,
    '5.2',
    must('rfc8030.ttl-present', 'A request MUST have a TTL field.'),
    must(
      'rfc8030.ttl-digits',
      'The value of TTL MUST be a single number of seconds, written in decimal digits alone.',
    ),
    excluded(
      must(
        'rfc8030.ttl-shortened',
        'An application server MUST get along with an answer that shortens the TTL.',
      ),
      'an answer with another TTL changes nothing that can be seen',
    ),
  ),
  ...section(
    document,
    '5.3',
    mustNot('rfc8030.urgency-single', 'A request MUST NOT have more than one value of Urgency.'),
    must('rfc8030.urgency-value', "Urgency MUST be 'very-low', 'low', 'normal' or 'high'."),
  ),
  ...section(
    document,
    '5.4',
    must(
      'rfc8030.topic-form',
      'A Topic MUST consist of 1 to 32 characters of the base64url alphabet, in one field.',
    ),
    should(
      'rfc8030.topic-private',
      'A Topic SHOULD say nothing about the message to those who carry it, for it is neither encrypted nor authenticated.',
    ),
  ),
] as const;

const operation = [
  ...section(
    document,
    '7.3',
    excluded(
      should(
        'rfc8030.expired',
        'An application server SHOULD stop sending to a subscription that the push service says is gone.',
      ),
      'judged by the sentences of the XEP on the answers 404 and 410',
    ),
  ),
  ...section(
    document,
    '8.1',
    must(
      'rfc8030.end-to-end',
      'The content of a push message MUST be confidential, authenticated and protected from change from the application server to the user agent.',
    ),
  ),
  ...section(
    document,
    '8.3',
    excluded(
      should(
        'rfc8030.capability-url',
        'The URL of a push resource SHOULD be kept secret, for it is all it takes to send.',
      ),
      'judged by the sentences of the XEP on what other entities learn; logs are not visible from outside',
    ),
  ),
  ...section(
    document,
    '8.4',
    excluded(
      should(
        'rfc8030.retry-after',
        'An application server SHOULD NOT send again before the time in Retry-After.',
      ),
      'judged by the sentences of the XEP on the answer 429',
    ),
  ),
] as const;

export const rfc8030 = [...transport, ...requesting, ...receipts, ...fields, ...operation];

type IdOf<S> = S extends Sentence<infer Id> ? Id : never;
export type Rfc8030Requirement = IdOf<(typeof rfc8030)[number]>;
