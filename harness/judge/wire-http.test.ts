import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RecordedRequest } from '../transcript/transcript.js';
import type { Examined, OpeningFault } from './evidence.js';
import { browser, examinedFrom } from './forge.js';
import type { WireContext } from './wire.js';
import { type httpRequirements, judgeHttp } from './wire-http.js';

type Requirement = (typeof httpRequirements)[number];
type Field = readonly [name: string, value: string];

const user = browser('juliet/phone', { path: '/push/x?y=1' });
const good = examinedFrom(user);

/** What is said of a good request with some of its parts replaced. */
const judged = (
  requirement: Requirement,
  request: Partial<RecordedRequest>,
  examined: Partial<Examined> = {},
  context: WireContext = {},
) => {
  const changed = { ...good, ...examined, request: { ...good.request, ...request } };
  const [finding, ...others] = judgeHttp(changed, context).filter((each) => each.requirement === requirement);
  expect(others).toEqual([]);
  if (finding) expect(finding.evidence).toEqual([1]);
  return finding && [finding.met, finding.actual];
};
const withFields = (requirement: Requirement, headers: readonly Field[], context: WireContext = {}) =>
  judged(requirement, { headers }, {}, context);

describe('Names of fields', () => {
  test('are the same in capitals and in small letters', () => {
    expect(withFields('rfc8030.ttl-present', [['TTL', '60']])).toEqual([true, 'TTL: 60']);
    expect(withFields('rfc8030.ttl-present', [['ttl', '60']])).toEqual([true, 'TTL: 60']);
    expect(withFields('rfc8030.ttl-present', [['ttls', '60']])).toEqual([false, 'no TTL']);
  });
});

describe('TTL', () => {
  test('is one field of digits alone (RFC 8030 §5.2)', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.stringMatching(/^\d+$/), fc.string({ unit: fc.constantFrom(...'01x -+.') })),
        (ttl) => {
          const met = ttl !== '' && [...ttl].every((character) => '0123456789'.includes(character));
          expect(withFields('rfc8030.ttl-digits', [['TTL', ttl]])).toEqual([met, `TTL: ${ttl}`]);
        },
      ),
    );
    const twice: readonly Field[] = [
      ['TTL', '60'],
      ['TTL', '60'],
    ];
    expect(withFields('rfc8030.ttl-digits', twice)).toEqual([false, 'TTL: 60; TTL: 60']);
  });

  test('that is missing is not also malformed', () => {
    expect(withFields('rfc8030.ttl-present', [])).toEqual([false, 'no TTL']);
    expect(withFields('rfc8030.ttl-digits', [])).toBe(undefined);
  });
});

describe('Urgency', () => {
  const urgency = (...values: readonly string[]) => values.map((value): Field => ['Urgency', value]);

  test.each(['very-low', 'low', 'normal', 'high', ' high '])('may be %j', (value) => {
    expect(withFields('rfc8030.urgency-value', urgency(value))).toEqual([true, `Urgency: ${value}`]);
    expect(withFields('rfc8030.urgency-single', urgency(value))).toEqual([true, `Urgency: ${value}`]);
  });

  test.each(['', 'lo', 'xlow', 'lowx', 'very-lowx', 'xhigh', 'HIGH'])('may not be %j', (value) => {
    expect(withFields('rfc8030.urgency-value', urgency(value))).toEqual([false, `Urgency: ${value}`]);
  });

  test('is judged by each of its values', () => {
    expect(withFields('rfc8030.urgency-single', [])).toEqual([true, 'no Urgency']);
    expect(withFields('rfc8030.urgency-value', [])).toEqual([true, 'no Urgency']);
    expect(withFields('rfc8030.urgency-single', urgency('low', 'high'))?.[0]).toBe(false);
    expect(withFields('rfc8030.urgency-single', urgency('low , high'))?.[0]).toBe(false);
    expect(withFields('rfc8030.urgency-value', urgency('low , high'))?.[0]).toBe(true);
    expect(withFields('rfc8030.urgency-value', urgency('low,urgent'))?.[0]).toBe(false);
    expect(withFields('rfc8030.urgency-value', urgency('low', 'urgent'))?.[0]).toBe(false);
  });
});

describe('Topic', () => {
  const topic = (...values: readonly string[]) => values.map((value): Field => ['Topic', value]);
  const jid = 'juliet@capulet.example';
  const context = { jids: ['romeo@montague.example', jid] };
  const hash = (name: string, encoding: 'base64url' | 'hex') => createHash(name).update(jid).digest(encoding);

  test('is one field of 1 to 32 characters of base64url (RFC 8030 §5.4)', () => {
    const met = (...values: readonly string[]) => withFields('rfc8030.topic-form', topic(...values))?.[0];
    expect([met(), met('a'), met('-_09AZaz'), met('a'.repeat(32))]).toEqual([true, true, true, true]);
    expect([met(''), met('a'.repeat(33)), met('a='), met('.a'), met('a', 'b'), met('a', '.')]).toEqual(
      Array(6).fill(false),
    );
  });

  test('says nothing on JIDs that the judge was not told', () => {
    expect(withFields('rfc8030.topic-private', topic('juliet'))).toBe(undefined);
  });

  test.each([
    ['juliet', 'contains juliet of juliet@capulet.example'],
    ['x-JuLiEt-x', 'contains juliet of juliet@capulet.example'],
    ['romeo', 'contains romeo of romeo@montague.example'],
    [Buffer.from(jid).toString('base64url'), 'spells juliet@capulet.example'],
    [Buffer.from(jid).toString('hex').slice(0, 32), 'spells juliet@capulet.example'],
    [hash('md5', 'base64url'), 'spells its MD5 of juliet@capulet.example'],
    [hash('md5', 'hex'), 'spells its MD5 of juliet@capulet.example'],
    [`${hash('md5', 'base64url')}-1`, 'spells its MD5 of juliet@capulet.example'],
    [hash('sha1', 'base64url'), 'spells its SHA-1 of juliet@capulet.example'],
    [hash('sha1', 'hex').slice(0, 32), 'spells its SHA-1 of juliet@capulet.example'],
    [hash('sha256', 'base64url').slice(0, 32), 'spells its SHA-256 of juliet@capulet.example'],
    [hash('sha256', 'base64url').slice(0, 8), 'spells its SHA-256 of juliet@capulet.example'],
    [hash('sha256', 'hex').slice(0, 32), 'spells its SHA-256 of juliet@capulet.example'],
    [hash('sha512', 'base64url').slice(0, 32), 'spells its SHA-512 of juliet@capulet.example'],
    [hash('sha512', 'hex').slice(0, 32), 'spells its SHA-512 of juliet@capulet.example'],
  ])('gives a JID away: %s %s', (value, how) => {
    expect(withFields('rfc8030.topic-private', topic(value), context)).toEqual([
      false,
      `Topic: ${value} ${how}`,
    ]);
  });

  test.each(['none-of-them', hash('sha256', 'base64url').slice(0, 7), 'julie'])(
    'gives no JID away: %s',
    (value) => {
      expect(withFields('rfc8030.topic-private', topic(value), context)).toEqual([true, `Topic: ${value}`]);
    },
  );

  test('is not said to contain a name so short that anything does', () => {
    expect(withFields('rfc8030.topic-private', topic('job-1'), { jids: ['jo@b.example'] })?.[0]).toBe(true);
    expect(withFields('rfc8030.topic-private', topic('job-1'), { jids: ['job@b.example'] })?.[0]).toBe(false);
    expect(withFields('rfc8030.topic-private', [], context)).toEqual([true, 'no Topic']);
  });
});

describe('Content-Type', () => {
  const type = (...values: readonly string[]) =>
    withFields(
      'rfc8188.content-type',
      values.map((value): Field => ['Content-Type', value]),
    );

  test('is application/octet-stream or not there (RFC 8188 §2)', () => {
    expect(type()).toEqual([true, 'no Content-Type']);
    expect(type(' Application/Octet-Stream ')?.[0]).toBe(true);
    expect(type('text/plain')?.[0]).toBe(false);
    expect(type('application/octet-stream', 'text/plain')?.[0]).toBe(false);
  });
});

describe('The target of a request', () => {
  const at = (endpoint: string, target: string, authority: string) =>
    judged('rfc8030.push-resource', { target, authority }, { endpoint });

  test.each([
    ['https://push.example/a', '/a', 'push.example'],
    ['https://push.example/a', '/a', 'PUSH.example'],
    ['https://PUSH.example/a', '/a', 'push.example'],
    ['https://push.example/a', '/a', 'push.example:443'],
    ['https://push.example:443/a', '/a', 'push.example'],
    ['HTTPS://push.example/a', '/a', 'push.example:443'],
    ['http://push.example/a', '/a', 'push.example:80'],
    ['http://push.example/https:', '/https:', 'push.example:80'],
    ['https://push.example/a?b=/c', '/a?b=/c', 'push.example'],
    ['https://push.example/a', 'https://push.example/a', 'push.example'],
  ])('is that of the endpoint: %s as %s at %s', (endpoint, target, authority) => {
    expect(at(endpoint, target, authority)).toEqual([true, `${target} at ${authority}`]);
  });

  test.each([
    ['https://push.example/a', '/b', 'push.example'],
    ['https://push.example/a', '/A', 'push.example'],
    ['https://push.example/a', '/a', 'push.example:80'],
    ['http://push.example/a', '/a', 'push.example:443'],
    ['https://push.example/a', '/a', 'push.example:8443'],
    ['https://push.example/a?b', '/a', 'push.example'],
    ['https://push.example/a', 'http://push.example/a', 'push.example'],
  ])('is another than that of the endpoint: %s as %s at %s', (endpoint, target, authority) => {
    expect(at(endpoint, target, authority)).toEqual([false, `${target} at ${authority}`]);
  });

  test('is told when there is no authority', () => {
    expect(at('https://push.example/a', '/a', '')).toEqual([false, '/a at no authority']);
  });

  test('is none that was handed out', () => {
    const { endpoint: _, ...stray } = good;
    const findings = judgeHttp(stray, {});
    expect(findings.find(({ requirement }) => requirement === 'rfc8030.push-resource')).toMatchObject({
      met: false,
      expected: 'the exact URL of an endpoint that was handed out',
    });
    expect(findings.filter(({ requirement }) => requirement === 'rfc8030.https')).toEqual([]);
  });

  test('has https, or http where that is allowed', () => {
    const met = (endpoint: string, context: WireContext) =>
      judged('rfc8030.https', {}, { endpoint }, context)?.[0];
    expect(met('https://push.example/', {})).toBe(true);
    expect(met('https://push.example/', { httpAllowed: false })).toBe(true);
    expect(met('http://push.example/', {})).toBe(false);
    expect(met('http://push.example/https://', { httpAllowed: false })).toBe(false);
    expect(met('http://push.example/', { httpAllowed: true })).toBe(true);
  });
});

describe('A request that broke off', () => {
  test('says where, and what it was answered', () => {
    const { status: _, ...unanswered } = good;
    const after = `a request that broke off or lost its framing after 138 octets of body`;
    expect(judged('rfc8030.whole-request', { complete: false })).toEqual([
      false,
      `${after}, answered with 201`,
    ]);
    const [finding] = judgeHttp({ ...unanswered, request: { ...good.request, complete: false } }, {}).filter(
      ({ requirement }) => requirement === 'rfc8030.whole-request',
    );
    expect(finding).toMatchObject({ met: false, actual: after });
  });
});

describe('That only the user agent can read the body', () => {
  const endToEnd = (opened: Examined['opened']) => judged('rfc8030.end-to-end', {}, { opened });
  const failing = (fault: OpeningFault) => endToEnd({ ok: false, fault, reason: 'readable text: "x"' });

  test('is not so when it is text', () => {
    expect(failing('plain-text')).toEqual([false, 'readable text: "x"']);
  });

  test('is so when it opens, or cannot be read at all', () => {
    expect(endToEnd(good.opened)).toEqual([true, 'no readable text']);
    expect(failing('unknown')).toEqual([true, 'no readable text']);
    expect(failing('tag')).toEqual([true, 'no readable text']);
  });

  test('is not known of a stray or of a part', () => {
    expect(failing('unattributed')).toBe(undefined);
    expect(failing('incomplete')).toBe(undefined);
  });
});
