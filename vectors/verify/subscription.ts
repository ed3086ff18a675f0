import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { isPoint } from '../../harness/judge/token.js';
import { parseRequest } from '../../reference/stanza/request.js';
import { parseSubscription } from '../../reference/subscription/subscription.js';
import type {
  Condition,
  DisableExpected,
  EnableExpected,
  NotHandled,
  Refused,
  StanzaInput,
  SubscriptionExpected,
  SubscriptionInput,
} from '../kinds.js';
import { elementOf } from './importance.js';
import type { Opinion, Opinions } from './opinion.js';

/** The reference, and a second reading of the text that is as short as it can be. */
export const subscriptions: Opinions<SubscriptionInput, SubscriptionExpected> = ({ input, expected }) => {
  const parsed = parseSubscription(input, { allowedHosts: [] });
  const second = isKey(input.auth, 16) && isPublicKey(input.p256dh) && isEndpoint(input.endpoint);
  return [
    parsed.ok || expected.result === 'valid'
      ? { by: 'reference', expected: expected.result, actual: parsed.ok ? 'valid' : parsed.condition }
      : condition(expected, parsed.condition),
    { by: 'second reading', expected: expected.result, actual: second ? 'valid' : 'invalid' },
  ];
};

/** One of those that are allowed. */
function condition(expected: Refused, actual: Condition): Opinion {
  const { conditions } = expected;
  const fits = conditions.includes('any') || conditions.includes(actual);
  return { by: 'reference', expected: conditions, actual: fits ? conditions : [actual] };
}

function isKey(text: string, octets: number): boolean {
  const [, digits = '', padding = ''] = /^([A-Za-z0-9_-]*)(=*)$/.exec(text) ?? [];
  const decoded = Buffer.from(digits, 'base64url');
  const fullPadding = '='.repeat((4 - (digits.length % 4)) % 4);
  return (
    decoded.length === octets &&
    decoded.toString('base64url') === digits &&
    (padding === '' || padding === fullPadding)
  );
}

function isPublicKey(text: string): boolean {
  return isKey(text, 65) && isPoint(new Uint8Array(Buffer.from(text, 'base64url')));
}

const closed = new BlockList();
for (const [network, prefix] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['0.0.0.0', 8],
] as const) {
  closed.addSubnet(network, prefix, 'ipv4');
  // An address mapped into IPv6 is the address (RFC 4291 §2.5.5.2).
  closed.addSubnet(`::ffff:${network}`, prefix + 96, 'ipv6');
}
for (const [network, prefix] of [
  ['::', 127],
  ['fe80::', 10],
  ['fc00::', 7],
] as const)
  closed.addSubnet(network, prefix, 'ipv6');

/** What the WHATWG URL standard makes of it; that brings every notation of an address into one form. */
function isEndpoint(text: string): boolean {
  if (!/^https:\/\/[^/]/.test(text) || text.includes('#') || text.length > 2048 || !URL.canParse(text))
    return false;
  const { hostname } = new URL(text);
  if (/^https:\/\/[^/?]*@/.test(text) || hostname === 'localhost') return false;
  const address = hostname.replace(/^\[|\]$/g, '');
  if (isIPv4(address)) return !closed.check(address, 'ipv4');
  return !isIPv6(address) || !closed.check(address, 'ipv6');
}

type Wanted = EnableExpected | DisableExpected | Refused | NotHandled;

/** What the reference reads in a stanza, up to the answer. */
export const stanzaRequests: Opinions<StanzaInput, Wanted> = ({ input, expected }) => {
  const request = parseRequest(elementOf(input.stanza));
  const is = (actual: unknown): readonly Opinion[] => [{ by: 'reference', expected, actual }];
  const refusal = (actual: string): readonly Opinion[] => {
    if (expected.result === 'valid') return is(actual);
    const conditions: readonly string[] = expected.conditions;
    const fits = conditions.includes('any') || conditions.includes(actual);
    return [{ by: 'reference', expected: conditions, actual: fits ? conditions : [actual] }];
  };
  if (!request) return refusal('none');
  if (request.type === 'refused') return refusal(request.error.condition);
  if (request.type === 'disable') {
    const disable = request.which === 'session' ? 'own-session' : request.which;
    return is({ result: 'valid', disable });
  }
  const { endpoint, auth, p256dh, payload } = request;
  const parsed = parseSubscription(request, { allowedHosts: [] });
  return parsed.ok
    ? is({ result: 'valid', enable: { endpoint, auth, p256dh, payload } })
    : refusal(parsed.condition);
};
