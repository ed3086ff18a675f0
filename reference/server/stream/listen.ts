import type { Clock } from '../../clock/clock.js';
import type { Accounts } from '../accounts.js';
import type { ServerOptions, StreamLimits } from '../options.js';
import type { SessionLayer } from './stream.js';

export interface ListenOptions {
  readonly domains: ServerOptions['domains'];
  readonly tls: ServerOptions['tls'];
  readonly listen?: ServerOptions['listen'];
  readonly limits?: Partial<StreamLimits>;
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly sessions: SessionLayer;
}

/** Where clients connect to, and how to stop it. */
export interface StreamListeners {
  readonly host: string;
  readonly ports: { readonly tcp: number; readonly directTls?: number; readonly websocket?: number };
  /** Ends every stream with system-shutdown and resolves when no socket is left. */
  close(): Promise<void>;
}

/** Opens the ports and negotiates every client's stream up to the end of SASL (RFC 6120 §4 – §6, RFC 7395). */
export declare function listenStreams(options: ListenOptions): Promise<StreamListeners>;
