import type { RequirementId } from '../../suites/requirements/catalogue.js';
import type {
  CircumstanceExpected,
  CircumstanceInput,
  ImportanceExpected,
  ImportanceInput,
} from '../kinds.js';
import { assemble, type Draft, negative, positive } from './assemble.js';
import {
  ACCOUNT,
  body,
  callInvite,
  callStep,
  carbon,
  element,
  encryptionHint,
  fallback,
  hint,
  inRoom,
  message,
  omemo,
  omemoPayload,
  PEER,
  proposal,
  ROOM,
} from './stanza-text.js';

type ImportanceDraft = Draft<ImportanceInput, ImportanceExpected>;
type Trigger = ImportanceInput['trigger'];
type Kind = NonNullable<ImportanceExpected['kind']>;

const OWN_NICK = `${ROOM}/julie`;

function input(stanza: string, trigger: Trigger = 'offline'): ImportanceInput {
  return { stanza, account: ACCOUNT, trigger, ownOccupants: [OWN_NICK] };
}

interface Pushed {
  readonly kind?: Kind;
  readonly encrypted?: boolean;
  readonly urgent?: boolean;
  readonly trigger?: Trigger;
}

/** A stanza that is pushed. */
function important(
  name: string,
  title: string,
  requirement: RequirementId,
  rule: string,
  stanza: string,
  { kind = 'message', encrypted = false, urgent = false, trigger }: Pushed = {},
): ImportanceDraft {
  const importance = urgent ? 'urgent' : 'important';
  return positive(
    name,
    title,
    input(stanza, trigger),
    { importance, kind, encrypted, rule },
    { requirement },
  );
}

/** A stanza that is not pushed, for its one fault. */
function unimportant(
  name: string,
  sibling: string,
  fault: string,
  requirement: RequirementId,
  rule: string,
  stanza: string,
  trigger?: Trigger,
): ImportanceDraft {
  return negative(name, sibling, fault, requirement, input(stanza, trigger), {
    importance: 'unimportant',
    rule,
  });
}

/** A stanza as it is met in the field, which differs from what is pushed in more than one thing. */
function asMet(
  name: string,
  title: string,
  requirement: RequirementId,
  rule: string,
  stanza: string,
): ImportanceDraft {
  return positive(name, title, input(stanza), { importance: 'unimportant', rule }, { requirement });
}

/** What the text leaves to the server. */
function open(
  name: string,
  title: string,
  requirement: RequirementId | undefined,
  stanza: string,
): ImportanceDraft {
  return positive(
    name,
    title,
    input(stanza),
    { importance: 'either' },
    requirement === undefined ? {} : { requirement },
  );
}

const text = body('Wherefore art thou?');
const chat = (...content: readonly string[]) => message({}, ...content);
const groupchat = (attributes: Readonly<Record<string, string>>, ...content: readonly string[]) =>
  message({ type: 'groupchat', from: `${ROOM}/mercutio`, ...attributes }, ...content);

const texts: readonly ImportanceDraft[] = [
  important('chat-body', 'a chat message with a body', 'important.chat-body', 'chat-body', chat(text)),
  important(
    'normal-body',
    'a message of type normal with a body',
    'important.normal-body',
    'normal-body',
    message({ type: 'normal' }, text),
  ),
  important(
    'no-type',
    'a message without a type',
    'important.normal-body',
    'normal-body',
    message({ type: undefined }, text),
  ),
  important(
    'unknown-type',
    'a message of a type that does not exist counts as normal',
    'important.normal-body',
    'normal-body',
    message({ type: 'letter' }, text),
  ),
  important(
    'two-languages',
    'one of two bodies is empty',
    'important.chat-body',
    'chat-body',
    chat(element('body', {}), element('body', { 'xml:lang': 'it' }, 'O Romeo')),
  ),
  important(
    'thread',
    'a message in a thread',
    'important.chat-body',
    'chat-body',
    chat(text, element('thread', {}, 'act-2')),
  ),
  important(
    'reply',
    'a reply',
    'important.reply',
    'chat-body',
    chat(text, element('reply', { xmlns: 'urn:xmpp:reply:0', to: `${ACCOUNT}/web`, id: 'm1' })),
  ),
  important(
    'receipt-request',
    'a message that asks for a receipt',
    'important.receipt-request',
    'chat-body',
    chat(text, element('request', { xmlns: 'urn:xmpp:receipts' })),
  ),
  important(
    'markable',
    'a message that asks for markers',
    'important.chat-body',
    'chat-body',
    chat(text, element('markable', { xmlns: 'urn:xmpp:chat-markers:0' })),
  ),
  important(
    'delayed',
    'a message that was delayed',
    'important.chat-body',
    'chat-body',
    chat(text, element('delay', { xmlns: 'urn:xmpp:delay', stamp: '2026-11-22T12:00:00Z' })),
  ),
  important(
    'unknown-child',
    'a message with a child that nobody knows',
    'important.unknown-child',
    'chat-body',
    chat(text, element('propose', { xmlns: 'urn:example:unknown' })),
  ),
  important(
    'prefixed',
    'the same message with prefixes',
    'important.chat-body',
    'chat-body',
    `<c:message xmlns:c='jabber:client' type='chat' from='${PEER}/orchard' to='${ACCOUNT}'><c:body>Wherefore art thou?</c:body></c:message>`,
  ),
  unimportant(
    'empty-body',
    'chat-body',
    'the body is empty',
    'important.empty-body',
    'empty-body',
    chat(element('body', {})),
  ),
  unimportant('no-body', 'chat-body', 'there is no body', 'important.empty-body', 'no-content', chat()),
  unimportant(
    'foreign-body',
    'chat-body',
    'the body is in another namespace',
    'important.empty-body',
    'no-content',
    chat(element('body', { xmlns: 'http://www.w3.org/1999/xhtml' }, 'Wherefore art thou?')),
  ),
  unimportant(
    'headline',
    'chat-body',
    'the type is headline',
    'important.headline',
    'headline',
    message({ type: 'headline' }, text),
  ),
  unimportant(
    'error',
    'chat-body',
    'the type is error',
    'important.error',
    'error',
    message({ type: 'error' }, text),
  ),
  asMet(
    'bounce',
    'a message of the account that came back',
    'important.error',
    'error',
    message(
      { type: 'error' },
      text,
      element(
        'error',
        { type: 'cancel' },
        element('service-unavailable', { xmlns: 'urn:ietf:params:xml:ns:xmpp-stanzas' }),
      ),
    ),
  ),
  unimportant(
    'unknown-child-alone',
    'unknown-child',
    'there is no body',
    'important.unknown-child',
    'no-content',
    chat(element('propose', { xmlns: 'urn:example:unknown' })),
  ),
];

const CHAT_STATES = 'http://jabber.org/protocol/chatstates';
const states: readonly ImportanceDraft[] = ['active', 'composing', 'paused', 'inactive', 'gone'].flatMap(
  (state) => {
    const child = element(state, { xmlns: CHAT_STATES });
    return [
      important(
        `${state}-with-body`,
        `a message with the chat state ${state}`,
        'important.chat-body',
        'chat-body',
        chat(text, child),
      ),
      unimportant(
        state,
        `${state}-with-body`,
        'the chat state stands alone',
        'important.chat-state',
        'chat-state',
        chat(child),
      ),
    ];
  },
);

const markers: readonly ImportanceDraft[] = ['received', 'displayed', 'acknowledged'].flatMap((marker) => {
  const child = element(marker, { xmlns: 'urn:xmpp:chat-markers:0', id: 'm1' });
  return [
    important(
      `${marker}-with-body`,
      `a message that is also the marker ${marker}`,
      'important.chat-body',
      'chat-body',
      chat(text, child),
    ),
    unimportant(
      `marker-${marker}`,
      `${marker}-with-body`,
      'the marker stands alone',
      'important.marker',
      'chat-marker',
      chat(child),
    ),
  ];
});

const receipt = element('received', { xmlns: 'urn:xmpp:receipts', id: 'm1' });
const receipts: readonly ImportanceDraft[] = [
  important(
    'receipt-with-body',
    'a message that is also a receipt',
    'important.chat-body',
    'chat-body',
    chat(text, receipt),
  ),
  unimportant(
    'receipt',
    'receipt-with-body',
    'the receipt stands alone',
    'important.receipt',
    'receipt',
    chat(receipt),
  ),
];

const subject = element('subject', {}, 'Balcony');
const reason = element('reason', {}, 'The lark sings here.');
const rooms: readonly ImportanceDraft[] = [
  important(
    'groupchat-body',
    'a message in a room',
    'important.groupchat-body',
    'groupchat-body',
    groupchat({}, text),
  ),
  important(
    'subject-and-body',
    'a message in a room with subject and body',
    'important.groupchat-body',
    'groupchat-body',
    groupchat({}, subject, text),
  ),
  important(
    'private-message',
    'a private message of an occupant',
    'important.private-message',
    'private-message',
    message({ from: `${ROOM}/mercutio` }, text, inRoom()),
  ),
  important(
    'direct-invite',
    'an invitation to a room without a body',
    'important.direct-invite',
    'direct-invite',
    message({ type: 'normal' }, element('x', { xmlns: 'jabber:x:conference', jid: ROOM })),
    { kind: 'invite' },
  ),
  important(
    'direct-invite-body',
    'an invitation to a room with a body',
    'important.direct-invite',
    'direct-invite',
    message({ type: 'normal' }, text, element('x', { xmlns: 'jabber:x:conference', jid: ROOM })),
    { kind: 'invite' },
  ),
  important(
    'mediated-invite',
    'an invitation that a room hands on',
    'important.mediated-invite',
    'mediated-invite',
    message({ type: undefined, from: ROOM }, inRoom(element('invite', { from: PEER }, reason))),
    { kind: 'invite' },
  ),
  important(
    'room-mention',
    'a room that was left tells of a mention',
    'important.room-mention',
    'room-mention',
    message(
      { type: undefined, from: ROOM },
      element(
        'mentions',
        { xmlns: 'urn:xmpp:mmn:0' },
        element('forwarded', { xmlns: 'urn:xmpp:forward:0' }, groupchat({}, text)),
      ),
    ),
  ),
  unimportant(
    'own-reflection',
    'groupchat-body',
    "the account's own words come back",
    'important.own-reflection',
    'own-reflection',
    groupchat({ from: OWN_NICK }, text),
  ),
  unimportant(
    'subject',
    'subject-and-body',
    'there is no body',
    'important.subject',
    'room-subject',
    groupchat({}, subject),
  ),
  unimportant(
    'empty-subject',
    'groupchat-body',
    'in place of the body there is an empty subject',
    'important.subject',
    'room-subject',
    groupchat({}, element('subject', {})),
  ),
  unimportant(
    'groupchat-empty',
    'groupchat-body',
    'the body is empty',
    'important.empty-body',
    'empty-body',
    groupchat({}, element('body', {})),
  ),
  unimportant(
    'private-message-empty',
    'private-message',
    'there is no body',
    'important.empty-body',
    'no-content',
    message({ from: `${ROOM}/mercutio` }, inRoom()),
  ),
  unimportant(
    'decline',
    'mediated-invite',
    'the invitation is declined',
    'important.decline',
    'mediated-decline',
    message({ type: undefined, from: ROOM }, inRoom(element('decline', { from: PEER }, reason))),
  ),
  unimportant(
    'groupchat-error',
    'groupchat-body',
    'the type is error',
    'important.error',
    'error',
    groupchat({ type: 'error' }, text),
  ),
];

const store = hint('store');
const calls: readonly ImportanceDraft[] = [
  important('call-propose', 'a call is proposed', 'important.call', 'call-propose', chat(proposal(), store), {
    kind: 'call',
    urgent: true,
  }),
  important(
    'call-retract',
    'a proposed call is taken back',
    'important.call-retract',
    'call-retract',
    chat(callStep('retract'), store),
    { kind: 'call-retract' },
  ),
  important(
    'call-no-store',
    'a call that is not to be stored is pushed all the same',
    'important.call',
    'call-propose',
    chat(proposal(), hint('no-store')),
    { kind: 'call', urgent: true },
  ),
  important(
    'call-invite',
    'a call invite',
    'important.call-invite',
    'call-invite',
    chat(callInvite('invite')),
    { kind: 'call', urgent: true },
  ),
  important(
    'call-invite-groupchat',
    'a call invite in a room',
    'important.call-invite',
    'groupchat-call-invite',
    groupchat({}, callInvite('invite')),
    { kind: 'call' },
  ),
  open(
    'call-propose-2021',
    'a call is proposed in the namespace that XEP-0353 had in 2021',
    undefined,
    chat(proposal('urn:xmpp:jingle-message:1'), store),
  ),
  ...['ringing', 'proceed', 'reject', 'accept', 'finish'].map((step) =>
    unimportant(
      `call-${step}`,
      'call-propose',
      `the step of the call is ${step}`,
      'important.call-progress',
      'call-signalling',
      chat(callStep(step), store),
    ),
  ),
  ...['accept', 'reject', 'left', 'retract'].map((step) =>
    unimportant(
      `call-invite-${step}`,
      'call-invite',
      `the step is ${step}`,
      'important.call-progress',
      'call-invite-signalling',
      chat(callInvite(step)),
    ),
  ),
  unimportant(
    'call-error',
    'call-propose',
    'the type is error',
    'important.error',
    'error',
    message({ type: 'error' }, proposal(), store),
  ),
  unimportant(
    'call-propose-headline',
    'call-propose',
    'the type is headline',
    'important.headline',
    'headline',
    message({ type: 'headline' }, proposal(), store),
  ),
];

const REACTIONS = 'urn:xmpp:reactions:0';
const RETRACT = 'urn:xmpp:message-retract:1';
const reaction = element('reactions', { xmlns: REACTIONS, id: 'm1' }, element('reaction', {}, '👋'));
const wave = body('👋');
const retraction = element('retract', { xmlns: RETRACT, id: 'm1' });
const moderation = element(
  'retract',
  { xmlns: RETRACT, id: 'm1' },
  element('moderated', { xmlns: 'urn:xmpp:message-moderate:1', by: `${ROOM}/nurse` }),
  reason,
);
const correction = element('replace', { xmlns: 'urn:xmpp:message-correct:0', id: 'm1' });
const region = (start: number, end: number) => element('body', { start: String(start), end: String(end) });

const changes: readonly ImportanceDraft[] = [
  important(
    'no-permanent-store',
    'a message that is not to be stored for ever',
    'important.no-permanent-store',
    'chat-body',
    chat(text, hint('no-permanent-store')),
  ),
  important('store', 'a message that is to be stored', 'important.chat-body', 'chat-body', chat(text, store)),
  important(
    'no-store-hibernated',
    'a message that is not to be stored waits in a hibernated session',
    'important.no-store',
    'chat-body',
    chat(text, hint('no-store')),
    { trigger: 'hibernated' },
  ),
  important(
    'reaction-and-text',
    'a reaction with a text of its own',
    'important.chat-body',
    'chat-body',
    chat(wave, reaction),
  ),
  important(
    'reaction-fallback-part',
    'a reaction with a text that is only in part fallback',
    'important.chat-body',
    'chat-body',
    chat(body('👋 and more'), reaction, fallback(REACTIONS, region(0, 1))),
  ),
  important(
    'fallback-alone',
    'a text that is fallback for a retraction that is not there',
    'important.chat-body',
    'chat-body',
    chat(text, fallback(RETRACT)),
  ),
  important(
    'fallback-file',
    'a text that is fallback for a shared file',
    'important.chat-body',
    'chat-body',
    chat(body('https://files.example/photo.jpg'), fallback('urn:xmpp:sfs:0')),
  ),
  unimportant('store-alone', 'store', 'there is no body', 'important.store-hint', 'no-content', chat(store)),
  unimportant(
    'no-store',
    'no-store-hibernated',
    'the account is offline',
    'important.no-store',
    'no-store',
    chat(text, hint('no-store')),
  ),
  unimportant(
    'no-store-archived',
    'no-store-hibernated',
    'the message was archived while another device is in use',
    'important.no-store',
    'no-store',
    chat(text, hint('no-store')),
    'archived',
  ),
  unimportant(
    'correction',
    'chat-body',
    'it corrects a message',
    'important.correction',
    'correction',
    chat(text, correction),
  ),
  unimportant(
    'correction-encrypted',
    'omemo-2',
    'it corrects a message',
    'important.correction',
    'correction',
    chat(omemo('urn:xmpp:omemo:2', omemoPayload), store, correction),
  ),
  unimportant(
    'retraction',
    'chat-body',
    'it takes a message back',
    'important.retraction',
    'retraction',
    chat(text, retraction),
  ),
  unimportant(
    'retraction-fallback',
    'fallback-alone',
    'it takes a message back',
    'important.retraction',
    'retraction',
    chat(text, fallback(RETRACT), retraction),
  ),
  unimportant(
    'moderation',
    'groupchat-body',
    'it takes back what an occupant said',
    'important.moderation',
    'moderation',
    groupchat({}, text, moderation),
  ),
  asMet(
    'moderation-of-room',
    'a room takes back what an occupant said',
    'important.moderation',
    'moderation',
    message({ type: 'groupchat', from: ROOM }, moderation),
  ),
  unimportant(
    'reaction',
    'reaction-and-text',
    'there is no body',
    'important.reaction',
    'reactions',
    chat(reaction),
  ),
  unimportant(
    'reaction-fallback',
    'reaction-and-text',
    'the body is marked as fallback',
    'important.reaction',
    'reactions',
    chat(wave, reaction, fallback(REACTIONS)),
  ),
  unimportant(
    'reaction-fallback-region',
    'reaction-fallback-part',
    'the whole body is marked as fallback',
    'important.reaction',
    'reactions',
    chat(body('👋 and more'), reaction, fallback(REACTIONS, region(0, 10))),
  ),
];

const OMEMO = [
  ['axolotl', 'eu.siacs.conversations.axolotl'],
  ['1', 'urn:xmpp:omemo:1'],
  ['2', 'urn:xmpp:omemo:2'],
] as const;
const e2e: Pushed = { encrypted: true };

const encryption: readonly ImportanceDraft[] = [
  ...OMEMO.flatMap(([name, namespace]) => [
    important(
      `omemo-${name}`,
      `OMEMO in ${namespace} with a payload and no body`,
      'important.omemo',
      'omemo',
      chat(omemo(namespace, omemoPayload), store),
      e2e,
    ),
    important(
      `omemo-${name}-body`,
      `OMEMO in ${namespace} with a payload and a body for others`,
      'important.omemo',
      'omemo',
      chat(omemo(namespace, omemoPayload), body('I sent you an OMEMO encrypted message.')),
      e2e,
    ),
    unimportant(
      `omemo-${name}-empty`,
      `omemo-${name}`,
      'there is no payload',
      'important.omemo-empty',
      'omemo-without-payload',
      chat(omemo(namespace), store),
    ),
    unimportant(
      `omemo-${name}-empty-body`,
      `omemo-${name}-body`,
      'there is no payload',
      'important.omemo-empty',
      'omemo-without-payload',
      chat(omemo(namespace), body('I sent you an OMEMO encrypted message.')),
    ),
  ]),
  unimportant(
    'omemo-foreign-payload',
    'omemo-2',
    'the payload is in another namespace',
    'important.omemo-empty',
    'omemo-without-payload',
    chat(
      omemo(
        'urn:xmpp:omemo:2',
        element('payload', { xmlns: 'urn:example:other' }, 'q0hPwqkyP2v1nq7bq7Xh3g=='),
      ),
      store,
    ),
  ),
  important(
    'omemo-hint',
    'OMEMO with a payload and the hint at it',
    'important.omemo',
    'omemo',
    chat(omemo('urn:xmpp:omemo:2', omemoPayload), encryptionHint('urn:xmpp:omemo:2'), store),
    e2e,
  ),
  unimportant(
    'omemo-heartbeat',
    'omemo-hint',
    'there is no payload',
    'important.omemo-empty',
    'omemo-without-payload',
    chat(omemo('urn:xmpp:omemo:2'), encryptionHint('urn:xmpp:omemo:2'), store),
  ),
  important(
    'openpgp',
    'OpenPGP for XMPP',
    'important.openpgp',
    'openpgp',
    chat(element('openpgp', { xmlns: 'urn:xmpp:openpgp:0' }, 'hQEMA5b0Rk8eZ3VuAQf/'), store),
    e2e,
  ),
  important(
    'legacy-pgp',
    'OpenPGP of old',
    'important.legacy-pgp',
    'legacy-pgp',
    chat(
      body('This message is encrypted.'),
      element('x', { xmlns: 'jabber:x:encrypted' }, 'hQEMA5b0Rk8eZ3VuAQf/'),
    ),
    e2e,
  ),
  important(
    'legacy-pgp-alone',
    'OpenPGP of old without a body',
    'important.legacy-pgp',
    'legacy-pgp',
    chat(element('x', { xmlns: 'jabber:x:encrypted' }, 'hQEMA5b0Rk8eZ3VuAQf/')),
    e2e,
  ),
  important(
    'otr',
    'a body that is OTR',
    'important.chat-body',
    'otr',
    chat(body('?OTR:AAMDJ+MVmSfjFZcAAAAAAQAAAAIAAADA1g5IjD1ZGLDVQEyC')),
    e2e,
  ),
  important(
    'hint-unknown',
    'a hint at an encryption that nobody knows',
    'important.unknown-encryption',
    'encryption-hint',
    chat(encryptionHint('urn:example:cipher'), store),
    e2e,
  ),
  unimportant(
    'hint-omemo',
    'hint-unknown',
    'the hint is at OMEMO, of which there is nothing',
    'important.omemo-empty',
    'omemo-without-payload',
    chat(encryptionHint('urn:xmpp:omemo:2'), store),
  ),
  unimportant(
    'omemo-reaction',
    'omemo-2',
    'it is a reaction',
    'important.reaction',
    'reactions',
    chat(omemo('urn:xmpp:omemo:2', omemoPayload), store, reaction),
  ),
  unimportant(
    'omemo-headline',
    'omemo-2',
    'the type is headline',
    'important.headline',
    'headline',
    message({ type: 'headline' }, omemo('urn:xmpp:omemo:2', omemoPayload), store),
  ),
];

const copied = (...content: readonly string[]) => message({ to: `${ACCOUNT}/phone` }, ...content);
const wrapped = (...content: readonly string[]) =>
  message({ from: ACCOUNT, to: `${ACCOUNT}/web` }, ...content);

const carbons: readonly ImportanceDraft[] = [
  important(
    'carbon',
    'a received carbon of a chat message',
    'important.received-carbon',
    'chat-body',
    wrapped(carbon('received', copied(text))),
  ),
  important(
    'carbon-call',
    'a received carbon of a proposed call',
    'important.received-carbon',
    'call-propose',
    wrapped(carbon('received', copied(proposal(), store))),
    { kind: 'call', urgent: true },
  ),
  important(
    'carbon-omemo',
    'a received carbon of an encrypted message',
    'important.received-carbon',
    'omemo',
    wrapped(carbon('received', copied(omemo('urn:xmpp:omemo:2', omemoPayload)))),
    e2e,
  ),
  important(
    'forged-carbon-and-body',
    'a body beside what looks like a sent carbon and is not from the account',
    'important.foreign-carbon',
    'chat-body',
    message({}, text, carbon('sent', copied(text))),
  ),
  unimportant(
    'carbon-sent',
    'carbon',
    'the carbon is of a sent message',
    'important.sent-carbon',
    'sent-carbon',
    wrapped(carbon('sent', copied(text))),
  ),
  unimportant(
    'carbon-sent-call',
    'carbon-call',
    'the carbon is of a sent message',
    'important.sent-carbon',
    'sent-carbon',
    wrapped(carbon('sent', copied(proposal(), store))),
  ),
  unimportant(
    'carbon-foreign',
    'carbon',
    'the wrapper is from somebody else',
    'important.foreign-carbon',
    'carbon-not-trusted',
    message({ from: PEER, to: `${ACCOUNT}/web` }, carbon('received', copied(text))),
  ),
  unimportant(
    'carbon-full-jid',
    'carbon',
    'the wrapper is from a full JID of the account',
    'important.foreign-carbon',
    'carbon-not-trusted',
    message({ from: `${ACCOUNT}/phone`, to: `${ACCOUNT}/web` }, carbon('received', copied(text))),
  ),
  unimportant(
    'carbon-foreign-call',
    'carbon-call',
    'the wrapper is from somebody else',
    'important.foreign-carbon',
    'carbon-not-trusted',
    message({ from: PEER, to: `${ACCOUNT}/web` }, carbon('received', copied(proposal(), store))),
  ),
  unimportant(
    'carbon-headline',
    'carbon',
    'the message in it is a headline',
    'important.received-carbon',
    'headline',
    wrapped(carbon('received', message({ type: 'headline', to: `${ACCOUNT}/phone` }, text))),
  ),
  unimportant(
    'carbon-error',
    'carbon',
    'the message in it is an error',
    'important.received-carbon',
    'error',
    wrapped(carbon('received', message({ type: 'error', to: `${ACCOUNT}/phone` }, text))),
  ),
  unimportant(
    'carbon-empty-body',
    'carbon',
    'the message in it has an empty body',
    'important.received-carbon',
    'empty-body',
    wrapped(carbon('received', copied(element('body', {})))),
  ),
  unimportant(
    'carbon-omemo-empty',
    'carbon-omemo',
    'the message in it has no payload',
    'important.received-carbon',
    'omemo-without-payload',
    wrapped(carbon('received', copied(omemo('urn:xmpp:omemo:2')))),
  ),
  unimportant(
    'carbon-ringing',
    'carbon-call',
    'the step of the call in it is ringing',
    'important.received-carbon',
    'call-signalling',
    wrapped(carbon('received', copied(callStep('ringing'), store))),
  ),
  asMet(
    'carbon-sent-accept',
    'another device of the account accepted a call',
    'important.sent-carbon',
    'sent-carbon',
    wrapped(carbon('sent', message({ from: `${ACCOUNT}/phone`, to: PEER }, callStep('accept'), store))),
  ),
];

const event = (node: string) =>
  element('event', { xmlns: 'http://jabber.org/protocol/pubsub#event' }, element('items', { node }));
const presence = (type: string | undefined) =>
  element('presence', { xmlns: 'jabber:client', type, from: PEER, to: ACCOUNT });

const others: readonly ImportanceDraft[] = [
  unimportant(
    'pep-event-with-body',
    'normal-body',
    'it is the event of a node',
    'important.pep-event',
    'pubsub-event',
    message({ type: 'normal' }, text, event('urn:xmpp:avatar:metadata')),
  ),
  asMet(
    'pep-event',
    'an avatar changed',
    'important.pep-event',
    'headline',
    message({ type: 'headline', from: PEER }, event('urn:xmpp:avatar:metadata')),
  ),
  asMet(
    'pep-event-untyped',
    'a read position of another device, without a type',
    'important.pep-event',
    'pubsub-event',
    message({ type: undefined, from: ACCOUNT }, event('urn:xmpp:mds:displayed:0')),
  ),
  asMet(
    'archive-result',
    'an answer of the archive',
    'important.empty-body',
    'archive-result',
    message(
      { type: undefined, from: ACCOUNT, to: `${ACCOUNT}/web` },
      element(
        'result',
        { xmlns: 'urn:xmpp:mam:2', id: '28482-98726' },
        element('forwarded', { xmlns: 'urn:xmpp:forward:0' }, copied(text)),
      ),
    ),
  ),
  unimportant(
    'iq-call',
    'call-propose',
    'it is an IQ',
    'important.iq',
    'iq',
    element(
      'iq',
      { xmlns: 'jabber:client', type: 'set', id: 'call-1', from: `${PEER}/orchard`, to: ACCOUNT },
      element('jingle', { xmlns: 'urn:xmpp:jingle:1', action: 'session-initiate', sid: 'a73sjjvkla37jfea' }),
    ),
  ),
  asMet(
    'iq-result',
    'an answer to a ping',
    'important.iq',
    'iq',
    element('iq', { xmlns: 'jabber:client', type: 'result', id: 'ping-1', from: PEER, to: ACCOUNT }),
  ),
  open(
    'presence-subscribe',
    'a request to subscribe',
    'important.subscription-request',
    presence('subscribe'),
  ),
  ...['unavailable', 'subscribed', 'unsubscribe', 'unsubscribed', 'probe', 'error'].map((type) =>
    unimportant(
      `presence-${type}`,
      'presence-subscribe',
      `the type is ${type}`,
      'important.presence',
      'presence',
      presence(type),
    ),
  ),
  unimportant(
    'presence',
    'presence-subscribe',
    'there is no type',
    'important.presence',
    'presence',
    presence(undefined),
  ),
];

/** In whichever way a message is on its way, the verdict is the same. */
const triggers: readonly ImportanceDraft[] = (['archived', 'hibernated'] as const).flatMap((trigger) => [
  important(
    `chat-body-${trigger}`,
    `a chat message that is ${trigger}`,
    'important.same-verdict',
    'chat-body',
    chat(text),
    { trigger },
  ),
  unimportant(
    `headline-${trigger}`,
    `chat-body-${trigger}`,
    'the type is headline',
    'important.same-verdict',
    'headline',
    message({ type: 'headline' }, text),
    trigger,
  ),
  unimportant(
    `empty-body-${trigger}`,
    `chat-body-${trigger}`,
    'the body is empty',
    'important.same-verdict',
    'empty-body',
    chat(element('body', {})),
    trigger,
  ),
]);

type CircumstanceDraft = Draft<CircumstanceInput, CircumstanceExpected>;

const circumstance = (stanza: string, direction: CircumstanceInput['direction']): CircumstanceInput => ({
  ...input(stanza, 'archived'),
  direction,
});
const toPeer = message({ from: `${ACCOUNT}/phone`, to: PEER }, text);
const toSelf = message({ from: `${ACCOUNT}/phone`, to: ACCOUNT }, text);
const toNamesake = message({ from: `${ACCOUNT}/phone`, to: 'juliet@montague.example' }, text);

const circumstances: readonly CircumstanceDraft[] = [
  positive(
    'archived-incoming',
    'a message to the account is archived',
    circumstance(chat(text), 'incoming'),
    { push: true },
    { requirement: 'archive.other-devices' },
  ),
  positive(
    'archived-namesake',
    'a message of a namesake on another host is archived',
    circumstance(message({ from: 'juliet@montague.example/phone' }, text), 'incoming'),
    { push: true },
    { requirement: 'archive.namesake' },
  ),
  negative(
    'archived-outgoing',
    'archived-incoming',
    'a device of the account sent it',
    'archive.outgoing',
    circumstance(chat(text), 'outgoing'),
    { push: false },
  ),
  positive(
    'archived-to-peer',
    'a message of the account to somebody else is archived',
    circumstance(toPeer, 'outgoing'),
    { push: false },
    { requirement: 'archive.outgoing' },
  ),
  positive(
    'archived-to-self',
    'a message of the account to itself is archived',
    circumstance(toSelf, 'incoming'),
    { push: false },
    { requirement: 'archive.outgoing' },
  ),
  positive(
    'archived-to-namesake',
    'a message of the account to a namesake on another host is archived',
    circumstance(toNamesake, 'outgoing'),
    { push: false },
    { requirement: 'archive.namesake' },
  ),
];

export const importance = () =>
  assemble(
    'importance',
    'What is important',
    [
      'stanzas: input.stanza is on its way to the account, whose devices are away as input.trigger says; ownOccupants are the JIDs under which the account is in rooms. Compare whether it is pushed: urgent and important are, unimportant is not, either is left to the server. Urgent means at once, without a batch window.',
      'kind and encrypted are what the payload says; rule names the rule of the reference that decides and binds nobody.',
      'A SHOULD or SHOULD NOT in requirements is a recommendation: a server with a reason may decide otherwise.',
      'circumstances: what a server has to know beside the stanza. The message is archived while another device of the account is in use; direction is outgoing when a device of the account sent it.',
    ],
    {
      stanzas: {
        title: 'Stanzas, and whether they are pushed',
        tests: [
          ...texts,
          ...states,
          ...markers,
          ...receipts,
          ...rooms,
          ...calls,
          ...changes,
          ...encryption,
          ...carbons,
          ...others,
          ...triggers,
        ],
      },
      circumstances: { title: 'Messages of the account itself', tests: circumstances },
    },
  );
