import { describe, expect, test } from 'vitest';
import { attribute, parseElement } from './stanza.js';
import { bodies, chat, condition, createStand } from './test-stand.js';

const ROMEO = 'romeo@a.example';
const JULIET = 'juliet@a.example';
const typed = (type: string, to: string, body = 'hi') =>
  `<message xmlns='jabber:client' type='${type}' to='${to}' id='1'><body>${body}</body></message>`;

describe('messages', () => {
  test('a message to a bare JID reaches every available resource but those of negative priority', () => {
    const { connect } = createStand();
    const [desk, phone, bot, silent] = [
      connect(`${JULIET}/desk`, 5),
      connect(`${JULIET}/phone`, 0),
      connect(`${JULIET}/bot`, -1),
      connect(`${JULIET}/silent`, null),
    ];
    connect(`${ROMEO}/home`).write(chat(JULIET, 'hi'));
    expect([desk, phone, bot, silent].map((client) => client?.take('message').length)).toEqual([1, 1, 0, 0]);
  });

  test('the server stamps the sender', () => {
    const { connect } = createStand();
    const juliet = connect(`${JULIET}/desk`);
    connect(`${ROMEO}/home`).write(chat(JULIET, 'hi'));
    expect(juliet.take('message')[0]?.attrs).toMatchObject({ from: `${ROMEO}/home` });
  });

  test('a message to a full JID reaches that resource alone, whatever its priority', () => {
    const { connect } = createStand();
    const [desk, bot] = [connect(`${JULIET}/desk`), connect(`${JULIET}/bot`, -1)];
    connect(`${ROMEO}/home`).write(chat(`${JULIET}/bot`, 'hi'));
    expect([desk.take('message').length, bot.take('message').length]).toEqual([0, 1]);
  });

  test.each(['chat', 'normal'])('a %s message to a resource that is gone is for the bare JID', (type) => {
    const { connect } = createStand();
    const desk = connect(`${JULIET}/desk`);
    connect(`${ROMEO}/home`).write(typed(type, `${JULIET}/gone`));
    expect(desk.take('message')).toHaveLength(1);
  });

  test.each([
    ['groupchat', `${JULIET}/gone`],
    ['headline', `${JULIET}/gone`],
    ['groupchat', JULIET],
    ['chat', 'nobody@a.example'],
    ['headline', 'nobody@a.example'],
    ['chat', 'a.example'],
  ])('a %s message to %s is refused', (type, to) => {
    const { connect } = createStand();
    connect(`${JULIET}/desk`);
    const romeo = connect(`${ROMEO}/home`);
    romeo.write(typed(type, to));
    expect(condition(romeo.take('message')[0])).toBe('service-unavailable');
  });

  test('errors to a bare JID and headlines to nobody available vanish', () => {
    const { connect, takeEvents } = createStand();
    const romeo = connect(`${ROMEO}/home`);
    romeo.write(typed('headline', JULIET));
    romeo.write(typed('error', JULIET));
    romeo.write(typed('error', 'nobody@a.example'));
    expect(romeo.take()).toEqual([]);
    expect(takeEvents('stored-offline')).toEqual([]);
  });

  test('other servers cannot be reached', () => {
    const { connect } = createStand();
    const romeo = connect(`${ROMEO}/home`);
    romeo.write(chat('a@elsewhere.example', 'hi'));
    expect(condition(romeo.take('message')[0])).toBe('remote-server-not-found');
  });

  test('an address that is no JID is named as the fault', () => {
    const { connect } = createStand();
    const romeo = connect(`${ROMEO}/home`);
    romeo.write(chat('a@@b', 'hi'));
    expect(condition(romeo.take('message')[0])).toBe('jid-malformed');
  });

  test('accounts of the same name on two domains are two accounts', () => {
    const { connect } = createStand();
    const other = connect('romeo@b.example/home');
    const own = connect(`${ROMEO}/home`);
    connect(`${JULIET}/desk`).write(chat('romeo@b.example', 'hi'));
    expect([other.take('message').length, own.take('message').length]).toEqual([1, 0]);
  });
});

describe('messages for nobody who is there', () => {
  test('are stored, told to the engine after the archive, and delivered once with their time', () => {
    const { connect, events, clock } = createStand();
    const romeo = connect(`${ROMEO}/home`);
    events.length = 0;
    romeo.write(chat(JULIET, 'hi'));
    expect(events.map((event) => event.type)).toEqual(['archived', 'archived', 'stored-offline']);
    const ids = events.map((event) => ('message' in event ? event.message.id : ''));
    expect(new Set(ids).size).toBe(1);
    clock.advance(60_000);
    const juliet = connect(`${JULIET}/desk`, null);
    juliet.write(`<presence xmlns='jabber:client'><priority>-1</priority></presence>`);
    expect(juliet.take('message')).toEqual([]);
    juliet.write(`<presence xmlns='jabber:client'/>`);
    const [message] = juliet.take('message');
    expect(message?.getChildText('body')).toBe('hi');
    expect(message?.getChild('delay', 'urn:xmpp:delay')?.attrs).toMatchObject({
      from: 'a.example',
      stamp: '2026-01-01T00:00:00.000Z',
    });
    const again = connect(`${JULIET}/again`, null);
    again.write(`<presence xmlns='jabber:client'/>`);
    expect(again.take('message')).toEqual([]);
  });

  test('are dropped when they only say that somebody types, or must not be stored', () => {
    const { connect, takeEvents } = createStand();
    const romeo = connect(`${ROMEO}/home`);
    romeo.write(
      `<message xmlns='jabber:client' type='chat' to='${JULIET}'><active xmlns='http://jabber.org/protocol/chatstates'/></message>`,
    );
    romeo.write(chat(JULIET, 'secret', `<no-store xmlns='urn:xmpp:hints'/>`));
    expect(takeEvents('stored-offline')).toEqual([]);
    expect(takeEvents('archived')).toEqual([]);
    expect(romeo.take()).toEqual([]);
  });

  test('are refused, and neither archived nor told to the engine, when storage is full', () => {
    const { connect, takeEvents } = createStand({ offlineMessages: 1 });
    const romeo = connect(`${ROMEO}/home`);
    romeo.write(chat(JULIET, 'one'));
    takeEvents('archived');
    takeEvents('stored-offline');
    romeo.write(chat(JULIET, 'two'));
    expect(condition(romeo.take('message')[0])).toBe('service-unavailable');
    expect(takeEvents('stored-offline')).toEqual([]);
    expect(takeEvents('archived').filter((event) => event.account === JULIET)).toEqual([]);
  });
});

describe('requests', () => {
  const ask = (to: string, payload: string, type = 'get') =>
    `<iq type='${type}'${to && ` to='${to}'`}>${payload}</iq>`;
  const ping = `<ping xmlns='urn:xmpp:ping'/>`;
  const info = `<query xmlns='http://jabber.org/protocol/disco#info'/>`;

  test.each(['', ROMEO, 'a.example'])('a ping to "%s" is answered', (to) => {
    const romeo = createStand().connect(`${ROMEO}/home`);
    expect(attribute(romeo.ask(ask(to, ping)), 'type')).toBe('result');
  });

  test.each([
    ['', `<query xmlns='urn:example'/>`, 'service-unavailable'],
    ['a.example', `<query xmlns='urn:example'/>`, 'service-unavailable'],
    [JULIET, info, 'service-unavailable'],
    ['nobody@a.example', info, 'service-unavailable'],
    [`${JULIET}/gone`, info, 'service-unavailable'],
    ['', `${ping}${ping}`, 'bad-request'],
    ['', '', 'bad-request'],
  ])('a request to "%s" with %s is answered with an error', (to, payload, expected) => {
    const romeo = createStand().connect(`${ROMEO}/home`);
    expect(condition(romeo.ask(ask(to, payload)))).toBe(expected);
  });

  test('a request to a full JID is that client’s to answer', () => {
    const { connect } = createStand();
    const juliet = connect(`${JULIET}/desk`);
    const romeo = connect(`${ROMEO}/home`);
    romeo.write(`<iq xmlns='jabber:client' type='get' id='7' to='${JULIET}/desk'>${ping}</iq>`);
    expect(juliet.take('iq')[0]?.attrs).toMatchObject({ id: '7', from: `${ROMEO}/home` });
    juliet.write(`<iq xmlns='jabber:client' type='result' id='7' to='${ROMEO}/home'/>`);
    expect(romeo.take('iq')[0]?.attrs).toMatchObject({ id: '7', from: `${JULIET}/desk`, type: 'result' });
  });

  test('the account tells its owner about push, and nobody else', () => {
    const { connect } = createStand();
    const romeo = connect(`${ROMEO}/home`);
    const features = (to: string) =>
      romeo
        .ask(ask(to, info))
        .getChild('query')
        ?.getChildren('feature')
        .map((feature) => feature.attrs.var);
    expect(features('')).toContain('urn:xmpp:webpush:0');
    expect(features(ROMEO)).toContain('urn:xmpp:mam:2');
    expect(features('a.example')).not.toContain('urn:xmpp:webpush:0');
    expect(features('a.example')).toContain('urn:xmpp:carbons:2');
  });

  test.each(['', ROMEO])('enable and disable to "%s" go to the engine, which answers', (to) => {
    const { connect, takeEvents, layer } = createStand();
    const romeo = connect(`${ROMEO}/home`);
    const address = to && ` to='${to}'`;
    romeo.write(
      `<iq xmlns='jabber:client' type='set' id='e1'${address}><enable xmlns='urn:xmpp:webpush:0'/></iq>`,
    );
    const [event] = takeEvents('iq');
    expect(event).toMatchObject({ account: ROMEO });
    expect(romeo.take()).toEqual([]);
    if (!event) throw new Error('the engine was not asked');
    layer.reply(event.session, parseElement(`<iq xmlns='jabber:client' type='result' id='e1'/>`));
    expect(romeo.take('iq')[0]?.attrs).toMatchObject({ type: 'result', id: 'e1', to: `${ROMEO}/home` });
  });

  test.each(['a.example', JULIET, `${JULIET}/desk`])('enable to %s does not reach the engine', (to) => {
    const { connect, takeEvents } = createStand();
    const romeo = connect(`${ROMEO}/home`);
    expect(condition(romeo.ask(ask(to, `<enable xmlns='urn:xmpp:webpush:0'/>`, 'set')))).toBe(
      'service-unavailable',
    );
    expect(takeEvents('iq')).toEqual([]);
  });
});

describe('when something goes wrong inside', () => {
  test('the sender of that stanza is told, the operator too, and the session lives on', () => {
    const stand = createStand();
    const romeo = stand.connect(`${ROMEO}/home`);
    stand.database.exec('DROP TABLE roster');
    const answer = romeo.ask(`<iq type='get'><query xmlns='jabber:iq:roster'/></iq>`);
    expect(condition(answer)).toBe('internal-server-error');
    expect(stand.problems).toHaveLength(1);
    expect(attribute(romeo.ask(`<iq type='get'><ping xmlns='urn:xmpp:ping'/></iq>`), 'type')).toBe('result');
  });

  test('a message an ending session did not take reaches the others once', () => {
    const { connect } = createStand({}, 1);
    const full = connect(`${JULIET}/full`);
    full.write(`<enable xmlns='urn:xmpp:sm:3'/>`);
    const other = connect(`${JULIET}/other`);
    const romeo = connect(`${ROMEO}/home`);
    for (const body of ['1', '2', '3']) romeo.write(chat(JULIET, body));
    expect(full.ended?.condition).toBe('resource-constraint');
    expect(bodies(other.take('message'))).toEqual(['1', '2', '3']);
  });
});
