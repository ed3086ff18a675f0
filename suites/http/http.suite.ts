import type { Case } from '../../harness/case/case.js';
import { check } from '../../harness/judge/check.js';
import type { RequirementId } from '../requirements/catalogue.js';
import {
  longText,
  oneCall,
  oneFromLongName,
  oneMessage,
  quaintUrl,
  twoAccounts,
  twoOrigins,
} from '../scene/plays.js';
import { type WireCase, wireCase } from '../scene/wire.js';

/** The request as RFC 8030 has it. What is in its body is in `encryption`, who sent it in `vapid`. */
const requests: readonly WireCase[] = [
  {
    id: 'post',
    title: 'a push is requested with POST',
    requirements: ['rfc8030.post'],
    play: oneMessage,
  },
  {
    id: 'push-resource',
    title: 'the request goes to the path of the push resource',
    requirements: ['rfc8030.push-resource'],
    play: oneMessage,
  },
  {
    id: 'push-resource-query',
    title: 'the query of the push resource is sent as it is, escapes, dots and all',
    requirements: ['rfc8030.push-resource'],
    play: quaintUrl,
  },
  {
    id: 'push-resource-host',
    title: 'of two push resources at different hosts each is asked under its own name',
    requirements: ['rfc8030.push-resource'],
    play: twoOrigins,
  },
  {
    id: 'whole-request',
    title: 'a request with a full body arrives as a whole',
    requirements: ['rfc8030.whole-request'],
    play: longText,
  },
  {
    id: 'ttl',
    title: 'a request has a TTL, a single number in digits',
    requirements: ['rfc8030.ttl-present', 'rfc8030.ttl-digits'],
    play: oneMessage,
  },
  {
    id: 'ttl-of-call',
    title: 'the TTL of a call is there, a single number in digits',
    requirements: ['rfc8030.ttl-present', 'rfc8030.ttl-digits'],
    play: oneCall,
  },
  {
    id: 'urgency-of-message',
    title: 'a message has one Urgency at most, of the four there are',
    requirements: ['rfc8030.urgency-single', 'rfc8030.urgency-value'],
    play: oneMessage,
  },
  {
    id: 'urgency-of-call',
    title: 'a call has one Urgency at most, of the four there are',
    requirements: ['rfc8030.urgency-single', 'rfc8030.urgency-value'],
    play: oneCall,
  },
  {
    id: 'topic-form',
    title: 'the Topic of a message from a long address is short and of the base64url alphabet',
    requirements: ['rfc8030.topic-form'],
    play: oneFromLongName,
  },
  {
    id: 'topic-of-call',
    title: 'the Topic of a call is short and of the base64url alphabet',
    requirements: ['rfc8030.topic-form'],
    play: oneCall,
  },
  {
    id: 'topic-private',
    title: 'no Topic is a JID or the hash of one',
    requirements: ['rfc8030.topic-private'],
    play: twoAccounts,
  },
  {
    id: 'end-to-end',
    title: 'a text cannot be read on its way',
    requirements: ['rfc8030.end-to-end'],
    play: longText,
  },
];

/** The push service of the kit speaks nothing but TLS, so whatever it has recorded came over TLS. */
const overTls: Case<RequirementId> = {
  id: 'http/https',
  title: 'the push resource is used over HTTPS',
  requirements: ['rfc8030.https'],
  play: oneMessage.act,
  judge(evidence) {
    const seen = evidence.requests();
    return [
      check('rfc8030.https', seen.length > 0, {
        expected: 'a request over TLS',
        actual: seen.length > 0 ? 'a request over TLS' : 'no request over TLS',
        evidence: seen.map(({ seq }) => seq),
      }),
    ];
  },
};

export const cases = [overTls, ...requests.map((row) => wireCase('http', row))];
