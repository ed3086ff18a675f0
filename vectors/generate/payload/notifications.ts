import type { RequirementId } from '../../../suites/requirements/catalogue.js';
import type { NotificationExpected, NotificationInput, PayloadMembers } from '../../kinds.js';
import { type Draft, positive } from '../assemble.js';
import {
  ACCOUNT,
  body,
  callInvite,
  callStep,
  element,
  inRoom,
  message,
  omemo,
  omemoPayload,
  PEER,
  proposal,
  ROOM,
} from '../stanza-text.js';

type NotificationDraft = Draft<NotificationInput, NotificationExpected>;

const TIME = '2026-11-22T12:00:00.000Z';
const LINE = 'By a name I know not how to tell thee who I am.';
const DEFAULT = { sender: true, body: false } as const;

const input = (stanza: string, changes: Partial<NotificationInput> = {}): NotificationInput => ({
  stanza,
  account: ACCOUNT,
  importantBody: 'New Message!',
  policy: DEFAULT,
  time: TIME,
  archiveId: '2026-11-22-f7c1',
  ...changes,
});

const chatPayload: PayloadMembers = {
  v: 1,
  account: ACCOUNT,
  kind: 'message',
  type: 'chat',
  from: PEER,
  id: '2026-11-22-f7c1',
  time: TIME,
  body: 'New Message!',
};

/** Without the members that are undefined. */
type Changes = { readonly [Member in keyof PayloadMembers]?: PayloadMembers[Member] | undefined };
const payloadOf = (changes: Changes): PayloadMembers =>
  JSON.parse(JSON.stringify({ ...chatPayload, ...changes }));

function notified(
  name: string,
  title: string,
  requirement: RequirementId,
  given: NotificationInput,
  changes: Changes = {},
): NotificationDraft {
  return positive(name, title, given, { payload: payloadOf(changes) }, { requirement });
}

const chat = message({ id: 'romeo1' }, body(LINE));
const encrypted = message(
  {},
  omemo('urn:xmpp:omemo:2', omemoPayload),
  body('I sent you an OMEMO encrypted message.'),
);
const groupchat = message({ type: 'groupchat', from: `${ROOM}/mercutio` }, body(LINE));
const withText = { policy: { sender: true, body: true } } as const;
const directInvite = (password: string | undefined, ...content: readonly string[]) =>
  message(
    { type: 'normal' },
    element('x', { xmlns: 'jabber:x:conference', jid: ROOM, password }),
    ...content,
  );
const mediated = (...content: readonly string[]) =>
  message({ type: undefined, from: ROOM }, inRoom(element('invite', { from: PEER }), ...content));

export const notifications: readonly NotificationDraft[] = [
  notified(
    'notify-accented',
    'a text in several scripts',
    'payload.text',
    input(message({}, body('Zürich, 東京, 🌹')), withText),
    { body: 'Zürich, 東京, 🌹' },
  ),
  notified('notify-chat', 'a chat message', 'payload.important-body', input(chat)),
  notified(
    'notify-normal',
    'a message of type normal',
    'payload.kind',
    input(message({ type: undefined }, body(LINE))),
    { type: 'normal' },
  ),
  notified(
    'notify-text',
    'a chat message to a client that asked for the text',
    'payload.text',
    input(chat, withText),
    { body: LINE },
  ),
  notified(
    'notify-empty-body',
    'the administrator set no text',
    'payload.important-body',
    input(chat, { importantBody: '' }),
    { body: undefined },
  ),
  notified(
    'notify-not-archived',
    'a message that is not archived',
    'payload.id',
    input(chat, { archiveId: '' }),
    { id: undefined },
  ),
  notified('notify-groupchat', 'a message in a room', 'payload.from', input(groupchat), {
    type: 'groupchat',
    from: ROOM,
    nick: 'mercutio',
  }),
  notified(
    'notify-private-message',
    'a private message of an occupant',
    'payload.from',
    input(message({ from: `${ROOM}/mercutio` }, body(LINE), inRoom())),
    { from: ROOM, nick: 'mercutio' },
  ),
  notified('notify-encrypted', 'an encrypted message', 'payload.encrypted', input(encrypted), {
    encrypted: true,
  }),
  notified('notify-call', 'a call', 'payload.kind', input(message({}, proposal())), {
    kind: 'call',
    body: undefined,
  }),
  notified(
    'notify-call-retract',
    'a call that was taken back',
    'payload.kind',
    input(message({}, callStep('retract'))),
    { kind: 'call-retract', body: undefined },
  ),
  notified('notify-call-invite', 'a call invite', 'payload.kind', input(message({}, callInvite('invite'))), {
    kind: 'call',
    body: undefined,
  }),
  notified('notify-invite', 'an invitation', 'payload.kind', input(directInvite(undefined)), {
    kind: 'invite',
    type: 'normal',
  }),
  notified('notify-mediated', 'an invitation that a room hands on', 'payload.kind', input(mediated()), {
    kind: 'invite',
    type: 'normal',
    from: ROOM,
  }),
  notified(
    'notify-languages',
    'of two bodies the one without a language is the text',
    'payload.text',
    input(
      message({}, element('body', { 'xml:lang': 'it' }, 'Non so come dirti chi sono.'), body(LINE)),
      withText,
    ),
    { body: LINE },
  ),
  notified('keep-text', 'the client did not ask for the text', 'payload.no-text', input(chat)),
  notified(
    'keep-sender',
    'the client asked for no sender',
    'payload.no-sender',
    input(chat, { policy: { sender: false, body: false } }),
    { from: undefined },
  ),
  notified(
    'keep-room',
    'the client asked for no sender',
    'payload.no-sender',
    input(groupchat, { policy: { sender: false, body: false } }),
    { type: 'groupchat', from: undefined },
  ),
  notified(
    'keep-call-body',
    'a body says that there is a call',
    'payload.kind',
    input(message({}, proposal(), body(LINE))),
    { kind: 'call', body: undefined },
  ),
  notified(
    'keep-encrypted-body',
    'the client asked for the text, and the body is fallback',
    'payload.encrypted',
    input(encrypted, withText),
    { encrypted: true },
  ),
  notified(
    'keep-password',
    'the invitation has a password',
    'payload.secrets',
    input(directInvite('wherefore')),
    { kind: 'invite', type: 'normal' },
  ),
  notified(
    'keep-invite-body',
    'a body tells the password of the room',
    'payload.secrets',
    input(directInvite(undefined, body('The password is wherefore'))),
    { kind: 'invite', type: 'normal' },
  ),
  notified(
    'keep-mediated-password',
    'the room hands its password on',
    'payload.secrets',
    input(mediated(element('password', {}, 'wherefore'))),
    { kind: 'invite', type: 'normal', from: ROOM },
  ),
  notified(
    'keep-subject',
    'the message has a subject',
    'payload.no-text',
    input(message({ id: 'romeo1' }, body(LINE), element('subject', {}, 'Names'))),
  ),
  notified(
    'keep-unknown',
    'the message has a child that nobody knows',
    'payload.no-text',
    input(
      message({ id: 'romeo1' }, body(LINE), element('secret', { xmlns: 'urn:example:secret' }, 'wherefore')),
    ),
  ),
  notified(
    'keep-other-id',
    "another archive's id is on the message",
    'payload.id',
    input(
      message(
        { id: 'romeo1' },
        body(LINE),
        element('stanza-id', { xmlns: 'urn:xmpp:sid:0', by: 'montague.example', id: 'other' }),
      ),
      { archiveId: '' },
    ),
    { id: undefined },
  ),
];
