import type { Element } from '@xmpp/xml';
import type { PushPayload, RoutedMessage } from '../engine/events.js';
import type { Classification } from '../importance/importance.js';
import type { PayloadPolicy } from '../registry/registry.js';
import { cutToOctets, wellFormed } from './text.js';

/** What a push service that hands over to a mobile platform still takes, with room for the encryption's overhead. */
export const PLAINTEXT_LIMIT = 2800;

export interface PayloadSource {
  /** Bare JID of the account the registration belongs to. */
  readonly account: string;
  readonly classification: Classification;
  readonly message: RoutedMessage;
  /** What the client agreed to when it enabled. */
  readonly policy: PayloadPolicy;
  /** The operator's `push_notification_important_body`; empty leaves `body` out. */
  readonly importantBody: string;
  /** When the message was routed, Unix time in milliseconds. */
  readonly now: number;
}

/**
 * What a notification tells about a message. It is built member by member and never copies the stanza, so that a room's
 * password or anything else an unknown extension carries cannot slip through.
 *
 * `body` is the operator's sentence, or the message's own text when the client opted in. Three kinds of text never
 * leave: the fallback body of an end-to-end encrypted message, since it says nothing; that of an invitation, since
 * people write the room's password into it; and any for a call, which `kind` alone describes ("New Message!" would be
 * untrue).
 */
export function buildPayload(source: PayloadSource): PushPayload {
  const { account, classification, message, policy } = source;
  const stanza = classification.message;
  const id = message.archiveId ?? stanzaIdBy(account, stanza);
  const body = bodyOf(source);
  return {
    v: 1,
    account,
    kind: classification.kind,
    type: typeOf(stanza),
    ...(policy.sender ? senderOf(stanza) : {}),
    ...(id ? { id } : {}),
    time: new Date(source.now).toISOString(),
    ...(classification.encrypted ? { encrypted: true } : {}),
    ...(body ? { body } : {}),
  };
}

/**
 * The plaintext of a push: JSON in UTF-8. A `body` that does not fit is cut between two characters as a reader sees
 * them (grapheme clusters), or left out. Every other member stays whole, even when they alone exceed the limit: only
 * JIDs of extreme length do that.
 *
 * @param limit the plaintext's length in octets at most, as far as `body` decides it.
 */
export function encodePayload(payload: PushPayload, limit: number = PLAINTEXT_LIMIT): Uint8Array {
  const { body, ...others } = payload;
  const rest = toJson(others);
  if (body) {
    const room = limit - Buffer.byteLength(rest) - Buffer.byteLength(',"body":""');
    const kept = cutToOctets(wellFormed(body), room, octetsInJson);
    if (kept) return Buffer.from(toJson({ ...others, body: kept }));
  }
  return Buffer.from(rest);
}

/** The payload without its optional members, for a push service that found the whole one too large (RFC 8030 §7.2). */
export function reducePayload(payload: PushPayload): PushPayload {
  const { body: _body, nick: _nick, encrypted: _encrypted, ...core } = payload;
  return core;
}

/** The form of the parameter makes sure that only strings and literals are written. */
function toJson(members: Partial<PushPayload>): string {
  return JSON.stringify(members, (_name, value: unknown) =>
    typeof value === 'string' ? wellFormed(value) : value,
  );
}

function octetsInJson(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}

function bodyOf({ classification, policy, importantBody }: PayloadSource): string | undefined {
  const { kind, encrypted, message } = classification;
  if (kind === 'call' || kind === 'call-retract') return undefined;
  const text = policy.body && kind === 'message' && !encrypted ? textOf(message) : undefined;
  // More than the limit never travels, and what waits in a queue should not hold on to a quarter of a megabyte.
  return text ? cutToOctets(wellFormed(text), PLAINTEXT_LIMIT) : importantBody;
}

/** The text in the stream's default language, else the first (RFC 6121 §5.2.3). */
function textOf(message: Element): string | undefined {
  const bodies = message.getChildren('body').filter((body) => body.getNS() === message.getNS());
  const body = bodies.find((candidate) => candidate.attrs['xml:lang'] === undefined) ?? bodies[0];
  return body?.getText();
}

function typeOf(message: Element): PushPayload['type'] {
  const type: unknown = message.attrs.type;
  return type === 'chat' || type === 'groupchat' ? type : 'normal';
}

const MUC_USER = 'http://jabber.org/protocol/muc#user';

/**
 * In a room the full JID is an occupant's: the room and the nick name the sender. A private message within a room
 * (XEP-0045 §7.5) does too, since the room alone would not say who wrote.
 */
function senderOf(message: Element): Pick<PushPayload, 'from' | 'nick'> {
  const from: unknown = message.attrs.from;
  if (typeof from !== 'string' || from === '') return {};
  const slash = from.indexOf('/');
  if (slash === -1) return { from };
  const bare = from.slice(0, slash);
  const nick = from.slice(slash + 1);
  return nick && (message.attrs.type === 'groupchat' || message.getChild('x', MUC_USER))
    ? { from: bare, nick }
    : { from: bare };
}

/**
 * The id the account's own archive gave (XEP-0359 §3). The server removes what a sender forged under its name before
 * it delivers; where two claim to be the one, neither is believed.
 */
function stanzaIdBy(account: string, message: Element): string | undefined {
  const ids = message.getChildren('stanza-id', 'urn:xmpp:sid:0').filter((id) => id.attrs.by === account);
  const id: unknown = ids.length === 1 ? ids[0]?.attrs.id : undefined;
  return typeof id === 'string' ? id : undefined;
}
