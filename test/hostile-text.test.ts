import xml, { type Element } from '@xmpp/xml';
import { SaxesParser } from 'saxes';
import { describe, expect, test } from 'vitest';
import { hostileTexts } from '../fixtures/text/hostile.js';
import { parseElement } from '../harness/judge/parse-element.js';
import { junitReport } from '../harness/report/junit.js';
import { prettyReport } from '../harness/report/pretty.js';
import { styleFor } from '../harness/report/style.js';
import type { BrokenSentence, RunResult } from '../harness/run/result.js';
import type { Entry } from '../harness/transcript/transcript.js';
import { createPush } from '../reference/delivery/push.fixture.js';
import { buildRequest, topicOf } from '../reference/delivery/request.js';
import { classify } from '../reference/importance/classify.js';
import { buildPayload, encodePayload, PLAINTEXT_LIMIT } from '../reference/payload/payload.js';
import { openRegistry } from '../reference/registry/open-registry.js';
import { parseJid } from '../reference/server/session/jid.js';
import { parseRequest } from '../reference/stanza/request.js';
import { parseSubscription } from '../reference/subscription/subscription.js';

const account = 'juliet@capulet.example';
const rows = Object.entries(hostileTexts);

/** Of what XML 1.0 can carry at all (§2.2). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about.
const isXml = (text: string) => !/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Cs}/u.test(text);
const legal = rows.filter(([, text]) => isXml(text));

const context = { account, trigger: 'offline', isOwnOccupant: () => false } as const;

function payloadOf(stanza: Element, body: boolean): Record<string, unknown> {
  const classification = classify(stanza, context);
  const payload = buildPayload({
    account,
    classification,
    message: { id: 'm1', stanza },
    policy: { sender: true, body },
    importantBody: 'New Message!',
    now: 0,
  });
  const plaintext = encodePayload(payload);
  return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plaintext));
}

describe('A text that is hostile because of', () => {
  describe.each(rows)('%s', (_, text) => {
    // What UTF-8 can say of it.
    const sayable = Buffer.from(text).toString();

    test('travels in a body as a beginning of itself', () => {
      const stanza = xml(
        'message',
        { from: 'romeo@montague.example/x', type: 'chat' },
        xml('body', {}, text),
      );
      const { body, ...others } = payloadOf(stanza, true);
      expect(sayable.startsWith(body === 'New Message!' ? '' : String(body ?? ''))).toBe(true);
      expect(others).toMatchObject({ account, from: 'romeo@montague.example' });
      if (Buffer.byteLength(JSON.stringify(text)) < 2000) expect(body).toBe(sayable || 'New Message!');
    });

    test('is important as the body of a chat message, unless it is empty', () => {
      const stanza = xml('message', { from: 'romeo@montague.example', type: 'chat' }, xml('body', {}, text));
      expect(classify(stanza, context).importance).toBe(text === '' ? 'unimportant' : 'important');
    });

    test('is a nick of a room and nothing else', () => {
      const from = `room@rooms.example/${text}`;
      const { from: room, nick = '' } = payloadOf(
        xml('message', { from, type: 'groupchat' }, xml('body', {}, 'Hark!')),
        false,
      );
      expect({ room, nick }).toEqual({ room: 'room@rooms.example', nick: sayable });
    });

    test('names a conversation in no header field', () => {
      const push = createPush({ conversation: text });
      const topic = topicOf(new Uint8Array(32), push);
      const { headers } = buildRequest(
        push.registration.endpoint,
        'vapid t=a, k=b',
        { ttl: 60, urgency: 'normal', topic },
        new Uint8Array(1),
      );
      expect(topic).toMatch(/^[A-Za-z0-9_-]{1,32}$/);
      for (const value of Object.values(headers)) expect(value).toMatch(/^[\x20-\x7e]+$/);
    });

    test('is no key and no endpoint, and the refusal does not repeat it', () => {
      for (const field of ['endpoint', 'auth', 'p256dh'] as const) {
        const right = { endpoint: 'https://push.example/p', auth: 'A'.repeat(22), p256dh: 'B'.repeat(87) };
        const result = parseSubscription({ ...right, [field]: text }, { allowedHosts: [] });
        expect(result.ok).toBe(false);
        if (!result.ok && text.length > 20) expect(result.text).not.toContain(text);
      }
    });

    test('in the place of any value of a request makes a refusal at most', () => {
      const child = (name: string) => xml(name, {}, text);
      for (const request of [
        xml('enable', { xmlns: 'urn:xmpp:webpush:0' }, ...['endpoint', 'auth', 'p256dh'].map(child)),
        xml('enable', { xmlns: 'urn:xmpp:webpush:0' }, xml('payload', { body: text, sender: text })),
        xml('disable', { xmlns: 'urn:xmpp:webpush:0', all: text }, child('endpoint')),
        xml('disable', { xmlns: 'urn:xmpp:webpush:0' }, child('endpoint'), text),
      ])
        expect(() => parseRequest(xml('iq', { type: 'set', id: text }, request))).not.toThrow();
    });

    test('is an account of its own in the registry, or none', () => {
      const registry = openRegistry({ path: ':memory:', maxDevices: 2 });
      const enable = (name: string) =>
        registry.enable({
          account: name,
          endpoint: 'https://push.example/p',
          p256dh: new Uint8Array(65),
          auth: new Uint8Array(16),
          payload: { sender: true, body: false },
          applicationServerKey: 'key',
          enabledAt: 0,
        });
      const alike = [`${text}a`, `${text}b`].filter(isXml);
      for (const name of alike) enable(name);
      expect(alike.map((name) => registry.list(name).map((one) => one.account))).toEqual(
        alike.map((name) => [name]),
      );
      registry.close();
    });

    test('makes no reader of addresses throw', () => {
      for (const jid of [text, `${text}@capulet.example`, `juliet@${text}`, `${account}/${text}`]) {
        const parsed = parseJid(jid);
        if (parsed) expect(parseJid(parsed.full)).toEqual(parsed);
      }
    });

    test('leaves a report that can be read, and steers no terminal', () => {
      const result = resultWith(text);
      const pretty = prettyReport(result, styleFor({ isTTY: false }));
      expect(pretty.match(/(?!\n)[\p{Cc}\p{Bidi_Control}\p{Cs}]/u)).toBeNull();
      const parser = new SaxesParser();
      parser.on('error', (error) => {
        throw error;
      });
      parser.write(Buffer.from(junitReport(result)).toString()).close();
    });
  });

  test.each(legal)('%s comes through a stanza as it went in', (_, text) => {
    const stanza = xml('message', { id: text }, xml('body', {}, text));
    const read = parseElement(stanza.toString());
    // XML 1.0 §2.11 and §3.3.3: a parser makes one line end of several, and a space of each in an attribute.
    const normal = text.replaceAll(/\r\n?/g, '\n');
    expect([text, normal]).toContain(read?.getChildText('body'));
    expect(read?.attrs.id?.length).toBeGreaterThanOrEqual(normal.length);
  });
});

/** A run in which all that a server says is this text. */
function resultWith(text: string): RunResult {
  const entry: Entry = {
    kind: 'stanza',
    actor: 'juliet/phone',
    direction: 'received',
    xml: `<message><body>${text}</body></message>`,
    seq: 0,
    at: 0,
  };
  const finding: BrokenSentence = {
    requirement: 'important.headline',
    level: 'MUST NOT',
    sentence: "A server MUST NOT push a message of type 'headline'.",
    source: 'XEP-XXXX §8',
    met: false,
    expected: 'no request',
    actual: text,
    entries: [entry],
  };
  const one = {
    id: 'importance/headline',
    title: 'a headline is not pushed',
    durationMs: 1,
    requirements: ['important.headline'],
    fences: [],
    repeat: 'npx webpush-conformance run',
  };
  const zero = { 'not-applicable': 0, untestable: 0, deselected: 0, pass: 0, warn: 0, info: 0 };
  return {
    format: 'webpush-conformance/run/1',
    kit: '0.1.0',
    target: { name: 'server', software: text, version: text },
    seed: 1,
    startedAt: '2026-11-22T12:00:00.000Z',
    durationMs: 1,
    interrupted: false,
    calibration: { pingMs: 1, pushMs: 8, slowestPushMs: 12, order: 'kept', patienceMs: 5000, sentinels: 1 },
    counts: { ...zero, fail: 1, inconclusive: 1, error: 0 },
    cases: [
      { ...one, verdict: 'fail', findings: [finding] },
      { ...one, id: 'importance/iq', verdict: 'inconclusive', reason: text, findings: [] },
    ],
  };
}

test('The limit of a plaintext is one that these texts reach', () => {
  const longest = Math.max(...rows.map(([, text]) => Buffer.byteLength(text)));
  expect(longest).toBeGreaterThan(PLAINTEXT_LIMIT);
});
