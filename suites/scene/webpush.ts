import xml, { type Element } from '@xmpp/xml';
import type { Account } from '../../harness/case/stage.js';

/** The protocol as the suites speak it, written down apart from the reference so that one slip cannot agree with itself. */
export const webpushNamespace = 'urn:xmpp:webpush:0';
export const discoInfoNamespace = 'http://jabber.org/protocol/disco#info';
export const keyFormType = 'http://jabber.org/protocol/webpush#public-key';
export const keyField = 'webpush#public-key';

/** What an enable carries. A subscription of the stage has the first three. */
export interface EnableFields {
  readonly endpoint: string;
  readonly auth: string;
  readonly p256dh: string;
  readonly payload?: { readonly sender?: boolean; readonly body?: boolean };
}

/** `<enable/>` without the IQ around it. */
export function enableElement({ endpoint, auth, p256dh, payload }: EnableFields): Element {
  return xml(
    'enable',
    { xmlns: webpushNamespace },
    xml('endpoint', {}, endpoint),
    xml('auth', {}, auth),
    xml('p256dh', {}, p256dh),
    ...(payload ? [xml('payload', payloadAttributes(payload))] : []),
  );
}

function payloadAttributes({ sender, body }: NonNullable<EnableFields['payload']>): Record<string, string> {
  return {
    ...(sender === undefined ? {} : { sender: String(sender) }),
    ...(body === undefined ? {} : { body: String(body) }),
  };
}

/** An IQ that enables; `id` names it in the transcript. */
export function enable(id: string, fields: EnableFields): Element {
  return xml('iq', { type: 'set', id }, enableElement(fields));
}

/** Disables one endpoint, every one of the account, or the one bound to the session. */
export function disable(id: string, what: { readonly endpoint: string } | 'all' | 'own-session'): Element {
  const attributes = { xmlns: webpushNamespace, ...(what === 'all' ? { all: 'true' } : {}) };
  const children = typeof what === 'object' ? [xml('endpoint', {}, what.endpoint)] : [];
  return xml('iq', { type: 'set', id }, xml('disable', attributes, ...children));
}

/** What an IQ about the own account can be addressed to: nothing, or the account (RFC 6120 §10.3.3). */
export const ownAddresses = ['absent', 'own'] as const;
export type OwnAddress = (typeof ownAddresses)[number];

/** Addresses an IQ. */
export function addressed(iq: Element, to: OwnAddress, bareJid: string): Element {
  if (to === 'own') iq.attrs.to = bareJid;
  return iq;
}

/** How a client can be connected. Over a WebSocket each stanza is a document of its own (RFC 7395 §3.3). */
export const connections = ['tcp', 'websocket'] as const;

/** How to ask for it; what is usual needs no word. */
export function by(connection: string | undefined): { readonly transport?: 'websocket' } {
  return connection === 'websocket' ? { transport: 'websocket' } : {};
}

/** Asks for disco#info: of an account's bare JID, a server or a room. */
export function discoInfo(id: string, to: string): Element {
  return xml('iq', { type: 'get', id, to }, xml('query', { xmlns: discoInfoNamespace }));
}

/** The application server key in an answer to `discoInfo`, or undefined when there is none. */
export function advertisedKey(answer: Element): string | undefined {
  const forms = answer.getChild('query', discoInfoNamespace)?.getChildren('x', 'jabber:x:data') ?? [];
  const form = forms.find((candidate) => fieldValue(candidate, 'FORM_TYPE') === keyFormType);
  return form && fieldValue(form, keyField);
}

/** The first value of a data form's field. */
export function fieldValue(form: Element, name: string): string | undefined {
  return (
    form
      .getChildren('field')
      .find((field) => field.attrs.var === name)
      ?.getChildText('value') ?? undefined
  );
}

/** A chat message with a body. */
export function chat(to: Pick<Account, 'bareJid'> | string, body: string, id?: string): Element {
  return message(to, { type: 'chat', ...(id ? { id } : {}) }, xml('body', {}, body));
}

/** Any message: attributes beside `to`, and children. */
export function message(
  to: Pick<Account, 'bareJid'> | string,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly Element[]
): Element {
  return xml('message', { to: typeof to === 'string' ? to : to.bareJid, ...attributes }, ...children);
}
