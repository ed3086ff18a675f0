import type { Element } from '@xmpp/xml';

/** Stream error conditions the server uses (RFC 6120 §4.9.3). */
export type StreamCondition =
  | 'bad-format'
  | 'conflict'
  | 'connection-timeout'
  | 'host-unknown'
  | 'internal-server-error'
  | 'invalid-from'
  | 'invalid-namespace'
  | 'not-authorized'
  | 'not-well-formed'
  | 'policy-violation'
  | 'remote-connection-failed'
  | 'resource-constraint'
  | 'restricted-xml'
  | 'system-shutdown'
  | 'undefined-condition'
  | 'unsupported-encoding'
  | 'unsupported-stanza-type'
  | 'unsupported-version';

/** How a stream ended: `closed` properly by either side, or `lost` (connection broken off, stream error from either side). */
export type StreamEnd = 'closed' | 'lost';

/**
 * A client's stream after SASL: what the session layer talks through, the same over TCP, direct TLS and WebSocket. The
 * session layer sets `onElement` and `onEnd` in the call that hands it the stream, before anything is read.
 */
export interface ClientStream {
  readonly id: string;
  /** Authenticated identity, as accounts are stored (lower case). */
  readonly localpart: string;
  readonly domain: string;
  /** `xml:lang` of the client's stream header: the default for its stanzas (RFC 6120 §4.7.4). */
  readonly lang: string | undefined;
  /**
   * Top-level elements of the stream as they come: stanzas and nonzas (`<r/>`, `<resume/>`). They stand on their own: no
   * `parent`, and every namespace they use is declared in them.
   */
  onElement: (element: Element) => void;
  /** Exactly once, within `close` when the session layer closes. After it nothing is sent or received any more. */
  onEnd: (end: StreamEnd) => void;
  /** The client has a bound or resumed session: the time limit of the negotiation is over. */
  established(): void;
  /** An element without `xmlns` is in `jabber:client`. Does nothing after the end. */
  send(element: Element): void;
  /**
   * Ends the stream properly, with a stream error if given; `application` is its application-specific condition
   * (RFC 6120 §4.9.4). Does nothing after the end.
   */
  close(error?: StreamCondition, application?: Element): void;
}

/** What stands on top of the streams: resource binding, stream management, routing … */
export interface SessionLayer {
  /** Stream features after authentication (RFC 6120 §4.3.2): bind, stream management, roster versioning … */
  features(domain: string): readonly Element[];
  /** A client has authenticated and restarted its stream; called before it is sent the features. */
  onStream(stream: ClientStream): void;
  /** Something the session layer threw out of `onElement`, `onEnd` or `onStream`; its stream ends with internal-server-error. */
  onInternalError(error: unknown): void;
}
