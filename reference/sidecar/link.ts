import { randomUUID } from 'node:crypto';
import type { Element } from '@xmpp/xml';
import type { SessionId } from '../engine/events.js';
import { createPushHost, type PushHostOptions } from '../host/host.js';
import {
  type Answer,
  type Batch,
  type Disco,
  type Open,
  type Opened,
  type Reply,
  readEvent,
  type WireEvent,
} from './messages.js';
import { Refusal } from './refusal.js';

/** Web Push for one virtual host whose events come from another process. */
export interface LinkedHost {
  /**
   * Begins a link. Sessions that are not named are over; those the engine does not know are known from now on, bound to
   * the registration they name if it is still there. What waited in a session that hibernates is not pushed again.
   *
   * @throws {Refusal}
   */
  open(request: Open): Opened;
  /**
   * Handles the events of a batch in their order. A stanza that cannot be read is a problem and is passed over: the batch
   * would be sent for ever.
   *
   * @throws {Refusal} `unknown-link` or `out-of-order`: the XMPP server has to open a new link.
   */
  take(batch: Batch): Answer;
  /** Whether the batch belongs to the link that is open. */
  knows(link: string): boolean;
  /** As of `PushHost`; the XMPP server hears of the new key with the next answer. */
  rotateKey(): void;
  /** Resolves when nothing is in flight any more. */
  close(): Promise<void>;
}

/** @throws what `createPushHost` does. */
export function createLinkedHost(options: Omit<PushHostOptions, 'reply'>): LinkedHost {
  const { domain, onProblem = () => {} } = options;
  let replies: Reply[] = [];
  const host = createPushHost({ ...options, reply: (session, stanza) => collect(session, stanza) });
  /** The sessions the engine knows, and whether each hibernates. */
  const sessions = new Map<SessionId, boolean>();
  let link: { readonly id: string; handled: number; answer: Answer } | undefined;

  const collect = (session: SessionId, stanza: Element) => {
    const endpoint = host.boundTo(session);
    replies.push({ session, stanza: stanza.toString(), ...(endpoint === undefined ? {} : { endpoint }) });
  };

  const disco = (): Disco | null => {
    const shown = host.disco();
    return shown ? { features: shown.features, form: shown.form.toString() } : null;
  };

  const requireOwn = (account: string, place: string) => {
    if (account.slice(account.indexOf('@') + 1) === domain) return;
    throw new Refusal('bad-request', `${place}/account is on another domain than ${domain}`);
  };

  const note = (event: WireEvent) => {
    if (event.type === 'session-started' || event.type === 'resumed') sessions.set(event.session, false);
    if (event.type === 'hibernation-started') sessions.set(event.session, true);
    if (event.type === 'iq' && !sessions.has(event.session)) sessions.set(event.session, false);
    if (event.type === 'session-ended') sessions.delete(event.session);
  };

  const handle = (event: WireEvent) => {
    note(event);
    try {
      host.handle(readEvent(event));
    } catch (cause) {
      const message = `an event of type ${event.type} cannot be read: ${(cause as Error).message}`;
      onProblem(new Error(message, { cause }));
    }
  };

  return {
    open({ sessions: states }) {
      for (const [index, { account }] of states.entries()) requireOwn(account, `/sessions/${index}`);
      const there = new Set(states.map(({ session }) => session));
      for (const session of sessions.keys())
        if (!there.has(session)) handle({ type: 'session-ended', session });
      for (const { session, account, hibernated, endpoint } of states) {
        if (!sessions.has(session))
          handle({ type: 'session-started', session, account, ...(endpoint ? { endpoint } : {}) });
        if (sessions.get(session) !== hibernated)
          handle(
            hibernated ? { type: 'hibernation-started', session, unacked: [] } : { type: 'resumed', session },
          );
      }
      const shown = disco();
      link = { id: randomUUID(), handled: 0, answer: { replies: [], disco: shown } };
      return { link: link.id, disco: shown };
    },
    take({ link: id, batch, events }) {
      if (link?.id !== id) throw new Refusal('unknown-link', 'this link is not open; open a new one');
      if (batch === link.handled) return link.answer;
      if (batch !== link.handled + 1)
        throw new Refusal('out-of-order', `batch ${link.handled + 1} was due, not ${batch}; open a new link`);
      for (const [index, event] of events.entries())
        if ('account' in event) requireOwn(event.account, `/events/${index}`);
      replies = [];
      for (const event of events) handle(event);
      link.handled = batch;
      link.answer = { replies, disco: disco() };
      return link.answer;
    },
    knows: (id) => link?.id === id,
    rotateKey: () => host.rotateKey(),
    close: () => host.close(),
  };
}
