import { check } from '../../harness/judge/check.js';
import type { Evidence } from '../../harness/judge/evidence.js';
import type { Finding } from '../../harness/judge/finding.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { proposeCall } from '../scene/calls.js';
import { bareJidOf, headerOf } from '../scene/payload.js';
import { chat } from '../scene/webpush.js';
import { phone, sender, textWanted, told, toldOneByOne } from './template.js';

/** What the request around the payload gives away or asks for. */
export const cases = [
  toldOneByOne({
    id: 'padding',
    title: 'messages of 1 and of 100 characters cause bodies of equal length',
    requirements: ['payload.padding'],
    consent: textWanted,
    stanzas: [(juliet) => [sender, chat(juliet, 'O')], (juliet) => [sender, chat(juliet, 'O'.repeat(100))]],
    judge: (evidence) => [isPadded(evidence)],
  }),
  told({
    id: 'call-ttl',
    title: 'a call is pushed with a TTL of at most 60 seconds',
    requirements: ['payload.call-ttl'],
    stanza: proposeCall,
    judge: (evidence) => [
      field(
        evidence,
        'payload.call-ttl',
        'TTL',
        'a TTL of at most 60',
        (ttl) => /^[0-9]+$/.test(ttl) && Number(ttl) <= 60,
      ),
    ],
  }),
  told({
    id: 'call-urgency',
    title: 'a call is pushed with the Urgency high',
    requirements: ['payload.call-urgency'],
    stanza: proposeCall,
    judge: (evidence) => [
      field(evidence, 'payload.call-urgency', 'Urgency', 'the Urgency high', (urgency) => urgency === 'high'),
    ],
  }),
  toldOneByOne({
    id: 'topic-private',
    title: 'a Topic tells no JID',
    requirements: ['payload.topic-private'],
    stanzas: [(juliet) => [sender, chat(juliet, 'Hark!')]],
    judge: (evidence) => [isPrivate(evidence)],
  }),
  toldOneByOne({
    id: 'topic-distinct',
    title: 'the Topics of different conversations differ',
    requirements: ['payload.topic-distinct'],
    stanzas: [(juliet) => [sender, chat(juliet, 'Hark!')], (juliet) => ['paris/desk', chat(juliet, 'Hark!')]],
    judge: (evidence) => [isDistinct(evidence)],
  }),
];

function isPadded(evidence: Evidence): Finding {
  const requests = evidence.requests(phone);
  const lengths = requests.map(({ body }) => body.length);
  const [first, second] = lengths;
  return check('payload.padding', first !== undefined && first === second, {
    expected: 'two bodies of equal length',
    actual: lengths.length === 0 ? 'no request' : `bodies of ${lengths.join(', ')} octets`,
    evidence: requests.map(({ seq }) => seq),
  });
}

function field(
  evidence: Evidence,
  requirement: RequirementId,
  name: string,
  expected: string,
  isMet: (value: string) => boolean,
): Finding {
  const [request] = evidence.requests(phone);
  if (!request) return check(requirement, false, { expected, actual: 'no request', evidence: [] });
  const value = headerOf(request, name);
  return check(requirement, value !== undefined && isMet(value), {
    expected,
    actual: value === undefined ? `no ${name}` : `${name}: ${value}`,
    evidence: [request.seq],
  });
}

/** A Topic holds at most 24 octets (RFC 8030 §5.4), so the beginning of a JID counts for all of it. */
function isPrivate(evidence: Evidence): Finding {
  const requests = evidence.requests(phone);
  const expected = 'no Topic, or one without a JID';
  const [request] = requests;
  if (!request)
    return check('payload.topic-private', false, { expected, actual: 'no request', evidence: [] });
  const topic = headerOf(request, 'Topic');
  const readings = topic === undefined ? [] : readingsOf(topic);
  const localparts = [sender, phone].map((actor) =>
    bareJidOf(evidence, actor).replace(/@.*/, '').toLowerCase(),
  );
  const leak = localparts.find((localpart) => readings.some((reading) => reading.includes(localpart)));
  return check('payload.topic-private', leak === undefined, {
    expected,
    actual:
      topic === undefined
        ? 'no Topic'
        : leak === undefined
          ? `Topic: ${topic}`
          : `Topic: ${topic}, which says ${leak}`,
    evidence: [request.seq],
  });
}

/** A Topic as it is and as what it may be in disguise. */
function readingsOf(topic: string): readonly string[] {
  return [
    topic,
    Buffer.from(topic, 'base64url').toString('latin1'),
    Buffer.from(topic, 'hex').toString('latin1'),
    [...topic].reverse().join(''),
  ].map((reading) => reading.toLowerCase());
}

function isDistinct(evidence: Evidence): Finding {
  const requests = evidence.requests(phone);
  const topics = requests.flatMap((request) => headerOf(request, 'Topic') ?? []);
  const met = requests.length > 1 && new Set(topics).size === topics.length;
  return check('payload.topic-distinct', met, {
    expected: 'two requests, without Topic or each with its own',
    actual:
      requests.length < 2
        ? `${requests.length} of two requests`
        : topics.length === 0
          ? 'no Topic'
          : `Topics ${topics.join(', ')}`,
    evidence: requests.map(({ seq }) => seq),
  });
}
