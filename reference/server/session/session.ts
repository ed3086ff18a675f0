import { randomBytes, randomUUID } from 'node:crypto';
import xml, { type Element } from '@xmpp/xml';
import type { Clock } from '../../clock/clock.js';
import type { EngineEvent, RoutedMessage, SessionId } from '../../engine/events.js';
import { createHolding } from '../modules/csi.js';
import type { StreamManagementOptions } from '../options.js';
import type { ClientStream, StreamCondition, StreamEnd } from '../stream/stream.js';
import { countOneMore, createSendQueue, type SendQueue } from './acknowledgement.js';
import type { Jid } from './jid.js';
import { STANZAS } from './stanza.js';

export const MANAGEMENT = 'urn:xmpp:sm:3';

/** One message on its way to one account, shared by all its copies, so that it is neither lost nor delivered twice. */
export interface Delivery {
  readonly account: string;
  /** The original, never a carbon. */
  readonly message: RoutedMessage;
  /** When the server got it. */
  readonly time: number;
  /** Sessions that hold a copy unacknowledged. */
  holders: number;
  /** A client has it for certain, or as certainly as without acknowledgements. */
  handled: boolean;
}

export interface Outgoing {
  readonly stanza: Element;
  readonly message?: RoutedMessage;
  readonly delivery?: Delivery;
}

/** A bound resource: what is known of it, and the way out to its client. */
export interface Session {
  readonly id: SessionId;
  /** Bare JID. */
  readonly account: string;
  readonly jid: Jid;
  /** The last available presence the client broadcast, with its full JID as `from`. */
  presence: Element | undefined;
  priority: number;
  carbons: boolean;
  /** Asked for the roster, so it gets roster pushes (RFC 6121 §2.1.6). */
  wantsRoster: boolean;
  /** Asked for the block list, so it gets block pushes (XEP-0191 §3.3). */
  wantsBlockList: boolean;
  /** JIDs that were sent directed presence (RFC 6121 §4.6). */
  readonly directed: Set<string>;
  readonly hibernating: boolean;
  readonly ended: boolean;
  /** XEP-0198 §5; undefined when the client did not ask for resumption. */
  readonly resumptionId: string | undefined;
  /** Stanzas handled since stream management was enabled, modulo 2^32. */
  readonly handled: number;
  isOn(stream: ClientStream): boolean;
  /** A stanza no trigger is interested in. */
  send(stanza: Element): void;
  sendMessage(message: RoutedMessage, delivery?: Delivery): void;
  /** XEP-0352: whether the user looks at the client. */
  setActive(active: boolean): void;
  /** @param max the client's wish for the resume window, in seconds. */
  enableManagement(wish: { readonly resume: boolean; readonly max?: number }): void;
  countReceived(): void;
  answerAcknowledgementRequest(): void;
  acknowledge(handled: number): void;
  /** Continues on another stream. False when `handled` counts more than was sent; nothing has changed then. */
  resume(stream: ClientStream, handled: number): boolean;
  streamEnded(stream: ClientStream, end: StreamEnd): void;
  /** Ends session and stream at once. */
  end(condition?: StreamCondition, application?: Element): void;
}

export interface SessionSetup {
  readonly jid: Jid;
  readonly stream: ClientStream;
  readonly clock: Clock;
  readonly management: StreamManagementOptions;
  readonly emit: (event: EngineEvent) => void;
  /** Called once, after the session is over; what was sent and not acknowledged is left to the caller. */
  readonly onEnd: (session: Session, unacknowledged: readonly Outgoing[]) => void;
}

interface Management {
  readonly queue: SendQueue<Outgoing>;
  readonly resumeWindow: number;
  handled: number;
  /** An `<r/>` is on its way. */
  asked: boolean;
  /** How much had been sent when the last `<r/>` was: nothing is asked twice, or two peers would ask without end. */
  askedAt: number | undefined;
  delayed: boolean;
}

/** XEP-0198 §4, the stream error for a count that is too high. */
export function handledCountTooHigh(handled: number, sent: number): Element {
  return xml('handled-count-too-high', { xmlns: MANAGEMENT, h: String(handled), 'send-count': String(sent) });
}

export function createSession(setup: SessionSetup): Session {
  const { jid, clock, emit, management: options } = setup;
  const id: SessionId = randomUUID();
  const holding = createHolding();
  let stream: ClientStream | undefined = setup.stream;
  let management: Management | undefined;
  let resumptionId: string | undefined;
  let ended = false;
  let cancelDelay = () => {};
  let cancelExpiry = () => {};

  const unackedMessages = (): RoutedMessage[] =>
    (management?.queue.unacknowledged ?? []).flatMap((item) => (item.message ? [item.message] : []));

  const settle = (items: readonly Outgoing[]) => {
    for (const { delivery } of items) {
      if (!delivery) continue;
      delivery.holders--;
      delivery.handled = true;
    }
  };

  const requestAcknowledgement = (to: ClientStream, state: Management) => {
    const sent = state.queue.sentCount();
    if (state.asked || state.queue.unacknowledged.length === 0 || state.askedAt === sent) return;
    state.asked = true;
    state.askedAt = sent;
    to.send(xml('r', { xmlns: MANAGEMENT }));
    cancelDelay = clock.schedule(options.ackDelay, () => {
      state.delayed = true;
      emit({ type: 'ack-delayed', session: id, unacked: unackedMessages() });
    });
  };

  const transmit = (item: Outgoing) => {
    if (!management) {
      stream?.send(item.stanza);
      if (item.delivery) item.delivery.handled = true;
      return;
    }
    management.queue.push(item);
    if (item.delivery) item.delivery.holders++;
    if (stream) {
      stream.send(item.stanza);
      if (management.delayed && item.message)
        emit({ type: 'ack-delayed', session: id, unacked: unackedMessages() });
      requestAcknowledgement(stream, management);
    } else if (item.message) {
      emit({ type: 'hibernation-queued', session: id, message: item.message });
    }
    // Too much for one client to hold: the rest of the account takes over what it did not acknowledge.
    if (management.queue.unacknowledged.length > options.queueSize) session.end('resource-constraint');
  };

  const flushHeld = () => {
    for (const stanza of holding.release()) transmit({ stanza });
  };

  const write = (item: Outgoing) => {
    if (ended) return;
    if (stream && holding.hold(item.stanza)) return;
    flushHeld();
    if (!ended) transmit(item);
  };

  const detach = () => {
    cancelDelay();
    const old = stream;
    stream = undefined;
    if (management) {
      management.asked = false;
      management.askedAt = undefined;
      management.delayed = false;
    }
    return old;
  };

  const finish = () => {
    if (ended) return;
    ended = true;
    cancelExpiry();
    const unacknowledged = management?.queue.unacknowledged ?? [];
    for (const { delivery } of unacknowledged) if (delivery) delivery.holders--;
    setup.onEnd(session, unacknowledged);
  };

  const hibernate = (state: Management) => {
    detach();
    emit({ type: 'hibernation-started', session: id, unacked: unackedMessages() });
    flushHeld();
    cancelExpiry = clock.schedule(state.resumeWindow, finish);
  };

  const session: Session = {
    id,
    account: jid.bare,
    jid,
    presence: undefined,
    priority: 0,
    carbons: false,
    wantsRoster: false,
    wantsBlockList: false,
    directed: new Set(),
    get hibernating() {
      return !stream && !ended;
    },
    get ended() {
      return ended;
    },
    get resumptionId() {
      return resumptionId;
    },
    get handled() {
      return management?.handled ?? 0;
    },
    isOn: (candidate) => candidate === stream,
    send: (stanza) => write({ stanza }),
    sendMessage: (message, delivery) =>
      write({ stanza: message.stanza, message, ...(delivery ? { delivery } : {}) }),
    setActive(active) {
      holding.setActive(active);
      if (active) flushHeld();
    },
    enableManagement({ resume, max }) {
      if (management) {
        stream?.send(xml('failed', MANAGEMENT, xml('unexpected-request', STANZAS)));
        return;
      }
      const wished = max === undefined || max <= 0 ? Number.POSITIVE_INFINITY : max * 1000;
      const resumeWindow = Math.min(wished, options.resumeWindow);
      if (resume) resumptionId = randomBytes(18).toString('base64url');
      management = {
        queue: createSendQueue(),
        resumeWindow,
        handled: 0,
        asked: false,
        askedAt: undefined,
        delayed: false,
      };
      stream?.send(
        xml('enabled', {
          xmlns: MANAGEMENT,
          ...(resumptionId
            ? { id: resumptionId, resume: 'true', max: String(Math.ceil(resumeWindow / 1000)) }
            : {}),
        }),
      );
    },
    countReceived() {
      if (management) management.handled = countOneMore(management.handled);
    },
    answerAcknowledgementRequest() {
      if (management) stream?.send(xml('a', { xmlns: MANAGEMENT, h: String(management.handled) }));
    },
    acknowledge(handled) {
      if (!management || !stream) return;
      const acknowledged = management.queue.acknowledge(handled);
      if (!acknowledged) {
        session.end('undefined-condition', handledCountTooHigh(handled, management.queue.sentCount()));
        return;
      }
      settle(acknowledged);
      cancelDelay();
      management.asked = false;
      management.delayed = false;
      requestAcknowledgement(stream, management);
    },
    resume(next, handled) {
      if (!management || ended) return false;
      const acknowledged = management.queue.acknowledge(handled);
      if (!acknowledged) {
        next.close('undefined-condition', handledCountTooHigh(handled, management.queue.sentCount()));
        return false;
      }
      settle(acknowledged);
      cancelExpiry();
      // The client may know of the loss before the server does.
      detach()?.close('conflict');
      emit({ type: 'resumed', session: id });
      stream = next;
      // XEP-0352 §5: the state does not outlive the stream.
      holding.setActive(true);
      next.send(xml('resumed', { xmlns: MANAGEMENT, previd: resumptionId, h: String(management.handled) }));
      for (const { stanza } of management.queue.unacknowledged) next.send(stanza);
      flushHeld();
      requestAcknowledgement(next, management);
      return true;
    },
    streamEnded(lost, end) {
      if (lost !== stream || ended) return;
      if (end === 'lost' && management && resumptionId) {
        hibernate(management);
        return;
      }
      detach();
      finish();
    },
    end(condition, application) {
      if (ended) return;
      const old = detach();
      finish();
      old?.close(condition, application);
    },
  };
  return session;
}
