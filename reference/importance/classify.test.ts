import xml, { Element, Parser } from '@xmpp/xml';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classify } from './classify.js';
import type { Classification, ImportanceContext, Trigger } from './importance.js';
import { rules } from './rules.js';

/** The stanza as a server finds it: a child of a stream whose default namespace is jabber:client. */
function read(text: string): Element {
  let stanza: Element | undefined;
  const parser = new Parser();
  parser.on('element', (element: Element) => {
    stanza = element;
  });
  parser.write(
    `<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>${text}`,
  );
  if (!stanza) throw new Error(`not a stanza: ${text}`);
  return stanza;
}

const ACCOUNT = 'juliet@capulet.example';
const PEER = 'romeo@montague.example/orchard';
const ROOM = 'park@rooms.montague.example';
const TRIGGERS: readonly Trigger[] = ['offline', 'archived', 'hibernated'];

const context = (trigger: Trigger): ImportanceContext => ({
  account: ACCOUNT,
  trigger,
  isOwnOccupant: (occupant) => occupant === `${ROOM}/julie`,
});

const chat = (children: string) =>
  `<message from='${PEER}' to='${ACCOUNT}' type='chat'>${children}</message>`;
const groupchat = (children: string, nick = 'mercutio') =>
  `<message from='${ROOM}/${nick}' to='${ACCOUNT}' type='groupchat'>${children}</message>`;
const carbon = (children: string, direction = 'received', from = ACCOUNT) =>
  `<message from='${from}' to='${ACCOUNT}/web' type='chat'><${direction} xmlns='urn:xmpp:carbons:2'>
    <forwarded xmlns='urn:xmpp:forward:0'>${children}</forwarded></${direction}></message>`;
const inner = (children: string) =>
  `<message xmlns='jabber:client' from='${PEER}' to='${ACCOUNT}/phone' type='chat'>${children}</message>`;

const BODY = '<body>Wherefore art thou?</body>';
const STORE = "<store xmlns='urn:xmpp:hints'/>";
const call = (name: string, version = '0') => `<${name} xmlns='urn:xmpp:jingle-message:${version}' id='c1'/>`;
const invitation = (name: string) => `<${name} xmlns='urn:xmpp:call-invites:0' id='i1'/>`;
const omemo = (namespace: string, payload: string) =>
  `<encrypted xmlns='${namespace}'><header sid='1'><key rid='2'>AAAA</key></header>${payload}</encrypted>`;
const inRoom = (child: string) =>
  `<x xmlns='http://jabber.org/protocol/muc#user'><${child} from='${PEER}'/></x>`;
const hint = (namespace: string) => `<encryption xmlns='urn:xmpp:eme:0' namespace='${namespace}'/>`;
const REACTIONS = "<reactions xmlns='urn:xmpp:reactions:0' id='m1'><reaction>👋</reaction></reactions>";

function judge(text: string, trigger: Trigger = 'offline'): Classification {
  return classify(read(text), context(trigger));
}

type Verdict = Pick<Classification, 'importance' | 'rule'> & Partial<Classification>;
const important = (rule: string, more: Partial<Classification> = {}): Verdict => ({
  importance: 'important',
  rule,
  kind: 'message',
  encrypted: false,
  ...more,
});
const unimportant = (rule: string, more: Partial<Classification> = {}): Verdict => ({
  ...important(rule, more),
  importance: 'unimportant',
});
const urgent = (rule: string): Verdict => ({ ...important(rule, { kind: 'call' }), importance: 'urgent' });

/** In whatever way the message is on its way, the verdict is the same. */
function rows(table: readonly (readonly [title: string, stanza: string, verdict: Verdict])[]) {
  test.each(table)('%s', (_, stanza, verdict) => {
    for (const trigger of TRIGGERS) expect(judge(stanza, trigger)).toMatchObject(verdict);
  });
}

describe('text', () => {
  rows([
    ['a chat message with a body is important', chat(BODY), important('chat-body')],
    [
      'a message of type normal with a body is important',
      `<message from='${PEER}' type='normal'>${BODY}</message>`,
      important('normal-body'),
    ],
    [
      'a message without type is a normal one',
      `<message from='${PEER}'>${BODY}</message>`,
      important('normal-body'),
    ],
    [
      'a message of unknown type is a normal one',
      `<message from='${PEER}' type='letter'>${BODY}</message>`,
      important('normal-body'),
    ],
    ['an empty body is not important', chat('<body/>'), unimportant('empty-body')],
    [
      'one non-empty body of several languages is enough',
      chat(`<body/><body xml:lang='it'>O Romeo</body>`),
      important('chat-body'),
    ],
    [
      'a body of another namespace is no body',
      chat("<html xmlns='http://jabber.org/protocol/xhtml-im'/><body xmlns='urn:example:other'>x</body>"),
      unimportant('no-content'),
    ],
    [
      'a headline is not important, even with a body',
      `<message from='${PEER}' type='headline'>${BODY}</message>`,
      unimportant('headline'),
    ],
    [
      'an error is not important, even with the body of what it bounces',
      `<message from='${PEER}' type='error'>${BODY}<error type='cancel'/></message>`,
      unimportant('error'),
    ],
    [
      'a message to oneself is judged like any other',
      `<message from='${ACCOUNT}/web' to='${ACCOUNT}' type='chat'>${BODY}</message>`,
      important('chat-body'),
    ],
    [
      'a delayed message is judged by what it says',
      chat(`${BODY}<delay xmlns='urn:xmpp:delay' stamp='2026-11-22T12:00:00Z'/>`),
      important('chat-body'),
    ],
    [
      'a reply with a body is important',
      chat(
        `${BODY}<reply xmlns='urn:xmpp:reply:0' to='${ACCOUNT}' id='m1'/>
         <fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='5'/></fallback>`,
      ),
      important('chat-body'),
    ],
  ]);
});

describe('rooms', () => {
  rows([
    ['a groupchat message with a body is important', groupchat(BODY), important('groupchat-body')],
    [
      "the account's own words coming back from the room are not",
      groupchat(BODY, 'julie'),
      unimportant('own-reflection'),
    ],
    ['a change of subject is not', groupchat('<subject>Balcony</subject>'), unimportant('room-subject')],
    [
      'a message with subject and body is no change of subject and important',
      groupchat(`<subject>Balcony</subject>${BODY}`),
      important('groupchat-body'),
    ],
    [
      'a private message of an occupant is important',
      `<message from='${ROOM}/mercutio' type='chat'>${BODY}<x xmlns='http://jabber.org/protocol/muc#user'/></message>`,
      important('private-message'),
    ],
    [
      'a direct invitation without body is important and of kind invite',
      chat(`<x xmlns='jabber:x:conference' jid='${ROOM}'/>`),
      important('direct-invite', { kind: 'invite' }),
    ],
    [
      'a mediated invitation without body is important and of kind invite',
      `<message from='${ROOM}' to='${ACCOUNT}'>${inRoom('invite')}</message>`,
      important('mediated-invite', { kind: 'invite' }),
    ],
    [
      'a declined invitation is not important',
      `<message from='${ROOM}' to='${ACCOUNT}'>${inRoom('decline')}</message>`,
      unimportant('mediated-decline'),
    ],
    [
      'a mention that a room forwards to an absent member is important',
      `<message from='${ROOM}' to='${ACCOUNT}'><mentions xmlns='urn:xmpp:mmn:0'>
        <forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' type='groupchat'>${BODY}</message></forwarded>
      </mentions></message>`,
      important('room-mention'),
    ],
  ]);

  test('without knowledge of the own occupants a reflection cannot be told', () => {
    expect(
      classify(read(groupchat(BODY, 'julie')), { account: ACCOUNT, trigger: 'offline' }).importance,
    ).toBe('important');
  });

  test('only a groupchat message can be a reflection', () => {
    const stanza = `<message from='${ROOM}/julie' type='chat'>${BODY}</message>`;
    expect(judge(stanza).importance).toBe('important');
  });
});

describe('end-to-end encryption', () => {
  const encrypted = { encrypted: true };
  rows([
    ...['eu.siacs.conversations.axolotl', 'urn:xmpp:omemo:0', 'urn:xmpp:omemo:1', 'urn:xmpp:omemo:2'].flatMap(
      (namespace) =>
        [
          [
            `${namespace} with a payload and no body is important`,
            chat(omemo(namespace, '<payload>AAAA</payload>') + STORE),
            important('omemo', encrypted),
          ],
          [
            `${namespace} without payload is not important`,
            chat(omemo(namespace, '') + hint(namespace) + STORE),
            unimportant('omemo-without-payload', encrypted),
          ],
        ] as const,
    ),
    [
      'a body next to OMEMO without payload is fallback and not important',
      chat(omemo('urn:xmpp:omemo:2', '') + BODY),
      unimportant('omemo-without-payload', encrypted),
    ],
    [
      'a payload in one of two OMEMO namespaces is important',
      chat(
        omemo('urn:xmpp:omemo:2', '') + omemo('eu.siacs.conversations.axolotl', '<payload>AAAA</payload>'),
      ),
      important('omemo', encrypted),
    ],
    [
      'a payload of another namespace is no payload',
      chat(omemo('urn:xmpp:omemo:2', "<payload xmlns='urn:example:other'>AAAA</payload>")),
      unimportant('omemo-without-payload', encrypted),
    ],
    [
      'OpenPGP for XMPP is important',
      chat(`<openpgp xmlns='urn:xmpp:openpgp:0'>AAAA</openpgp>${STORE}`),
      important('openpgp', encrypted),
    ],
    [
      'legacy PGP is important and its body is fallback',
      chat(`<body>This message is encrypted.</body><x xmlns='jabber:x:encrypted'>AAAA</x>`),
      important('legacy-pgp', encrypted),
    ],
    [
      'OTR is important and its body is no text',
      chat('<body>?OTR:AAMDJ+MVmSfjFZcAAAAAAQAAAAIAAADA1g5IjD1ZGLDVQEyC</body>'),
      important('otr', encrypted),
    ],
    [
      'a hint at an unknown scheme is important',
      chat(hint('urn:example:cipher')),
      important('encryption-hint', encrypted),
    ],
    [
      'a hint at OMEMO with nothing else is not important',
      chat(hint('urn:xmpp:omemo:2')),
      unimportant('omemo-without-payload', encrypted),
    ],
    [
      'a hint at OMEMO next to a body is important',
      chat(hint('urn:xmpp:omemo:2') + BODY),
      important('encryption-hint', encrypted),
    ],
    [
      'a hint that names nothing is no hint',
      chat("<encryption xmlns='urn:xmpp:eme:0' name='?'/>"),
      unimportant('no-content'),
    ],
  ]);
});

describe('calls', () => {
  rows([
    ['a proposed call is urgent and of kind call', chat(call('propose') + STORE), urgent('call-propose')],
    ['so is one in the namespace of 2021', chat(call('propose', '1')), urgent('call-propose')],
    [
      'a retracted call is important and of kind call-retract',
      chat(call('retract') + STORE),
      important('call-retract', { kind: 'call-retract' }),
    ],
    ...['ringing', 'proceed', 'reject', 'accept', 'finish'].map(
      (name) =>
        [`${name} is not important`, chat(call(name) + STORE), unimportant('call-signalling')] as const,
    ),
    ...['accept', 'proceed', 'reject'].map(
      (name) =>
        [
          `${name} sent by another own device is not important`,
          carbon(inner(call(name)), 'sent'),
          unimportant('sent-carbon'),
        ] as const,
    ),
    ['a call invitation in a chat is urgent', chat(invitation('invite')), urgent('call-invite')],
    [
      'a call invitation in a room is important, no more',
      groupchat(invitation('invite')),
      important('groupchat-call-invite', { kind: 'call' }),
    ],
    ...['retract', 'accept', 'reject', 'left'].map(
      (name) =>
        [
          `${name} of a call invitation is not important`,
          chat(invitation(name)),
          unimportant('call-invite-signalling'),
        ] as const,
    ),
    [
      'a call that is not to be stored is urgent all the same',
      chat(`${call('propose')}<no-store xmlns='urn:xmpp:hints'/>`),
      urgent('call-propose'),
    ],
  ]);
});

describe('about earlier messages', () => {
  const fallback = (namespace: string, region = '') =>
    `<fallback xmlns='urn:xmpp:fallback:0' for='${namespace}'>${region}</fallback>`;
  const retract = "<retract xmlns='urn:xmpp:message-retract:1' id='m1'/>";
  rows([
    [
      'a receipt is not important',
      chat("<received xmlns='urn:xmpp:receipts' id='m1'/>"),
      unimportant('receipt'),
    ],
    [
      'a request for a receipt takes nothing from a body',
      chat(`${BODY}<request xmlns='urn:xmpp:receipts'/>`),
      important('chat-body'),
    ],
    ...['received', 'displayed', 'acknowledged'].map(
      (name) =>
        [
          `the marker ${name} is not important`,
          chat(`<${name} xmlns='urn:xmpp:chat-markers:0' id='m1'/>`),
          unimportant('chat-marker'),
        ] as const,
    ),
    ...['active', 'composing', 'paused', 'inactive', 'gone'].map(
      (name) =>
        [
          `the chat state ${name} alone is not important`,
          chat(`<${name} xmlns='http://jabber.org/protocol/chatstates'/>`),
          unimportant('chat-state'),
        ] as const,
    ),
    ['a reaction is not important', chat(REACTIONS + STORE), unimportant('reactions')],
    [
      'a reaction whose whole body is fallback is not important',
      chat(`<body>👋</body>${REACTIONS}${fallback('urn:xmpp:reactions:0')}`),
      unimportant('reactions'),
    ],
    [
      'a reaction whose body is marked as fallback piece by piece is not important',
      chat(
        `<body>> hi 👋</body>${REACTIONS}${fallback('urn:xmpp:reactions:0', "<body start='3' end='6'/><body start='0' end='4'/>")}`,
      ),
      unimportant('reactions'),
    ],
    [
      'a body that is fallback but for one character is text',
      chat(
        `<body>> hi 👋!</body>${REACTIONS}${fallback('urn:xmpp:reactions:0', "<body start='0' end='6'/>")}`,
      ),
      important('chat-body'),
    ],
    [
      'a gap between two marks is text',
      chat(
        `<body>abc</body>${REACTIONS}${fallback('urn:xmpp:reactions:0', "<body start='0' end='1'/><body start='2'/>")}`,
      ),
      important('chat-body'),
    ],
    [
      'a mark without positions covers the whole body',
      chat(`<body>abc</body>${REACTIONS}${fallback('urn:xmpp:reactions:0', '<body/>')}`),
      unimportant('reactions'),
    ],
    [
      'a mark that cannot be read covers nothing',
      chat(`<body>abc</body>${REACTIONS}${fallback('urn:xmpp:reactions:0', "<body start='x' end='9'/>")}`),
      important('chat-body'),
    ],
    [
      'a fallback for another protocol covers nothing of a reaction',
      chat(`<body>👋</body>${REACTIONS}${fallback('urn:xmpp:reply:0')}`),
      important('chat-body'),
    ],
    [
      'a body that only says that the reaction is encrypted does not make it important',
      chat(`${BODY}${REACTIONS}${omemo('urn:xmpp:omemo:2', '<payload>AAAA</payload>')}`),
      unimportant('reactions', { encrypted: true }),
    ],
    [
      'a body that is fallback for a protocol with content is important',
      chat(`<body>https://files.example/photo.jpg</body>${fallback('urn:xmpp:sfs:0')}`),
      important('chat-body'),
    ],
    [
      'a correction is not important, whatever its body',
      chat(`${BODY}<replace xmlns='urn:xmpp:message-correct:0' id='m1'/>`),
      unimportant('correction'),
    ],
    [
      'an encrypted correction is not important',
      chat(
        `${omemo('urn:xmpp:omemo:2', '<payload>AAAA</payload>')}<replace xmlns='urn:xmpp:message-correct:0' id='m1'/>`,
      ),
      unimportant('correction', { encrypted: true }),
    ],
    [
      'a retraction is not important, even with fallback body',
      chat(`${BODY}${retract}${fallback('urn:xmpp:message-retract:1')}${STORE}`),
      unimportant('retraction'),
    ],
    [
      'a retraction of the older form is not important',
      chat(
        `${BODY}<apply-to xmlns='urn:xmpp:fasten:0' id='m1'><retract xmlns='urn:xmpp:message-retract:0'/></apply-to>`,
      ),
      unimportant('retraction'),
    ],
    [
      'a message removed by a moderator is not important',
      groupchat(
        `<retract xmlns='urn:xmpp:message-retract:1' id='m1'><moderated xmlns='urn:xmpp:message-moderate:1'/></retract>`,
      ),
      unimportant('moderation'),
    ],
    [
      'a moderation of the older form is not important',
      groupchat(
        `<apply-to xmlns='urn:xmpp:fasten:0' id='m1'><moderated xmlns='urn:xmpp:message-moderate:0'><retract xmlns='urn:xmpp:message-retract:0'/></moderated></apply-to>`,
      ),
      unimportant('moderation'),
    ],
  ]);

  test('many marks on a long body cost no more than sorting them', () => {
    const marks = Array.from({ length: 5000 }, (_, i) => `<body start='${i}' end='${i + 1}'/>`).join('');
    const stanza = chat(
      `<body>${'a'.repeat(100_000)}</body>${REACTIONS}${fallback('urn:xmpp:reactions:0', marks)}`,
    );
    expect(judge(stanza).rule).toBe('chat-body');
  }, 1000);
});

describe('carbons', () => {
  rows([
    ['a received carbon is judged by the message in it', carbon(inner(BODY)), important('chat-body')],
    ['a sent carbon is not important', carbon(inner(BODY), 'sent'), unimportant('sent-carbon')],
    [
      'a wrapper from somebody else is not unwrapped, whether it says received or sent',
      carbon(inner(BODY), 'received', PEER),
      unimportant('carbon-not-trusted'),
    ],
    [
      'a wrapper from a full JID of the account is not unwrapped',
      carbon(inner(BODY), 'received', `${ACCOUNT}/web`),
      unimportant('carbon-not-trusted'),
    ],
    [
      'a carbon in a carbon is not unwrapped a second time',
      carbon(
        `<message xmlns='jabber:client' from='${ACCOUNT}' type='chat'><received xmlns='urn:xmpp:carbons:2'>
          <forwarded xmlns='urn:xmpp:forward:0'>${inner(BODY)}</forwarded></received></message>`,
      ),
      unimportant('carbon-not-trusted'),
    ],
    [
      'a carbon of two messages is not unwrapped',
      carbon(inner(BODY) + inner(BODY)),
      unimportant('carbon-not-trusted'),
    ],
    [
      'a carbon that forwards twice is not unwrapped',
      carbon(`${inner(BODY)}</forwarded><forwarded xmlns='urn:xmpp:forward:0'>${inner(BODY)}`),
      unimportant('carbon-not-trusted'),
    ],
    [
      'a message that is a carbon twice is not unwrapped',
      carbon(inner(BODY)).replace(
        '</message></forwarded></received>',
        `$&<sent xmlns='urn:xmpp:carbons:2'/>`,
      ),
      unimportant('carbon-not-trusted'),
    ],
    ['a carbon of no message is not unwrapped', carbon(''), unimportant('carbon-not-trusted')],
    [
      'a carbon of a message in no stanza namespace is not unwrapped',
      carbon(`<message type='chat'>${BODY}</message>`),
      unimportant('carbon-not-trusted'),
    ],
    [
      'an error in the shape of a carbon is an error',
      carbon(inner(BODY)).replace("type='chat'", "type='error'"),
      unimportant('error'),
    ],
    [
      'a received carbon of an error is not important',
      carbon(`<message xmlns='jabber:client' from='${PEER}' type='error'>${BODY}</message>`),
      unimportant('error'),
    ],
  ]);

  test('a forged wrapper can suppress nothing: the outer message is judged', () => {
    const stanza = `<message from='${PEER}' type='chat'>${BODY}<sent xmlns='urn:xmpp:carbons:2'>
      <forwarded xmlns='urn:xmpp:forward:0'>${inner(BODY)}</forwarded></sent></message>`;
    expect(judge(stanza)).toMatchObject(important('chat-body'));
  });

  test('the message of a carbon is the one inside, and of anything else the stanza itself', () => {
    const stanza = read(carbon(inner(BODY)));
    expect(classify(stanza, context('offline')).message.attrs.from).toBe(PEER);
    expect(classify(stanza, context('offline')).message).not.toBe(stanza);
    const plain = read(chat(BODY));
    expect(classify(plain, context('offline')).message).toBe(plain);
  });
});

describe('what is no message to a human being', () => {
  rows([
    [
      'a PEP event is not important',
      `<message from='${ACCOUNT}' to='${ACCOUNT}/web'><event xmlns='http://jabber.org/protocol/pubsub#event'>
        <items node='urn:xmpp:mds:displayed:0'/></event></message>`,
      unimportant('pubsub-event'),
    ],
    [
      'an archived message on its way to who asked for it is not important',
      `<message from='${ACCOUNT}' to='${ACCOUNT}/web'><result xmlns='urn:xmpp:mam:2' id='1'>
        <forwarded xmlns='urn:xmpp:forward:0'>${inner(BODY)}</forwarded></result></message>`,
      unimportant('archive-result'),
    ],
    ['a hint to store makes nothing important', chat(STORE), unimportant('no-content')],
    [
      'a request to subscribe is not important',
      `<presence from='${PEER}' type='subscribe'/>`,
      unimportant('presence'),
    ],
    ['other presence is not important', `<presence from='${PEER}'/>`, unimportant('presence')],
    [
      'an IQ is not important',
      `<iq from='${PEER}' type='set' id='1'><jingle xmlns='urn:xmpp:jingle:1'/></iq>`,
      unimportant('iq'),
    ],
    [
      'a message of another namespace is no message',
      `<message xmlns='urn:example:other'>${BODY}</message>`,
      unimportant('no-message'),
    ],
  ]);
});

describe('hints', () => {
  const noStore = chat(`${BODY}<no-store xmlns='urn:xmpp:hints'/>`);

  test.each(['offline', 'archived'] as const)(
    'a message that is not to be stored is not important when %s, as nothing could be fetched',
    (trigger) => {
      expect(judge(noStore, trigger)).toMatchObject(unimportant('no-store'));
    },
  );

  test('a message that is not to be stored is important when a hibernated stream will deliver it', () => {
    expect(judge(noStore, 'hibernated')).toMatchObject(important('chat-body'));
  });

  rows([
    [
      'a message that is not to be stored for ever is important',
      chat(`${BODY}<no-permanent-store xmlns='urn:xmpp:hints'/>`),
      important('chat-body'),
    ],
  ]);
});

describe('what is nearly something else', () => {
  rows([
    [
      'a mark of a room on a message without text is nothing',
      chat("<x xmlns='http://jabber.org/protocol/muc#user'/>"),
      unimportant('no-content'),
    ],
    [
      'a mark of a room on a normal message with text makes it no private message',
      `<message from='${PEER}'><x xmlns='http://jabber.org/protocol/muc#user'/>${BODY}</message>`,
      important('normal-body'),
    ],
    [
      'an answer of an archive, in its older namespace',
      chat("<result xmlns='urn:xmpp:mam:1'/>"),
      unimportant('archive-result'),
    ],
    ['a hint at no encryption is none', chat(hint('')), unimportant('no-content')],
    [
      'a hint that names nothing hides no other one',
      chat(`<encryption xmlns='urn:xmpp:eme:0'/>${hint('urn:example:cipher')}`),
      { ...judge(chat(hint('urn:example:cipher'))), message: expect.anything() },
    ],
    [
      'a carbon is one whatever else the server put beside its wrapper',
      carbon(inner(BODY)).replace('</message></forwarded></received>', '$&<delay xmlns="urn:xmpp:delay"/>'),
      important('chat-body'),
    ],
    ['a subject outside a room is nothing', chat('<subject>x</subject>'), unimportant('no-content')],
    ['another element of carbons wraps nothing', carbon(inner(BODY), 'private'), unimportant('no-content')],
    [
      "a sent carbon of a stranger's making is told from nothing",
      carbon(inner(BODY), 'sent', PEER),
      unimportant('carbon-not-trusted'),
    ],
    [
      'another element of OMEMO encrypts nothing',
      chat("<devices xmlns='urn:xmpp:omemo:2'/>"),
      unimportant('no-content'),
    ],
    [
      'a fallback that names no protocol stands in for any',
      chat(`${REACTIONS}${BODY}<fallback xmlns='urn:xmpp:fallback:0'/>`),
      unimportant('reactions'),
    ],
  ]);

  test('a message of a room that nobody sent is no reflection', () => {
    const stanza = read(`<message type='groupchat'>${BODY}</message>`);
    const verdict = classify(stanza, { ...context('offline'), isOwnOccupant: () => true });
    expect(verdict.rule).not.toBe('own-reflection');
  });
});

describe('the table', () => {
  test('names every rule once', () => {
    const names = rules.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z]+(-[a-z0-9]+)*$/);
  });

  test('does not change the stanza', () => {
    for (const text of [chat(BODY + REACTIONS), carbon(inner(BODY))]) {
      const stanza = read(text);
      const before = stanza.toString();
      classify(stanza, context('offline'));
      expect(stanza.toString()).toBe(before);
    }
  });
});

describe('for any message', () => {
  const children = fc.subarray([
    BODY,
    '<body/>',
    '<subject>Balcony</subject>',
    STORE,
    "<no-store xmlns='urn:xmpp:hints'/>",
    REACTIONS,
    "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reactions:0'/>",
    "<replace xmlns='urn:xmpp:message-correct:0' id='m1'/>",
    "<retract xmlns='urn:xmpp:message-retract:1' id='m1'/>",
    "<composing xmlns='http://jabber.org/protocol/chatstates'/>",
    omemo('urn:xmpp:omemo:2', ''),
    omemo('eu.siacs.conversations.axolotl', '<payload>AAAA</payload>'),
    "<openpgp xmlns='urn:xmpp:openpgp:0'>AAAA</openpgp>",
    hint('urn:example:cipher'),
    call('propose'),
    call('ringing'),
    invitation('invite'),
    `<x xmlns='jabber:x:conference' jid='${ROOM}'/>`,
    inRoom('invite'),
    inRoom('decline'),
    "<event xmlns='http://jabber.org/protocol/pubsub#event'/>",
  ]);
  const types = fc.constantFrom('chat', 'groupchat', 'normal', 'headline', 'error', 'letter');
  const from = fc.constantFrom(PEER, `${ROOM}/julie`, `${ROOM}/mercutio`, ACCOUNT);
  const triggers = fc.constantFrom(...TRIGGERS);
  const message = (sender: string, type: string, content: readonly string[]) =>
    `<message xmlns='jabber:client' from='${sender}' to='${ACCOUNT}' type='${type}'>${content.join('')}</message>`;
  const verdict = ({ importance, rule, kind, encrypted }: Classification) => ({
    importance,
    rule,
    kind,
    encrypted,
  });

  test('a received carbon is judged like what it holds', () => {
    fc.assert(
      fc.property(from, types, children, triggers, (sender, type, content, trigger) => {
        const text = message(sender, type, content);
        expect(verdict(judge(carbon(text), trigger))).toEqual(verdict(judge(text, trigger)));
      }),
    );
  });

  test('an unknown child changes nothing', () => {
    fc.assert(
      fc.property(from, types, children, triggers, fc.nat(30), (sender, type, content, trigger, at) => {
        const more = content.toSpliced(
          at,
          0,
          "<propose xmlns='urn:example:unknown'><body>x</body></propose>",
        );
        expect(verdict(judge(message(sender, type, more), trigger))).toEqual(
          verdict(judge(message(sender, type, content), trigger)),
        );
      }),
    );
  });

  test('an error is never important', () => {
    fc.assert(
      fc.property(from, children, triggers, (sender, content, trigger) => {
        expect(judge(message(sender, 'error', content), trigger).importance).toBe('unimportant');
        expect(judge(carbon(message(sender, 'error', content)), trigger).importance).toBe('unimportant');
      }),
    );
  });

  test('the order of the children changes nothing', () => {
    fc.assert(
      fc.property(from, types, children, triggers, (sender, type, content, trigger) => {
        expect(verdict(judge(message(sender, type, content.toReversed()), trigger))).toEqual(
          verdict(judge(message(sender, type, content), trigger)),
        );
      }),
    );
  });

  test('prefixes change nothing', () => {
    /** The same tree, every element under a prefix of its own namespace. */
    function prefixed(element: Element): Element {
      const attrs: Record<string, unknown> = { ...element.attrs, 'xmlns:p': element.getNS() };
      delete attrs.xmlns;
      const copy = xml(`p:${element.getName()}`, attrs);
      copy.append(...element.children.map((child) => (child instanceof Element ? prefixed(child) : child)));
      return copy;
    }
    fc.assert(
      fc.property(from, types, children, triggers, fc.boolean(), (sender, type, content, trigger, copied) => {
        const text = message(sender, type, content);
        const stanza = read(copied ? carbon(text) : text);
        expect(verdict(classify(prefixed(stanza), context(trigger)))).toEqual(
          verdict(classify(stanza, context(trigger))),
        );
      }),
    );
  });

  test('only an unstored message is judged differently by what asks', () => {
    fc.assert(
      fc.property(from, types, children, (sender, type, content) => {
        const text = message(sender, type, content);
        const verdicts = TRIGGERS.map((trigger) => verdict(judge(text, trigger)));
        expect(verdicts[1]).toEqual(verdicts[0]);
        if (!text.includes('<no-store')) expect(verdicts[2]).toEqual(verdicts[0]);
      }),
    );
  });
});
