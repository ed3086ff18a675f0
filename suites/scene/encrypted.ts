import xml, { type Element } from '@xmpp/xml';

/** Where OMEMO has lived: as it spread, in between, and now (XEP-0384). */
export const omemoNamespaces = [
  'eu.siacs.conversations.axolotl',
  'urn:xmpp:omemo:1',
  'urn:xmpp:omemo:2',
] as const;

export type OmemoNamespace = (typeof omemoNamespaces)[number];

/** XEP-0384 §5.4: with a payload a message, without one an empty message that only renews a session. */
export function omemo(namespace: OmemoNamespace, content: 'payload' | 'empty', recipient: string): Element {
  const key = xml('key', { rid: '31415' }, 'MwohBfRwXxLk6Yc0Rk8eZ3Vu');
  const header =
    namespace === 'eu.siacs.conversations.axolotl'
      ? xml('header', { sid: '27183' }, key, xml('iv', {}, 'yYqY0mGbGKPr9oXN'))
      : xml('header', { sid: '27183' }, xml('keys', { jid: recipient }, key));
  const payload = content === 'payload' ? [xml('payload', {}, 'q0hPwqkyP2v1nq7bq7Xh3g==')] : [];
  return xml('encrypted', { xmlns: namespace }, header, ...payload);
}

/** XEP-0373 §3.1. */
export const openpgp = (): Element => xml('openpgp', { xmlns: 'urn:xmpp:openpgp:0' }, 'hQEMA5b0Rk8eZ3VuAQf/');

/** XEP-0027 §3.1. */
export const legacyPgp = (): Element => xml('x', { xmlns: 'jabber:x:encrypted' }, 'hQEMA5b0Rk8eZ3VuAQf/');

/** XEP-0380 §3: how a message is encrypted, for those who cannot decrypt it. */
export const encryptionHint = (namespace: string, name: string): Element =>
  xml('encryption', { xmlns: 'urn:xmpp:eme:0', namespace, name });
