import { describe, expect, test } from 'vitest';
import { attribute } from './stanza.js';
import { bodies, chat, condition, createStand } from './test-stand.js';

const SM = "xmlns='urn:xmpp:sm:3'";
const enable = `<enable ${SM} resume='true'/>`;

describe('resource binding', () => {
  test('a bound session is told its full JID and the engine of the session', () => {
    const { open, takeEvents } = createStand();
    const client = open('romeo@a.example');
    const answer = client.ask(
      `<iq type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>home</resource></bind></iq>`,
    );
    expect(answer.getChild('bind')?.getChildText('jid')).toBe('romeo@a.example/home');
    expect(takeEvents('session-started')).toMatchObject([{ account: 'romeo@a.example' }]);
  });

  test('a client without a wish gets a resource of its own', () => {
    const { open } = createStand();
    const jids = [1, 2].map(() =>
      open('romeo@a.example')
        .ask(`<iq type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>`)
        .getChild('bind')
        ?.getChildText('jid'),
    );
    expect(new Set(jids).size).toBe(2);
  });

  test('a newer session replaces the older one of the same resource with a conflict', () => {
    const { connect, takeEvents } = createStand();
    const older = connect('romeo@a.example/home');
    const newer = connect('romeo@a.example/home');
    expect(older.ended).toEqual({ end: 'lost', condition: 'conflict' });
    expect(newer.ended).toBeUndefined();
    expect(takeEvents('session-ended')).toHaveLength(1);
  });

  test('requests before binding are refused and reach nobody', () => {
    const { open, events } = createStand();
    const client = open('romeo@a.example');
    const answer = client.ask(`<iq type='set'><enable xmlns='urn:xmpp:webpush:0'/></iq>`);
    expect(condition(answer)).toBe('not-authorized');
    expect(events).toEqual([]);
  });

  test('a message before binding ends the stream', () => {
    const { open } = createStand();
    const client = open('romeo@a.example');
    client.write(chat('juliet@a.example', 'early'));
    expect(client.ended?.condition).toBe('not-authorized');
  });

  test('sessions over the limit are refused, but a hibernating one makes room', () => {
    const { connect, open, takeEvents } = createStand({ sessions: 2 });
    const first = connect('romeo@a.example/1');
    connect('romeo@a.example/2');
    const bind = `<iq type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>3</resource></bind></iq>`;
    expect(condition(open('romeo@a.example').ask(bind))).toBe('resource-constraint');
    first.write(enable);
    first.lose();
    expect(attribute(open('romeo@a.example').ask(bind), 'type')).toBe('result');
    expect(takeEvents('session-ended')).toHaveLength(1);
  });

  test('what is sent in the name of somebody else ends the stream', () => {
    const { connect } = createStand();
    const client = connect('romeo@a.example/home');
    const juliet = connect('juliet@a.example/balcony');
    client.write(chat('juliet@a.example', 'spoof').replace('<message', "<message from='nurse@a.example'"));
    expect(client.ended?.condition).toBe('invalid-from');
    expect(juliet.take('message')).toEqual([]);
  });

  test('an element that is neither stanza nor known ends the stream', () => {
    const { connect } = createStand();
    const client = connect('romeo@a.example/home');
    client.write(`<what xmlns='urn:example'/>`);
    expect(client.ended?.condition).toBe('unsupported-stanza-type');
  });
});

describe('stream management', () => {
  const pair = () => {
    const stand = createStand();
    const romeo = stand.connect('romeo@a.example/home');
    const juliet = stand.connect('juliet@a.example/balcony');
    juliet.write(enable);
    const [enabled] = juliet.take('enabled');
    const previd = (enabled && attribute(enabled, 'id')) ?? '';
    const say = (body: string) => romeo.write(chat('juliet@a.example', body));
    const resume = (h: number, id = previd) => {
      const client = stand.open('juliet@a.example');
      client.write(`<resume ${SM} previd='${id}' h='${h}'/>`);
      return client;
    };
    return { ...stand, romeo, juliet, previd, say, resume, enabled };
  };

  test('enabling tells the id and the resume window', () => {
    const { enabled, previd } = pair();
    expect(enabled?.attrs).toMatchObject({ resume: 'true', max: '600' });
    expect(previd.length).toBeGreaterThan(20);
  });

  test('a client may wish for a shorter resume window', () => {
    const { connect, clock, takeEvents } = createStand();
    const client = connect('romeo@a.example/home');
    client.write(`<enable ${SM} resume='true' max='60'/>`);
    expect(client.take('enabled')[0]?.attrs.max).toBe('60');
    client.lose();
    clock.advance(59_999);
    expect(takeEvents('session-ended')).toEqual([]);
    clock.advance(1);
    expect(takeEvents('session-ended')).toHaveLength(1);
  });

  test('enabling twice is refused', () => {
    const { juliet } = pair();
    juliet.write(enable);
    expect(juliet.take('failed')[0]?.getChild('unexpected-request')).toBeDefined();
  });

  test('the server counts the stanzas it handled since enabling', () => {
    const { juliet } = pair();
    juliet.write(chat('romeo@a.example', 'one'));
    juliet.write(chat('romeo@a.example', 'two'));
    juliet.write(`<r ${SM}/>`);
    expect(juliet.take('a')[0]?.attrs.h).toBe('2');
  });

  test('the server asks once for an acknowledgement and again when more is unacknowledged', () => {
    const { juliet, say } = pair();
    say('one');
    say('two');
    expect(juliet.take('r')).toHaveLength(1);
    juliet.write(`<a ${SM} h='1'/>`);
    expect(juliet.take('r')).toHaveLength(1);
    juliet.write(`<a ${SM} h='2'/>`);
    expect(juliet.take('r')).toHaveLength(0);
  });

  test('a client that answers with less than was sent is not asked again before more is sent', () => {
    const { juliet, say } = pair();
    say('one');
    expect(juliet.take('r')).toHaveLength(1);
    juliet.write(`<a ${SM} h='0'/>`);
    expect(juliet.take('r')).toHaveLength(0);
    say('two');
    expect(juliet.take('r')).toHaveLength(1);
  });

  test('an acknowledgement of more than was sent ends the stream', () => {
    const { juliet, say, takeEvents } = pair();
    say('one');
    juliet.write(`<a ${SM} h='2'/>`);
    expect(juliet.ended?.condition).toBe('undefined-condition');
    expect(takeEvents('stored-offline')).toHaveLength(1);
  });

  test('a lost session hibernates, tells what is unacknowledged and queues what comes', () => {
    const { juliet, say, takeEvents } = pair();
    say('acked');
    juliet.write(`<a ${SM} h='1'/>`);
    say('sent');
    juliet.lose();
    const [started] = takeEvents('hibernation-started');
    expect(bodies(started?.unacked.map(({ stanza }) => stanza) ?? [])).toEqual(['sent']);
    say('queued');
    const queued = takeEvents('hibernation-queued');
    expect(bodies(queued.map(({ message }) => message.stanza))).toEqual(['queued']);
    expect(takeEvents('session-ended')).toEqual([]);
    expect(takeEvents('stored-offline')).toEqual([]);
  });

  test('a resumed session gets exactly what it did not acknowledge', () => {
    const { juliet, say, resume, previd, takeEvents } = pair();
    say('got');
    say('lost');
    juliet.lose();
    say('queued');
    const client = resume(1);
    const [resumed] = client.take('resumed');
    expect(resumed?.attrs).toMatchObject({ previd, h: '0' });
    expect(bodies(client.take('message'))).toEqual(['lost', 'queued']);
    expect(takeEvents('resumed')).toHaveLength(1);
    say('live');
    expect(bodies(client.take('message'))).toEqual(['live']);
  });

  test('a resumption takes over from a stream the server still thinks alive', () => {
    const { juliet, say, resume } = pair();
    say('one');
    const client = resume(0);
    expect(juliet.ended?.condition).toBe('conflict');
    expect(bodies(client.take('message'))).toEqual(['one']);
  });

  test('resuming with a count that is too high ends the stream and leaves the session as it was', () => {
    const { juliet, say, resume } = pair();
    say('one');
    juliet.lose();
    expect(resume(7).ended?.condition).toBe('undefined-condition');
    expect(bodies(resume(0).take('message'))).toEqual(['one']);
  });

  test('resuming what is not there fails, what is over tells its count', () => {
    const { juliet, resume, clock, previd } = pair();
    const unknown = resume(0, 'unknown').take('failed')[0];
    expect(unknown?.getChild('item-not-found')).toBeDefined();
    expect(unknown?.attrs.h).toBeUndefined();
    juliet.write(chat('romeo@a.example', 'one'));
    juliet.lose();
    clock.advance(600_000);
    expect(resume(0, previd).take('failed')[0]?.attrs.h).toBe('1');
  });

  test('nobody resumes the session of another account', () => {
    const { juliet, open, previd } = pair();
    juliet.lose();
    const thief = open('romeo@a.example');
    thief.write(`<resume ${SM} previd='${previd}' h='0'/>`);
    expect(thief.take('failed')).toHaveLength(1);
  });

  test('when hibernation runs out, unacknowledged messages are stored under the same id', () => {
    const { juliet, say, clock, takeEvents, connect } = pair();
    say('lost');
    juliet.lose();
    const [started] = takeEvents('hibernation-started');
    clock.advance(600_000);
    expect(takeEvents('session-ended')).toHaveLength(1);
    const [stored] = takeEvents('stored-offline');
    expect(stored?.message.id).toBe(started?.unacked[0]?.id);
    const next = connect('juliet@a.example/next', null);
    next.write(`<presence xmlns='jabber:client'/>`);
    expect(bodies(next.take('message'))).toEqual(['lost']);
  });

  test('when hibernation runs out, a session that came meanwhile gets what it missed, once', () => {
    const { juliet, say, clock, takeEvents, connect } = pair();
    say('before');
    juliet.lose();
    const other = connect('juliet@a.example/other');
    say('both');
    expect(bodies(other.take('message'))).toEqual(['both']);
    clock.advance(600_000);
    expect(bodies(other.take('message'))).toEqual(['before']);
    expect(takeEvents('stored-offline')).toEqual([]);
  });

  test('a lost session without resumption is over at once and loses nothing', () => {
    const { connect, takeEvents } = createStand();
    const juliet = connect('juliet@a.example/balcony');
    juliet.write(`<enable ${SM}/>`);
    connect('romeo@a.example/home').write(chat('juliet@a.example', 'lost'));
    juliet.lose();
    expect(takeEvents('session-ended')).toHaveLength(1);
    expect(takeEvents('stored-offline')).toHaveLength(1);
  });

  test('a stream closed properly is not kept for resumption', () => {
    const { juliet, takeEvents, resume } = pair();
    juliet.close();
    expect(takeEvents('session-ended')).toHaveLength(1);
    expect(resume(0).take('failed')).toHaveLength(1);
  });

  test('a request unanswered for the delay is reported, and so is what follows', () => {
    const { juliet, say, clock, takeEvents } = pair();
    say('one');
    clock.advance(29_999);
    expect(takeEvents('ack-delayed')).toEqual([]);
    clock.advance(1);
    expect(bodies(takeEvents('ack-delayed')[0]?.unacked.map(({ stanza }) => stanza) ?? [])).toEqual(['one']);
    say('two');
    expect(takeEvents('ack-delayed')[0]?.unacked).toHaveLength(2);
    juliet.write(`<a ${SM} h='2'/>`);
    say('three');
    expect(takeEvents('ack-delayed')).toEqual([]);
  });

  test('an answered request is not reported', () => {
    const { juliet, say, clock, takeEvents } = pair();
    say('one');
    juliet.write(`<a ${SM} h='1'/>`);
    clock.advance(60_000);
    expect(takeEvents('ack-delayed')).toEqual([]);
  });

  test('a client that acknowledges nothing for too long is disconnected and loses nothing', () => {
    const { connect, takeEvents } = createStand({}, 3);
    const romeo = connect('romeo@a.example/home');
    const juliet = connect('juliet@a.example/balcony');
    juliet.write(enable);
    for (const body of ['1', '2', '3', '4']) romeo.write(chat('juliet@a.example', body));
    expect(juliet.ended?.condition).toBe('resource-constraint');
    expect(takeEvents('stored-offline')).toHaveLength(4);
  });

  test('a request to a session that ends unacknowledged is answered', () => {
    const { juliet, romeo, takeEvents } = pair();
    romeo.write(
      `<iq xmlns='jabber:client' type='get' id='q' to='juliet@a.example/balcony'><query xmlns='urn:example'/></iq>`,
    );
    juliet.close();
    expect(condition(romeo.take('iq')[0])).toBe('service-unavailable');
    expect(takeEvents('stored-offline')).toEqual([]);
  });
});

describe('client state', () => {
  const inactive = `<inactive xmlns='urn:xmpp:csi:0'/>`;
  const composing = `<message xmlns='jabber:client' type='chat' to='juliet@a.example'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>`;

  test('an inactive client gets what can wait only with what cannot, in order', () => {
    const { connect } = createStand();
    const juliet = connect('juliet@a.example/balcony');
    const romeo = connect('romeo@a.example/home');
    juliet.write(inactive);
    romeo.write(composing);
    expect(juliet.take()).toEqual([]);
    romeo.write(chat('juliet@a.example', 'now'));
    expect(bodies(juliet.take('message'))).toEqual([null, 'now']);
  });

  test('a client that becomes active gets what waited', () => {
    const { connect } = createStand();
    const juliet = connect('juliet@a.example/balcony');
    juliet.write(inactive);
    connect('romeo@a.example/home').write(composing);
    expect(juliet.take()).toEqual([]);
    juliet.write(`<active xmlns='urn:xmpp:csi:0'/>`);
    expect(juliet.take('message')).toHaveLength(1);
  });

  test('a client that resumes is active again', () => {
    const { connect, open } = createStand();
    const juliet = connect('juliet@a.example/balcony');
    juliet.write(enable);
    const id = juliet.take('enabled')[0]?.attrs.id as string;
    juliet.write(inactive);
    juliet.lose();
    const back = open('juliet@a.example');
    back.write(`<resume ${SM} previd='${id}' h='0'/>`);
    connect('romeo@a.example/home').write(composing);
    expect(back.take('message')).toHaveLength(1);
  });
});
