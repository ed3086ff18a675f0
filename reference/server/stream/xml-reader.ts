import { createRequire } from 'node:module';
import { Element } from '@xmpp/xml';
import type { StreamLimits } from '../options.js';
import type { StreamCondition } from './stream.js';

// Node reads a CommonJS module twice when it is imported, once for the names of its exports; this one is large.
const { SaxesParser } = createRequire(import.meta.url)('saxes') as typeof import('saxes');

/** What arrived cannot be read any further; the stream ends with this condition. */
export class XmlFault extends Error {
  override readonly name = 'XmlFault';
  constructor(
    readonly code: StreamCondition,
    message: string,
  ) {
    super(message);
  }
}

export type XmlEvent =
  /** The stream header; `element` has its attributes and namespace declarations. */
  | { readonly type: 'open'; readonly element: Element }
  /** A complete child of the stream. It has no parent and declares every namespace it uses. */
  | { readonly type: 'element'; readonly element: Element }
  /** The closing tag of the stream. */
  | { readonly type: 'close' };

export interface XmlReader {
  /** Adds octets as they came from the wire, cut anywhere. */
  push(octets: Uint8Array): void;
  /**
   * Reads up to the next event and no octet further, so that what follows may be read by another reader (or by nobody).
   *
   * @returns undefined when more octets are needed.
   * @throws {XmlFault} The reader must not be used afterwards.
   */
  next(): XmlEvent | undefined;
  /** Takes out the octets behind the last event. */
  takeRest(): Uint8Array;
}

type ReadLimits = Pick<StreamLimits, 'stanzaOctets' | 'depth'>;

/** More than any protocol uses; the parser's check for duplicates is quadratic. */
const MAX_ATTRIBUTES = 64;

const PREDEFINED = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/**
 * Makes elements out of one XML document, whose root is at level 0: `onElement` gets those at `level` when they are
 * complete. Everything XMPP leaves out of XML (RFC 6120 §11.1) is a fault.
 */
function createTreeBuilder(
  level: 0 | 1,
  maxDepth: number,
  on: { open?: (root: Element) => void; element: (element: Element) => void; close?: () => void },
) {
  const parser = new SaxesParser({
    xmlns: true,
    position: false,
    forceXMLVersion: true,
    defaultXMLVersion: '1.0',
  });
  let depth = 0;
  let attributes = 0;
  let cursor: Element | null = null;
  let top: Element | null = null;
  /** Prefixes the root declares, for elements that leave it. */
  let inherited: Record<string, string> = {};

  parser.ENTITIES = new Proxy<Record<string, string>>(
    {},
    {
      get(_, name) {
        const character = PREDEFINED.get(String(name));
        if (character === undefined) throw new XmlFault('restricted-xml', 'entity reference');
        return character;
      },
    },
  );
  const restricted = (what: string) => () => {
    throw new XmlFault('restricted-xml', what);
  };
  parser.on('comment', restricted('comment'));
  parser.on('processinginstruction', restricted('processing instruction'));
  parser.on('doctype', restricted('document type declaration'));
  parser.on('error', ({ message }) => {
    throw new XmlFault(message.includes('doctype') ? 'restricted-xml' : 'not-well-formed', message);
  });
  parser.on('xmldecl', ({ encoding }) => {
    if (encoding !== undefined && encoding.toLowerCase() !== 'utf-8')
      throw new XmlFault('unsupported-encoding', 'encoding other than UTF-8');
  });
  parser.on('opentagstart', () => {
    attributes = 0;
    if (depth - level >= maxDepth) throw new XmlFault('policy-violation', 'elements nested too deeply');
  });
  parser.on('attribute', () => {
    if (++attributes > MAX_ATTRIBUTES) throw new XmlFault('policy-violation', 'too many attributes');
  });
  parser.on('opentag', (tag) => {
    const element = new Element(tag.name);
    for (const { name, value } of Object.values(tag.attributes)) element.attrs[name] = value;
    if (depth++ < level) {
      inherited = { ...tag.ns };
      on.open?.(element);
      return;
    }
    if (cursor) cursor.cnode(element);
    else top = element;
    cursor = element;
    if (level === 0) return;
    borrow(tag.prefix, tag.uri);
    for (const { prefix, uri } of Object.values(tag.attributes)) if (prefix) borrow(prefix, uri);
  });
  /** Declares in the top-level element what `cursor` uses and only the root declares. */
  const borrow = (prefix: string, uri: string) => {
    if (!top || prefix === 'xml' || prefix === 'xmlns' || inherited[prefix] !== uri) return;
    const name = prefix ? `xmlns:${prefix}` : 'xmlns';
    for (let scope: Element | null = cursor; scope; scope = scope.parent)
      if (scope.attrs[name] !== undefined) return;
    top.attrs[name] = uri;
  };
  const onText = (text: string) => {
    if (cursor) cursor.t(text);
    else if (depth > 0 && /[^ \t\r\n]/.test(text)) throw new XmlFault('bad-format', 'text between stanzas');
  };
  parser.on('text', onText);
  parser.on('cdata', onText);
  parser.on('closetag', () => {
    depth--;
    if (!cursor) return on.close?.();
    const complete: Element = cursor;
    cursor = complete.parent;
    if (!cursor) {
      top = null;
      on.element(complete);
    }
  });
  return parser;
}

const GREATER_THAN = 0x3e;
const isSpace = (octet: number | undefined) =>
  octet === 0x20 || octet === 0x0a || octet === 0x0d || octet === 0x09;

/** Reads a stream over TCP: one long document whose children are handed out one by one. */
export function createXmlReader(limits: ReadLimits): XmlReader {
  const events: XmlEvent[] = [];
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let rest: Uint8Array = new Uint8Array();
  /** Octets of the stanza that is being read. */
  let octets = 0;
  /** Between stanzas white space is a keep-alive (RFC 6120 §4.6.1); it is dropped here lest it pile up in the parser. */
  let between = true;
  const parser = createTreeBuilder(1, limits.depth, {
    open: (element) => events.push({ type: 'open', element }),
    element: (element) => events.push({ type: 'element', element }),
    close: () => events.push({ type: 'close' }),
  });

  const feed = (piece: Uint8Array) => {
    octets += piece.length;
    if (octets > limits.stanzaOctets) throw new XmlFault('policy-violation', 'stanza too big');
    let text: string;
    try {
      text = decoder.decode(piece, { stream: true });
    } catch (cause) {
      throw new XmlFault('unsupported-encoding', `not UTF-8: ${String(cause)}`);
    }
    parser.write(text);
    if (events.length === 0) return;
    octets = 0;
    between = true;
  };

  return {
    push(chunk) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    },
    next() {
      while (events.length === 0 && rest.length > 0) {
        if (between) {
          let start = 0;
          while (isSpace(rest[start])) start++;
          rest = rest.subarray(start);
          if (rest.length === 0) break;
          between = false;
        }
        // A complete tag ends with the last octet of a piece, so an event is known before anything behind it is read.
        const end = rest.indexOf(GREATER_THAN) + 1 || rest.length;
        const piece = rest.subarray(0, end);
        rest = rest.subarray(end);
        feed(piece);
      }
      return events.shift();
    },
    takeRest() {
      const taken = rest;
      rest = new Uint8Array();
      return taken;
    },
  };
}

/**
 * Reads one element that is a document of its own: a WebSocket message (RFC 7395 §3.3).
 *
 * @throws {XmlFault}
 */
export function readElement(text: string, limits: ReadLimits): Element {
  if (Buffer.byteLength(text) > limits.stanzaOctets) throw new XmlFault('policy-violation', 'stanza too big');
  if (!text.startsWith('<')) throw new XmlFault('bad-format', 'not an element');
  let root: Element | undefined;
  const parser = createTreeBuilder(0, limits.depth, {
    element: (element) => {
      root = element;
    },
  });
  parser.write(text).close();
  if (!root) throw new XmlFault('not-well-formed', 'no element');
  return root;
}
