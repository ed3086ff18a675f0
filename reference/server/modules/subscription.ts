import xml, { type Element } from '@xmpp/xml';
import type { Core } from '../session/core.js';
import { type Jid, parseJid } from '../session/jid.js';
import { attribute, CLIENT, copyElement } from '../session/stanza.js';
import type { Blocking } from './blocking.js';
import type { Presence } from './presence.js';
import type { Roster, RosterItem } from './roster.js';

export type SubscriptionType = 'subscribe' | 'subscribed' | 'unsubscribe' | 'unsubscribed';

export const isSubscriptionType = (type: string | undefined): type is SubscriptionType =>
  type === 'subscribe' || type === 'subscribed' || type === 'unsubscribe' || type === 'unsubscribed';

export interface Subscriptions {
  /** What an account says to a contact (RFC 6121 §3, outbound). */
  send(account: string, type: SubscriptionType, contact: Jid, stanza: Element): void;
  /** What a contact says to a local account (RFC 6121 §3, inbound). */
  deliver(stanza: Element, to: Jid): void;
  /** Before a contact is removed from the roster (RFC 6121 §2.5.2). */
  end(account: string, item: RosterItem): void;
}

/** The handshake by which accounts let each other see their presence. */
export function createSubscriptions(
  core: Core,
  roster: Roster,
  presence: Presence,
  blocking: Blocking,
): Subscriptions {
  const plain = (type: SubscriptionType, from: string, to: string) =>
    xml('presence', { xmlns: CLIENT, type, from, to });

  /** To every resource that is interested or available. */
  const tell = (account: string, stanza: Element) => {
    for (const session of core.sessions.of(account))
      if (session.presence || session.wantsRoster) session.send(stanza);
  };

  const send: Subscriptions['send'] = (account, type, contact, stanza) => {
    const item = roster.get(account, contact.bare);
    const outgoing = copyElement(stanza, { from: account, to: contact.bare });
    switch (type) {
      case 'subscribe':
        if (!item?.to) roster.update(account, contact.bare, { ask: true });
        break;
      case 'subscribed':
        if (!roster.removeRequest(account, contact.bare)) return;
        roster.update(account, contact.bare, { from: true });
        break;
      case 'unsubscribe':
        if (item) roster.update(account, contact.bare, { to: false, ask: false });
        break;
      case 'unsubscribed':
        if (!roster.removeRequest(account, contact.bare) && !item?.from) return;
        // While the contact still may see it, it sees the presence vanish.
        if (item?.from) presence.show(account, contact, false);
        if (item?.from) roster.update(account, contact.bare, { from: false });
        break;
    }
    core.route(outgoing);
    if (type === 'subscribed') presence.show(account, contact, true);
  };

  return {
    send,
    deliver(stanza, to) {
      const account = to.bare;
      const from = parseJid(attribute(stanza, 'from') ?? '');
      const type = attribute(stanza, 'type');
      if (!from || !core.hasAccount(to) || blocking.blocks(account, from)) return;
      const item = roster.get(account, from.bare);
      switch (type) {
        case 'subscribe':
          if (item?.from) core.route(plain('subscribed', account, from.bare));
          else if (roster.addRequest(account, from.bare, stanza)) tell(account, stanza);
          break;
        case 'subscribed':
          if (!item?.ask) return;
          roster.update(account, from.bare, { to: true, ask: false });
          tell(account, stanza);
          break;
        case 'unsubscribe':
          if (!roster.removeRequest(account, from.bare) && !item?.from) return;
          if (item?.from) presence.show(account, from, false);
          if (item?.from) roster.update(account, from.bare, { from: false });
          tell(account, stanza);
          break;
        case 'unsubscribed':
          if (!item?.to && !item?.ask) return;
          roster.update(account, from.bare, { to: false, ask: false });
          tell(account, stanza);
          break;
      }
    },
    end(account, item) {
      const contact = parseJid(item.jid);
      if (!contact) return;
      if (item.to || item.ask) send(account, 'unsubscribe', contact, plain('unsubscribe', account, item.jid));
      if (item.from) send(account, 'unsubscribed', contact, plain('unsubscribed', account, item.jid));
    },
  };
}
