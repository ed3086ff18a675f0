import { randomUUID } from 'node:crypto';
import type { Element } from '@xmpp/xml';
import type { Blocking } from '../modules/blocking.js';
import type { Presence } from '../modules/presence.js';
import type { Rooms } from '../modules/rooms/rooms.js';
import { isSubscriptionType, type Subscriptions } from '../modules/subscription.js';
import type { Core, IqAnswer, IqHandler, ServerModule } from './core.js';
import { type Jid, parseJid } from './jid.js';
import type { Messages } from './messages.js';
import type { Session } from './session.js';
import { attribute, CLIENT, copyElement, errorOf, mayBeAnswered, resultOf, StanzaError } from './stanza.js';

export interface RouterSetup {
  readonly core: Core;
  readonly modules: readonly ServerModule[];
  readonly messages: Messages;
  readonly presence: Presence;
  readonly subscriptions: Subscriptions;
  readonly blocking: Blocking;
  readonly rooms: Rooms;
}

export interface Router {
  /** A stanza as it came from a session's client. */
  receive(session: Session, stanza: Element): void;
  /** See {@link Core.route}. */
  route(stanza: Element, id?: string): void;
}

const handlerKey = (at: string, type: string, name: string, xmlns: string) =>
  `${at} ${type} {${xmlns}}${name}`;

/** Who handles a stanza: by the address (RFC 6121 §8), then by what it is. */
export function createRouter(setup: RouterSetup): Router {
  const { core, messages, presence, subscriptions, blocking, rooms } = setup;
  const handlers = new Map<string, IqHandler>();
  for (const handler of setup.modules.flatMap((module) => module.iq ?? []))
    handlers.set(handlerKey(handler.at, handler.type, handler.name, handler.xmlns), handler);

  /** A stanza that could not be handled costs its sender an error and nobody else anything. */
  const fail = (stanza: Element, problem: unknown, answer: (error: Element) => void) => {
    if (!(problem instanceof StanzaError)) core.report(problem);
    if (!mayBeAnswered(stanza)) return;
    const error =
      problem instanceof StanzaError
        ? problem
        : new StanzaError('internal-server-error', { type: 'cancel', cause: problem });
    answer(errorOf(stanza, error));
  };

  /** A request to the server or to the session's own account. */
  const handleIq = (session: Session, iq: Element, at: 'account' | 'server') => {
    const type = attribute(iq, 'type') ?? '';
    const [payload] = iq.getChildElements();
    const handler = payload && handlers.get(handlerKey(at, type, payload.getName(), payload.getNS() ?? ''));
    if (!payload || !handler) throw new StanzaError('service-unavailable');
    const answer = (result: IqAnswer) => {
      if (result !== 'answered') session.send(resultOf(iq, result));
    };
    const result = handler.handle({ session, iq, payload });
    if (result instanceof Promise)
      result.then(answer).catch((problem: unknown) => fail(iq, problem, session.send));
    else answer(result);
  };

  const checkIq = (iq: Element): boolean => {
    const type = attribute(iq, 'type');
    const isRequest = type === 'get' || type === 'set';
    if (!attribute(iq, 'id') || !(isRequest || type === 'result' || type === 'error'))
      throw new StanzaError('bad-request', {
        text: 'An IQ has an id and a type of get, set, result or error.',
      });
    if (isRequest && iq.getChildElements().length !== 1)
      throw new StanzaError('bad-request', { text: 'A request has exactly one child element.' });
    return isRequest;
  };

  const receivePresence = (session: Session, stanza: Element, to: Jid | undefined) => {
    const type = attribute(stanza, 'type');
    if (!to) presence.broadcast(session, stanza);
    else if (type !== 'unavailable' && type !== 'error' && blocking.blocks(session.account, to))
      throw new StanzaError('not-acceptable', { type: 'cancel', application: blocking.blockedError() });
    else if (isSubscriptionType(type)) {
      if (to.bare !== session.account) subscriptions.send(session.account, type, to, stanza);
    } else if (type === undefined || type === 'unavailable') presence.direct(session, stanza, to);
    else if (type === 'error') core.route(stanza);
    else if (type !== 'probe') throw new StanzaError('bad-request', { text: 'There is no such presence.' });
  };

  const receiveFor = (session: Session, stanza: Element, to: Jid | undefined) => {
    switch (stanza.getName()) {
      case 'message':
        messages.send(session, stanza, to ?? ownAddress(session));
        break;
      case 'presence':
        receivePresence(session, stanza, to);
        break;
      default: {
        const isRequest = checkIq(stanza);
        if (!to || to.full === session.account) {
          if (isRequest) handleIq(session, stanza, 'account');
        } else if (core.domains.has(to.full)) {
          if (isRequest) handleIq(session, stanza, 'server');
        } else {
          if (isRequest && blocking.blocks(session.account, to))
            throw new StanzaError('not-acceptable', { type: 'cancel', application: blocking.blockedError() });
          core.route(stanza);
        }
      }
    }
  };

  const deliverToAccount = (stanza: Element, from: Jid, to: Jid, id: string) => {
    switch (stanza.getName()) {
      case 'message':
        messages.deliver(stanza, to, id);
        break;
      case 'presence':
        if (isSubscriptionType(attribute(stanza, 'type'))) subscriptions.deliver(stanza, to);
        else presence.deliver(stanza, to);
        break;
      default: {
        const session = to.resource === '' ? undefined : core.sessions.at(to);
        // What an account has and what not is answered alike, and so is whether there is an account at all.
        if (session && !blocking.blocks(to.bare, from)) session.send(stanza);
        else if (mayBeAnswered(stanza)) throw new StanzaError('service-unavailable');
      }
    }
  };

  const dispatch = (stanza: Element, id: string) => {
    const to = parseJid(attribute(stanza, 'to') ?? '');
    const from = parseJid(attribute(stanza, 'from') ?? '');
    if (!to || !from) throw new StanzaError('jid-malformed');
    if (to.domain === core.roomsDomain) {
      rooms.deliver(stanza, from, to, id);
    } else if (!core.domains.has(to.domain)) {
      if (mayBeAnswered(stanza) && stanza.getName() !== 'presence')
        throw new StanzaError('remote-server-not-found');
    } else if (to.local !== '') {
      deliverToAccount(stanza, from, to, id);
    } else if (stanza.getName() !== 'presence' && mayBeAnswered(stanza)) {
      throw new StanzaError('service-unavailable');
    }
  };

  const route = (stanza: Element, id: string = randomUUID()) => {
    try {
      dispatch(stanza, id);
    } catch (problem) {
      fail(stanza, problem, core.route);
    }
  };

  return {
    receive(session, received) {
      const claimed = attribute(received, 'from');
      const claim = claimed === undefined ? undefined : parseJid(claimed);
      if (claimed !== undefined && claim?.full !== session.jid.full && claim?.full !== session.account) {
        // RFC 6120 §8.1.2.1
        session.end('invalid-from');
        return;
      }
      const addressed = attribute(received, 'to');
      const to = addressed === undefined ? undefined : parseJid(addressed);
      const stanza = copyElement(received, {
        xmlns: CLIENT,
        from: session.jid.full,
        // A message to nobody is to the own account (RFC 6120 §10.3.1).
        ...(to ? { to: to.full } : received.getName() === 'message' ? { to: session.account } : {}),
      });
      try {
        if (addressed !== undefined && !to) throw new StanzaError('jid-malformed');
        receiveFor(session, stanza, to);
      } catch (problem) {
        fail(stanza, problem, session.send);
      }
    },
    route,
  };
}

const ownAddress = ({ jid }: Session): Jid => ({ ...jid, resource: '', full: jid.bare });
