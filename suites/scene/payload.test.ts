import { describe, expect, test } from 'vitest';
import type { Evidence, Examined, Opened } from '../../harness/judge/evidence.js';
import { excerpt, firstPayload, member, toldBy, withholds } from './payload.js';

const device = 'juliet/phone';

function push(opened: Opened): Examined {
  return {
    seq: 7,
    at: 0,
    subscription: device,
    request: {
      httpVersion: '1.1',
      method: 'POST',
      target: '/',
      authority: 'push.example',
      headers: [],
      body: '',
      complete: true,
    },
    answer: { type: 'status', status: 201 },
    body: new Uint8Array(),
    opened,
    vapid: { fields: [] },
    sentinel: false,
  };
}

const plain = (text: string, json?: unknown): Examined =>
  push({
    ok: true,
    plaintext: new TextEncoder().encode(text),
    padding: 0,
    keys: 'current',
    ...(json === undefined ? {} : { json }),
  });

function evidenceOf(...requests: readonly Examined[]): Evidence {
  return {
    case: 'payload/any',
    entries: [],
    fences: [],
    requests: () => requests,
    allRequests: requests,
    stanzas: () => [],
    mark: () => 0,
  };
}

describe('what a push tells', () => {
  test('is the members of a JSON object', () => {
    expect(toldBy(plain('{"v":1}', { v: 1 }))).toEqual({ ok: true, members: { v: 1 }, text: '{"v":1}' });
  });

  test.each([
    [
      'a body that does not open',
      push({ ok: false, fault: 'incomplete', reason: 'cut off' }),
      /does not open: cut off/,
    ],
    [
      'octets that are not UTF-8',
      push({ ok: true, plaintext: new Uint8Array([0xff]), padding: 0, keys: 'current' }),
      /not UTF-8/,
    ],
    ['an array', plain('[1]', [1]), /not a JSON object/],
    ['a string', plain('"v"', 'v'), /not a JSON object/],
    ['no JSON', plain('v=1'), /not a JSON object: v=1/],
  ])('is nothing in %s', (_what, request, reason) => {
    expect(toldBy(request)).toEqual({ ok: false, reason: expect.stringMatching(reason) });
  });
});

describe('a judge of payloads', () => {
  test('keeps no sentence without a push', () => {
    const none = evidenceOf();
    expect(member(none, 'payload.kind', device, 'kind', 'call')).toMatchObject({
      met: false,
      actual: 'no request',
    });
    expect(withholds(none, 'payload.no-text', device, 'the text', ['rose'])).toMatchObject({ met: false });
  });

  test('says nothing on a sentence that a body hides which does not open', () => {
    const hidden = expect.objectContaining({ code: 'hidden' });
    const closed = evidenceOf(push({ ok: false, fault: 'incomplete', reason: 'cut off' }));
    const anything = () => ({ met: true, actual: '' });
    expect(() => firstPayload(closed, 'payload.json', device, 'anything', anything)).toThrow(hidden);
    expect(() => withholds(closed, 'payload.no-text', device, 'the text', ['rose'])).toThrow(hidden);
  });

  test('holds a plaintext that is no JSON object against the sentence on it, and hides the others', () => {
    const array = evidenceOf(plain('[1]', [1]));
    const anything = () => ({ met: true, actual: '' });
    expect(firstPayload(array, 'payload.json', device, 'anything', anything).met).toBe(false);
    expect(() => firstPayload(array, 'payload.account', device, 'anything', anything)).toThrow(
      expect.objectContaining({ code: 'hidden' }),
    );
  });

  test('tells a member from another value and from none', () => {
    const call = evidenceOf(plain('{"kind":"call"}', { kind: 'call' }));
    expect(member(call, 'payload.kind', device, 'kind', 'call').met).toBe(true);
    expect(member(call, 'payload.kind', device, 'kind', 'message').met).toBe(false);
    expect(member(call, 'payload.from', device, 'from', undefined).met).toBe(true);
    expect(member(call, 'payload.no-sender', device, 'kind', undefined).met).toBe(false);
  });

  test('finds a text in any member of any push, in any case, and behind escapes', () => {
    const harmless = plain('{"v":1}', { v: 1 });
    const secrets = [
      plain('{"x":{"y":"A ROSE"}}', { x: { y: 'A ROSE' } }),
      plain('{"x":"a r\\u006fse"}', { x: 'a rose' }),
      plain('{"v":1} a rose', { v: 1 }),
    ];
    for (const secret of secrets) {
      const finding = withholds(evidenceOf(harmless, secret), 'payload.no-text', device, 'the text', [
        'rose',
      ]);
      expect(finding).toMatchObject({ met: false, actual: expect.stringContaining('"rose" in ') });
    }
    expect(withholds(evidenceOf(harmless), 'payload.no-text', device, 'the text', ['rose']).met).toBe(true);
  });
});

test('an excerpt is one short line without control characters', () => {
  expect(excerpt(`a\n\u001b[31m\u2028b`)).toBe('a��[31m�b');
  expect(excerpt('x'.repeat(1000))).toHaveLength(301);
});
