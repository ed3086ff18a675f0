import xml from '@xmpp/xml';
import { describe, expect, test } from 'vitest';
import { ENABLES_PER_MINUTE } from './engine.js';
import {
  chat,
  createStand,
  createTestRegistry,
  discarded,
  endpoint,
  JULIET,
  OTHER_P256DH,
  pushed,
  pushes,
  ROMEO,
  registrationOf,
  reply,
  withAbsentDevices,
  withDevices,
} from './stand.fixture.js';

describe('enable', () => {
  test('a valid enable is answered with a result, stores the registration and pushes nothing', () => {
    const stand = createStand();
    stand.start('a');
    const effects = stand.enable('a', 'a', { body: true });
    expect(reply(effects)).toBe('result');
    expect(effects).toHaveLength(1);
    expect(registrationOf(stand, 'a')).toMatchObject({
      account: ROMEO,
      payload: { sender: true, body: true },
      applicationServerKey: 'the-current-key',
      enabledAt: stand.clock.now(),
    });
  });

  test('a key of the wrong shape is refused, creates nothing and names the key', () => {
    const stand = createStand();
    const effects = stand.enable('a', 'a', { p256dh: 'AAAA' });
    expect(reply(effects)).toBe('modify/not-acceptable');
    expect(reply(effects, 'application')).toBe('invalid-key');
    expect(stand.endpoints()).toEqual([]);
  });

  test('an endpoint on a private address is refused unless the operator allowed the host', () => {
    const iq = () =>
      xml(
        'iq',
        { type: 'set', id: 'e' },
        xml(
          'enable',
          { xmlns: 'urn:xmpp:webpush:0' },
          xml('endpoint', {}, 'https://10.0.0.1/p'),
          xml('auth', {}, 'BTBZMqHH6r4Tts7J_aSIgg'),
          xml('p256dh', {}, OTHER_P256DH),
        ),
      );
    const event = () => ({ type: 'iq', session: 'a', account: ROMEO, stanza: iq() }) as const;
    const strict = createStand().handle(event());
    expect(reply(strict)).toBe('modify/not-acceptable');
    expect(reply(strict, 'application')).toBe('invalid-endpoint');
    const lenient = createStand({ endpointPolicy: { allowedHosts: ['10.0.0.1'] } });
    expect(reply(lenient.handle(event()))).toBe('result');
  });

  test('an IQ of type get is refused', () => {
    const stanza = xml('iq', { type: 'get', id: 'g' }, xml('enable', { xmlns: 'urn:xmpp:webpush:0' }));
    const effects = createStand().handle({ type: 'iq', session: 'a', account: ROMEO, stanza });
    expect(reply(effects)).toBe('modify/bad-request');
  });

  test('a rejected enable leaves registration and binding of the session as they were', () => {
    const stand = withDevices('a');
    const before = registrationOf(stand, 'a');
    stand.enable('a', 'b', { p256dh: 'AAAA' });
    expect(registrationOf(stand, 'a')).toBe(before);
    expect(pushed(stand.hibernate('a', chat('1')))).toEqual(['a']);
  });

  test('when storage fails the answer is wait/internal-server-error and nothing has changed', () => {
    const stand = withDevices('a');
    stand.registry.failing = true;
    const effects = stand.enable('a', 'b');
    stand.registry.failing = false;
    expect(reply(effects)).toBe('wait/internal-server-error');
    expect(effects).toContainEqual({ type: 'problem', problem: new Error('the disk is full') });
    expect(discarded(effects)).toEqual([]);
    expect(stand.endpoints()).toEqual([endpoint('a')]);
    expect(pushed(stand.hibernate('a', chat('1')))).toEqual(['a']);
  });

  test('enabling the same endpoint again leaves one registration and drops nothing', () => {
    const stand = withDevices('a');
    const effects = stand.enable('a', 'a');
    expect(reply(effects)).toBe('result');
    expect(discarded(effects)).toEqual([]);
    expect(stand.endpoints()).toEqual([endpoint('a')]);
  });

  test('the next push is made for the keys and the consent enabled last', () => {
    const stand = withDevices('a');
    stand.enable('a', 'a', { p256dh: OTHER_P256DH, body: true });
    stand.end('a');
    const [push] = pushes(stand.offline(chat('1')));
    expect(Buffer.from(push?.registration.p256dh ?? []).toString('base64url')).toBe(OTHER_P256DH);
    expect(push?.payload.body).toBe('Text of 1');
  });

  test('a renewed registration is not pushed again what it was pushed before', () => {
    const stand = withDevices('a');
    stand.hibernate('a', chat('1'));
    stand.start('b');
    stand.enable('b', 'a');
    stand.end('b');
    expect(pushed(stand.offline(chat('1')))).toEqual([]);
  });

  test('another endpoint enabled in a bound session replaces the first', () => {
    const stand = withDevices('a');
    expect(discarded(stand.enable('a', 'b'))).toEqual(['a']);
    expect(stand.endpoints()).toEqual([endpoint('b')]);
    expect(pushed(stand.hibernate('a', chat('1')))).toEqual(['b']);
  });

  test('the endpoint a session leaves makes room, so that no other device is evicted', () => {
    const stand = createStand({}, createTestRegistry(2));
    for (const name of ['a', 'b']) {
      stand.start(name);
      stand.enable(name, name);
    }
    stand.enable('b', 'c');
    expect(stand.endpoints()).toEqual([endpoint('a'), endpoint('c')]);
  });

  test('an evicted registration is not pushed any more, though a session was bound to it', () => {
    const stand = createStand({}, createTestRegistry(1));
    stand.start('a');
    stand.enable('a', 'a');
    stand.start('b');
    expect(discarded(stand.enable('b', 'b'))).toEqual(['a']);
    expect(pushed(stand.hibernate('a', chat('1')))).toEqual([]);
    stand.end('b');
    expect(pushed(stand.offline(chat('2')))).toEqual(['b']);
  });

  test('the session of an evicted registration does not silence the one enabled in its place', () => {
    const stand = createStand({}, createTestRegistry(1));
    stand.start('a');
    stand.enable('a', 'a');
    stand.start('b');
    stand.enable('b', 'b');
    stand.start('c');
    stand.enable('c', 'a');
    stand.end('c');
    expect(pushed(stand.offline(chat('1')))).toEqual(['a']);
  });

  test('the same endpoint under two accounts is two registrations, each with its own account in the payload', () => {
    const stand = withAbsentDevices('a');
    stand.start('j', JULIET);
    stand.enable('j', 'a', { account: JULIET });
    stand.end('j');
    const romeos = pushes(stand.offline(chat('1', 'nurse@capulet.example/x')));
    const juliets = pushes(stand.offline(chat('1', 'nurse@capulet.example/x'), JULIET));
    expect([romeos, juliets].map((list) => list.map((push) => push.payload.account))).toEqual([
      [ROMEO],
      [JULIET],
    ]);
  });

  test('a flood of enables is refused with resource-constraint until a minute has passed, other accounts aside', () => {
    const stand = createStand();
    for (let count = 0; count < ENABLES_PER_MINUTE; count++)
      expect(reply(stand.enable('a', 'a'))).toBe('result');
    expect(reply(stand.enable('a', 'b'))).toBe('wait/resource-constraint');
    expect(stand.endpoints()).toEqual([endpoint('a')]);
    expect(reply(stand.enable('j', 'a', { account: JULIET }))).toBe('result');
    stand.clock.advance(59_999);
    expect(reply(stand.enable('a', 'b'))).toBe('wait/resource-constraint');
    stand.clock.advance(1);
    expect(reply(stand.enable('a', 'b'))).toBe('result');
  });

  test('with the feature off an enable is refused, nothing is pushed and disable still works', () => {
    const registry = createTestRegistry();
    const before = createStand({}, registry);
    before.enable('a', 'a');
    const stand = createStand({ enabled: false }, registry);
    expect(reply(stand.enable('a', 'b'))).toBe('cancel/service-unavailable');
    expect(stand.endpoints()).toEqual([endpoint('a')]);
    expect(pushed(stand.offline(chat('1')))).toEqual([]);
    expect(reply(stand.disable('a', {}, 'a'))).toBe('result');
    expect(stand.endpoints()).toEqual([]);
  });
});

describe('disable', () => {
  test('an endpoint that is named is removed, what waits for it is dropped, and others stay', () => {
    const stand = withAbsentDevices('a', 'b');
    const effects = stand.disable('c', {}, 'a');
    expect(reply(effects)).toBe('result');
    expect(discarded(effects)).toEqual(['a']);
    expect(pushed(stand.offline(chat('1')))).toEqual(['b']);
  });

  test('the drop comes before the result', () => {
    const effects = withDevices('a').disable('a');
    expect(effects.map((effect) => effect.type)).toEqual(['discard', 'reply']);
  });

  test('without endpoint the registration of the session is removed and no other', () => {
    const stand = withDevices('a', 'b');
    expect(discarded(stand.disable('a'))).toEqual(['a']);
    expect(stand.endpoints()).toEqual([endpoint('b')]);
  });

  test('without endpoint, in a session that never enabled, nothing is removed', () => {
    const stand = withDevices('a');
    stand.start('c');
    const effects = stand.disable('c');
    expect(reply(effects)).toBe('result');
    expect(stand.endpoints()).toEqual([endpoint('a')]);
  });

  test('with all, every registration of the account is removed and none of another account', () => {
    const stand = withDevices('a', 'b');
    stand.enable('j', 'a', { account: JULIET });
    const effects = stand.disable('c', { all: 'true' });
    expect(reply(effects)).toBe('result');
    expect(discarded(effects)).toEqual(['a', 'b']);
    expect(stand.endpoints()).toEqual([]);
    expect(stand.endpoints(JULIET)).toEqual([endpoint('a')]);
  });

  test('what is not registered, or not any more, is answered with a result too', () => {
    const stand = withDevices('a');
    stand.disable('a', {}, 'a');
    for (const effects of [stand.disable('a', {}, 'a'), stand.disable('a'), stand.disable('a', {}, 'b')])
      expect(effects).toEqual([expect.objectContaining({ type: 'reply' })]);
    expect(reply(stand.disable('a', {}, 'a'))).toBe('result');
  });

  test("it does not affect another account's registration of the same endpoint", () => {
    const stand = withDevices('a');
    stand.disable('j', {}, 'a', JULIET);
    expect(stand.endpoints()).toEqual([endpoint('a')]);
  });

  test('a hibernated session whose registration was disabled elsewhere is not pushed to', () => {
    const stand = withDevices('a');
    stand.hibernate('a');
    stand.disable('b', {}, 'a');
    expect(pushed(stand.queue('a', chat('1')))).toEqual([]);
  });

  test('a session whose registration was disabled elsewhere has no part in the one enabled since', () => {
    const stand = withDevices('a');
    stand.disable('b', {}, 'a');
    stand.start('c');
    stand.enable('c', 'a');
    expect(discarded(stand.disable('a'))).toEqual([]);
    stand.hibernate('c');
    expect(pushed(stand.hibernate('a', chat('1')))).toEqual([]);
  });

  test('the same endpoint can be enabled again', () => {
    const stand = withDevices('a');
    stand.disable('a');
    expect(reply(stand.enable('a', 'a'))).toBe('result');
    expect(pushed(stand.hibernate('a', chat('1')))).toEqual(['a']);
  });
});
