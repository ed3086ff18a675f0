import { describe, expect, test } from 'vitest';
import type { Push } from '../engine/events.js';
import { createPush } from './push.fixture.js';
import { buildRequest, threadOf, topicOf, urgencyOf } from './request.js';

const secret = new Uint8Array(32).fill(7);
const topic = (changes: Partial<Push> & { account?: string; endpoint?: string } = {}) =>
  topicOf(secret, createPush(changes));

describe('the request', () => {
  const body = new Uint8Array([1, 2, 3]);
  const handling = { ttl: 60, urgency: 'high', topic: 'abc' } as const;

  test('has the fields push services need and nothing that identifies', () => {
    const { headers } = buildRequest('https://push.example/p?x=%2f', 'vapid t=a, k=b', handling, body);
    expect(headers).toEqual({
      TTL: '60',
      Urgency: 'high',
      Topic: 'abc',
      'Content-Encoding': 'aes128gcm',
      'Content-Type': 'application/octet-stream',
      'Content-Length': '3',
      Authorization: 'vapid t=a, k=b',
    });
  });

  test('has no Topic when there is none', () => {
    const { headers } = buildRequest('https://push.example/', 'x', { ...handling, topic: undefined }, body);
    expect(headers).not.toHaveProperty('Topic');
  });
});

describe('the urgency', () => {
  test('of a message or an invitation is normal, of a call and its end high', () => {
    expect(urgencyOf({ urgent: false, kind: 'message' })).toBe('normal');
    expect(urgencyOf({ urgent: false, kind: 'invite' })).toBe('normal');
    expect(urgencyOf({ urgent: true, kind: 'invite' })).toBe('high');
    expect(urgencyOf({ urgent: true, kind: 'call' })).toBe('high');
    expect(urgencyOf({ urgent: false, kind: 'call-retract' })).toBe('high');
  });
});

describe('the topic', () => {
  test('is 32 characters of base64url', () => {
    expect(topic()).toMatch(/^[A-Za-z0-9_-]{32}$/);
  });

  test('is the same for one conversation, whatever the message', () => {
    expect(topic({ message: 'm2' })).toBe(topic({ message: 'm1' }));
  });

  test('differs between conversations, devices, accounts and hosts', () => {
    const topics = [
      topic(),
      topic({ conversation: 'nurse@capulet.example' }),
      topic({ endpoint: 'https://push.example/other' }),
      topic({ account: 'nurse@capulet.example' }),
      topicOf(new Uint8Array(32).fill(8), createPush()),
    ];
    expect(new Set(topics).size).toBe(topics.length);
  });

  test('is shared by a call and its end, not with the messages beside them', () => {
    expect(topic({ kind: 'call' })).toBe(topic({ kind: 'call-retract' }));
    expect(topic({ kind: 'call' })).not.toBe(topic());
    expect(threadOf({ kind: 'invite', conversation: 'x' })).not.toBe(
      threadOf({ kind: 'message', conversation: 'x' }),
    );
  });

  test('is absent where a text would be replaced by another', () => {
    const push = createPush();
    const registration = { ...push.registration, payload: { sender: true, body: true } };
    expect(topicOf(secret, { ...push, registration })).toBeUndefined();
    const encrypted = { ...push.payload, encrypted: true } as const;
    expect(topicOf(secret, { ...push, registration, payload: encrypted })).toBeDefined();
  });
});
