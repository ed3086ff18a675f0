import xml from '@xmpp/xml';
import { describe, expect, test } from 'vitest';
import type { RoutedMessage } from './events.js';
import {
  chat,
  chatState,
  discarded,
  JULIET,
  pushed,
  pushes,
  ROMEO,
  registrationOf,
  withAbsentDevices,
  withDevices,
} from './stand.fixture.js';

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

  test('a resume does not drop the push for what was acknowledged before', () => {
    const stand = withDevices('a');
    stand.delay('a', chat('1'));
    stand.hibernate('a', chat('2'));
    expect(discarded(stand.resume('a'))).toEqual(['a: 2']);
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
