import xml, { type Element } from '@xmpp/xml';
import type { MessageKind } from './command.js';

const WEB_PUSH = 'urn:xmpp:webpush:0';
const OMEMO = 'eu.siacs.conversations.axolotl';

/** XEP-0334 §4: to be kept though it has no body. */
const store = () => xml('store', { xmlns: 'urn:xmpp:hints' });

const omemo = (...payload: readonly Element[]) =>
  xml('encrypted', { xmlns: OMEMO }, xml('header', { sid: '27183' }), ...payload);

/** @param id names it in the transcript, and is its text when it has one. */
export function messageOf(kind: MessageKind, to: string, id: string): Element {
  const message = (type: string, ...children: readonly Element[]) =>
    xml('message', { to, type, id }, ...children);
  const body = xml('body', {}, id);
  switch (kind) {
    case 'chat':
      return message('chat', body);
    case 'headline':
      return message('headline', body);
    case 'error':
      return message('error', body);
    case 'call':
      return message(
        'chat',
        xml(
          'propose',
          { xmlns: 'urn:xmpp:jingle-message:0', id },
          xml('description', { xmlns: 'urn:xmpp:jingle:apps:rtp:1', media: 'audio' }),
        ),
        store(),
      );
    case 'omemo':
      return message('chat', omemo(xml('payload', {}, 'q0hPwqkyP2v1nq7bq7Xh3g==')), store());
    case 'omemo-empty':
      return message('chat', omemo(), store());
    case 'chat-state':
      return message('chat', xml('composing', { xmlns: 'http://jabber.org/protocol/chatstates' }));
    case 'correction':
      return message('chat', body, xml('replace', { xmlns: 'urn:xmpp:message-correct:0', id: 'earlier' }));
  }
}

export interface EnableFields {
  readonly endpoint: string;
  readonly auth: string;
  readonly p256dh: string;
}

/** @param text consents to the text of messages in the payload. */
export function enableOf(id: string, { endpoint, auth, p256dh }: EnableFields, text: boolean): Element {
  return xml(
    'iq',
    { type: 'set', id },
    xml(
      'enable',
      { xmlns: WEB_PUSH },
      xml('endpoint', {}, endpoint),
      xml('auth', {}, auth),
      xml('p256dh', {}, p256dh),
      ...(text ? [xml('payload', { body: 'true' })] : []),
    ),
  );
}

/** @param what an endpoint, or one of the two other ways to name a registration. */
export function disableOf(id: string, what: 'own' | 'all' | { readonly endpoint: string }): Element {
  const attributes = { xmlns: WEB_PUSH, ...(what === 'all' ? { all: 'true' } : {}) };
  const children = typeof what === 'object' ? [xml('endpoint', {}, what.endpoint)] : [];
  return xml('iq', { type: 'set', id }, xml('disable', attributes, ...children));
}

/** Has the account's archive keep every message (XEP-0441 §2). */
export function keepOf(id: string): Element {
  const lists = ['always', 'never'].map((name) => xml(name, {}));
  return xml(
    'iq',
    { type: 'set', id },
    xml('prefs', { xmlns: 'urn:xmpp:mam:2', default: 'always' }, ...lists),
  );
}

/** @param to the own account. */
export function discoOf(to: string): Element {
  return xml('iq', { type: 'get', to }, xml('query', { xmlns: 'http://jabber.org/protocol/disco#info' }));
}

/** The application server key in the answer; undefined when there is none. */
export function keyIn(answer: Element): string | undefined {
  const fields = answer
    .getChild('query')
    ?.getChildren('x')
    .flatMap((form) => form.getChildren('field'));
  const field = fields?.find(({ attrs }) => attrs.var === 'webpush#public-key');
  return field?.getChildText('value') ?? undefined;
}
