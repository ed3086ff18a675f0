import type { Element } from '@xmpp/xml';
import type { Importance, Kind } from './importance.js';
import {
  bodies,
  childrenOf,
  hasBody,
  hasBodyBesideFallback,
  hasChild,
  isEncrypted,
  isStanza,
  looksLikeCarbon,
  type Subject,
} from './subject.js';

export interface Rule {
  /** Stable: a verdict, a log line or a report may name it. */
  readonly name: string;
  readonly importance: Importance;
  /** Default `message`. */
  readonly kind?: Kind;
  readonly matches: (subject: Subject) => boolean;
}

const MUC_USER = 'http://jabber.org/protocol/muc#user';
const CALL_INVITES = 'urn:xmpp:call-invites:0';
const REACTIONS = 'urn:xmpp:reactions:0';
const FASTENING = 'urn:xmpp:fasten:0';
/** `:1` was the namespace of two versions in 2021; the protocol went back to `:0`. */
const CALL_MESSAGES = ['urn:xmpp:jingle-message:0', 'urn:xmpp:jingle-message:1'];
const RETRACTIONS = ['urn:xmpp:message-retract:0', 'urn:xmpp:message-retract:1'];
const MODERATIONS = ['urn:xmpp:message-moderate:0', 'urn:xmpp:message-moderate:1'];
const CHAT_STATES = ['active', 'composing', 'paused', 'inactive', 'gone'];

/** The first rule that matches decides; the last matches everything. */
export const rules: readonly Rule[] = [
  // RFC 6120 §8.2.3: a request or an answer between programs.
  { name: 'iq', importance: 'unimportant', matches: ({ stanza }) => isStanza(stanza, 'iq') },
  // RFC 6121 §3.1.3, §4: a subscription request is sent again at the next login, the rest is of the moment.
  { name: 'presence', importance: 'unimportant', matches: ({ stanza }) => isStanza(stanza, 'presence') },
  // Anything else of a stream that is no message, as the nonzas of XEP-0198.
  {
    name: 'no-message',
    importance: 'unimportant',
    matches: ({ stanza }) => !isStanza(stanza, 'message'),
  },
  // RFC 6121 §5.2.2: a bounce; its body is what the account itself had sent.
  { name: 'error', importance: 'unimportant', matches: ({ type }) => type === 'error' },
  // XEP-0280 §8: another device of the account said it, so there is nothing new in it.
  { name: 'sent-carbon', importance: 'unimportant', matches: ({ carbon }) => carbon === 'sent' },
  // RFC 6121 §5.2.2, XEP-0160 §3: of the moment, and not stored for later.
  { name: 'headline', importance: 'unimportant', matches: ({ type }) => type === 'headline' },
  // XEP-0060 §7.1.2.1, XEP-0163 §4.3: data of a node, read positions (XEP-0490) among it.
  {
    name: 'pubsub-event',
    importance: 'unimportant',
    matches: ({ message }) => hasChild(message, 'event', 'http://jabber.org/protocol/pubsub#event'),
  },
  // XEP-0045 §7.4: the room sends every occupant's words back to them.
  {
    name: 'own-reflection',
    importance: 'unimportant',
    matches: ({ message, type, context }) =>
      type === 'groupchat' &&
      typeof message.attrs.from === 'string' &&
      context.isOwnOccupant?.(message.attrs.from) === true,
  },

  // Calls come before the hint not to store: they are answered now or never.
  // XEP-0353 §3.1.
  {
    name: 'call-propose',
    importance: 'urgent',
    kind: 'call',
    matches: ({ message }) => has(message, ['propose'], CALL_MESSAGES),
  },
  // XEP-0353 §3.3: the call is missed, and what rang has to stop.
  {
    name: 'call-retract',
    importance: 'important',
    kind: 'call-retract',
    matches: ({ message }) => has(message, ['retract'], CALL_MESSAGES),
  },
  // XEP-0353 §3.2, §3.4, §3.5, §3.7: between the devices that take part.
  {
    name: 'call-signalling',
    importance: 'unimportant',
    matches: ({ message }) =>
      has(message, ['ringing', 'proceed', 'reject', 'accept', 'finish'], CALL_MESSAGES),
  },
  // XEP-0482 §2.1: in a room nobody in particular is called.
  {
    name: 'groupchat-call-invite',
    importance: 'important',
    kind: 'call',
    matches: ({ message, type }) => type === 'groupchat' && hasChild(message, 'invite', CALL_INVITES),
  },
  {
    name: 'call-invite',
    importance: 'urgent',
    kind: 'call',
    matches: ({ message }) => hasChild(message, 'invite', CALL_INVITES),
  },
  // XEP-0482 §2.2 to §2.5.
  {
    name: 'call-invite-signalling',
    importance: 'unimportant',
    matches: ({ message }) => has(message, ['retract', 'accept', 'reject', 'left'], [CALL_INVITES]),
  },

  // XEP-0334 §4.2: kept nowhere, so who follows the notification finds nothing. A hibernated stream still delivers it.
  {
    name: 'no-store',
    importance: 'unimportant',
    matches: ({ message, context }) =>
      context.trigger !== 'hibernated' && hasChild(message, 'no-store', 'urn:xmpp:hints'),
  },

  // What changes an earlier message: that one has been notified.
  // XEP-0308 §3.
  {
    name: 'correction',
    importance: 'unimportant',
    matches: ({ message }) => hasChild(message, 'replace', 'urn:xmpp:message-correct:0'),
  },
  // XEP-0425 §3.1; before version 0.3 by way of XEP-0422. Goes before the retraction it is made of.
  {
    name: 'moderation',
    importance: 'unimportant',
    matches: ({ message }) =>
      [...findAll(message, ['retract'], RETRACTIONS), ...childrenOf(message, 'apply-to', FASTENING)].some(
        (element) => has(element, ['moderated'], MODERATIONS),
      ),
  },
  // XEP-0424 §3; before version 0.4 by way of XEP-0422. The body is fallback, whether marked or not.
  {
    name: 'retraction',
    importance: 'unimportant',
    matches: ({ message }) =>
      has(message, ['retract'], RETRACTIONS) ||
      childrenOf(message, 'apply-to', FASTENING).some((element) => has(element, ['retract'], RETRACTIONS)),
  },
  // XEP-0444 §3. A body that is not marked as fallback (XEP-0428 §2.2) is a message that happens to carry reactions too,
  // unless it is only there to say that the reaction is encrypted.
  {
    name: 'reactions',
    importance: 'unimportant',
    matches: ({ message, encryption }) =>
      hasChild(message, 'reactions', REACTIONS) &&
      (isEncrypted(encryption) || !hasBodyBesideFallback(message, REACTIONS)),
  },

  // XEP-0249 §2.
  {
    name: 'direct-invite',
    importance: 'important',
    kind: 'invite',
    matches: ({ message }) => hasChild(message, 'x', 'jabber:x:conference'),
  },
  // XEP-0045 §7.8.2.
  {
    name: 'mediated-invite',
    importance: 'important',
    kind: 'invite',
    matches: ({ message }) => inRoomElement(message, 'invite'),
  },
  {
    name: 'mediated-decline',
    importance: 'unimportant',
    matches: ({ message }) => inRoomElement(message, 'decline'),
  },

  // Encrypted: whether there is a text inside is all that can be seen.
  // XEP-0384 §5.4.
  {
    name: 'omemo',
    importance: 'important',
    matches: ({ encryption }) => encryption.omemo === 'payload',
  },
  // XEP-0373 §3.1.
  { name: 'openpgp', importance: 'important', matches: ({ encryption }) => encryption.openpgp },
  // XEP-0027.
  { name: 'legacy-pgp', importance: 'important', matches: ({ encryption }) => encryption.legacyPgp },
  // XEP-0384 §5.4: an empty message, sent by itself to keep sessions going; a body says that it is encrypted.
  {
    name: 'omemo-without-payload',
    importance: 'unimportant',
    matches: ({ encryption }) => encryption.omemo === 'empty',
  },
  // XEP-0364: a body that begins so may be text or a handshake, which nobody but the client can tell.
  { name: 'otr', importance: 'important', matches: ({ encryption }) => encryption.otr },
  // XEP-0380 §3.1: a scheme nothing is known about but its name.
  {
    name: 'encryption-hint',
    importance: 'important',
    matches: ({ encryption }) => encryption.hint !== undefined,
  },

  // XEP-0452: the room tells an absent member that they were mentioned.
  {
    name: 'room-mention',
    importance: 'important',
    matches: ({ message }) =>
      childrenOf(message, 'mentions', 'urn:xmpp:mmn:0').some((mentions) =>
        hasChild(mentions, 'forwarded', 'urn:xmpp:forward:0'),
      ),
  },
  // XEP-0045 §8.1: with a body it would be a message like any other.
  {
    name: 'room-subject',
    importance: 'unimportant',
    matches: ({ message, type }) =>
      type === 'groupchat' && hasChild(message, 'subject', message.getNS()) && !hasBody(message),
  },

  // RFC 6121 §5.2.3: text for a human being. Replies (XEP-0461 §3) and requests for receipts are told by it alone.
  {
    name: 'groupchat-body',
    importance: 'important',
    matches: ({ message, type }) => type === 'groupchat' && hasBody(message),
  },
  // XEP-0045 §7.5.
  {
    name: 'private-message',
    importance: 'important',
    matches: ({ message, type }) => type === 'chat' && hasBody(message) && hasChild(message, 'x', MUC_USER),
  },
  {
    name: 'chat-body',
    importance: 'important',
    matches: ({ message, type }) => type === 'chat' && hasBody(message),
  },
  { name: 'normal-body', importance: 'important', matches: ({ message }) => hasBody(message) },

  // Nothing of the rest is text. The rules below only tell one nothing from another.
  // XEP-0280 §11: a wrapper from somebody else, or one that does not hold exactly one message.
  {
    name: 'carbon-not-trusted',
    importance: 'unimportant',
    matches: ({ message }) => looksLikeCarbon(message),
  },
  // XEP-0313 §4.2: the answer to a query.
  {
    name: 'archive-result',
    importance: 'unimportant',
    matches: ({ message }) => has(message, ['result'], ['urn:xmpp:mam:1', 'urn:xmpp:mam:2']),
  },
  // XEP-0184 §7.
  {
    name: 'receipt',
    importance: 'unimportant',
    matches: ({ message }) => hasChild(message, 'received', 'urn:xmpp:receipts'),
  },
  // XEP-0333 §4.2.
  {
    name: 'chat-marker',
    importance: 'unimportant',
    matches: ({ message }) =>
      has(message, ['received', 'displayed', 'acknowledged'], ['urn:xmpp:chat-markers:0']),
  },
  // XEP-0085 §5.6.
  {
    name: 'chat-state',
    importance: 'unimportant',
    matches: ({ message }) => has(message, CHAT_STATES, ['http://jabber.org/protocol/chatstates']),
  },
  // No rule knows it: an empty body, a lone hint to store (XEP-0334 §4.4), an extension of tomorrow.
  {
    name: 'empty-body',
    importance: 'unimportant',
    matches: ({ message }) => bodies(message).length > 0,
  },
  { name: 'no-content', importance: 'unimportant', matches: () => true },
];

function findAll(parent: Element, names: readonly string[], namespaces: readonly string[]): Element[] {
  return names.flatMap((name) => namespaces.flatMap((namespace) => childrenOf(parent, name, namespace)));
}

function has(parent: Element, names: readonly string[], namespaces: readonly string[]): boolean {
  return findAll(parent, names, namespaces).length > 0;
}

function inRoomElement(message: Element, name: string): boolean {
  return childrenOf(message, 'x', MUC_USER).some((element) => hasChild(element, name, MUC_USER));
}
