import type { Element } from '@xmpp/xml';
import type { ImportanceContext } from './importance.js';

/** What the rules look at: the stanza, and the message it is really about. */
export interface Subject {
  /** As it was routed to the account. */
  readonly stanza: Element;
  /** The stanza itself, or the message forwarded inside a carbon of the own account. */
  readonly message: Element;
  /** Which kind of carbon the stanza is; undefined when it is none, or none that may be trusted. */
  readonly carbon: 'sent' | 'received' | undefined;
  /** RFC 6121 §5.2.2: what is missing or unknown counts as normal. */
  readonly type: MessageType;
  readonly context: ImportanceContext;
  readonly encryption: Encryption;
}

export type MessageType = 'chat' | 'groupchat' | 'normal' | 'headline' | 'error';

/** Signs of end-to-end encryption. */
export interface Encryption {
  /** `empty`: OMEMO that carries keys and no text. */
  readonly omemo: 'payload' | 'empty' | undefined;
  readonly openpgp: boolean;
  readonly legacyPgp: boolean;
  readonly otr: boolean;
  /** The namespace an explicit hint names (XEP-0380 §3.1). */
  readonly hint: string | undefined;
}

const STANZA_NAMESPACES: readonly (string | undefined)[] = [undefined, 'jabber:client', 'jabber:server'];
const CARBONS = 'urn:xmpp:carbons:2';
const FORWARD = 'urn:xmpp:forward:0';
/** The published versions of XEP-0384, and one that only ever lived in servers' heuristics. */
const OMEMO: readonly (string | undefined)[] = [
  'eu.siacs.conversations.axolotl',
  'urn:xmpp:omemo:0',
  'urn:xmpp:omemo:1',
  'urn:xmpp:omemo:2',
];

/** True for `<message/>`, `<presence/>` and so on of a stream; a stanza built without a namespace counts as one. */
export function isStanza(element: Element, name: string): boolean {
  return element.getName() === name && STANZA_NAMESPACES.includes(element.getNS());
}

/** The children of that name and namespace; unlike ltx's own look-up an absent namespace matches nothing else. */
export function childrenOf(parent: Element, name: string, namespace: string | undefined): Element[] {
  return parent.getChildElements().filter((child) => child.getName() === name && child.getNS() === namespace);
}

export function hasChild(parent: Element, name: string, namespace: string | undefined): boolean {
  return childrenOf(parent, name, namespace).length > 0;
}

/** Every text of the message, in all its languages; a body is a child in the message's own namespace (RFC 6121 §5.2.3). */
export function bodies(message: Element): string[] {
  return childrenOf(message, 'body', message.getNS()).map((body) => body.getText());
}

/** A body that is there but empty says nothing. */
export function hasBody(message: Element): boolean {
  return bodies(message).some((text) => text !== '');
}

/**
 * True when a body says something beyond what XEP-0428 §2.2 marks as standing in for that protocol. Positions count code
 * points and `end` is the first one outside (XEP-0426); a mark that cannot be read marks nothing.
 */
export function hasBodyBesideFallback(message: Element, namespace: string): boolean {
  const regions: { readonly start: number; readonly end: number }[] = [];
  for (const fallback of childrenOf(message, 'fallback', 'urn:xmpp:fallback:0')) {
    if (fallback.attrs.for !== undefined && fallback.attrs.for !== namespace) continue;
    if (fallback.getChildElements().length === 0) return false;
    for (const { attrs } of childrenOf(fallback, 'body', 'urn:xmpp:fallback:0')) {
      const start = Number(attrs.start ?? 0);
      const end = Number(attrs.end ?? Number.POSITIVE_INFINITY);
      if (start <= end) regions.push({ start, end });
    }
  }
  regions.sort((one, other) => one.start - other.start);
  return bodies(message).some((text) => {
    let covered = 0;
    for (const { start, end } of regions) {
      if (start > covered) break;
      covered = Math.max(covered, end);
    }
    return covered < [...text].length;
  });
}

/**
 * What the rules judge. A carbon (XEP-0280) is taken apart one level deep, and only when its `from` is the own bare JID:
 * anybody may send a message that looks like one (§11). It has to hold exactly one forwarded message (XEP-0297).
 */
export function findSubject(stanza: Element, context: ImportanceContext): Subject {
  const found = stanza.attrs.from === context.account ? unwrap(stanza) : undefined;
  const message = found?.message ?? stanza;
  return {
    stanza,
    message,
    carbon: found?.carbon,
    type: readType(message.attrs.type),
    context,
    encryption: findEncryption(message),
  };
}

/** True for a message with a carbon's wrapper in it, trusted or not. */
export function looksLikeCarbon(message: Element): boolean {
  return hasChild(message, 'received', CARBONS) || hasChild(message, 'sent', CARBONS);
}

/** Encrypted in some way: a body next to it is fallback text or ciphertext. */
export function isEncrypted({ omemo, openpgp, legacyPgp, otr, hint }: Encryption): boolean {
  return omemo !== undefined || openpgp || legacyPgp || otr || hint !== undefined;
}

function unwrap(stanza: Element): { carbon: 'sent' | 'received'; message: Element } | undefined {
  if (!isStanza(stanza, 'message') || stanza.attrs.type === 'error') return undefined;
  const [wrapper, ...otherWrappers] = stanza.getChildElements().filter((child) => child.getNS() === CARBONS);
  if (!wrapper || otherWrappers.length > 0) return undefined;
  const carbon = wrapper.getName();
  if (carbon !== 'sent' && carbon !== 'received') return undefined;
  const [forwarded, ...others] = childrenOf(wrapper, 'forwarded', FORWARD);
  if (!forwarded || others.length > 0) return undefined;
  const [message, ...more] = childrenOf(forwarded, 'message', 'jabber:client');
  if (!message || more.length > 0) return undefined;
  return { carbon, message };
}

function readType(type: unknown): MessageType {
  return type === 'chat' || type === 'groupchat' || type === 'headline' || type === 'error' ? type : 'normal';
}

function findEncryption(message: Element): Encryption {
  const omemo = message
    .getChildElements()
    .filter((child) => child.getName() === 'encrypted' && OMEMO.includes(child.getNS()));
  const hint = childrenOf(message, 'encryption', 'urn:xmpp:eme:0')
    .map((element): unknown => element.attrs.namespace)
    .find((namespace) => typeof namespace === 'string' && namespace !== '');
  const carriesText = omemo.some((element) => hasChild(element, 'payload', element.getNS()));
  // A hint at OMEMO with neither the element nor a text is a key exchange whose keys were left out.
  const isEmpty = omemo.length > 0 || (OMEMO.includes(String(hint)) && !hasBody(message));
  return {
    omemo: carriesText ? 'payload' : isEmpty ? 'empty' : undefined,
    openpgp: hasChild(message, 'openpgp', 'urn:xmpp:openpgp:0'),
    legacyPgp: hasChild(message, 'x', 'jabber:x:encrypted'),
    otr: bodies(message).some((text) => text.startsWith('?OTR')),
    hint: typeof hint === 'string' ? hint : undefined,
  };
}
