import {
  type Account,
  accountOf,
  type Browser,
  browserOf,
  type Client,
  type Command,
  type MessageKind,
  messageId,
  type Sender,
  spans,
} from './command.js';
import type { Sentence } from './sentence.js';

/** One request to the push service, as far as the model is concerned. */
export interface ObservedPush {
  readonly browser: Browser;
  /** What the payload says; absent when it does not open, or is no payload. */
  readonly payload?: {
    readonly account: string;
    readonly from: string;
    readonly isCall: boolean;
    readonly text?: string;
  };
  /** Which keys of the browser opened it, counted from 0. */
  readonly keys?: number;
  /** Unix time in milliseconds on the server's clock. */
  readonly at: number;
  /** The answer's status, or what is held back. */
  readonly answer: number | 'held-201' | 'held-404';
}

/** What the server did against a sentence. */
export interface Disagreement {
  readonly sentence: Sentence;
  readonly expected: string;
  readonly actual: string;
}

export interface ModelOptions {
  /** Registrations an account may have. */
  readonly maxDevices: number;
  /** Milliseconds from a 429 in which no request may come. */
  readonly restTime: number;
}

/**
 * What an observer knows who has read the XEP and sees nothing of the server but its requests: which registrations there
 * are, which of them are due to be told of what, and which must not be.
 *
 * Where the text leaves a choice, so does the model. A message that SHOULD (or SHOULD NOT) be pushed may or may not cause a
 * request; messages of one conversation may share one; after 429, 5xx or silence a request may come again and others late.
 */
export interface Model {
  /** Whether the step makes sense now. */
  allows(command: Command): boolean;
  /**
   * What the step changes. Its requests are observed after it; those of earlier steps, before.
   *
   * @param step its number, which names the message it sends.
   */
  apply(command: Command, step: number): void;
  /** Takes a request in. */
  observe(push: ObservedPush): Disagreement | undefined;
  /** What must have come by now and has not. */
  missing(): Disagreement | undefined;
  /** Nothing is on its way any more: what has not come need not come, and must not from now on. */
  settle(): void;
  /** Clients whose sessions are connected. */
  live(): readonly Client[];
}

interface Message {
  readonly id: string;
  readonly from: Sender;
  readonly kind: MessageKind;
}

interface Session {
  readonly client: Client;
  readonly management: 'none' | 'resumable';
  bound: boolean;
  state: 'live' | 'dozing' | 'hibernating';
  /** Important messages its client has not acknowledged. */
  unacknowledged: Message[];
}

interface Due {
  readonly message: Message;
  readonly sentence: Sentence;
  /** A request must come for it, or one may. */
  must: boolean;
  /** Fences since it was first allowed. */
  age: number;
}

interface Registration {
  readonly account: Account;
  readonly browser: Browser;
  /** When it was enabled, and under which name an answer knows it. */
  generation: number;
  keys: number;
  due: Due[];
  /** Requests that failed may be made again. */
  again: { readonly message: Message; left: number }[];
  readonly told: Set<string>;
  /** Conversations that were told since the last fence, with the texts that were. */
  readonly lately: Map<string, { texts: string[] }>;
  /** Why nothing more may come of a conversation. */
  readonly silence: Map<string, Sentence>;
  /** What happened to it last that must not have made a difference. */
  hazard: Sentence | undefined;
}

interface Endpoint {
  keys: number;
  restUntil: number;
  /** A request failed or hangs, so what comes next may come late. */
  unsettled: boolean;
  held: { readonly registration: Registration; readonly generation: number; readonly gone: boolean }[];
}

const tries = 10;
/** A request that may come has come after so many fences, or does not come. */
const patience = 2;

const neverPushed: Partial<Record<MessageKind, Sentence>> = {
  'chat-state': 'important.chat-state',
  error: 'important.error',
  headline: 'important.headline',
  'omemo-empty': 'important.omemo-empty',
};

/** Whose registrations ask for the text of messages. */
export const wantsText = (browser: Browser): boolean => browser === 'tablet';

export function createModel({ maxDevices, restTime }: ModelOptions): Model {
  const sessions = new Map<Client, Session>();
  const registrations = new Map<string, Registration>();
  /** Why there is no registration. */
  const graves = new Map<string, Sentence>();
  const endpoints = new Map<Browser, Endpoint>();
  let generations = 0;

  const keyOf = (account: Account, browser: Browser) => `${account}/${browser}`;
  const endpointOf = (browser: Browser): Endpoint => {
    const known = endpoints.get(browser);
    if (known) return known;
    const made: Endpoint = { keys: 0, restUntil: 0, unsettled: false, held: [] };
    endpoints.set(browser, made);
    return made;
  };
  const sessionsOf = (account: Account) =>
    [...sessions.values()].filter(({ client }) => accountOf(client) === account);
  const registrationsOf = (account: Account) =>
    [...registrations.values()].filter((registration) => registration.account === account);
  const ownSession = ({ account, browser }: Registration) =>
    sessionsOf(account).find(({ client }) => browserOf(client) === browser);
  const boundSession = (registration: Registration) => {
    const session = ownSession(registration);
    return session?.bound ? session : undefined;
  };

  const remove = (registration: Registration, why: Sentence) => {
    const session = ownSession(registration);
    if (session) session.bound = false;
    const waits = registration.due.length + registration.again.length > 0;
    const key = keyOf(registration.account, registration.browser);
    registrations.delete(key);
    graves.set(key, waits && why.startsWith('disable.') ? 'disable.waiting-push' : why);
  };

  const endanger = (others: readonly Registration[], by: Sentence) => {
    for (const registration of others) registration.hazard = by;
  };

  const allow = (registration: Registration, message: Message, must: boolean, sentence: Sentence) => {
    if (registration.told.has(message.id)) {
      registration.silence.set(message.from, sentence);
      return;
    }
    const known = registration.due.find((due) => due.message === message);
    if (known) {
      known.age = 0;
      known.must ||= must;
    } else registration.due.push({ message, must, sentence, age: 0 });
  };

  const forbid = (registration: Registration, { from }: Message, sentence: Sentence) => {
    registration.silence.set(from, sentence);
  };

  /** A message has reached the account; `exact` is the session it was addressed to, if that is there. */
  const deliver = (account: Account, message: Message, exact: Session | undefined, isFull: boolean) => {
    const never = neverPushed[message.kind];
    const present = sessionsOf(account);
    const live = present.filter(({ state }) => state !== 'hibernating');
    const must = message.kind !== 'correction';
    for (const registration of registrationsOf(account)) {
      const own = ownSession(registration);
      if (never) forbid(registration, message, never);
      else if (own?.bound && own.state === 'live')
        forbid(registration, message, registration.hazard ?? 'live.suppress');
      // The acknowledgement is awaited, but not for ever.
      else if (own?.bound && own.state === 'dozing') allow(registration, message, false, 'live.suppress');
      else if (own?.bound) {
        const byCarbon = exact !== undefined && exact !== own;
        allow(registration, message, must, byCarbon ? 'sessions.two-hibernated' : 'hibernated.one-push');
      } else if (present.length === 0)
        allow(registration, message, must, isFull ? 'offline.full-jid' : 'offline.one-push');
      // Its device is here in a session that has not enabled: the server should not take that for the old one.
      else if (own) allow(registration, message, false, 'archive.other-devices');
      else if (live.length > 0) {
        const isArchived = message.kind === 'chat';
        const silent = live.every(({ bound }) => !bound);
        allow(
          registration,
          message,
          must && isArchived,
          silent ? 'sessions.never-enabled' : 'archive.other-devices',
        );
      } else allow(registration, message, false, 'archive.other-devices');
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
    if (known) {
      known.generation = generations;
      known.keys = endpoint.keys;
      known.hazard = keys === 'new' ? 'enable.new-keys' : 'enable.same-endpoint';
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
      due: [],
      again: [],
      told: new Set(),
      lately: new Map(),
      silence: new Map(),
      hazard: undefined,
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
    const registration = registrations.get(keyOf(accountOf(session.client), browserOf(session.client)));
    if (!registration || !session.bound) return;
    registration.hazard = undefined;
    for (const message of session.unacknowledged)
      allow(registration, message, message.kind !== 'correction', 'hibernated.unacknowledged');
    if (session.unacknowledged.length === 0)
      for (const from of ['romeo', 'mercutio']) registration.silence.set(from, 'hibernated.acknowledged');
  };

  const resume = (session: Session) => {
    session.state = 'live';
    const registration = registrations.get(keyOf(accountOf(session.client), browserOf(session.client)));
    if (registration && session.bound) {
      const delivered = new Set(session.unacknowledged);
      for (const { from } of delivered) registration.silence.set(from, 'hibernated.resumed');
      registration.due = registration.due.filter(({ message }) => !delivered.has(message));
      registration.again = registration.again.filter(({ message }) => !delivered.has(message));
      registration.hazard = 'hibernated.binding';
    }
    session.unacknowledged = [];
  };

  const restart = () => {
    for (const session of [...sessions.values()]) end(session, 'hibernated.expiry-silent');
    for (const endpoint of endpoints.values()) {
      endpoint.restUntil = 0;
      endpoint.unsettled = false;
      endpoint.held = [];
    }
    for (const registration of registrations.values()) {
      // What waited in memory may be lost.
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
      const registration = registrations.get(keyOf(accountOf(session.client), browserOf(session.client)));
      if (registration && session.bound) {
        registration.hazard = 'hibernated.after-expiry';
        for (const { from } of session.unacknowledged)
          registration.silence.set(from, 'hibernated.expiry-silent');
      }
      end(session, 'hibernated.expiry-silent');
    }
    for (const registration of registrations.values()) {
      const endpoint = endpointOf(registration.browser);
      for (const due of registration.due)
        if (endpoint.unsettled && (due.message.kind === 'call' || time === spans.days)) due.must = false;
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

  const apply = (command: Command, step: number): void => {
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
        restart();
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

  const allows = (command: Command): boolean => {
    const session = 'client' in command ? sessions.get(command.client) : undefined;
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
        return [...registrations.keys(), ...graves.keys()].some((key) =>
          key.startsWith(command.to.split('/')[0] ?? ''),
        );
      case 'release':
        return [...endpoints.values()].some(({ held }) => held.length > 0);
      default:
        return true;
    }
  };

  const react = (registration: Registration, message: Message, { answer, at }: ObservedPush) => {
    const endpoint = endpointOf(registration.browser);
    if (answer === 404 || answer === 410) {
      remove(registration, answer === 404 ? 'answer.not-found' : 'answer.gone');
    } else if (answer === 429 || answer === 503) {
      endpoint.unsettled = true;
      if (answer === 429) endpoint.restUntil = at + restTime;
      const known = registration.again.find((again) => again.message === message);
      if (!known) registration.again.push({ message, left: tries });
    } else if (answer === 'held-201' || answer === 'held-404') {
      endpoint.unsettled = true;
      endpoint.held.push({ registration, generation: registration.generation, gone: answer === 'held-404' });
    }
  };

  const observe = (push: ObservedPush): Disagreement | undefined => {
    const { browser, payload } = push;
    const actual = `a request for the ${browser}`;
    if (!payload)
      return { sentence: 'payload.json', expected: 'a payload that opens with keys of the browser', actual };
    const { account, from, isCall, text } = payload;
    const about = `${actual} that tells ${account} of ${isCall ? 'a call by' : 'a message from'} ${from}`;
    if (account !== 'juliet' && account !== 'nurse')
      return { sentence: 'payload.account', expected: 'a payload that names the account', actual: about };
    const key = keyOf(account, browser);
    const registration = registrations.get(key);
    if (!registration)
      return {
        sentence: graves.get(key) ?? 'payload.account',
        expected: `no request for the ${browser} of ${account}, which is not registered`,
        actual: about,
      };
    if (push.at < endpointOf(browser).restUntil)
      return {
        sentence: 'answer.too-many-requests',
        expected: `no request for the ${browser} before the time in Retry-After has passed`,
        actual: about,
      };
    if (push.keys !== registration.keys)
      return {
        sentence: 'enable.new-keys',
        expected: 'a request with the present keys',
        actual: `${about}, with other keys`,
      };
    const isThat = ({ message }: { readonly message: Message }) =>
      message.from === from && (message.kind === 'call') === isCall;
    const due =
      registration.due.find((one) => isThat(one) && one.message.id === text) ??
      registration.due.find((one) => isThat(one) && one.must) ??
      registration.due.find(isThat);
    const again = registration.again.find((one) => isThat(one) && one.left > 0);
    const lately = registration.lately.get(groupOf(from, isCall)) ?? { texts: [] };
    lately.texts.push(text ?? '');
    registration.lately.set(groupOf(from, isCall), lately);
    const message = due?.message ?? again?.message;
    if (!message)
      return {
        sentence: registration.silence.get(from) ?? registration.hazard ?? 'offline.burst',
        expected: `no request for the ${browser} of ${account}`,
        actual: about,
      };
    if (due) registration.due = registration.due.filter((one) => one !== due);
    else if (again) again.left -= 1;
    registration.told.add(message.id);
    registration.hazard = undefined;
    registration.silence.set(from, due?.sentence ?? 'offline.burst');
    react(registration, message, push);
    return undefined;
  };

  const missing = (): Disagreement | undefined => {
    for (const registration of registrations.values()) {
      if (endpointOf(registration.browser).unsettled) continue;
      for (const { must, message, sentence } of registration.due) {
        if (!must) continue;
        const lately = registration.lately.get(groupOf(message.from, message.kind === 'call'));
        const needsText = wantsText(registration.browser) && message.kind === 'chat';
        // Told together with others of its conversation, of which the last must be the one that is told.
        if (lately && (!needsText || lately.texts.some((text) => !isText(text) || text >= message.id)))
          continue;
        const { account, browser } = registration;
        return {
          sentence: registration.hazard ?? sentence,
          expected: `a request for the ${browser} of ${account} that tells of ${message.id} from ${message.from}`,
          actual: lately ? `only requests that tell of earlier messages` : 'none',
        };
      }
    }
    return undefined;
  };

  const settle = () => {
    for (const registration of registrations.values()) {
      registration.lately.clear();
      const session = boundSession(registration);
      const awaited = session?.state === 'dozing' ? session.unacknowledged : [];
      for (const due of registration.due) if (!awaited.includes(due.message)) due.age += 1;
      if (endpointOf(registration.browser).unsettled) continue;
      registration.due = registration.due.filter(({ must, age }) => !must && age < patience);
    }
  };

  return {
    allows,
    apply,
    observe,
    missing,
    settle,
    live: () =>
      [...sessions.values()].flatMap(({ state, client }) => (state === 'hibernating' ? [] : [client])),
  };
}

function groupOf(from: string, isCall: boolean): string {
  return `${from} ${isCall ? 'calls' : 'writes'}`;
}

/** A request without the text of a message tells of one that has none to tell, and may be the last. */
function isText(text: string): boolean {
  return /^m\d{3}$/.test(text);
}
