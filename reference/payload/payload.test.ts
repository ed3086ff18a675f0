import xml, { type Element } from '@xmpp/xml';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PushPayload } from '../engine/events.js';
import type { Classification } from '../importance/importance.js';
import {
  buildPayload,
  encodePayload,
  type PayloadSource,
  PLAINTEXT_LIMIT,
  reducePayload,
} from './payload.js';

const account = 'juliet@capulet.example';
const noon = Date.UTC(2026, 10, 22, 12);
const romeo = { from: 'romeo@montague.example/orchard', to: account, type: 'chat' };

function message(attrs: Record<string, string>, ...children: Element[]): Element {
  return xml('message', { xmlns: 'jabber:client', ...attrs }, ...children);
}

function payloadOf(
  stanza: Element,
  changes: Partial<Omit<PayloadSource, 'classification'>> & { classification?: Partial<Classification> } = {},
): PushPayload {
  const { classification, ...source } = changes;
  return buildPayload({
    account,
    message: { id: 'm1', stanza },
    policy: { sender: true, body: false },
    importantBody: 'New Message!',
    now: noon,
    ...source,
    classification: {
      importance: 'important',
      rule: 'body',
      kind: 'message',
      message: stanza,
      encrypted: false,
      ...classification,
    },
  });
}

const optedIn = { policy: { sender: true, body: true } };
const hello = message(romeo, xml('body', {}, 'Art thou not Romeo?'));

describe('the members of a payload', () => {
  test('without opt-in it names the account, the sender and the time, and the body is the operator’s', () => {
    expect(payloadOf(hello)).toEqual({
      v: 1,
      account,
      kind: 'message',
      type: 'chat',
      from: 'romeo@montague.example',
      time: '2026-11-22T12:00:00.000Z',
      body: 'New Message!',
    });
  });

  test('an empty operator’s body leaves the member out', () => {
    expect(payloadOf(hello, { importantBody: '' })).not.toHaveProperty('body');
  });

  test('with opt-in the body is the message’s text', () => {
    expect(payloadOf(hello, optedIn).body).toBe('Art thou not Romeo?');
  });

  test('with opt-in a message without text has the operator’s body', () => {
    expect(payloadOf(message(romeo), optedIn).body).toBe('New Message!');
  });

  test('of several bodies the one without xml:lang is taken, and none of another namespace', () => {
    const stanza = message(
      romeo,
      xml('body', { xmlns: 'http://www.w3.org/1999/xhtml' }, 'xhtml'),
      xml('body', { 'xml:lang': 'cs' }, 'česky'),
      xml('body', {}, 'English'),
    );
    expect(payloadOf(stanza, optedIn).body).toBe('English');
  });

  test('the fallback body of an encrypted message is never told, opt-in or not', () => {
    for (const policy of [optedIn.policy, { sender: true, body: false }]) {
      const payload = payloadOf(hello, { policy, classification: { encrypted: true } });
      expect(payload).toMatchObject({ encrypted: true, body: 'New Message!' });
    }
  });

  test('a call and its end have no body', () => {
    for (const kind of ['call', 'call-retract'] as const) {
      const payload = payloadOf(hello, { ...optedIn, classification: { kind, importance: 'urgent' } });
      expect(payload.kind).toBe(kind);
      expect(payload).not.toHaveProperty('body');
    }
  });

  test('an invitation tells the room, and neither the password nor a text that may hold it', () => {
    const stanza = message(
      { from: 'coven@rooms.shakespeare.example', to: account },
      xml('body', {}, 'Join us, the password is cauldronburn'),
      xml(
        'x',
        { xmlns: 'http://jabber.org/protocol/muc#user' },
        xml('invite', { from: 'crone@shakespeare.example/heath' }, xml('reason', {}, 'cauldronburn!')),
        xml('password', {}, 'cauldronburn'),
      ),
    );
    const payload = payloadOf(stanza, { ...optedIn, classification: { kind: 'invite' } });
    expect(payload).toMatchObject({
      kind: 'invite',
      type: 'normal',
      from: 'coven@rooms.shakespeare.example',
      body: 'New Message!',
    });
    expect(JSON.stringify(payload)).not.toContain('cauldronburn');
  });

  test('a client that asked for no sender learns neither JID nor nick', () => {
    const stanza = message({ from: 'room@rooms.example/Romeo', type: 'groupchat' }, xml('body', {}, 'x'));
    const payload = payloadOf(stanza, { policy: { sender: false, body: false } });
    expect(payload).not.toHaveProperty('from');
    expect(payload).not.toHaveProperty('nick');
  });

  test('the message inside a carbon is told, not its wrapper', () => {
    const wrapper = message({ from: account, to: `${account}/balcony` });
    const payload = payloadOf(wrapper, { ...optedIn, classification: { message: hello } });
    expect(payload).toMatchObject({
      type: 'chat',
      from: 'romeo@montague.example',
      body: 'Art thou not Romeo?',
    });
  });
});

describe('the sender', () => {
  test('in a room it is the room’s JID and the nick, which may contain a slash', () => {
    const stanza = message({ from: 'room@rooms.example/Ro/meo', type: 'groupchat' }, xml('body', {}, 'x'));
    expect(payloadOf(stanza)).toMatchObject({
      type: 'groupchat',
      from: 'room@rooms.example',
      nick: 'Ro/meo',
    });
  });

  test('of a private message in a room it is the room’s JID and the nick', () => {
    const stanza = message(
      { from: 'room@rooms.example/Romeo', type: 'chat' },
      xml('x', { xmlns: 'http://jabber.org/protocol/muc#user' }),
    );
    expect(payloadOf(stanza)).toMatchObject({ type: 'chat', from: 'room@rooms.example', nick: 'Romeo' });
  });

  test('otherwise the resource stays out', () => {
    expect(payloadOf(hello)).not.toHaveProperty('nick');
    expect(JSON.stringify(payloadOf(hello))).not.toContain('orchard');
  });

  test('a message from the server itself has its domain, one without a sender has none', () => {
    expect(payloadOf(message({ from: 'montague.example' })).from).toBe('montague.example');
    expect(payloadOf(message({}))).not.toHaveProperty('from');
  });
});

describe('the id', () => {
  const stanzaId = (by: string, id: string) => xml('stanza-id', { xmlns: 'urn:xmpp:sid:0', by, id });

  test('is the archive’s when the message was archived', () => {
    const stanza = message(romeo, stanzaId(account, 'other'));
    expect(payloadOf(stanza, { message: { id: 'm1', stanza, archiveId: 'a-17' } }).id).toBe('a-17');
  });

  test('is else the stanza-id by the own bare JID, not that of a room or a stranger', () => {
    const stanza = message(romeo, stanzaId('room@rooms.example', 'r-1'), stanzaId(account, 's-2'));
    expect(payloadOf(stanza).id).toBe('s-2');
    expect(payloadOf(message(romeo, stanzaId('room@rooms.example', 'r-1')))).not.toHaveProperty('id');
  });

  test('is absent when two claim to be the account’s', () => {
    const stanza = message(romeo, stanzaId(account, 's-1'), stanzaId(account, 's-2'));
    expect(payloadOf(stanza)).not.toHaveProperty('id');
  });

  test('is never the sender’s own', () => {
    expect(payloadOf(message({ ...romeo, id: 'sender-1' }))).not.toHaveProperty('id');
  });
});

const utf8 = new TextDecoder('utf-8', { fatal: true });
const decode = (plaintext: Uint8Array): unknown => JSON.parse(utf8.decode(plaintext));

const anyString = fc.string({ unit: 'binary', maxLength: 3000 });
const anyPayload: fc.Arbitrary<PushPayload> = fc.record(
  {
    v: fc.constant(1 as const),
    account: fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
    kind: fc.constantFrom('message', 'call', 'call-retract', 'invite'),
    type: fc.constantFrom('chat', 'groupchat', 'normal'),
    time: fc.constant('2026-11-22T12:00:00.000Z'),
    from: fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
    nick: fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
    id: fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
    encrypted: fc.constant(true as const),
    body: fc.oneof(
      anyString,
      fc.integer({ min: 0, max: 6000 }).map((length) => '漢"\n🏽'.repeat(length).slice(0, length)),
    ),
  },
  { requiredKeys: ['v', 'account', 'kind', 'type', 'time'] },
);

describe('the plaintext', () => {
  test('is JSON in UTF-8 with the members as they are', () => {
    const payload = payloadOf(hello, optedIn);
    expect(decode(encodePayload(payload))).toEqual(payload);
  });

  test('never exceeds the limit, is valid UTF-8 and keeps every member but a part of the body', () => {
    fc.assert(
      fc.property(anyPayload, fc.integer({ min: 1200, max: 3993 }), (payload, limit) => {
        const plaintext = encodePayload(payload, limit);
        expect(plaintext.length).toBeLessThanOrEqual(limit);
        const { body, ...others } = decode(plaintext) as PushPayload;
        const { body: whole = '', ...expected } = JSON.parse(
          JSON.stringify(payload, (_name, value) =>
            typeof value === 'string' ? Buffer.from(value).toString() : value,
          ),
        ) as PushPayload;
        expect(others).toEqual(expected);
        expect(whole.startsWith(body ?? '')).toBe(true);
      }),
    );
  });

  test('a body that must be cut fills the limit up to the last character that fits', () => {
    const payload = payloadOf(message(romeo, xml('body', {}, '漢'.repeat(900))), optedIn);
    expect(payload.body).toHaveLength(900);
    const { length } = encodePayload(payload);
    expect(length).toBeLessThanOrEqual(PLAINTEXT_LIMIT);
    expect(length).toBeGreaterThan(PLAINTEXT_LIMIT - 3);
  });

  test('what JSON has to escape counts at its escaped length', () => {
    const payload = payloadOf(message(romeo, xml('body', {}, '"\n'.repeat(1400))), optedIn);
    expect(encodePayload(payload).length).toBeLessThanOrEqual(PLAINTEXT_LIMIT);
  });

  test('a lone surrogate becomes the replacement character', () => {
    const payload = { ...payloadOf(hello), nick: 'a\udc00', body: '\ud83d' };
    expect(decode(encodePayload(payload))).toMatchObject({ nick: 'a\ufffd', body: '\ufffd' });
  });

  test('the other members stay whole even where they alone exceed the limit', () => {
    const payload = { ...payloadOf(hello), from: 'x'.repeat(300) };
    const { body: _, ...others } = payload;
    expect(decode(encodePayload(payload, 200))).toEqual(others);
  });

  test('a body of any length is not held on to', () => {
    const stanza = message(romeo, xml('body', {}, 'x'.repeat(250_000)));
    expect(payloadOf(stanza, optedIn).body).toHaveLength(PLAINTEXT_LIMIT);
  });
});

describe('the reduced payload', () => {
  test('keeps what routes it and drops what is optional', () => {
    const stanza = message({ from: 'room@rooms.example/Romeo', type: 'groupchat' }, xml('body', {}, 'x'));
    const payload = payloadOf(stanza, {
      message: { id: 'm1', stanza, archiveId: 'a-17' },
      classification: { encrypted: true },
    });
    expect(reducePayload(payload)).toEqual({
      v: 1,
      account,
      kind: 'message',
      type: 'groupchat',
      from: 'room@rooms.example',
      id: 'a-17',
      time: '2026-11-22T12:00:00.000Z',
    });
  });
});
