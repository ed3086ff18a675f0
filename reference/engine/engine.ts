import type { Element } from '@xmpp/xml';
import type { Clock } from '../clock/clock.js';
import type { DeliveryOutcome } from '../delivery/delivery.js';
import { classify } from '../importance/classify.js';
import type { Classification, Trigger } from '../importance/importance.js';
import { buildPayload } from '../payload/payload.js';
import type { Registration, Registry } from '../registry/registry.js';
import { buildError, buildResult, type StanzaError } from '../stanza/reply.js';
import { type DisableRequest, type EnableRequest, parseRequest } from '../stanza/request.js';
import type { AddressPolicy } from '../subscription/endpoint.js';
import { parseSubscription, type SubscriptionResult } from '../subscription/subscription.js';
import type { EngineEffect, EngineEvent, RoutedMessage, SessionId } from './events.js';
import { createFloodGuard } from './flood.js';
import { createSessions } from './sessions.js';

/** Enables an account may send in a minute; clients send one for each login. */
export const ENABLES_PER_MINUTE = 30;
/** Refusals (400, 401, 403, redirects) in a row after which a registration is removed. */
export const REFUSALS_UNTIL_REMOVAL = 5;

const MINUTE = 60_000;

export interface EngineOptions {
  readonly registry: Registry;
  readonly clock: Clock;
  /** The key to register with from now on: 65 octets in base64url. Asked at every enable, as it may be rotated. */
  readonly applicationServerKey: () => string;
  /** Which hosts are exempt from the endpoint's address rules. */
  readonly endpointPolicy: AddressPolicy;
  /** The payload's `body` for an important message; empty leaves it out. */
  readonly importantBody: string;
  /** `false` takes the feature away: an enable is refused, nothing is pushed, a disable still works. */
  readonly enabled: boolean;
}

/**
 * Decides what is pushed to whom. It does no I/O but through the registry, and the same events at the same times have the
 * same effects, which the caller carries out in their order.
 */
export interface Engine {
  /** Never throws: what fails becomes an error reply or a `problem`, and leaves everything else as it was. */
  handle(event: EngineEvent): readonly EngineEffect[];
  /** Takes what became of a push. */
  settle(outcome: DeliveryOutcome): readonly EngineEffect[];
  /** The endpoint of the registration the session is bound to. */
  boundTo(session: SessionId): string | undefined;
}

/**
 * The rules, in short: a registration is pushed a message at most once, by whichever trigger comes first, and never while
 * a session bound to it shows the message itself. That holds for calls as well: a live session rings on its own.
 */
export function createEngine(options: EngineOptions): Engine {
  const { registry, clock } = options;
  const sessions = createSessions(clock);
  const enables = createFloodGuard(clock, ENABLES_PER_MINUTE, MINUTE);

  /** The registration is no more: nothing waits for it, no session is bound to it. */
  const forget = ({ account, endpoint }: Pick<Registration, 'account' | 'endpoint'>): EngineEffect => {
    sessions.forget(account, endpoint);
    return { type: 'discard', account, endpoint };
  };

  const start = (
    session: SessionId,
    account: string,
    endpoint: string | undefined,
  ): readonly EngineEffect[] => {
    sessions.start(session, account);
    if (endpoint === undefined) return [];
    return attempt(() => {
      if (registry.get(account, endpoint)) sessions.bind(session, account, endpoint);
      return [];
    });
  };

  const enable = (
    session: SessionId,
    account: string,
    request: EnableRequest,
  ): StanzaError | readonly EngineEffect[] => {
    if (!options.enabled) return switchedOff;
    if (!enables.admit(account)) return flooded;
    const parsed = parseSubscription(request, options.endpointPolicy);
    if (!parsed.ok) return subscriptionError(parsed);

    const { endpoint } = parsed.subscription;
    const bound = sessions.get(session)?.endpoint;
    // A browser profile has one subscription: the one it enabled before in this session is dead, even in another tab.
    const replaces = bound === endpoint ? undefined : bound;
    const { evicted } = registry.enable(
      {
        ...parsed.subscription,
        account,
        payload: request.payload,
        applicationServerKey: options.applicationServerKey(),
        enabledAt: clock.now(),
      },
      replaces,
    );
    const gone = replaces === undefined ? evicted : [{ account, endpoint: replaces }, ...evicted];
    const effects = gone.map(forget);
    sessions.bind(session, account, endpoint);
    return effects;
  };

  const disable = (
    session: SessionId,
    account: string,
    { which }: DisableRequest,
  ): readonly EngineEffect[] => {
    if (which === 'all') return registry.disableAll(account).map(forget);
    const endpoint = which === 'session' ? sessions.get(session)?.endpoint : which.endpoint;
    if (endpoint === undefined) return [];
    const removed = registry.disable(account, endpoint);
    return removed ? [forget(removed)] : [];
  };

  const answer = (session: SessionId, account: string, iq: Element): readonly EngineEffect[] => {
    const refuse = (error: StanzaError): readonly EngineEffect[] => [
      { type: 'reply', session, stanza: buildError(iq, error) },
    ];
    try {
      const request = parseRequest(iq);
      if (!request) return [];
      if (request.type === 'refused') return refuse(request.error);
      const outcome =
        request.type === 'enable' ? enable(session, account, request) : disable(session, account, request);
      if ('condition' in outcome) return refuse(outcome);
      // First the removals, so that nothing is sent to an endpoint after its client was told that it is gone.
      return [...outcome, { type: 'reply', session, stanza: buildResult(iq) }];
    } catch (error) {
      return [...refuse(storageFailed), problem(error)];
    }
  };

  /** Pushes the message to those of the registrations that are due. */
  const notify = (
    account: string,
    message: RoutedMessage,
    trigger: Trigger,
    candidates: readonly Registration[],
  ): readonly EngineEffect[] => {
    const due = candidates.filter(
      ({ endpoint }) =>
        !sessions.isLive(account, endpoint, message.id) && !sessions.wasPushed(account, endpoint, message.id),
    );
    if (due.length === 0) return [];
    const classification = classify(message.stanza, {
      account,
      trigger,
      isOwnOccupant: (occupant) => message.ownOccupants?.includes(occupant) ?? false,
    });
    if (classification.importance === 'unimportant') return [];
    const conversation = senderOf(classification.message) ?? account;
    // What the account says is no news to it, on whichever device, and neither is a note to itself.
    if (conversation === account) return [];
    return due.flatMap((registration) =>
      attempt(() => {
        const push = makePush(registration, message, classification, conversation);
        sessions.markPushed(account, registration.endpoint, message.id);
        return [{ type: 'push', push }];
      }),
    );
  };

  const makePush = (
    registration: Registration,
    message: RoutedMessage,
    classification: Classification,
    conversation: string,
  ) => ({
    registration,
    message: message.id,
    kind: classification.kind,
    urgent: classification.importance === 'urgent',
    conversation,
    payload: buildPayload({
      account: registration.account,
      classification,
      message,
      policy: registration.payload,
      importantBody: options.importantBody,
      now: clock.now(),
    }),
  });

  /** For the account's registrations, all or some. */
  const notifyAccount = (
    account: string,
    message: RoutedMessage,
    trigger: Trigger,
    concerns: (registration: Registration) => boolean,
  ): readonly EngineEffect[] => {
    if (!options.enabled) return [];
    return attempt(() => notify(account, message, trigger, registry.list(account).filter(concerns)));
  };

  /** For the registration the session is bound to. Each message stands alone: one that fails does not take others along. */
  const notifySession = (id: SessionId, messages: readonly RoutedMessage[]): readonly EngineEffect[] => {
    const session = sessions.get(id);
    sessions.addUnconfirmed(
      id,
      messages.map((message) => message.id),
    );
    if (!options.enabled || session?.endpoint === undefined) return [];
    const { account, endpoint } = session;
    return messages.flatMap((message) =>
      attempt(() => {
        const registration = registry.get(account, endpoint);
        return registration ? notify(account, message, 'hibernated', [registration]) : [];
      }),
    );
  };

  const resume = (id: SessionId): readonly EngineEffect[] => {
    const messages = sessions.resume(id);
    const { account, endpoint } = sessions.get(id) ?? {};
    if (messages.length === 0 || account === undefined || endpoint === undefined) return [];
    return [{ type: 'discard', account, endpoint, messages }];
  };

  const handle = (event: EngineEvent): readonly EngineEffect[] => {
    switch (event.type) {
      case 'iq':
        return answer(event.session, event.account, event.stanza);
      case 'session-started':
        return start(event.session, event.account, event.endpoint);
      case 'session-ended':
        sessions.end(event.session);
        return [];
      case 'hibernation-started':
        sessions.hibernate(event.session);
        sessions.clearUnconfirmed(event.session);
        return notifySession(event.session, event.unacked);
      case 'hibernation-queued':
        return notifySession(event.session, [event.message]);
      case 'ack-delayed':
        // The session stays live for what is yet to come: only for these messages its silence counts.
        sessions.clearUnconfirmed(event.session);
        return notifySession(event.session, event.unacked);
      case 'resumed':
        return resume(event.session);
      case 'archived':
        if (event.direction === 'outgoing') return [];
        // A bound session gets the message itself, as a carbon if need be, and speaks up when it cannot take it.
        return notifyAccount(
          event.account,
          event.message,
          'archived',
          ({ account, endpoint }) => !sessions.isBound(account, endpoint),
        );
      case 'stored-offline':
        return notifyAccount(event.account, event.message, 'offline', () => true);
      case 'account-deleted':
      case 'credentials-changed':
        return attempt(() => registry.disableAll(event.account).map(forget));
    }
  };

  const settle = ({ type, registration }: DeliveryOutcome): readonly EngineEffect[] => {
    const { account, endpoint, generation } = registration;
    // Every answer counts for the generation it belongs to: a 404 for old keys says nothing about what was enabled since.
    const remove = (): readonly EngineEffect[] =>
      registry.removeGeneration(account, endpoint, generation) ? [forget(registration)] : [];
    return attempt(() => {
      switch (type) {
        case 'accepted':
          registry.clearRefusals(account, endpoint, generation);
          return [];
        case 'gone':
          return remove();
        case 'refused':
          return registry.countRefusal(account, endpoint, generation) >= REFUSALS_UNTIL_REMOVAL
            ? remove()
            : [];
        case 'dropped':
          return [];
      }
    });
  };

  return { handle, settle, boundTo: (session) => sessions.get(session)?.endpoint };
}

const switchedOff: StanzaError = {
  type: 'cancel',
  condition: 'service-unavailable',
  text: 'Web Push is switched off on this server.',
};

const flooded: StanzaError = {
  type: 'wait',
  condition: 'resource-constraint',
  text: `This account enabled more than ${ENABLES_PER_MINUTE} times within a minute; try again later.`,
};

const storageFailed: StanzaError = {
  type: 'wait',
  condition: 'internal-server-error',
  text: 'The request could not be stored; nothing has changed.',
};

function subscriptionError({
  condition,
  field,
  text,
}: Extract<SubscriptionResult, { ok: false }>): StanzaError {
  const applicationCondition = field === 'endpoint' ? 'invalid-endpoint' : 'invalid-key';
  return { type: 'modify', condition, text, applicationCondition };
}

/** Bare JID of the peer or the room; a stanza without `from` comes from the account itself (RFC 6120 §8.1.2.1). */
function senderOf(message: Element): string | undefined {
  const from: unknown = message.attrs.from;
  return typeof from === 'string' ? from.split('/', 1)[0] : undefined;
}

function attempt(work: () => readonly EngineEffect[]): readonly EngineEffect[] {
  try {
    return work();
  } catch (error) {
    return [problem(error)];
  }
}

function problem(error: unknown): EngineEffect {
  return { type: 'problem', problem: error instanceof Error ? error : new Error(String(error)) };
}
