import { encodeBase64url } from './base64url.js';
import { check } from './check.js';
import type { Examined } from './evidence.js';
import type { Finding } from './finding.js';

/** What `judgeSequence` can find. */
export const sequenceRequirements = [
  'rfc8188.salt-unique',
  'rfc8188.salt-random',
  'rfc8291.ephemeral-key',
  'rfc8292.token-reuse',
] as const;

/** Vendors ask not to be shown a new token more often; milliseconds. */
const HOUR = 3_600_000;

/** A token that ends so soon is rightly replaced; seconds. */
const NEARLY_OVER = 60;

/** What only several requests of one server show, in the order they came. A message sent again unchanged is no new message. */
export function judgeSequence(requests: readonly Examined[]): readonly Finding[] {
  const messages = messagesOf(requests);
  const evidence = messages.map(({ seq }) => seq);
  const find = (
    requirement: (typeof sequenceRequirements)[number],
    expected: string,
    kept: string,
    problem: Problem | undefined,
  ): Finding =>
    check(requirement, problem === undefined, {
      expected,
      actual: problem?.actual ?? kept,
      evidence: problem?.evidence ?? evidence,
    });
  const count = `${messages.length} messages`;
  return [
    find(
      'rfc8188.salt-unique',
      'another salt for every message with the same keying material',
      `${count}, no salt twice with the same keys`,
      repeated(
        messages,
        ({ salt, keyid, endpoint }) => `${encodeBase64url(salt)} with key id ${keyid} for ${endpoint}`,
      ),
    ),
    find(
      'rfc8188.salt-random',
      'a random salt for every message',
      `${count}, as many salts`,
      zeroSalt(messages) ?? repeated(messages, ({ salt }) => `salt ${encodeBase64url(salt)}`),
    ),
    find(
      'rfc8291.ephemeral-key',
      'a new key pair for every message',
      `${count}, as many key ids`,
      repeated(messages, ({ keyid }) => `key id ${keyid}`),
    ),
    find(
      'rfc8292.token-reuse',
      'a token that is used again for the same origin, for an hour at least',
      'no token replaced within an hour',
      hastyToken(requests),
    ),
  ];
}

interface Problem {
  readonly actual: string;
  readonly evidence: readonly number[];
}

/** What a message shares with no other. */
interface Message {
  readonly seq: number;
  readonly endpoint: string | undefined;
  readonly salt: Uint8Array;
  /** base64url. */
  readonly keyid: string;
}

function messagesOf(requests: readonly Examined[]): readonly Message[] {
  const seen = new Set<string>();
  return requests.flatMap(({ seq, endpoint, coding, request }) => {
    if (!coding || seen.has(request.body)) return [];
    seen.add(request.body);
    return [{ seq, endpoint, salt: coding.salt, keyid: encodeBase64url(coding.keyid) }];
  });
}

function repeated(messages: readonly Message[], name: (message: Message) => string): Problem | undefined {
  const first = new Map<string, number>();
  for (const message of messages) {
    const what = name(message);
    const before = first.get(what);
    if (before !== undefined) return { actual: `again ${what}`, evidence: [before, message.seq] };
    first.set(what, message.seq);
  }
  return undefined;
}

function zeroSalt(messages: readonly Message[]): Problem | undefined {
  const message = messages.find(({ salt }) => salt.every((octet) => octet === 0));
  return message && { actual: 'a salt of zeros', evidence: [message.seq] };
}

/** A token that replaced another for the same origin, key and contact before it had to. */
function hastyToken(requests: readonly Examined[]): Problem | undefined {
  const current = new Map<string, Examined>();
  for (const request of requests) {
    const { vapid, at, seq } = request;
    const { token, key, claims } = vapid;
    if (token === undefined) continue;
    const scope = JSON.stringify([key, claims?.aud]);
    const before = current.get(scope);
    if (before?.vapid.token === token) continue;
    if (before) {
      const age = at - before.at;
      const exp = before.vapid.claims?.exp;
      const over = typeof exp === 'number' && exp - at / 1000 < NEARLY_OVER;
      if (age < HOUR && !over) {
        const actual = `another token for ${String(claims?.aud)} after ${Math.round(age / 1000)} seconds`;
        return { actual, evidence: [before.seq, seq] };
      }
    }
    current.set(scope, request);
  }
  return undefined;
}
