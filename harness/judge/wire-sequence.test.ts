import { describe, expect, test } from 'vitest';
import { encodeBase64url } from './base64url.js';
import type { Examined } from './evidence.js';
import { browser, forge } from './forge.js';
import { judgeSequence, type sequenceRequirements } from './wire-sequence.js';

type Requirement = (typeof sequenceRequirements)[number];

const user = browser();
const request = { ...forge({ to: user }), body: '' };
const numbered = (octets: number, number: number) => new Uint8Array(octets).fill(number);

interface Message {
  readonly salt?: number | Uint8Array;
  readonly keyid?: number;
  readonly endpoint?: string;
  readonly body?: string;
}

/** A message whose salt and key id consist of one number, its own unless another is given. */
const message = (
  seq: number,
  { salt = seq, keyid = seq, endpoint = 'https://push.example/a', body }: Message = {},
) => ({
  ...stray(seq),
  endpoint,
  request: { ...request, body: body ?? `body ${seq}` },
  coding: {
    salt: typeof salt === 'number' ? numbered(16, salt) : salt,
    recordSize: 4096,
    keyid: numbered(65, keyid),
  },
});
const stray = (seq: number): Examined => ({
  seq,
  at: 0,
  request,
  answer: { type: 'status', status: 201 },
  status: 201,
  body: new Uint8Array(),
  opened: { ok: false, fault: 'no-body', reason: '' },
  vapid: { fields: [] },
  sentinel: false,
});
const found = (requirement: Requirement, requests: readonly Examined[]) => {
  const [finding, ...others] = judgeSequence(requests).filter((each) => each.requirement === requirement);
  expect(others).toEqual([]);
  return finding && { met: finding.met, actual: finding.actual, evidence: finding.evidence };
};
const salt = (number: number) => encodeBase64url(numbered(16, number));
const keyid = (number: number) => encodeBase64url(numbered(65, number));

describe('Messages', () => {
  test('that share nothing keep every sentence, and all of them show it', () => {
    const requests = [message(1), message(2), message(5)];
    const evidence = [1, 2, 5];
    expect(judgeSequence(requests).map(({ met, actual, evidence }) => [met, actual, evidence])).toEqual([
      [true, '3 messages, no salt twice with the same keys', evidence],
      [true, '3 messages, as many salts', evidence],
      [true, '3 messages, as many key ids', evidence],
      [true, 'no token replaced within an hour', evidence],
    ]);
  });

  test('are not new when they are sent again, and none without a header', () => {
    const requests = [message(1), message(2, { salt: 1, keyid: 1, body: 'body 1' }), stray(3), stray(4)];
    expect(found('rfc8188.salt-unique', requests)).toEqual({
      met: true,
      actual: '1 messages, no salt twice with the same keys',
      evidence: [1],
    });
    expect(found('rfc8188.salt-random', requests)?.met).toBe(true);
    expect(found('rfc8291.ephemeral-key', requests)?.met).toBe(true);
  });

  test('have a salt twice with the same keys', () => {
    expect(found('rfc8188.salt-unique', [message(1), message(2), message(3, { salt: 1, keyid: 1 })])).toEqual(
      {
        met: false,
        actual: `again ${salt(1)} with key id ${keyid(1)} for https://push.example/a`,
        evidence: [1, 3],
      },
    );
  });

  test.each<[string, Message]>([
    ['key id', { salt: 1, keyid: 2 }],
    ['receiver', { salt: 1, keyid: 1, endpoint: 'https://push.example/b' }],
  ])('have a salt twice with another %s', (_, other) => {
    const requests = [message(1), message(2, other)];
    expect(found('rfc8188.salt-unique', requests)?.met).toBe(true);
    expect(found('rfc8188.salt-random', requests)).toEqual({
      met: false,
      actual: `again salt ${salt(1)}`,
      evidence: [1, 2],
    });
  });

  test('have a salt of zeros, be it the only message', () => {
    const partly = numbered(16, 0).with(3, 1);
    expect(found('rfc8188.salt-random', [message(1), message(2, { salt: 0 })])).toEqual({
      met: false,
      actual: 'a salt of zeros',
      evidence: [2],
    });
    expect(found('rfc8188.salt-random', [message(1, { salt: partly })])?.met).toBe(true);
  });

  test('have a key pair twice', () => {
    expect(found('rfc8291.ephemeral-key', [message(1), message(2), message(3, { keyid: 2 })])).toEqual({
      met: false,
      actual: `again key id ${keyid(2)}`,
      evidence: [2, 3],
    });
  });
});

describe('A token', () => {
  /** A request with a token at a time in seconds. */
  const tokenAt = (
    seconds: number,
    token: string | undefined,
    {
      exp = 50_000,
      aud = 'https://push.example',
      key = 'k',
    }: { exp?: unknown; aud?: unknown; key?: string } = {},
  ): Examined => ({
    ...stray(seconds),
    at: seconds * 1000,
    vapid: { fields: [], key, claims: { exp, aud }, ...(token === undefined ? {} : { token }) },
  });
  const reuse = (...requests: readonly Examined[]) => {
    const finding = found('rfc8292.token-reuse', requests);
    return finding?.met === false ? [finding.actual, finding.evidence] : finding?.met;
  };

  test('is replaced within an hour', () => {
    expect(reuse(tokenAt(1, 'a'), tokenAt(61, 'b'))).toEqual([
      'another token for https://push.example after 60 seconds',
      [1, 61],
    ]);
    expect(reuse(tokenAt(0, 'a'), tokenAt(3599, 'b'))).not.toBe(true);
    expect(reuse(tokenAt(0, 'a'), tokenAt(3600, 'b'))).toBe(true);
  });

  test('may be replaced when it is nearly over', () => {
    expect(reuse(tokenAt(0, 'a', { exp: 159 }), tokenAt(100, 'b'))).toBe(true);
    expect(reuse(tokenAt(0, 'a', { exp: 160 }), tokenAt(100, 'b'))).not.toBe(true);
    expect(reuse(tokenAt(0, 'a', { exp: '100' }), tokenAt(100, 'b'))).not.toBe(true);
    expect(reuse(tokenAt(0, 'a'), tokenAt(100, 'b', { exp: 110 }))).not.toBe(true);
  });

  test('has its hour from the request that first had it', () => {
    expect(reuse(tokenAt(0, 'a'), tokenAt(3000, 'a'), tokenAt(3700, 'b'))).toBe(true);
    expect(reuse(tokenAt(0, 'a'), tokenAt(3700, 'b'), tokenAt(3800, 'c'))).toEqual([
      'another token for https://push.example after 100 seconds',
      [3700, 3800],
    ]);
  });

  test('is another one for another origin or key', () => {
    expect(reuse(tokenAt(0, 'a'), tokenAt(1, 'b', { aud: 'https://other.example' }))).toBe(true);
    expect(reuse(tokenAt(0, 'a'), tokenAt(1, 'b', { key: 'other' }))).toBe(true);
    expect(reuse(tokenAt(0, 'a'), tokenAt(1, 'b', { key: 'other' }), tokenAt(2, 'c'))).not.toBe(true);
  });

  test('is not replaced by none', () => {
    expect(reuse(tokenAt(0, 'a'), tokenAt(1, undefined), tokenAt(2, 'a'), stray(3))).toBe(true);
  });

  test('whose claims cannot be read is one too', () => {
    const unread = (seq: number, token: string): Examined => ({
      ...stray(seq),
      at: seq * 1000,
      vapid: { fields: [], token, key: 'k' },
    });
    expect(reuse(unread(1, 'a'), unread(2, 'b'))).toEqual([
      'another token for undefined after 1 seconds',
      [1, 2],
    ]);
    expect(reuse(unread(1, 'a'), unread(2, 'a'))).toBe(true);
  });
});
