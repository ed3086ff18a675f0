import type { RecordedRequest } from '../transcript/transcript.js';
import type { Answer } from './subscription.js';

/** Every push service takes this many octets of body (RFC 8030 §7.2); this one takes no more. */
const BODY_LIMIT = 4096;

/** A TTL above this counts as this (RFC 8030 §5.2). */
const LONGEST_TTL = 2 ** 31;

const refuse = (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  type: 'status',
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
  body: `${body}\n`,
});

/**
 * The answer RFC 8030 demands of a push service. Authorization is not looked at: the application server key a browser would
 * have bound the subscription to is not known here, so tokens are judged from the transcript.
 *
 * @param messageResource URL of the push message resource, for `Location`; absent when the path is no subscription's.
 */
export function defaultAnswer(request: RecordedRequest, messageResource?: string): Answer {
  if (messageResource === undefined)
    return refuse(404, 'No subscription has this push resource (RFC 8030 §7.3).');
  if (request.method !== 'POST') {
    return refuse(405, 'A push message is requested with POST (RFC 8030 §5).', { allow: 'POST' });
  }
  if (Buffer.from(request.body, 'base64url').length > BODY_LIMIT) {
    return refuse(413, `The body has more than ${BODY_LIMIT} octets (RFC 8030 §7.2).`);
  }
  const values = (name: string) =>
    request.headers.filter(([field]) => field.toLowerCase() === name).map(([, value]) => value);
  const [ttl, ...moreTtl] = values('ttl');
  if (ttl === undefined || moreTtl.length > 0 || !/^[0-9]+$/.test(ttl)) {
    return refuse(400, 'TTL must be there, once, and consist of digits (RFC 8030 §5.2).');
  }
  const urgency = values('urgency');
  if (urgency.length > 1 || urgency.some((value) => !/^(?:very-low|low|normal|high)$/.test(value))) {
    return refuse(400, 'Urgency is one of very-low, low, normal and high (RFC 8030 §5.3).');
  }
  const topic = values('topic');
  if (topic.length > 1 || topic.some((value) => !/^[A-Za-z0-9_-]{1,32}$/.test(value))) {
    return refuse(400, 'Topic has 1 to 32 characters of the base64url alphabet (RFC 8030 §5.4).');
  }
  return {
    type: 'status',
    status: 201,
    headers: { location: messageResource, ttl: String(Math.min(Number(ttl), LONGEST_TTL)) },
  };
}
