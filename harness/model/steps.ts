import {
  type Account,
  accountOf,
  type Browser,
  browserOf,
  type Client,
  type Command,
  type MessageKind,
  messageId,
  spans,
} from './command.js';
import type { ModelOptions } from './model.js';
import type { Sentence } from './sentence.js';
import { keyOf, type Message, type Registration, type Session, type State } from './state.js';

const neverPushed: Partial<Record<MessageKind, Sentence>> = {
  'chat-state': 'important.chat-state',
  error: 'important.error',
  headline: 'important.headline',
  'omemo-empty': 'important.omemo-empty',
};

/** What each step changes in the state. */
export function createSteps(state: State, { maxDevices, carbons, archives }: ModelOptions) {
  const { sessions, registrations, endpoints, graves } = state;
  const { allow, endpointOf, registrationOf, registrationsOf, remove, sessionsOf } = state;
  let generations = 0;

  const endanger = (others: readonly Registration[], by: Sentence) => {
    for (const registration of others) registration.hazard = by;
  };

  const forbid = (registration: Registration, { from }: Message, sentence: Sentence) => {
    registration.silence.set(from, sentence);
  };

  /** A message has reached the account; `exact` is the session it was addressed to, if that is there. */
  const deliver = (account: Account, message: Message, exact: Session | undefined, isFull: boolean) => {
    const never = neverPushed[message.kind];
    const present = sessionsOf(account);
    const live = present.filter((session) => session.state !== 'hibernating');
    const must = message.kind !== 'correction';
    const isArchived = message.kind === 'chat' && archives(account);
    for (const registration of registrationsOf(account)) {
      const own = state.sessionOf(registration);
      if (never) forbid(registration, message, never);
      else if (own?.bound && own.state === 'live')
        forbid(registration, message, registration.hazard ?? 'live.suppress');
      // The acknowledgement is awaited, but not for ever.
      else if (own?.bound && own.state === 'dozing') allow(registration, message, false, 'live.suppress');
      else if (own?.bound) {
        const byCarbon = exact !== undefined && exact !== own;
        const isRouted = !byCarbon || carbons;
        allow(
          registration,
          message,
          must && isRouted,
          byCarbon ? 'sessions.two-hibernated' : 'hibernated.one-push',
        );
      } else if (present.length === 0)
        allow(registration, message, must, isFull ? 'offline.full-jid' : 'offline.one-push');
      // Its device is here in a session that has not enabled: the server should not take that for the old one.
      else if (own) allow(registration, message, false, 'archive.other-devices');
      else {
        const silent = live.length > 0 && live.every(({ bound }) => !bound);
        const sentence = silent ? 'sessions.never-enabled' : 'archive.other-devices';
        allow(registration, message, must && isArchived, sentence);
      }
    }
    if (never) return;
    for (const session of present) if (session.state !== 'live') session.unacknowledged.push(message);
  };

  /** What a session leaves behind that nobody acknowledged may find another way to its account. */
  const leaveBehind = (session: Session, silence: Sentence) => {
    for (const registration of registrationsOf(accountOf(session.client)))
      for (const message of session.unacknowledged) allow(registration, message, false, silence);
  };

  const end = (session: Session, silence: Sentence) => {
    sessions.delete(session.client);
    leaveBehind(session, silence);
  };

  const enable = (session: Session, keys: 'same' | 'new') => {
    const account = accountOf(session.client);
    const browser = browserOf(session.client);
    const key = keyOf(account, browser);
    const endpoint = endpointOf(browser);
    if (keys === 'new') endpoint.keys += 1;
    session.bound = true;
    const known = registrations.get(key);
    const others = registrationsOf(account).filter((other) => other !== known);
    generations += 1;
    const { serverKey } = state;
    if (known) {
      known.generation = generations;
      known.keys = endpoint.keys;
      known.serverKey = serverKey;
      known.doubt = undefined;
      known.hazard = keys === 'new' ? 'enable.new-keys' : 'enable.same-endpoint';
      // What waits is sent or discarded: its client is here.
      for (const due of known.due) due.must = false;
      endanger(others, 'registration.refresh-evicts-nobody');
      return;
    }
    graves.delete(key);
    registrations.set(key, {
      account,
      browser,
      generation: generations,
      keys: endpoint.keys,
      serverKey,
      due: [],
      again: [],
      told: new Set(),
      lately: new Map(),
      silence: new Map(),
      hazard: undefined,
      doubt: undefined,
      refusals: 0,
    });
    const [oldest] = others.toSorted((one, other) => one.generation - other.generation);
    if (oldest && others.length >= maxDevices) {
      endanger(others, 'registration.limit');
      remove(oldest, 'registration.evicted');
    }
  };

  const disable = (session: Session, what: 'own' | 'all' | Browser) => {
    const account = accountOf(session.client);
    const named = what === 'own' ? (session.bound ? browserOf(session.client) : undefined) : what;
    const removed = registrationsOf(account).filter(({ browser }) => named === 'all' || named === browser);
    const why = { own: 'disable.own-session', all: 'disable.all' } as const;
    for (const registration of removed)
      remove(registration, what === 'own' || what === 'all' ? why[what] : 'disable.no-more-pushes');
    endanger(registrationsOf(account), what === 'own' ? 'disable.other-devices' : 'disable.only-one');
    for (const registration of registrations.values())
      if (registration.account !== account) registration.hazard = 'disable.other-account';
  };

  const hibernate = (session: Session) => {
    session.state = 'hibernating';
    const registration = registrationOf(session);
    if (!registration) return;
    registration.hazard = undefined;
    for (const message of session.unacknowledged)
      allow(registration, message, message.kind !== 'correction', 'hibernated.unacknowledged');
    if (session.unacknowledged.length === 0)
      for (const from of ['romeo', 'mercutio']) registration.silence.set(from, 'hibernated.acknowledged');
  };

  const resume = (session: Session) => {
    session.state = 'live';
    const registration = registrationOf(session);
    if (registration) {
      const delivered = new Set(session.unacknowledged);
      for (const { from } of delivered) registration.silence.set(from, 'hibernated.resumed');
      registration.due = registration.due.filter(({ message }) => !delivered.has(message));
      registration.again = registration.again.filter(({ message }) => !delivered.has(message));
      registration.hazard = 'hibernated.binding';
    }
    session.unacknowledged = [];
  };

  /** Properly or not: what is on the disk is there again, and what waited in memory may be lost. */
  const restart = () => {
    for (const session of [...sessions.values()]) end(session, 'hibernated.expiry-silent');
    for (const endpoint of endpoints.values()) {
      endpoint.restUntil = 0;
      endpoint.unsettled = false;
      endpoint.held = [];
    }
    for (const registration of registrations.values()) {
      for (const due of registration.due) due.must = false;
      registration.hazard = 'registration.restart';
    }
    for (const key of graves.keys()) graves.set(key, 'registration.removed-restart');
  };

  const wait = (time: number) => {
    const isLong = time > spans.minute;
    for (const session of [...sessions.values()]) {
      if (session.state === 'dozing') leaveBehind(session, 'live.suppress');
      if (session.state !== 'hibernating' || !isLong) continue;
      const registration = registrationOf(session);
      if (registration) {
        registration.hazard = 'hibernated.after-expiry';
        for (const { from } of session.unacknowledged)
          registration.silence.set(from, 'hibernated.expiry-silent');
      }
      end(session, 'hibernated.expiry-silent');
    }
    for (const registration of registrations.values()) {
      const endpoint = endpointOf(registration.browser);
      for (const due of registration.due)
        if (endpoint.unsettled && (due.message.kind === 'call' || time >= spans.days)) due.must = false;
      if (time >= spans.month) registration.doubt = 'registration.expiry';
    }
    if (isLong) for (const endpoint of endpoints.values()) endpoint.unsettled &&= endpoint.held.length > 0;
  };

  const release = () => {
    for (const endpoint of endpoints.values()) {
      const { held } = endpoint;
      if (held.length === 0) continue;
      endpoint.held = [];
      endpoint.unsettled = false;
      for (const { registration, generation, gone } of held) {
        const current = registrations.get(keyOf(registration.account, registration.browser));
        if (!gone || !current) continue;
        if (current.generation === generation) remove(current, 'answer.not-found');
        else current.hazard = 'answer.old-generation';
      }
    }
  };

  const connect = (client: Client, management: Session['management']): Session => {
    const session: Session = { client, management, bound: false, state: 'live', unacknowledged: [] };
    sessions.set(client, session);
    return session;
  };

  return (command: Command, step: number): void => {
    const session = 'client' in command ? sessions.get(command.client) : undefined;
    switch (command.type) {
      case 'connect':
        connect(command.client, command.management);
        return;
      case 'enable':
        enable(session ?? connect(command.client, command.management), command.keys);
        return;
      case 'message': {
        const { to, from, kind } = command;
        const isFull = to !== 'juliet' && to !== 'nurse';
        const account = isFull ? accountOf(to) : to;
        deliver(account, { id: messageId(step), from, kind }, isFull ? sessions.get(to) : undefined, isFull);
        return;
      }
      case 'restart':
      case 'crash':
        restart();
        return;
      case 'change-key':
        state.serverKey += 1;
        return;
      case 'wait':
        wait(spans[command.span]);
        return;
      case 'answer':
        return;
      case 'release':
        release();
        return;
    }
    if (!session) return;
    switch (command.type) {
      case 'disable':
        disable(session, command.what);
        return;
      case 'write':
        for (const { silence } of registrationsOf(accountOf(session.client)))
          for (const from of ['somebody', 'romeo']) silence.set(from, 'archive.outgoing');
        return;
      case 'close':
        end(session, 'hibernated.clean-close');
        return;
      case 'lose':
        if (session.management === 'none') end(session, 'hibernated.clean-close');
        else hibernate(session);
        return;
      case 'resume':
        resume(session);
        return;
      case 'doze':
        session.state = 'dozing';
    }
  };
}

/** Whether a step makes sense now. */
export function isSensible(state: State, command: Command): boolean {
  const session = 'client' in command ? state.sessions.get(command.client) : undefined;
  switch (command.type) {
    case 'connect':
      return session === undefined;
    case 'enable':
      return session?.state !== 'hibernating';
    case 'resume':
      return session?.state === 'hibernating';
    case 'doze':
      return session?.state === 'live' && session.management === 'resumable';
    case 'lose':
    case 'write':
    case 'close':
    case 'disable':
      return session !== undefined && session.state !== 'hibernating';
    // Where nothing was ever registered, nothing can come.
    case 'message':
      return [...state.registrations.keys(), ...state.graves.keys()].some((key) =>
        key.startsWith(command.to.split('/')[0] ?? ''),
      );
    case 'release':
      return [...state.endpoints.values()].some(({ held }) => held.length > 0);
    default:
      return true;
  }
}
