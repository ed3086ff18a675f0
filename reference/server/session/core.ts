import type { Element } from '@xmpp/xml';
import type { Clock } from '../../clock/clock.js';
import type { EngineEvent } from '../../engine/events.js';
import type { Jid } from './jid.js';
import type { Session } from './session.js';
import type { SessionTable } from './sessions.js';

/** What every part of the server may rely on. */
export interface Core {
  readonly clock: Clock;
  readonly domains: ReadonlySet<string>;
  readonly roomsDomain: string;
  readonly sessions: SessionTable;
  hasAccount(jid: Jid): boolean;
  /** Tells the engine of the account's domain. */
  emit(account: string, event: EngineEvent): void;
  /**
   * Delivers a stanza whose `from` is already vouched for to where its `to` says.
   *
   * @param id the server's own name for a message, when it has one already.
   */
  route(stanza: Element, id?: string): void;
  /** For the operator: something went wrong that no peer can be told about. */
  report(problem: unknown): void;
}

/** An IQ request a session made to its own account or to the server. */
export interface IqRequest {
  readonly session: Session;
  readonly iq: Element;
  /** The only child element. */
  readonly payload: Element;
}

/** The payload of the result (none: an empty result), or `answered` when the handler sees to the answer itself. */
export type IqAnswer = Element | undefined | 'answered';

export interface IqHandler {
  readonly at: 'account' | 'server';
  readonly type: 'get' | 'set';
  readonly name: string;
  readonly xmlns: string;
  /** @throws {StanzaError} what the session is answered instead. */
  handle(request: IqRequest): IqAnswer | Promise<IqAnswer>;
}

/** One protocol extension. */
export interface ServerModule {
  /** Told in disco#info of the server. */
  readonly serverFeatures?: readonly string[];
  /** Told in disco#info of an account, to its owner. */
  readonly accountFeatures?: readonly string[];
  readonly iq?: readonly IqHandler[];
  /** Forget everything of an account that is no more. */
  deleteAccount?(account: string): void;
}
