import type { Management, Sender } from './command.js';
import {
  type Account,
  accountOf,
  type Browser,
  browserOf,
  type Client,
  type MessageKind,
} from './command.js';
import type { Sentence } from './sentence.js';

export interface Message {
  readonly id: string;
  readonly from: Sender;
  readonly kind: MessageKind;
}

export interface Session {
  readonly client: Client;
  readonly management: Management;
  bound: boolean;
  state: 'live' | 'dozing' | 'hibernating';
  /** Important messages its client has not acknowledged. */
  unacknowledged: Message[];
}

/** What a registration is to be told of. */
export interface Due {
  readonly message: Message;
  readonly sentence: Sentence;
  /** A request must come for it, or one may. */
  must: boolean;
  /** Fences since it was first allowed. */
  age: number;
}

export interface Registration {
  readonly account: Account;
  readonly browser: Browser;
  /** When it was enabled, and under which name an answer knows it. */
  generation: number;
  keys: number;
  /** The application server key that was advertised at the time, counted from 0. */
  serverKey: number;
  due: Due[];
  /** Requests that failed may be made again. */
  again: { readonly message: Message; left: number }[];
  readonly told: Set<string>;
  /** Conversations that were told since the last fence, with the texts that were, and whether the push service took one. */
  readonly lately: Map<string, { texts: string[]; taken: boolean }>;
  /** Why nothing more may come of a conversation. */
  readonly silence: Map<string, Sentence>;
  /** What happened to it last that must not have made a difference. */
  hazard: Sentence | undefined;
  /** By which sentence nothing may come once it has not been told: it may be gone, which only its silence shows. */
  doubt: Sentence | undefined;
  /** Refusals by the push service in a row. */
  refusals: number;
}

export interface Endpoint {
  keys: number;
  restUntil: number;
  /** A request failed or hangs, so what comes next may come late. */
  unsettled: boolean;
  held: { readonly registration: Registration; readonly generation: number; readonly gone: boolean }[];
}

/** What the observer believes to be the case, and how to look it up. */
export interface State {
  readonly sessions: Map<Client, Session>;
  readonly registrations: Map<string, Registration>;
  readonly endpoints: Map<Browser, Endpoint>;
  /** Why there is no registration. */
  readonly graves: Map<string, Sentence>;
  /** Changes of the application server key so far. */
  serverKey: number;
  endpointOf(browser: Browser): Endpoint;
  sessionsOf(account: Account): readonly Session[];
  registrationsOf(account: Account): readonly Registration[];
  /** That of the same device, whether it has enabled or not. */
  sessionOf(registration: Registration): Session | undefined;
  /** The one the session is bound to. */
  registrationOf(session: Session): Registration | undefined;
  remove(registration: Registration, why: Sentence): void;
  /** The registration may be told of the message, or must be. */
  allow(registration: Registration, message: Message, must: boolean, sentence: Sentence): void;
}

export const keyOf = (account: Account, browser: Browser) => `${account}/${browser}`;

export function createState(): State {
  const sessions = new Map<Client, Session>();
  const registrations = new Map<string, Registration>();
  const endpoints = new Map<Browser, Endpoint>();
  const graves = new Map<string, Sentence>();

  const sessionsOf = (account: Account) =>
    [...sessions.values()].filter(({ client }) => accountOf(client) === account);
  const sessionOf = ({ account, browser }: Registration) =>
    sessionsOf(account).find(({ client }) => browserOf(client) === browser);

  return {
    sessions,
    registrations,
    endpoints,
    graves,
    serverKey: 0,
    endpointOf(browser) {
      const known = endpoints.get(browser);
      if (known) return known;
      const made: Endpoint = { keys: 0, restUntil: 0, unsettled: false, held: [] };
      endpoints.set(browser, made);
      return made;
    },
    sessionsOf,
    registrationsOf: (account) =>
      [...registrations.values()].filter((registration) => registration.account === account),
    sessionOf,
    registrationOf({ bound, client }) {
      return bound ? registrations.get(keyOf(accountOf(client), browserOf(client))) : undefined;
    },
    remove(registration, why) {
      const session = sessionOf(registration);
      if (session) session.bound = false;
      const waits = registration.due.length + registration.again.length > 0;
      const key = keyOf(registration.account, registration.browser);
      registrations.delete(key);
      graves.set(key, waits && why.startsWith('disable.') ? 'disable.waiting-push' : why);
    },
    allow(registration, message, must, sentence) {
      if (registration.told.has(message.id)) {
        registration.silence.set(message.from, sentence);
        return;
      }
      const known = registration.due.find((due) => due.message === message);
      if (known) {
        known.age = 0;
        known.must ||= must;
      } else registration.due.push({ message, must, sentence, age: 0 });
    },
  };
}
