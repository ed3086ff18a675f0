import type { LookupFunction } from 'node:net';
import type { Clock } from '../clock/clock.js';

/** What an operator sets. Durations are milliseconds, sizes octets. */
export interface ServerOptions {
  /** The virtual hosts; each has its own accounts and its own application server key. */
  readonly domains: readonly [string, ...string[]];
  /** Where rooms live (XEP-0045). Default: `rooms.` before the first domain. */
  readonly roomsDomain?: string;
  /** PEM; the certificate must cover every domain. */
  readonly tls: { readonly key: string; readonly cert: string };
  readonly listen?: {
    /** Default 127.0.0.1. */
    readonly host?: string;
    /** STARTTLS (RFC 6120 §5); 0 picks a free port. Default 0. */
    readonly tcp?: number;
    /** Direct TLS (XEP-0368); not served when absent. */
    readonly directTls?: number;
    /**
     * No TLS, and 127.0.0.1 whatever `host` says: for clients on this machine, which nobody else can listen to; not served
     * when absent.
     */
    readonly loopback?: number;
    /** WebSocket over TLS at /xmpp-websocket (RFC 7395); not served when absent. */
    readonly websocket?: number;
  };
  /** Folder for accounts, messages, registrations and keys. Absent: everything is in memory and lost at the end. */
  readonly dataDirectory?: string;
  /** `false` leaves it to the system when data reaches the disk, which is quicker and loses them in a power cut. Default true. */
  readonly flush?: boolean;
  readonly clock?: Clock;
  /** Rounds that derive the keys of a new password (RFC 5802 §2.2). Default 4096; throw-away accounts may do with one. */
  readonly passwordIterations?: number;
  readonly limits?: Partial<StreamLimits>;
  readonly streamManagement?: Partial<StreamManagementOptions>;
  readonly push?: Partial<PushOptions>;
  /** Told what went wrong while the server goes on; holds no secret. Default: a process warning. */
  readonly onProblem?: (problem: Error) => void;
}

export interface StreamLimits {
  /** One stanza as it is on the wire; more ends the stream with policy-violation. Default 262144. */
  readonly stanzaOctets: number;
  /** Nested elements in a stanza. Default 64. */
  readonly depth: number;
  /** Open connections in all. Default 1000. */
  readonly connections: number;
  /** From connecting to a bound resource. Default 30 000. */
  readonly negotiationTime: number;
}

export interface StreamManagementOptions {
  /** An `<r/>` unanswered for so long is reported as a delayed acknowledgement. Default 30 000. */
  readonly ackDelay: number;
  /** How long a lost session may be resumed. Default 600 000. */
  readonly resumeWindow: number;
  /** Unacknowledged stanzas kept for one session. Default 500. */
  readonly queueSize: number;
}

export interface PushOptions {
  /** `false` takes the feature away: nothing is advertised, sent or accepted but disable. Default true. */
  readonly enabled: boolean;
  /** `push_max_devices`. Default 5. */
  readonly maxDevices: number;
  /** `push_notification_important_body`. Default `New Message!`; empty leaves `body` out. */
  readonly importantBody: string;
  /** From the first important stanza of a conversation to its push. Default 1000. */
  readonly batchWindow: number;
  /** The token's `sub` (RFC 8292 §2.1), a mailto: or https: URI. Default: mailto:postmaster@ and the domain. */
  readonly subject: string;
  /** Hosts of endpoints exempt from the address rules: names or address literals as in the endpoint, without port. */
  readonly allowedHosts: readonly string[];
  /** Certificates (PEM) trusted in place of the system's for push services. */
  readonly ca: string | undefined;
  /** Name resolution for push services. Default: the system's. */
  readonly lookup: LookupFunction | undefined;
  /** One request, from connecting to the end of the answer. Default 10 000. */
  readonly requestTimeout: number;
}

/** What a domain does when its operator sets nothing. */
export const defaultPush = (domain: string): PushOptions => ({
  enabled: true,
  maxDevices: 5,
  importantBody: 'New Message!',
  batchWindow: 1000,
  subject: `mailto:postmaster@${domain}`,
  allowedHosts: [],
  ca: undefined,
  lookup: undefined,
  requestTimeout: 10_000,
});
