import xml, { Element } from '@xmpp/xml';
import type { StreamCondition } from './stream.js';
import type { XmlFault } from './xml-reader.js';

export const NS_CLIENT = 'jabber:client';
export const NS_STREAM = 'http://etherx.jabber.org/streams';
const NS_STREAM_ERRORS = 'urn:ietf:params:xml:ns:xmpp-streams';

/** What the client's stream header says (RFC 6120 §4.7), or its `<open/>` (RFC 7395 §3.3). */
export interface StreamHeader {
  readonly to: string | undefined;
  readonly from: string | undefined;
  readonly version: string | undefined;
  readonly lang: string | undefined;
}

/** What a channel tells its owner, one call at a time. Nothing is said after `onGone` or after `Channel.end`. */
export interface ChannelEvents {
  onHeader(header: StreamHeader): void;
  onElement(element: Element): void;
  /** The client closed its stream properly. */
  onClose(): void;
  /** What arrived cannot be read. */
  onFault(fault: XmlFault): void;
  /** The connection broke off. */
  onGone(): void;
}

/** One client's connection, whatever carries the XML. */
export interface Channel {
  /** Begins to read. */
  start(events: ChannelEvents): void;
  /** Whether nobody else can read what is sent: it is encrypted, or never leaves the machine. */
  isSecure(): boolean;
  sendHeader(attributes: Readonly<Record<string, string>>): void;
  send(element: Element): void;
  /** Reads nothing until `resume`; what has arrived waits. */
  pause(): void;
  resume(): void;
  /** What comes next is a new stream header (RFC 6120 §4.3.3). */
  restart(): void;
  /** Sends `proceed` in the clear, then goes on in TLS (RFC 6120 §5.4.3). What was read before is forgotten. */
  startTls(proceed: Element): void;
  /** Closes the stream and then the connection. What still arrives is thrown away. */
  end(): void;
  /** After `end`: does not wait for the client, only until everything is sent. */
  hurry(): void;
}

/** A client that reads more slowly than it is sent to is given up when so many octets wait for it. */
export const MAX_UNSENT_OCTETS = 16 * 1024 * 1024;

/** How long a connection may stay after the end of its stream, for the client to read the rest. */
export const CLOSING_TIME = 2000;

export function readHeader({ attrs }: Element): StreamHeader {
  const { to, from, version } = attrs;
  return { to, from, version, lang: attrs['xml:lang'] };
}

/** The opening tag of the server's stream (RFC 6120 §4.2). */
export function streamHeader(attributes: Readonly<Record<string, string>>): string {
  const header = new Element('stream:stream', { xmlns: NS_CLIENT, 'xmlns:stream': NS_STREAM, ...attributes });
  return `<?xml version='1.0'?>${header.toString().replace(/\/>$/, '>')}`;
}

/** RFC 6120 §4.9. */
export function streamError(condition: StreamCondition, application?: Element): Element {
  const children = [xml(condition, { xmlns: NS_STREAM_ERRORS }), ...(application ? [application] : [])];
  return xml('stream:error', { 'xmlns:stream': NS_STREAM }, ...children);
}
