import type { Element } from '@xmpp/xml';
import { describe, expect, test } from 'vitest';
import { makeJid } from '../session/jid.js';
import { attribute } from '../session/stanza.js';
import { bodies, chat, condition, createStand, type FakeClient } from '../session/test-stand.js';

const ROMEO = 'romeo@a.example';
const JULIET = 'juliet@a.example';
const NURSE = 'nurse@a.example';
const set = (payload: string, to = '') => `<iq type='set'${to && ` to='${to}'`}>${payload}</iq>`;
const get = (payload: string, to = '') => `<iq type='get'${to && ` to='${to}'`}>${payload}</iq>`;
const isResult = (answer: Element) => attribute(answer, 'type') === 'result';

describe('carbons', () => {
  const enable = (client: FakeClient) =>
    expect(isResult(client.ask(set(`<enable xmlns='urn:xmpp:carbons:2'/>`)))).toBe(true);
  const inner = (message: Element | undefined, direction: string) =>
    message?.getChild(direction, 'urn:xmpp:carbons:2')?.getChild('forwarded')?.getChild('message');

  const three = () => {
    const stand = createStand();
    const sender = stand.connect(`${ROMEO}/home`);
    const senderToo = stand.connect(`${ROMEO}/phone`);
    const receiver = stand.connect(`${JULIET}/desk`);
    const receiverToo = stand.connect(`${JULIET}/phone`);
    enable(senderToo);
    enable(receiverToo);
    return { ...stand, sender, senderToo, receiver, receiverToo };
  };

  test('the other resources of both sides get a copy from their own account', () => {
    const { sender, senderToo, receiver, receiverToo } = three();
    sender.write(chat(`${JULIET}/desk`, 'hi'));
    const sent = senderToo.take('message')[0];
    const received = receiverToo.take('message')[0];
    expect(sent?.attrs).toMatchObject({ from: ROMEO, to: `${ROMEO}/phone` });
    expect(received?.attrs).toMatchObject({ from: JULIET, to: `${JULIET}/phone` });
    expect(inner(sent, 'sent')?.getChildText('body')).toBe('hi');
    expect(inner(received, 'received')?.attrs).toMatchObject({ from: `${ROMEO}/home`, to: `${JULIET}/desk` });
    expect(bodies(receiver.take('message'))).toEqual(['hi']);
  });

  test('a resource that got the message itself gets no copy', () => {
    const { sender, receiverToo } = three();
    sender.write(chat(JULIET, 'hi'));
    expect(bodies(receiverToo.take('message'))).toEqual(['hi']);
  });

  test.each([`<private xmlns='urn:xmpp:carbons:2'/>`, `<no-copy xmlns='urn:xmpp:hints'/>`])(
    '%s keeps a message from being copied',
    (mark) => {
      const { sender, senderToo, receiver, receiverToo } = three();
      sender.write(chat(`${JULIET}/desk`, 'hi', mark));
      expect(senderToo.take('message')).toEqual([]);
      expect(receiverToo.take('message')).toEqual([]);
      const [message] = receiver.take('message');
      expect(message?.getChild('private', 'urn:xmpp:carbons:2')).toBeUndefined();
    },
  );

  test('copies that wait for a hibernating session carry the id of the original', () => {
    const { sender, receiverToo, receiver, takeEvents } = three();
    receiverToo.write(`<enable xmlns='urn:xmpp:sm:3' resume='true'/>`);
    receiver.write(`<enable xmlns='urn:xmpp:sm:3' resume='true'/>`);
    receiverToo.lose();
    receiver.lose();
    sender.write(chat(`${JULIET}/desk`, 'hi'));
    const queued = takeEvents('hibernation-queued');
    expect(queued).toHaveLength(2);
    expect(new Set(queued.map((event) => event.message.id)).size).toBe(1);
    expect(new Set(queued.map((event) => event.message.archiveId)).size).toBe(1);
  });

  test('a message two hibernating sessions hold is stored once when both are over', () => {
    const { sender, receiverToo, receiver, clock, takeEvents } = three();
    for (const client of [receiver, receiverToo]) {
      client.write(`<enable xmlns='urn:xmpp:sm:3' resume='true'/>`);
      client.lose();
    }
    sender.write(chat(`${JULIET}/desk`, 'hi'));
    clock.advance(600_000);
    const stored = takeEvents('stored-offline');
    expect(bodies(stored.map((event) => event.message.stanza))).toEqual(['hi']);
  });

  test('a message one session acknowledged is not stored when the other is over', () => {
    const { sender, receiverToo, receiver, clock, takeEvents } = three();
    receiverToo.write(`<enable xmlns='urn:xmpp:sm:3' resume='true'/>`);
    receiverToo.lose();
    sender.write(chat(JULIET, 'hi'));
    expect(bodies(receiver.take('message'))).toEqual(['hi']);
    clock.advance(600_000);
    expect(takeEvents('stored-offline')).toEqual([]);
    expect(receiver.take('message')).toEqual([]);
  });
});

describe('the archive', () => {
  const query = (client: FakeClient, form = '', rsm = '') => {
    const answer = client.ask(
      set(
        `<query xmlns='urn:xmpp:mam:2' queryid='q'><x xmlns='jabber:x:data' type='submit'>${form}</x>${rsm}</query>`,
      ),
    );
    const results = client
      .take('message')
      .map((message) => message.getChild('result', 'urn:xmpp:mam:2'))
      .map((result) => ({
        id: result?.attrs.id as string,
        message: result?.getChild('forwarded')?.getChild('message', 'jabber:client'),
      }));
    const fin = answer.getChild('fin', 'urn:xmpp:mam:2');
    return {
      answer,
      ids: results.map(({ id }) => id),
      bodies: results.map(({ message }) => message?.getChildText('body')),
      count: fin?.getChild('set')?.getChildText('count'),
      complete: fin?.attrs.complete as string | undefined,
    };
  };
  const field = (name: string, ...values: string[]) =>
    `<field var='${name}'>${values.map((value) => `<value>${value}</value>`).join('')}</field>`;
  const rsm = (text: string) => `<set xmlns='http://jabber.org/protocol/rsm'>${text}</set>`;

  const filled = () => {
    const stand = createStand();
    const romeo = stand.connect(`${ROMEO}/home`);
    const juliet = stand.connect(`${JULIET}/desk`);
    for (const body of ['1', '2', '3', '4', '5']) {
      romeo.write(chat(body === '3' ? NURSE : JULIET, body));
      stand.clock.advance(1000);
    }
    juliet.take();
    return { ...stand, romeo, juliet };
  };

  test('both sides keep a message under the id its delivered copy names', () => {
    const { connect } = createStand();
    const romeo = connect(`${ROMEO}/home`);
    const juliet = connect(`${JULIET}/desk`);
    const spoofed = `<stanza-id xmlns='urn:xmpp:sid:0' by='${JULIET}' id='spoofed'/>`;
    romeo.write(chat(JULIET, 'hi', spoofed));
    const stamped = juliet.take('message')[0]?.getChildren('stanza-id', 'urn:xmpp:sid:0') ?? [];
    expect(stamped.map((id) => id.attrs.by)).toEqual([JULIET]);
    expect(query(juliet).ids).toEqual([stamped[0]?.attrs.id]);
    expect(query(romeo).bodies).toEqual(['hi']);
  });

  test('pages go forwards and backwards', () => {
    const { romeo } = filled();
    const first = query(romeo, '', rsm('<max>2</max>'));
    expect(first).toMatchObject({ bodies: ['1', '2'], count: '5', complete: 'false' });
    const rest = query(romeo, '', rsm(`<max>9</max><after>${first.ids[1]}</after>`));
    expect(rest).toMatchObject({ bodies: ['3', '4', '5'], complete: 'true' });
    const last = query(romeo, '', rsm('<max>2</max><before/>'));
    expect(last).toMatchObject({ bodies: ['4', '5'], complete: 'false' });
    const before = query(romeo, '', rsm(`<max>9</max><before>${last.ids[0]}</before>`));
    expect(before).toMatchObject({ bodies: ['1', '2', '3'], complete: 'true' });
    expect(query(romeo, '', rsm('<max>0</max>'))).toMatchObject({ bodies: [], count: '5' });
  });

  test('a query may be limited to a peer, to times and to ids', () => {
    const { romeo } = filled();
    expect(query(romeo, field('with', NURSE)).bodies).toEqual(['3']);
    expect(query(romeo, field('start', '2026-01-01T00:00:03Z')).bodies).toEqual(['4', '5']);
    expect(query(romeo, field('end', '2026-01-01T00:00:01Z')).bodies).toEqual(['1', '2']);
    const { ids } = query(romeo);
    expect(query(romeo, field('ids', ids[4] ?? '', ids[0] ?? '')).bodies).toEqual(['1', '5']);
    expect(query(romeo, field('after-id', ids[3] ?? '')).bodies).toEqual(['5']);
  });

  test('unknown anchors, fields and addresses are refused', () => {
    const { romeo } = filled();
    expect(condition(query(romeo, '', rsm('<after>nothing</after>')).answer)).toBe('item-not-found');
    expect(condition(query(romeo, field('colour', 'red')).answer)).toBe('feature-not-implemented');
    expect(condition(query(romeo, field('with', 'a@@b')).answer)).toBe('jid-malformed');
    expect(condition(romeo.ask(set(`<query xmlns='urn:xmpp:mam:2'/>`, JULIET)))).toBe('service-unavailable');
  });

  test('preferences decide what is kept, and what is not kept raises no archive event', () => {
    const { connect, takeEvents } = createStand();
    const juliet = connect(`${JULIET}/desk`);
    const romeo = connect(`${ROMEO}/home`);
    const prefs = (wish: string, always = '', never = '') =>
      juliet.ask(
        set(
          `<prefs xmlns='urn:xmpp:mam:2' default='${wish}'><always>${always}</always><never>${never}</never></prefs>`,
        ),
      );
    const kept = () => {
      romeo.write(chat(JULIET, 'hi'));
      return takeEvents('archived').some((event) => event.account === JULIET);
    };
    expect(kept()).toBe(true);
    prefs('always', '', `<jid>${ROMEO}</jid>`);
    expect(kept()).toBe(false);
    prefs('never');
    expect(kept()).toBe(false);
    prefs('never', `<jid>${ROMEO}</jid>`);
    expect(kept()).toBe(true);
    prefs('roster');
    expect(kept()).toBe(false);
    juliet.ask(set(`<query xmlns='jabber:iq:roster'><item jid='${ROMEO}'/></query>`));
    expect(kept()).toBe(true);
    expect(juliet.ask(get(`<prefs xmlns='urn:xmpp:mam:2'/>`)).getChild('prefs')?.attrs.default).toBe(
      'roster',
    );
  });

  test('what an account tells itself is archived once and as its own', () => {
    const { connect, takeEvents } = createStand();
    connect(`${JULIET}/desk`).write(chat(JULIET, 'note'));
    expect(takeEvents('archived').map((event) => event.direction)).toEqual(['outgoing']);
  });
});

describe('blocking', () => {
  const block = `<block xmlns='urn:xmpp:blocking'><item jid='${ROMEO}'/></block>`;

  test('what a blocked account sends is refused and nothing is told to the engine', () => {
    const { connect, takeEvents } = createStand();
    const juliet = connect(`${JULIET}/desk`);
    const romeo = connect(`${ROMEO}/home`);
    expect(isResult(juliet.ask(set(block)))).toBe(true);
    romeo.write(chat(JULIET, 'hi'));
    expect(condition(romeo.take('message')[0])).toBe('service-unavailable');
    juliet.close();
    romeo.write(chat(JULIET, 'hi'));
    expect(takeEvents('stored-offline')).toEqual([]);
    expect(takeEvents('archived').filter((event) => event.account === JULIET)).toEqual([]);
    expect(condition(romeo.ask(get(`<ping xmlns='urn:xmpp:ping'/>`, `${JULIET}/desk`)))).toBe(
      'service-unavailable',
    );
  });

  test('who blocks somebody cannot write to them', () => {
    const { connect } = createStand();
    const juliet = connect(`${JULIET}/desk`);
    juliet.ask(set(block));
    juliet.write(chat(ROMEO, 'hi'));
    const [error] = juliet.take('message');
    expect(condition(error)).toBe('not-acceptable');
    expect(error?.getChild('error')?.getChild('blocked', 'urn:xmpp:blocking:errors')).toBeDefined();
  });

  test('the list is told, changes are pushed, and unblocking lets messages pass again', () => {
    const { connect } = createStand();
    const juliet = connect(`${JULIET}/desk`);
    const listed = () =>
      juliet
        .ask(get(`<blocklist xmlns='urn:xmpp:blocking'/>`))
        .getChild('blocklist')
        ?.getChildren('item')
        .map((item) => item.attrs.jid);
    expect(listed()).toEqual([]);
    juliet.ask(set(block));
    expect(juliet.take('iq')[0]?.getChild('block', 'urn:xmpp:blocking')?.getChild('item')?.attrs.jid).toBe(
      ROMEO,
    );
    expect(listed()).toEqual([ROMEO]);
    juliet.ask(set(`<unblock xmlns='urn:xmpp:blocking'/>`));
    expect(listed()).toEqual([]);
    connect(`${ROMEO}/home`).write(chat(JULIET, 'hi'));
    expect(bodies(juliet.take('message'))).toEqual(['hi']);
  });
});

describe('roster and presence', () => {
  const presence = (type: string, to: string) =>
    `<presence xmlns='jabber:client' type='${type}' to='${to}'/>`;
  const roster = (client: FakeClient) =>
    client
      .ask(get(`<query xmlns='jabber:iq:roster'/>`))
      .getChild('query')
      ?.getChildren('item')
      .map((item) => item.attrs) ?? [];

  const friends = () => {
    const stand = createStand();
    const romeo = stand.connect(`${ROMEO}/home`);
    const juliet = stand.connect(`${JULIET}/desk`);
    roster(romeo);
    roster(juliet);
    romeo.write(presence('subscribe', JULIET));
    juliet.write(presence('subscribed', ROMEO));
    juliet.write(presence('subscribe', ROMEO));
    romeo.write(presence('subscribed', JULIET));
    return { ...stand, romeo, juliet };
  };

  test('items are set, pushed to interested resources, and removed', () => {
    const { connect } = createStand();
    const [one, two] = [connect(`${ROMEO}/1`), connect(`${ROMEO}/2`)];
    roster(two);
    one.ask(
      set(`<query xmlns='jabber:iq:roster'><item jid='${JULIET}' name='J'><group>g</group></item></query>`),
    );
    const pushed = two.take('iq')[0]?.getChild('query')?.getChild('item');
    expect(pushed?.attrs).toMatchObject({ jid: JULIET, name: 'J', subscription: 'none' });
    expect(pushed?.getChildText('group')).toBe('g');
    one.ask(set(`<query xmlns='jabber:iq:roster'><item jid='${JULIET}' subscription='remove'/></query>`));
    expect(two.take('iq')[0]?.getChild('query')?.getChild('item')?.attrs.subscription).toBe('remove');
    expect(roster(one)).toEqual([]);
  });

  test('a full roster refuses more', () => {
    const client = createStand({ rosterItems: 1 }).connect(`${ROMEO}/1`);
    const add = (jid: string) =>
      client.ask(set(`<query xmlns='jabber:iq:roster'><item jid='${jid}'/></query>`));
    expect(isResult(add(JULIET))).toBe(true);
    expect(condition(add(NURSE))).toBe('resource-constraint');
    expect(isResult(add(JULIET))).toBe(true);
  });

  test('two accounts that agree see each other', () => {
    const { romeo, juliet } = friends();
    expect(roster(romeo)).toMatchObject([{ jid: JULIET, subscription: 'both' }]);
    expect(roster(juliet)).toMatchObject([{ jid: ROMEO, subscription: 'both' }]);
    const seen = (client: FakeClient, from: string) =>
      client.take('presence').some(({ attrs }) => attrs.from === from && attrs.type === undefined);
    expect(seen(romeo, `${JULIET}/desk`)).toBe(true);
    expect(seen(juliet, `${ROMEO}/home`)).toBe(true);
  });

  test('a contact that comes later sees who is there, and sees them go', () => {
    const { romeo, juliet, connect } = friends();
    juliet.take();
    const phone = connect(`${JULIET}/phone`, null);
    phone.write(`<presence xmlns='jabber:client'/>`);
    expect(phone.take('presence').map(({ attrs }) => attrs.from as string)).toContain(`${ROMEO}/home`);
    romeo.lose();
    expect(phone.take('presence').map(({ attrs }) => [attrs.from, attrs.type])).toEqual([
      [`${ROMEO}/home`, 'unavailable'],
    ]);
  });

  test('strangers do not see presence, and a request waits for the account to come', () => {
    const { connect } = createStand();
    const romeo = connect(`${ROMEO}/home`);
    romeo.write(presence('subscribe', JULIET));
    const juliet = connect(`${JULIET}/desk`, null);
    juliet.write(`<presence xmlns='jabber:client'/>`);
    expect(juliet.take('presence').map(({ attrs }) => [attrs.from, attrs.type])).toEqual([
      [`${JULIET}/desk`, undefined],
      [ROMEO, 'subscribe'],
    ]);
    expect(romeo.take('presence')).toEqual([]);
  });

  test('consent nobody asked for changes nothing', () => {
    const { connect } = createStand();
    const romeo = connect(`${ROMEO}/home`);
    const juliet = connect(`${JULIET}/desk`);
    romeo.write(presence('subscribe', JULIET));
    romeo.write(presence('unsubscribe', JULIET));
    juliet.write(presence('subscribed', ROMEO));
    expect(roster(romeo)).toMatchObject([{ jid: JULIET, subscription: 'none' }]);
    expect(roster(juliet)).toEqual([]);
  });

  test('removing a contact ends both subscriptions', () => {
    const { romeo, juliet } = friends();
    juliet.take();
    romeo.ask(set(`<query xmlns='jabber:iq:roster'><item jid='${JULIET}' subscription='remove'/></query>`));
    expect(juliet.take('presence').map(({ attrs }) => attrs.type as string)).toEqual(
      expect.arrayContaining(['unsubscribe', 'unsubscribed', 'unavailable']),
    );
    expect(roster(juliet)).toMatchObject([{ jid: ROMEO, subscription: 'none' }]);
  });

  test('directed presence reaches a stranger, and so does its end', () => {
    const { connect } = createStand();
    const romeo = connect(`${ROMEO}/home`);
    const juliet = connect(`${JULIET}/desk`);
    romeo.write(`<presence xmlns='jabber:client' to='${JULIET}'/>`);
    romeo.lose();
    expect(juliet.take('presence').map(({ attrs }) => attrs.type as string | undefined)).toEqual([
      undefined,
      'unavailable',
    ]);
  });
});

describe('rooms', () => {
  const ROOM = 'garden@rooms.a.example';
  const join = (client: FakeClient, nick: string) =>
    client.write(
      `<presence xmlns='jabber:client' to='${ROOM}/${nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
    );
  const say = (body: string) =>
    `<message xmlns='jabber:client' type='groupchat' to='${ROOM}' id='g-${body}'><body>${body}</body></message>`;
  const codes = (stanza: Element | undefined) =>
    stanza
      ?.getChild('x')
      ?.getChildren('status')
      .map((status) => status.attrs.code as string);

  const room = () => {
    const stand = createStand();
    const romeo = stand.connect(`${ROMEO}/home`);
    const juliet = stand.connect(`${JULIET}/desk`);
    join(romeo, 'Romeo');
    const first = romeo.take();
    join(juliet, 'Juliet');
    return { ...stand, romeo, juliet, first };
  };

  test('who joins sees the others, then itself, then the subject', () => {
    const { romeo, juliet, first } = room();
    expect(first.map((stanza) => stanza.getName())).toEqual(['presence', 'message']);
    expect(codes(first[0])).toEqual(['110', '201']);
    const seen = juliet.take();
    expect(seen.map(({ attrs }) => attrs.from as string)).toEqual([`${ROOM}/Romeo`, `${ROOM}/Juliet`, ROOM]);
    expect(codes(seen[1])).toEqual(['110']);
    expect(romeo.take('presence').map(({ attrs }) => attrs.from as string)).toEqual([`${ROOM}/Juliet`]);
  });

  test('everybody gets what is said, the speaker too, under an id of the room', () => {
    const { romeo, juliet } = room();
    juliet.take();
    romeo.write(say('hi'));
    for (const client of [romeo, juliet]) {
      const [message] = client.take('message');
      expect(message?.attrs).toMatchObject({ from: `${ROOM}/Romeo`, type: 'groupchat', id: 'g-hi' });
      expect(message?.getChild('stanza-id')?.attrs.by).toBe(ROOM);
    }
  });

  test('strangers cannot speak, taken nicks are refused', () => {
    const { connect } = room();
    const nurse = connect(`${NURSE}/x`);
    nurse.write(say('hi'));
    expect(condition(nurse.take('message')[0])).toBe('not-acceptable');
    join(nurse, 'Romeo');
    expect(condition(nurse.take('presence')[0])).toBe('conflict');
  });

  test('who comes later gets the history and the subject', () => {
    const { romeo, connect } = room();
    romeo.write(say('before'));
    romeo.write(
      `<message xmlns='jabber:client' type='groupchat' to='${ROOM}'><subject>Roses</subject></message>`,
    );
    const nurse = connect(`${NURSE}/x`);
    join(nurse, 'Nurse');
    const messages = nurse.take('message');
    expect(bodies(messages)).toEqual(['before', null]);
    expect(messages[0]?.getChild('delay', 'urn:xmpp:delay')).toBeDefined();
    expect(messages[1]?.getChildText('subject')).toBe('Roses');
  });

  test('a session that is lost leaves, the last one takes the room with it', () => {
    const { romeo, juliet } = room();
    juliet.take();
    romeo.lose();
    expect(juliet.take('presence').map(({ attrs }) => [attrs.from, attrs.type])).toEqual([
      [`${ROOM}/Romeo`, 'unavailable'],
    ]);
    juliet.write(`<presence xmlns='jabber:client' type='unavailable' to='${ROOM}/Juliet'/>`);
    expect(codes(juliet.take('presence')[0])).toEqual(['110']);
    const info = `<query xmlns='http://jabber.org/protocol/disco#info'/>`;
    expect(condition(juliet.ask(get(info, ROOM)))).toBe('item-not-found');
  });

  test('a hibernating occupant stays, and is told what its account said as its own', () => {
    const { romeo, juliet, takeEvents } = room();
    juliet.write(`<enable xmlns='urn:xmpp:sm:3' resume='true'/>`);
    juliet.lose();
    romeo.take();
    romeo.write(say('hi'));
    const [queued] = takeEvents('hibernation-queued');
    expect(queued?.message.ownOccupants).toEqual([`${ROOM}/Juliet`]);
    expect(romeo.take('presence')).toEqual([]);
  });

  test('private messages go to one occupant, invitations to whom they name', () => {
    const { romeo, juliet, connect } = room();
    juliet.take();
    romeo.write(chat(`${ROOM}/Juliet`, 'psst'));
    expect(juliet.take('message')[0]?.attrs).toMatchObject({ from: `${ROOM}/Romeo`, type: 'chat' });
    const nurse = connect(`${NURSE}/x`);
    romeo.write(
      `<message xmlns='jabber:client' to='${ROOM}'><x xmlns='http://jabber.org/protocol/muc#user'><invite to='${NURSE}'><reason>come</reason></invite></x></message>`,
    );
    const [invitation] = nurse.take('message');
    expect(attribute(invitation ?? expect.fail(), 'from')).toBe(ROOM);
    expect(invitation?.getChild('x')?.getChild('invite')?.attrs).toEqual({ from: ROMEO });
    nurse.write(
      `<message xmlns='jabber:client' to='${ROOM}'><x xmlns='http://jabber.org/protocol/muc#user'><decline to='${ROMEO}'/></x></message>`,
    );
    expect(romeo.take('message').at(-1)?.getChild('x')?.getChild('decline')?.attrs).toEqual({ from: NURSE });
  });

  test('a nick may be changed', () => {
    const { romeo, juliet } = room();
    juliet.take();
    romeo.write(`<presence xmlns='jabber:client' to='${ROOM}/Montague'/>`);
    expect(juliet.take('presence').map(({ attrs }) => [attrs.from, attrs.type])).toEqual([
      [`${ROOM}/Romeo`, 'unavailable'],
      [`${ROOM}/Montague`, undefined],
    ]);
  });
});

describe('the account', () => {
  test('a changed password is told to the engine', async () => {
    const { connect, takeEvents } = createStand();
    const romeo = connect(`${ROMEO}/home`);
    romeo.write(
      `<iq xmlns='jabber:client' type='set' id='p'><query xmlns='jabber:iq:register'><username>romeo</username><password>new</password></query></iq>`,
    );
    await new Promise(setImmediate);
    expect(romeo.take('iq')[0]?.attrs).toMatchObject({ id: 'p', type: 'result' });
    expect(takeEvents('credentials-changed')).toMatchObject([{ account: ROMEO }]);
  });

  test('a removed account leaves nothing behind', async () => {
    const { connect, takeEvents, layer } = createStand();
    const romeo = connect(`${ROMEO}/home`);
    const juliet = connect(`${JULIET}/desk`);
    juliet.write(chat(ROMEO, 'hi'));
    romeo.take();
    romeo.write(
      `<iq xmlns='jabber:client' type='set' id='r'><query xmlns='jabber:iq:register'><remove/></query></iq>`,
    );
    expect(romeo.take('iq')[0]?.attrs).toMatchObject({ id: 'r', type: 'result' });
    expect(romeo.ended?.condition).toBe('not-authorized');
    expect(takeEvents('account-deleted')).toMatchObject([{ account: ROMEO }]);
    juliet.write(chat(ROMEO, 'gone'));
    expect(condition(juliet.take('message')[0])).toBe('service-unavailable');
    expect(layer.deleteAccount(makeJid('romeo', 'a.example'))).toBe(false);
  });
});
