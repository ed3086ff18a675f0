/** Stanzas as a server routes them, each well-formed by itself. The parts of one are texts, so that a vector shows what it has. */

export const ACCOUNT = 'juliet@capulet.example';
export const PEER = 'romeo@montague.example';
export const ROOM = 'park@rooms.montague.example';

type Attributes = Readonly<Record<string, string | undefined>>;

/** An element with attributes in the order given and content as it stands. */
export function element(name: string, attributes: Attributes, ...content: readonly string[]): string {
  const written = Object.entries(attributes).flatMap(([attribute, value]) =>
    value === undefined ? [] : [` ${attribute}='${escapeText(value)}'`],
  );
  const inside = content.join('');
  return inside === '' ? `<${name}${written.join('')}/>` : `<${name}${written.join('')}>${inside}</${name}>`;
}

function escapeText(text: string): string {
  return text.replace(/[&<>']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A message to the account; `undefined` leaves an attribute out. */
export function message(attributes: Attributes, ...content: readonly string[]): string {
  const usual = { xmlns: 'jabber:client', type: 'chat', from: `${PEER}/orchard`, to: ACCOUNT };
  return element('message', { ...usual, ...attributes }, ...content);
}

export const body = (text: string): string => element('body', {}, escapeText(text));
export const hint = (name: 'store' | 'no-store' | 'no-permanent-store'): string =>
  element(name, { xmlns: 'urn:xmpp:hints' });

const JINGLE = 'urn:xmpp:jingle-message:0';
const CALL_ID = 'ca3cf894-5325-482f-a412-a6e9f832298d';

/** XEP-0353. */
export const proposal = (namespace = JINGLE): string =>
  element(
    'propose',
    { xmlns: namespace, id: CALL_ID },
    element('description', { xmlns: 'urn:xmpp:jingle:apps:rtp:1', media: 'audio' }),
  );
export const callStep = (name: string): string => element(name, { xmlns: JINGLE, id: CALL_ID });

/** XEP-0482. */
export const callInvite = (name: string): string =>
  element(name, { xmlns: 'urn:xmpp:call-invites:0', id: 'invite-1' });

/** XEP-0384. */
export function omemo(namespace: string, ...payload: readonly string[]): string {
  const key = element('key', { rid: '31415' }, 'MwohBfRwXxLk6Yc0Rk8eZ3Vu');
  const header = element('header', { sid: '27183' }, key);
  return element('encrypted', { xmlns: namespace }, header, ...payload);
}
export const omemoPayload = element('payload', {}, 'q0hPwqkyP2v1nq7bq7Xh3g==');

/** XEP-0380. */
export const encryptionHint = (namespace: string): string =>
  element('encryption', { xmlns: 'urn:xmpp:eme:0', namespace });

/** XEP-0428. */
export const fallback = (namespace: string, ...parts: readonly string[]): string =>
  element('fallback', { xmlns: 'urn:xmpp:fallback:0', for: namespace }, ...parts);

/** XEP-0045 §7.8.2. */
export const inRoom = (...content: readonly string[]): string =>
  element('x', { xmlns: 'http://jabber.org/protocol/muc#user' }, ...content);

/** XEP-0280. */
export const carbon = (direction: 'received' | 'sent', ...copied: readonly string[]): string =>
  element(
    direction,
    { xmlns: 'urn:xmpp:carbons:2' },
    element('forwarded', { xmlns: 'urn:xmpp:forward:0' }, ...copied),
  );
