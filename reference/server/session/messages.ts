import { randomUUID } from 'node:crypto';
import type { Element } from '@xmpp/xml';
import type { RoutedMessage } from '../../engine/events.js';
import type { Archive } from '../modules/archive.js';
import type { Blocking } from '../modules/blocking.js';
import { carbonOf, isCarbonEligible, withoutPrivate } from '../modules/carbons.js';
import { isWorthStoring, type Offline } from '../modules/offline.js';
import { stampStanzaId, stripStanzaIds } from '../modules/stanza-id.js';
import type { Core } from './core.js';
import { type Jid, parseJid } from './jid.js';
import type { Delivery, Outgoing, Session } from './session.js';
import { attribute, copyElement, delay, errorOf, mayBeAnswered, messageType, StanzaError } from './stanza.js';

export interface MessagesSetup {
  readonly core: Core;
  readonly archive: Archive;
  readonly offline: Offline;
  readonly blocking: Blocking;
  /** The occupant JIDs under which an account sits in a room. */
  readonly occupantsOf: (account: string, room: string) => readonly string[];
}

export interface Messages {
  /** A message a session sends; `from` is stamped. */
  send(session: Session, stanza: Element, to: Jid): void;
  /** A message for a local account (RFC 6121 §8.5). */
  deliver(stanza: Element, to: Jid, id: string): void;
  /** What waits for the account since it was last available (XEP-0160). */
  deliverStored(session: Session): void;
  /** Messages whose session ended before it acknowledged them find another way (XEP-0198 §4). */
  reroute(unacknowledged: readonly Outgoing[]): void;
}

export function createMessages(setup: MessagesSetup): Messages {
  const { core, archive, offline, blocking } = setup;

  /** A message for the bare JID goes to every available resource that does not refuse it by a negative priority. */
  const availableOf = (account: string) =>
    core.sessions.of(account).filter((session) => session.presence && session.priority >= 0);

  const refuse = (stanza: Element) => {
    if (mayBeAnswered(stanza)) core.route(errorOf(stanza, new StanzaError('service-unavailable')));
  };

  /** RFC 6121 §8.5; undefined when the sender is to be told that nobody took it. */
  const targetsOf = (stanza: Element, to: Jid): readonly Session[] | undefined => {
    const exact = to.resource === '' ? undefined : core.sessions.at(to);
    if (exact) return [exact];
    switch (messageType(stanza)) {
      case 'chat':
      case 'normal':
        return availableOf(to.bare);
      case 'headline':
        return to.resource === '' ? availableOf(to.bare) : undefined;
      case 'groupchat':
        return undefined;
      case 'error':
        return [];
    }
  };

  const storeOffline = (account: string, message: RoutedMessage, time: number) => {
    offline.store(account, message, time);
    core.emit(account, { type: 'stored-offline', account, message });
  };

  const goesOffline = (stanza: Element) => {
    const type = messageType(stanza);
    return (type === 'chat' || type === 'normal') && isWorthStoring(stanza);
  };

  const deliver = (received: Element, to: Jid, id: string) => {
    const account = to.bare;
    const from = parseJid(attribute(received, 'from') ?? '');
    if (!core.hasAccount(to) || !from || blocking.blocks(account, from)) return refuse(received);
    const targets = targetsOf(received, to);
    if (!targets) return refuse(received);
    const stored = targets.length === 0 && goesOffline(received);
    if (stored && offline.isFull(account)) return refuse(received);

    const time = core.clock.now();
    const archiveId = archive.store(account, from, received, time);
    const stanza = stampStanzaId(withoutPrivate(received), account, archiveId);
    const occupants = from.domain === core.roomsDomain ? setup.occupantsOf(account, from.bare) : [];
    const message: RoutedMessage = {
      id,
      stanza,
      ...(archiveId === undefined ? {} : { archiveId }),
      ...(occupants.length > 0 ? { ownOccupants: occupants } : {}),
    };
    const delivery: Delivery = { account, message, time, holders: 0, handled: false };
    if (stored) offline.store(account, message, time);
    if (archiveId !== undefined)
      core.emit(account, {
        type: 'archived',
        account,
        message,
        // What an account tells itself is no news to it.
        direction: from.bare === account ? 'outgoing' : 'incoming',
      });
    if (stored) core.emit(account, { type: 'stored-offline', account, message });
    if (targets.length > 0)
      hold(delivery, () => {
        for (const session of targets) session.sendMessage(message, delivery);
        if (from.bare === account || !isCarbonEligible(received)) return;
        for (const session of core.sessions.of(account)) {
          if (!session.carbons || targets.includes(session)) continue;
          const copy = carbonOf('received', stanza, session.jid);
          session.sendMessage({ ...message, stanza: copy }, delivery);
        }
      });
  };

  /** A session that ends because of this very message must not send it to others who are about to get it anyway. */
  const hold = (delivery: Delivery, handOut: () => void) => {
    delivery.holders++;
    handOut();
    delivery.holders--;
    rerouteOne(delivery);
  };

  const rerouteOne = ({ account, message, time, holders, handled }: Delivery): void => {
    if (handled || holders > 0) return;
    const to = parseJid(account);
    if (!to || !core.hasAccount(to) || !goesOffline(message.stanza)) return;
    const targets = availableOf(account);
    const late = withDelay(message, to.domain, time);
    const delivery: Delivery = { account, message: late, time, holders: 0, handled: false };
    if (targets.length > 0)
      hold(delivery, () => {
        for (const session of targets) session.sendMessage(late, delivery);
      });
    else if (offline.isFull(account)) refuse(message.stanza);
    else storeOffline(account, message, time);
  };

  return {
    send(session, received, to) {
      if (blocking.blocks(session.account, to))
        throw new StanzaError('not-acceptable', { type: 'cancel', application: blocking.blockedError() });
      const id = randomUUID();
      const stanza = stripStanzaIds(received, (by) => core.domains.has(by) || by === core.roomsDomain);
      if (to.bare !== session.account) {
        const archiveId = archive.store(session.account, to, stanza, core.clock.now());
        if (archiveId !== undefined)
          core.emit(session.account, {
            type: 'archived',
            account: session.account,
            message: { id, stanza, archiveId },
            direction: 'outgoing',
          });
        if (isCarbonEligible(stanza))
          for (const other of core.sessions.of(session.account)) {
            if (!other.carbons || other === session) continue;
            const copy = carbonOf('sent', stampStanzaId(stanza, session.account, archiveId), other.jid);
            other.sendMessage({ id, stanza: copy, ...(archiveId === undefined ? {} : { archiveId }) });
          }
      }
      core.route(stanza, id);
    },
    deliver,
    deliverStored(session) {
      const { account, jid } = session;
      for (const { message, time } of offline.take(account)) {
        const late = withDelay(message, jid.domain, time);
        session.sendMessage(late, { account, message: late, time, holders: 0, handled: false });
      }
    },
    reroute(unacknowledged) {
      const seen = new Set<Delivery>();
      for (const { stanza, delivery } of unacknowledged) {
        if (delivery && !seen.has(delivery)) rerouteOne(delivery);
        if (delivery) seen.add(delivery);
        const type = attribute(stanza, 'type');
        // A request must not stay without an answer (RFC 6120 §8.2.3).
        if (stanza.getName() === 'iq' && (type === 'get' || type === 'set')) refuse(stanza);
      }
    },
  };
}

/** XEP-0160 §3: says when it was sent, unless it does already. */
function withDelay(message: RoutedMessage, domain: string, time: number): RoutedMessage {
  const said = message.stanza
    .getChildren('delay', 'urn:xmpp:delay')
    .some((child) => attribute(child, 'from') === domain);
  if (said) return message;
  const stanza = copyElement(message.stanza);
  stanza.append(delay(domain, time));
  return { ...message, stanza };
}
