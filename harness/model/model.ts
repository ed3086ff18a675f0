import type { Account, Browser, Client, Command } from './command.js';
import { createRequests } from './requests.js';
import type { Sentence } from './sentence.js';
import { createState } from './state.js';
import { createSteps, isSensible } from './steps.js';

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
  /** The identification (RFC 8292), as far as it can be read. */
  readonly token?: {
    /** Unix time in milliseconds. */
    readonly expires: number;
    readonly isSigned: boolean;
    /** When its key was advertised: the places among the server's keys, from 0; absent when nobody asked for them. */
    readonly keys?: readonly number[];
  };
  /** Unix time in milliseconds on the server's clock. */
  readonly at: number;
  /** The earliest time at which it may have been sent: time can be moved while a request is on its way. */
  readonly since: number;
  /** The answer's status, what is held back, or that there was none. */
  readonly answer: number | 'reset' | 'held-201' | 'held-404';
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
  /** Sessions get carbons. */
  readonly carbons: boolean;
  /** Whether the account's archive is known to keep every message. */
  readonly archives: (account: Account) => boolean;
}

/**
 * What an observer knows who has read the XEP and sees nothing of the server but its requests: which registrations there
 * are, which of them are due to be told of what, and which must not be.
 *
 * Where the text leaves a choice, so does the model. A message that SHOULD (or SHOULD NOT) be pushed may or may not cause a
 * request; messages of one conversation may share one; after 429, 5xx or silence a request may come again and others late;
 * a registration older than 30 days, or refused twice, may be gone, but then it stays silent.
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

export function createModel(options: ModelOptions): Model {
  const state = createState();
  return {
    allows: (command) => isSensible(state, command),
    apply: createSteps(state, options),
    ...createRequests(state, options),
    live: () =>
      [...state.sessions.values()].flatMap((session) =>
        session.state === 'hibernating' ? [] : [session.client],
      ),
  };
}
