import { createRequire } from 'node:module';
import { Element } from '@xmpp/xml';
import type { SaxesTagNS } from 'saxes';
import { TargetFault } from '../target/fault.js';

// Node reads a CommonJS module twice when it is imported, once for the names of its exports; this one is large.
const { SaxesParser } = createRequire(import.meta.url)('saxes') as typeof import('saxes');

/** What the harness takes from a server before it cuts the connection. */
export const LIMITS = {
  /** One stanza as it is on the wire. */
  stanzaOctets: 2 ** 20,
  /** All that comes over one connection. */
  streamOctets: 2 ** 24,
  /** Nested elements. */
  depth: 256,
  /** Elements in all: small ones cost far more memory than octets. */
  elements: 200_000,
} as const;

const STREAMS = 'http://etherx.jabber.org/streams';
const FRAMING = 'urn:ietf:params:xml:ns:xmpp-framing';

export interface ReaderEvents {
  /** The stream header: `<stream:stream>`, or `<open/>` when framed. */
  opened(header: Element): void;
  /** A top-level element, complete. */
  element(element: Element): void;
  /** `</stream:stream>`, or `<close/>` when framed. */
  closed(): void;
  /** Not XML, not allowed in XMPP, or more than the harness takes. Nothing is read after it. */
  failed(fault: TargetFault): void;
}

/**
 * Reads one XML stream strictly: what is not well-formed, not bound to a namespace or restricted (RFC 6120 §11.1) is a
 * fault of the server, never passed over.
 *
 * @param framing `stream` for TCP (RFC 6120), `framed` for one document a message (RFC 7395 §3.3).
 */
export function createReader(
  framing: 'stream' | 'framed',
  events: ReaderEvents,
): { read(text: string): void } {
  const read = framing === 'stream' ? readDocument(events, 1) : readFrames(events);
  let pending = 0;
  let failed = false;
  const reset = () => {
    pending = 0;
  };
  return {
    read(text) {
      if (failed) return;
      try {
        pending += Buffer.byteLength(text);
        if (pending > LIMITS.stanzaOctets) {
          throw new TargetFault('flood', `a stanza of more than ${LIMITS.stanzaOctets} octets`);
        }
        read(text, reset);
      } catch (error) {
        failed = true;
        events.failed(
          error instanceof TargetFault
            ? error
            : new TargetFault('garbage', `no XMPP: ${error instanceof Error ? error.message : error}`),
        );
      }
    },
  };
}

type Read = (text: string, completed: () => void) => void;

/** @param root depth of the stream's own element: 1, or 0 where every element is a document. */
function readDocument(events: Omit<ReaderEvents, 'failed'>, root: 0 | 1, budget = { elements: 0 }): Read {
  const parser = new SaxesParser({ xmlns: true, position: false });
  const ancestors: Element[] = [];
  let completed = () => {};
  /** The parser reports an end tag before it finds that it belongs to another element: so nothing is told at once. */
  let due = () => {};
  const tell = () => {
    const told = due;
    due = () => {};
    told();
  };

  parser.on('error', (error) => {
    throw error;
  });
  for (const restricted of ['doctype', 'comment', 'processinginstruction'] as const) {
    parser.on(restricted, () => {
      throw new Error(`a ${restricted}, which RFC 6120 §11.1 forbids`);
    });
  }
  parser.on('opentag', (tag) => {
    tell();
    budget.elements += 1;
    if (budget.elements > LIMITS.elements)
      throw new TargetFault('flood', `more than ${LIMITS.elements} elements`);
    if (ancestors.length >= LIMITS.depth + root) {
      throw new TargetFault('flood', `elements nested deeper than ${LIMITS.depth}`);
    }
    const element = elementOf(tag);
    const parent = ancestors.at(-1);
    if (parent === undefined) {
      if (root === 1) {
        if (tag.local !== 'stream' || tag.uri !== STREAMS)
          throw new Error(`<${tag.name}> in place of a stream header`);
        completed();
        events.opened(element);
      }
    } else if (ancestors.length === root) {
      element.parent = parent;
      declarePrefix(element, tag);
    } else {
      parent.append(element);
    }
    ancestors.push(element);
  });
  const text = (value: string) => {
    const parent = ancestors.at(-1);
    if (parent !== undefined && ancestors.length > root) parent.t(value);
    else if (value.trim() !== '') throw new Error('text between stanzas');
  };
  parser.on('text', text);
  parser.on('cdata', text);
  parser.on('closetag', () => {
    tell();
    const element = ancestors.pop();
    if (element === undefined || ancestors.length > root) return;
    completed();
    const over = ancestors.length < root;
    due = () => (over ? events.closed() : events.element(element));
  });
  return (text, whenCompleted) => {
    completed = whenCompleted;
    parser.write(text);
    tell();
  };
}

function readFrames(events: ReaderEvents): Read {
  const budget = { elements: 0 };
  return (text, completed) => {
    let whole = false;
    const frame = {
      ...events,
      element(element: Element) {
        whole = true;
        if (element.is('open', FRAMING)) events.opened(element);
        else if (element.is('close', FRAMING)) events.closed();
        else events.element(element);
      },
    };
    readDocument(frame, 0, budget)(text, completed);
    if (!whole) throw new Error('a WebSocket message that is not one whole element');
  };
}

function elementOf(tag: SaxesTagNS): Element {
  const attributes: Record<string, string> = {};
  for (const name in tag.attributes) {
    const attribute = tag.attributes[name];
    if (attribute !== undefined) attributes[name] = attribute.value;
  }
  return new Element(tag.name, attributes);
}

/** `<stream:error>` is recorded by itself, where the declaration in the stream header is out of sight. */
function declarePrefix(element: Element, tag: SaxesTagNS): void {
  if (tag.prefix !== '' && tag.prefix !== 'xml') element.attrs[`xmlns:${tag.prefix}`] ??= tag.uri;
}
