import xml, { type Element } from '@xmpp/xml';

/** What messages carry besides a body, by the XEP that says how it looks: children for `message` of `webpush.ts`. */

export const body = (text: string): Element => xml('body', {}, text);

export const subject = (text: string): Element => xml('subject', {}, text);

/** XEP-0334 §4. */
export const hint = (name: 'store' | 'no-store' | 'no-permanent-store'): Element =>
  xml(name, { xmlns: 'urn:xmpp:hints' });

/** XEP-0085 §5.1. */
export const chatState = (state: 'active' | 'composing' | 'paused' | 'inactive' | 'gone'): Element =>
  xml(state, { xmlns: 'http://jabber.org/protocol/chatstates' });

/** XEP-0184 §5: asks for a receipt. */
export const receiptRequest = (): Element => xml('request', { xmlns: 'urn:xmpp:receipts' });

/** XEP-0184 §5: the receipt for the message `id`. */
export const receipt = (id: string): Element => xml('received', { xmlns: 'urn:xmpp:receipts', id });

/** XEP-0333 §4: the message `id` was displayed. */
export const displayed = (id: string): Element => xml('displayed', { xmlns: 'urn:xmpp:chat-markers:0', id });

/** XEP-0308 §3: what comes with it is the right wording of the message `id`. */
export const replaces = (id: string): Element => xml('replace', { xmlns: 'urn:xmpp:message-correct:0', id });

/** XEP-0424 §3: the message `id` is taken back. */
export const retracts = (id: string): Element => xml('retract', { xmlns: retractions, id });

/** XEP-0425 §3: a room took back what an occupant had said. */
export const moderates = (id: string, by: string): Element =>
  xml(
    'retract',
    { xmlns: retractions, id },
    xml('moderated', { xmlns: 'urn:xmpp:message-moderate:1', by }),
    xml('reason', {}, 'Not before the Nurse!'),
  );

/** XEP-0444 §3.1. */
export const reacts = (id: string, ...emoji: readonly string[]): Element =>
  xml('reactions', { xmlns: reactions, id }, ...emoji.map((each) => xml('reaction', {}, each)));

/** XEP-0461 §3.1. */
export const repliesTo = (id: string, author: string): Element =>
  xml('reply', { xmlns: 'urn:xmpp:reply:0', id, to: author });

/** XEP-0428 §2.2: the whole body is there only for clients that do not know the protocol. */
export const fallbackFor = (namespace: string): Element =>
  xml('fallback', { xmlns: 'urn:xmpp:fallback:0', for: namespace });

export const retractions = 'urn:xmpp:message-retract:1';
export const reactions = 'urn:xmpp:reactions:0';

/** XEP-0060 §7.1.2.1: an item was published. */
export const pubsubEvent = (node: string, item: Element): Element =>
  xml(
    'event',
    { xmlns: 'http://jabber.org/protocol/pubsub#event' },
    xml('items', { node }, xml('item', { id: 'current' }, item)),
  );

/** XEP-0280 §7 and §8: a message in a carbon's wrapping. Only a server has any business to send it. */
export const carbon = (direction: 'received' | 'sent', copied: Element): Element => {
  copied.attrs.xmlns = 'jabber:client';
  return xml(
    direction,
    { xmlns: 'urn:xmpp:carbons:2' },
    xml('forwarded', { xmlns: 'urn:xmpp:forward:0' }, copied),
  );
};

/** XEP-0249 §2. */
export const directInvite = (
  room: string,
  details: { readonly password?: string; readonly reason?: string } = {},
): Element => xml('x', { xmlns: 'jabber:x:conference', jid: room, ...details });

/** XEP-0191 §3.3. */
export const block = (id: string, jid: string): Element =>
  xml('iq', { type: 'set', id }, xml('block', { xmlns: 'urn:xmpp:blocking' }, xml('item', { jid })));
