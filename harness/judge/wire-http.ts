import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { check } from './check.js';
import type { Examined } from './evidence.js';
import type { Finding } from './finding.js';
import type { WireContext } from './wire.js';

/** What `judgeHttp` can find. */
export const httpRequirements = [
  'rfc8030.https',
  'rfc8030.whole-request',
  'rfc8030.post',
  'rfc8030.push-resource',
  'rfc8030.ttl-present',
  'rfc8030.ttl-digits',
  'rfc8030.urgency-single',
  'rfc8030.urgency-value',
  'rfc8030.topic-form',
  'rfc8030.topic-private',
  'rfc8030.end-to-end',
  'rfc8188.content-type',
] as const;

const DIGITS = /^[0-9]+$/;
const URGENCY = /^(?:very-low|low|normal|high)$/;
const TOPIC = /^[A-Za-z0-9_-]{1,32}$/;

/** The request around the message: RFC 8030 and what RFC 8188 says of Content-Type. */
export function judgeHttp(examined: Examined, context: WireContext): readonly Finding[] {
  const { request } = examined;
  const findings: Finding[] = [];
  const find = (
    requirement: (typeof httpRequirements)[number],
    met: boolean,
    expected: string,
    actual: string,
  ) => void findings.push(check(requirement, met, { expected, actual, evidence: [examined.seq] }));

  if (examined.endpoint !== undefined) {
    const secure = examined.endpoint.startsWith('https://');
    find(
      'rfc8030.https',
      secure || context.httpAllowed === true,
      'a push resource with https',
      examined.endpoint,
    );
  }
  find(
    'rfc8030.whole-request',
    request.complete,
    'a request that is well-framed to its end',
    request.complete
      ? 'a whole request'
      : `a request that broke off or lost its framing after ${examined.body.length} octets of body${answered(examined)}`,
  );
  find('rfc8030.post', request.method === 'POST', 'POST', request.method);
  find('rfc8030.push-resource', ...judgeTarget(examined));

  const ttl = fieldsOf(examined, 'ttl');
  find('rfc8030.ttl-present', ttl.length > 0, 'a TTL field', list('TTL', ttl));
  if (ttl.length > 0) {
    find('rfc8030.ttl-digits', DIGITS.test(ttl.join()), 'one TTL field of digits alone', list('TTL', ttl));
  }
  const urgency = fieldsOf(examined, 'urgency');
  const urgencies = urgency.flatMap((value) => value.split(',').map((one) => one.trim()));
  find('rfc8030.urgency-single', urgencies.length < 2, 'at most one Urgency', list('Urgency', urgency));
  find(
    'rfc8030.urgency-value',
    urgencies.every((value) => URGENCY.test(value)),
    'very-low, low, normal or high, if there is an Urgency',
    list('Urgency', urgency),
  );
  const topic = fieldsOf(examined, 'topic');
  find(
    'rfc8030.topic-form',
    topic.length < 2 && topic.every((value) => TOPIC.test(value)),
    '1 to 32 characters of the base64url alphabet, if there is a Topic',
    list('Topic', topic),
  );
  const { jids } = context;
  if (jids) {
    const revealed = topic.flatMap((value) => jids.flatMap((jid) => revelation(value, jid)));
    find(
      'rfc8030.topic-private',
      revealed.length === 0,
      'a Topic that cannot be derived from a JID, if there is one',
      revealed[0] ?? list('Topic', topic),
    );
  }
  const { opened } = examined;
  if (opened.ok || (opened.fault !== 'unattributed' && opened.fault !== 'incomplete')) {
    const readable = !opened.ok && opened.fault === 'plain-text';
    const actual = readable ? opened.reason : 'no readable text';
    find('rfc8030.end-to-end', !readable, 'a body that only the user agent can read', actual);
  }
  const types = fieldsOf(examined, 'content-type');
  find(
    'rfc8188.content-type',
    types.every((type) => type.trim().toLowerCase() === 'application/octet-stream'),
    'no Content-Type, or application/octet-stream',
    list('Content-Type', types),
  );
  return findings;
}

/** Values of all fields of that name (in lower case), as sent. */
export function fieldsOf({ request }: Examined, name: string): readonly string[] {
  return request.headers.flatMap(([field, value]) => (field.toLowerCase() === name ? [value] : []));
}

/** Fields as they stand in the request, for `actual`. */
export function list(name: string, values: readonly string[]): string {
  return values.length === 0 ? `no ${name}` : values.map((value) => `${name}: ${value}`).join('; ');
}

function judgeTarget({ request, endpoint }: Examined): [met: boolean, expected: string, actual: string] {
  const actual = `${request.target} at ${request.authority || 'no authority'}`;
  if (endpoint === undefined) return [false, 'the exact URL of an endpoint that was handed out', actual];
  const start = endpoint.indexOf('//') + 2;
  const authority = endpoint.slice(start).replace(/[/?#].*/, '');
  const path = endpoint.slice(start + authority.length);
  const port = /^https:/i.test(endpoint) ? ':443' : ':80';
  const bare = (name: string) => (name.endsWith(port) ? name.slice(0, -port.length) : name).toLowerCase();
  const met =
    (request.target === path || request.target === endpoint) && bare(request.authority) === bare(authority);
  return [met, `${path} at ${authority}`, actual];
}

/** How a Topic gives a JID away. */
function revelation(topic: string, jid: string): readonly string[] {
  const local = jid.replace(/@.*/, '');
  const lower = topic.toLowerCase();
  if (local.length > 2 && lower.includes(local.toLowerCase()))
    return [`Topic: ${topic} contains ${local} of ${jid}`];
  const octets = new TextEncoder().encode(jid);
  const forms = [
    ['the JID', octets],
    ['its MD5', md5(octets)],
    ['its SHA-1', sha1(octets)],
    ['its SHA-256', sha256(octets)],
    ['its SHA-512', sha512(octets)],
  ] as const;
  for (const [name, value] of forms) {
    const bytes = Buffer.from(value);
    // A beginning of eight characters is no coincidence.
    const spelled = [bytes.toString('base64url'), bytes.toString('hex')];
    if (topic.length >= 8 && spelled.some((text) => text.startsWith(topic) || topic.startsWith(text))) {
      return [`Topic: ${topic} spells ${name === 'the JID' ? '' : `${name} of `}${jid}`];
    }
  }
  return [];
}

function answered({ status }: Examined): string {
  return status === undefined ? '' : `, answered with ${status}`;
}
