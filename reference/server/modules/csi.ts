import type { Element } from '@xmpp/xml';
import { attribute, messageType } from '../session/stanza.js';

export const CSI = 'urn:xmpp:csi:0';

/** More than this is not held back: then everything goes out at once. */
const MOST_HELD = 100;

const CHAT_STATES = 'http://jabber.org/protocol/chatstates';

/** Whether a user who does not look at the client misses nothing for now (XEP-0352 §6). */
export function canWait(stanza: Element): boolean {
  if (stanza.getName() === 'presence') {
    const type = attribute(stanza, 'type');
    // Rooms tell joins, kicks and changes of the own occupant by presence; a client must see its own at once.
    return (
      (type === undefined || type === 'unavailable') && !stanza.getChildren('x').some(isOwnOccupantStatus)
    );
  }
  if (stanza.getName() !== 'message' || messageType(stanza) === 'error') return false;
  const children = stanza.getChildElements();
  return children.length > 0 && children.every((child) => child.getNS() === CHAT_STATES || isAside(child));
}

const isAside = (child: Element) => child.is('no-store', 'urn:xmpp:hints') || child.is('thread');

const isOwnOccupantStatus = (x: Element) =>
  x.getChildren('status').some((status) => attribute(status, 'code') === '110');

/** Stanzas held back while a client is inactive (XEP-0352). Presence of one sender is kept once, the newest. */
export interface Holding {
  setActive(active: boolean): void;
  /** True when the stanza was kept. */
  hold(stanza: Element): boolean;
  /** What was held, in order; nothing is left. */
  release(): Element[];
}

export function createHolding(): Holding {
  let active = true;
  let held: Element[] = [];
  return {
    setActive(next) {
      active = next;
    },
    hold(stanza) {
      if (active || held.length >= MOST_HELD || !canWait(stanza)) return false;
      if (stanza.getName() === 'presence') {
        const from = attribute(stanza, 'from');
        held = held.filter((other) => other.getName() !== 'presence' || attribute(other, 'from') !== from);
      }
      held.push(stanza);
      return true;
    },
    release() {
      const released = held;
      held = [];
      return released;
    },
  };
}
