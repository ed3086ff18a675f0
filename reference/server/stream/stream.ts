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

/** How a stream ended: the peer closed it, or it broke off (connection lost, stream error, kicked). */
export type StreamEnd = 'closed' | 'lost';

/**
 * A client's stream after SASL: what the session layer talks through, the same over TCP, direct TLS and WebSocket. The
 * session layer sets `onElement` and `onEnd` in the call that hands it the stream, before anything is read.
 */
export interface ClientStream {
  readonly id: string;
  /** Authenticated identity. */
  readonly localpart: string;
  readonly domain: string;
  /** Top-level elements of the stream as they come: stanzas and nonzas (`<r/>`, `<resume/>`). */
  onElement: (element: Element) => void;
  /** Exactly once. After it nothing is sent or received any more. */
  onEnd: (end: StreamEnd) => void;
  send(element: Element): void;
  /**
   * Ends the stream properly, with a stream error if given; `application` is its application-specific condition
   * (RFC 6120 §4.9.4).
   */
  close(error?: StreamCondition, application?: Element): void;
}
