import xml from '@xmpp/xml';
import { describe, expect, test } from 'vitest';
import type { DeliveryOutcome } from '../delivery/delivery.js';
import { ENABLES_PER_MINUTE, REFUSALS_UNTIL_REMOVAL } from './engine.js';
import type { EngineEffect, RoutedMessage } from './events.js';
import {
  chat,
  chatState,
  createStand,
  createTestRegistry,
  discarded,
  endpoint,
  JULIET,
  OTHER_P256DH,
  pushed,
  pushes,
  ROMEO,
  reply,
} from './test-stand.js';

/** Romeo's sessions a, b … each enabled the endpoint of its name. */
function withDevices(...names: string[]) {
  const stand = createStand();
  for (const name of names) {
    stand.start(name);
    stand.enable(name, name);
  }
  return stand;
}

/** As `withDevices`, but all of the sessions are closed. */
function withAbsentDevices(...names: string[]) {
  const stand = withDevices(...names);
  for (const name of names) stand.end(name);
  return stand;
}

function carbon(id: string, direction: 'sent' | 'received', inner: RoutedMessage): RoutedMessage {
  const stanza = xml(
    'message',
    { from: ROMEO, to: `${ROMEO}/orchard`, type: 'chat' },
    xml(
      direction,
      { xmlns: 'urn:xmpp:carbons:2' },
      xml('forwarded', { xmlns: 'urn:xmpp:forward:0' }, withNamespace(inner)),
    ),
  );
  return { id, stanza };
}

function withNamespace({ stanza }: RoutedMessage) {
  return xml('message', { xmlns: 'jabber:client', ...stanza.attrs }, ...stanza.getChildElements());
}

function call(id: string): RoutedMessage {
  const propose = xml('propose', { xmlns: 'urn:xmpp:jingle-message:0', id: 'call-1' });
  return { id, stanza: xml('message', { from: `${JULIET}/balcony`, to: ROMEO, type: 'chat' }, propose) };
}

function registrationOf(stand: ReturnType<typeof createStand>, name: string) {
  const registration = stand.registry.get(ROMEO, endpoint(name));
  if (!registration) throw new Error(`${name} is not registered`);
  return registration;
}

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

describe('an account that is offline', () => {
  test('an important message is pushed once to each registration', () => {
    const stand = withAbsentDevices('a', 'b');
    expect(pushed(stand.offline(chat('1')))).toEqual(['a', 'b']);
  });

  test('the push tells kind, conversation and what the payload says', () => {
    const stand = withAbsentDevices('a');
    expect(pushes(stand.offline({ ...chat('1'), archiveId: 'archive-1' }))).toEqual([
      {
        registration: registrationOf(stand, 'a'),
        message: '1',
        kind: 'message',
        urgent: false,
        conversation: JULIET,
        payload: {
          v: 1,
          account: ROMEO,
          kind: 'message',
          type: 'chat',
          from: JULIET,
          id: 'archive-1',
          time: '2026-01-01T00:00:00.000Z',
          body: 'New Message!',
        },
      },
    ]);
  });

  test('an unimportant message is not pushed', () => {
    expect(withAbsentDevices('a').offline(chatState('1'))).toEqual([]);
  });

  test('a message both archived and stored offline is pushed once', () => {
    const stand = withAbsentDevices('a', 'b');
    expect(pushed(stand.archive(chat('1')))).toEqual(['a', 'b']);
    expect(pushed(stand.offline(chat('1')))).toEqual([]);
  });

  test('a call is urgent', () => {
    const [push] = pushes(withAbsentDevices('a').offline(call('1')));
    expect(push).toMatchObject({ urgent: true, kind: 'call', payload: { kind: 'call' } });
  });

  test('a clean close of the session pushes nothing by itself', () => {
    expect(withDevices('a').end('a')).toEqual([]);
  });
});

describe('a hibernated session', () => {
  test('an important stanza queued for it is pushed to its registration only', () => {
    const stand = withDevices('a', 'b');
    stand.hibernate('a');
    stand.hibernate('b');
    expect(pushed(stand.queue('a', chat('1')))).toEqual(['a']);
  });

  test('what was unacknowledged when it began is pushed once, whatever is queued or stored later', () => {
    const stand = withDevices('a');
    expect(pushed(stand.hibernate('a', chat('1'), chatState('2'), chat('3')))).toEqual(['a', 'a']);
    expect(pushed(stand.queue('a', chat('1')))).toEqual([]);
    stand.end('a');
    expect(pushed(stand.offline(chat('3')))).toEqual([]);
  });

  test('unimportant stanzas are not pushed', () => {
    const stand = withDevices('a');
    stand.hibernate('a');
    expect(stand.queue('a', chatState('1'))).toEqual([]);
  });

  test('once it has expired the registration is pushed as offline', () => {
    const stand = withDevices('a');
    stand.hibernate('a');
    stand.end('a');
    expect(pushed(stand.offline(chat('1')))).toEqual(['a']);
  });

  test('a resume drops the pushes for what it delivers, and only those', () => {
    const stand = withDevices('a');
    stand.hibernate('a', chat('1'), chatState('2'));
    stand.queue('a', chat('3'));
    expect(discarded(stand.resume('a'))).toEqual(['a: 1 3']);
  });

  test('a resume without pushes drops nothing', () => {
    const stand = withDevices('a');
    stand.hibernate('a', chatState('1'));
    expect(stand.resume('a')).toEqual([]);
    expect(stand.resume('unknown')).toEqual([]);
  });

  test('the binding survives a resume', () => {
    const stand = withDevices('a');
    stand.hibernate('a');
    stand.resume('a');
    expect(pushed(stand.archive(chat('1')))).toEqual([]);
    expect(pushed(stand.hibernate('a', chat('2')))).toEqual(['a']);
  });

  test('a resumed session is live again, also for what it was resumed with', () => {
    const stand = withDevices('a');
    stand.start('tab');
    stand.enable('tab', 'a');
    stand.hibernate('a', chat('1'));
    stand.resume('a');
    expect(pushed(stand.hibernate('tab', chat('1'), chat('2')))).toEqual([]);
  });

  test('received carbons are judged by what they carry, sent ones are not pushed', () => {
    const stand = withDevices('a', 'b');
    for (const name of ['a', 'b']) stand.hibernate(name);
    expect(pushed(stand.queue('a', chat('1')))).toEqual(['a']);
    const [push] = pushes(stand.queue('b', carbon('1', 'received', chat('1'))));
    expect(push).toMatchObject({ conversation: JULIET, payload: { from: JULIET } });
    expect(pushed(stand.queue('b', carbon('2', 'sent', chat('2'))))).toEqual([]);
  });

  test('a session that never enabled is not pushed anything', () => {
    const stand = withDevices('a');
    stand.start('c');
    expect(stand.hibernate('c', chat('1'))).toEqual([]);
  });
});

describe('a delayed acknowledgement', () => {
  test('the stanza that waits is pushed though the connection looks open, once', () => {
    const stand = withDevices('a');
    expect(pushed(stand.delay('a', chat('1')))).toEqual(['a']);
    expect(pushed(stand.delay('a', chat('1'), chat('2')))).toEqual(['a']);
    expect(pushed(stand.hibernate('a', chat('1'), chat('2')))).toEqual([]);
  });

  test('of two sessions with one registration the last one to fall silent has it pushed', () => {
    const stand = withDevices('a');
    stand.start('tab');
    stand.enable('tab', 'a');
    expect(pushed(stand.delay('a', chat('1')))).toEqual([]);
    expect(pushed(stand.delay('tab', chat('1')))).toEqual(['a']);
  });

  test('what is not reported as waiting any more was acknowledged, so that session is live for it', () => {
    const stand = withDevices('a');
    stand.start('tab');
    stand.enable('tab', 'a');
    stand.delay('a', chat('1'));
    stand.delay('a', chat('2'));
    expect(pushed(stand.delay('tab', chat('1')))).toEqual([]);
  });
});

describe('an account with other sessions', () => {
  test('an archived message is pushed to each registration without a live or hibernated session', () => {
    const stand = withDevices('live', 'hibernated', 'gone', 'closed');
    stand.hibernate('hibernated');
    stand.end('gone');
    stand.end('closed');
    expect(pushed(stand.archive(chat('1')))).toEqual(['gone', 'closed']);
    expect(pushed(stand.queue('hibernated', chat('1')))).toEqual(['hibernated']);
  });

  test('an outgoing message pushes nothing to its sender', () => {
    expect(withAbsentDevices('a').archive(chat('1'), ROMEO, 'outgoing')).toEqual([]);
  });

  test('what the account sent itself, be it to itself, is not pushed', () => {
    expect(withAbsentDevices('a').archive(chat('1', `${ROMEO}/orchard`))).toEqual([]);
    expect(pushed(withAbsentDevices('a').archive(chat('1', 'romeo@capulet.example/x')))).toEqual(['a']);
  });

  test("the account's own words that a room sends back are not pushed, those of others are", () => {
    const stand = withDevices('a');
    stand.hibernate('a');
    const said = (id: string, nick: string): RoutedMessage => ({
      id,
      stanza: xml(
        'message',
        { from: `hall@rooms.example/${nick}`, to: ROMEO, type: 'groupchat' },
        xml('body', {}, 'Hark!'),
      ),
      ownOccupants: ['hall@rooms.example/Romeo'],
    });
    expect(pushed(stand.queue('a', said('1', 'Romeo')))).toEqual([]);
    const [push] = pushes(stand.queue('a', said('2', 'Tybalt')));
    expect(push).toMatchObject({ conversation: 'hall@rooms.example', payload: { nick: 'Tybalt' } });
  });

  test('two tabs with one registration get one push for a message, and none while either is live', () => {
    const stand = withDevices('a');
    stand.start('tab');
    stand.enable('tab', 'a');
    expect(pushed(stand.hibernate('a', chat('1')))).toEqual([]);
    expect(pushed(stand.archive(chat('2')))).toEqual([]);
    expect(pushed(stand.hibernate('tab'))).toEqual([]);
    expect(pushed(stand.queue('a', chat('3')))).toEqual(['a']);
    expect(pushed(stand.queue('tab', chat('3')))).toEqual([]);
  });

  test('a live session is not pushed to, by no trigger, not even for a call', () => {
    const stand = withDevices('a');
    for (const message of [chat('1'), call('2')]) {
      expect(stand.archive(message)).toEqual([]);
      expect(stand.offline(message)).toEqual([]);
    }
  });

  test('a live session that never enabled silences nothing, nor does a fresh one inherit a binding', () => {
    const stand = withAbsentDevices('a');
    stand.start('c');
    stand.start('a');
    expect(pushed(stand.archive(chat('1')))).toEqual(['a']);
  });
});

describe('account and credentials', () => {
  test.each(['account-deleted', 'credentials-changed'] as const)(
    '%s removes every registration and what waits for it',
    (type) => {
      const stand = withDevices('a', 'b');
      stand.enable('j', 'a', { account: JULIET });
      expect(discarded(stand.handle({ type, account: ROMEO }))).toEqual(['a', 'b']);
      expect(stand.endpoints()).toEqual([]);
      expect(stand.endpoints(JULIET)).toEqual([endpoint('a')]);
      expect(pushed(stand.hibernate('a', chat('1')))).toEqual([]);
    },
  );
});

describe('what became of a push', () => {
  const settled = (
    stand: ReturnType<typeof createStand>,
    outcome: DeliveryOutcome,
  ): readonly EngineEffect[] => stand.settle(outcome);

  test('gone removes the registration, drops what waits and unbinds the session', () => {
    const stand = withDevices('a', 'b');
    const registration = registrationOf(stand, 'a');
    expect(discarded(settled(stand, { type: 'gone', registration, status: 410 }))).toEqual(['a']);
    expect(stand.endpoints()).toEqual([endpoint('b')]);
    expect(pushed(stand.hibernate('a', chat('1')))).toEqual([]);
  });

  test('gone that belongs to keys enabled before does not remove what was enabled since', () => {
    const stand = withDevices('a');
    const registration = registrationOf(stand, 'a');
    stand.enable('a', 'a', { p256dh: OTHER_P256DH });
    expect(settled(stand, { type: 'gone', registration, status: 404 })).toEqual([]);
    expect(stand.endpoints()).toEqual([endpoint('a')]);
    expect(pushed(stand.hibernate('a', chat('1')))).toEqual(['a']);
  });

  test('refusals in a row remove it at the documented number, and success starts the count again', () => {
    const stand = withDevices('a');
    const registration = registrationOf(stand, 'a');
    const refuse = (times: number) => {
      for (let count = 0; count < times; count++)
        settled(stand, { type: 'refused', registration, status: 403 });
    };
    refuse(REFUSALS_UNTIL_REMOVAL - 1);
    settled(stand, { type: 'accepted', registration, status: 201 });
    refuse(REFUSALS_UNTIL_REMOVAL - 1);
    expect(stand.endpoints()).toEqual([endpoint('a')]);
    expect(discarded(settled(stand, { type: 'refused', registration, status: 403 }))).toEqual(['a']);
    expect(stand.endpoints()).toEqual([]);
  });

  test('a push that was given up changes nothing', () => {
    const stand = withDevices('a');
    const registration = registrationOf(stand, 'a');
    expect(settled(stand, { type: 'dropped', registration, reason: 'out of tries' })).toEqual([]);
    expect(stand.endpoints()).toEqual([endpoint('a')]);
  });
});

describe('failure', () => {
  test('storage that fails while a message is routed becomes a problem, and the message can still be pushed later', () => {
    const stand = withAbsentDevices('a');
    stand.registry.failing = true;
    expect(stand.offline(chat('1'))).toEqual([{ type: 'problem', problem: new Error('the disk is full') }]);
    stand.registry.failing = false;
    expect(pushed(stand.offline(chat('1')))).toEqual(['a']);
  });
});
