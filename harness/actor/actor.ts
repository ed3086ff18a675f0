import type { Element } from '@xmpp/xml';

/** Where and how a target takes clients. */
export interface XmppAddress {
  readonly host: string;
  readonly port: number;
  /** `none`: in the clear, for a server that takes clients so, as many do in tests on one machine. */
  readonly tls: 'starttls' | 'direct' | 'none';
  /** PEM of the authority that signed the server's certificate; the system's when absent. */
  readonly ca?: string;
  /** `wss://…` when the target serves RFC 7395; a URL on the account's domain is reached at `host`, whatever it resolves to. */
  readonly websocket?: string;
}

export interface Credentials {
  readonly localpart: string;
  readonly domain: string;
  readonly password: string;
}

export interface ConnectOptions {
  readonly resource: string;
  /** Default `tcp`. */
  readonly transport?: 'tcp' | 'websocket';
  /** Default `PLAIN`: SCRAM costs 4096 iterations in JavaScript for every login. */
  readonly mechanism?: 'PLAIN' | 'SCRAM-SHA-1';
  /** XEP-0198. Default `none`. */
  readonly streamManagement?: 'none' | 'enabled' | 'resumable';
  /** Sends initial presence with this priority, or none at all. Default 0. */
  readonly presence?: number | 'none';
  /**
   * Whether to wait until the server has processed the presence. Default true. A server takes a stream's stanzas in order
   * (RFC 6120 §10.1), so whoever goes on with a request is told by its answer.
   */
  readonly awaitPresence?: boolean;
  /** Enables carbons (XEP-0280). Default false. */
  readonly carbons?: boolean;
}

/**
 * One client of an account, in a role. Everything it sends and receives is in the transcript. Every wait ends within the
 * run's time limit with a `TargetFault` that says what was waited for.
 */
export interface Actor {
  /** Role and resource, `juliet/phone`. */
  readonly name: string;
  /** As bound. */
  readonly fullJid: string;
  readonly bareJid: string;
  /** Stream features as last advertised, after the login. */
  readonly features: Element;
  send(stanza: Element): Promise<void>;
  /** Sends an IQ (an id is added when it has none) and gives the answer: a result or an error, both as they came. */
  request(iq: Element): Promise<Element>;
  /** The first stanza received since connecting, past or future, that matches; each stanza is given out once. */
  receive(what: string, matches: (stanza: Element) => boolean): Promise<Element>;
  /** XEP-0199 to the own server: all sent before has been processed when it answers. */
  ping(): Promise<void>;
  /** XEP-0352. */
  setActive(active: boolean): Promise<void>;
  /** Stops or starts answering `<r/>` (XEP-0198 §4); starting answers what is open. */
  acknowledge(answer: boolean): void;
  /** Cuts the TCP connection without closing the stream, as a phone in a tunnel does. */
  lose(): Promise<void>;
  /** Reconnects and resumes (XEP-0198 §5). `refused` when the server no longer knows the session. */
  resume(): Promise<'resumed' | 'refused'>;
  /** Ends the stream properly and waits until it has ended. */
  close(): Promise<void>;
  /** Resolves when the server ended the stream or its connection, with its stream error condition if there was one. */
  ended(): Promise<string | undefined>;
}

/** A stream on which anything can be sent, octet for octet: for what a client library refuses to send. */
export interface RawStream {
  readonly name: string;
  send(text: string | Uint8Array): Promise<void>;
  /** What came and was not read yet, up to the end of the match, as soon as there is one. */
  read(what: string, matches: RegExp): Promise<string>;
  /** Resolves with all that came when the server has closed the connection. */
  end(): Promise<string>;
  destroy(): void;
}
