import xml, { type Element } from '@xmpp/xml';
import type { IqHandler, ServerModule } from '../session/core.js';
import type { Jid } from '../session/jid.js';
import { attribute, CLIENT, copyElement, messageType } from '../session/stanza.js';

const CARBONS = 'urn:xmpp:carbons:2';
const MUC_USER = 'http://jabber.org/protocol/muc#user';

/** Payloads of instant messaging that are copied without a body (XEP-0280 §6.1). */
const COPIED_PAYLOADS = new Set([
  'urn:xmpp:receipts',
  'http://jabber.org/protocol/chatstates',
  'urn:xmpp:chat-markers:0',
]);

/** XEP-0280 §6.1: which messages the other resources of an account get a copy of. */
export function isCarbonEligible(stanza: Element): boolean {
  if (stanza.getChild('private', CARBONS) || stanza.getChild('no-copy', 'urn:xmpp:hints')) return false;
  const room = stanza.getChild('x', MUC_USER);
  // A private message in a room belongs to the resource that sits in it; an invitation is for all of them.
  if (room) return messageType(stanza) !== 'groupchat' && room.getChild('invite') !== undefined;
  switch (messageType(stanza)) {
    case 'chat':
      return true;
    case 'normal':
      return (
        stanza.getChild('body') !== undefined ||
        stanza.getChild('x', 'jabber:x:conference') !== undefined ||
        stanza.getChildElements().some((child) => COPIED_PAYLOADS.has(child.getNS() ?? ''))
      );
    default:
      return false;
  }
}

/** The wrapped copy for one resource (XEP-0280 §7, §8). */
export function carbonOf(direction: 'received' | 'sent', stanza: Element, to: Jid): Element {
  return xml(
    'message',
    { xmlns: CLIENT, from: to.bare, to: to.full, type: attribute(stanza, 'type') ?? 'normal' },
    xml(direction, CARBONS, xml('forwarded', 'urn:xmpp:forward:0', copyElement(stanza, { xmlns: CLIENT }))),
  );
}

/** The hint is meant for the servers only. */
export function withoutPrivate(stanza: Element): Element {
  if (!stanza.getChild('private', CARBONS)) return stanza;
  const copy = copyElement(stanza);
  copy.remove('private', CARBONS);
  return copy;
}

export function carbonsModule(): ServerModule {
  const turn = (on: boolean): IqHandler => ({
    at: 'account',
    type: 'set',
    name: on ? 'enable' : 'disable',
    xmlns: CARBONS,
    handle({ session }) {
      session.carbons = on;
      return undefined;
    },
  });
  return { serverFeatures: [CARBONS], accountFeatures: [CARBONS], iq: [turn(true), turn(false)] };
}
