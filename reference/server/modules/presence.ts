import xml, { type Element } from '@xmpp/xml';
import type { Core } from '../session/core.js';
import { type Jid, parseJid } from '../session/jid.js';
import type { Session } from '../session/session.js';
import { attribute, CLIENT, copyElement, parseElement, StanzaError } from '../session/stanza.js';
import type { Blocking } from './blocking.js';
import type { Roster } from './roster.js';

/** Entities one session may have sent directed presence to. */
const MOST_DIRECTED = 200;

export interface Presence {
  /** Presence without `to` (RFC 6121 §4.2, §4.4, §4.5). */
  broadcast(session: Session, stanza: Element): void;
  /** Presence with `to` that says available or unavailable (RFC 6121 §4.6). */
  direct(session: Session, stanza: Element, to: Jid): void;
  /** Presence that came for a local account. */
  deliver(stanza: Element, to: Jid): void;
  /** The session is over: says so on behalf of its client. */
  sessionEnded(session: Session): void;
  /** The available resources of an account become visible to a contact, or vanish before it. */
  show(account: string, contact: Jid, visible: boolean): void;
}

const unavailable = (from: string, to?: string) =>
  xml('presence', { xmlns: CLIENT, type: 'unavailable', from, ...(to === undefined ? {} : { to }) });

/** An integer between -128 and 127, 0 when there is none (RFC 6121 §4.7.2.3). */
function priorityOf(stanza: Element): number {
  const text = stanza.getChildText('priority');
  if (text === null) return 0;
  const priority = Number(text.trim());
  if (!Number.isInteger(priority) || priority < -128 || priority > 127)
    throw new StanzaError('bad-request', { text: 'The priority is no integer between -128 and 127.' });
  return priority;
}

/** @param onAvailable the session became able to take messages that wait for the account. */
export function createPresence(
  core: Core,
  roster: Roster,
  blocking: Blocking,
  onAvailable: (session: Session) => void,
): Presence {
  const sendTo = (account: string, stanza: Element, to: Jid) => {
    if (!blocking.blocks(account, to)) core.route(copyElement(stanza, { to: to.full }));
  };

  /** To everybody who may see the account, and to its own available resources (RFC 6121 §4.2.2). */
  const announce = (session: Session, stanza: Element) => {
    const { account } = session;
    for (const item of roster.items(account)) {
      const contact = item.from ? parseJid(item.jid) : undefined;
      if (contact) sendTo(account, stanza, contact);
    }
    for (const other of core.sessions.of(account))
      if (other.presence) other.send(copyElement(stanza, { to: other.jid.full }));
  };

  /** What the account may see of others when one of its resources becomes available (RFC 6121 §4.3). */
  const gather = (session: Session) => {
    const { account } = session;
    for (const item of roster.items(account)) {
      const contact = parseJid(item.jid);
      if (!item.to || !contact || !roster.get(item.jid, account)?.from) continue;
      if (blocking.blocks(item.jid, session.jid) || blocking.blocks(account, contact)) continue;
      for (const other of core.sessions.of(item.jid))
        if (other.presence) session.send(copyElement(other.presence, { to: session.jid.full }));
    }
    for (const other of core.sessions.of(account))
      if (other !== session && other.presence)
        session.send(copyElement(other.presence, { to: session.jid.full }));
    for (const { stanza } of roster.requests(account)) session.send(parseElement(stanza));
  };

  const goUnavailable = (session: Session, stanza: Element) => {
    const directed = [...session.directed];
    session.directed.clear();
    const wasAvailable = session.presence !== undefined;
    session.presence = undefined;
    session.priority = 0;
    if (wasAvailable) announce(session, stanza);
    for (const text of directed) {
      const to = parseJid(text);
      if (to) sendTo(session.account, stanza, to);
    }
  };

  return {
    broadcast(session, stanza) {
      const type = attribute(stanza, 'type');
      if (type === 'unavailable') return goUnavailable(session, stanza);
      if (type !== undefined) throw new StanzaError('bad-request', { text: 'Such presence needs a to.' });
      const priority = priorityOf(stanza);
      const first = session.presence === undefined;
      const couldTake = !first && session.priority >= 0;
      session.presence = stanza;
      session.priority = priority;
      announce(session, stanza);
      if (first) gather(session);
      if (!couldTake && priority >= 0) onAvailable(session);
    },
    direct(session, stanza, to) {
      if (attribute(stanza, 'type') === 'unavailable') session.directed.delete(to.full);
      else if (session.directed.size < MOST_DIRECTED) session.directed.add(to.full);
      else
        throw new StanzaError('resource-constraint', { text: 'Too many entities with directed presence.' });
      sendTo(session.account, stanza, to);
    },
    deliver(stanza, to) {
      const from = parseJid(attribute(stanza, 'from') ?? '');
      if (!from || blocking.blocks(to.bare, from)) return;
      if (to.resource !== '') core.sessions.at(to)?.send(stanza);
      else for (const session of core.sessions.of(to.bare)) if (session.presence) session.send(stanza);
    },
    sessionEnded: (session) => goUnavailable(session, unavailable(session.jid.full)),
    show(account, contact, visible) {
      for (const { presence, jid } of core.sessions.of(account))
        if (presence) sendTo(account, visible ? presence : unavailable(jid.full), contact);
    },
  };
}
