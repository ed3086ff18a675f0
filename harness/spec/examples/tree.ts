import { SaxesParser } from 'saxes';
import type { XmlAttribute, XmlNode } from '../example.js';
import type { Position, SourceText } from '../source-text.js';
import { isElided } from './ellipsis.js';

/** What the XML of an example holds, and the first thing that is wrong with it. */
export interface Tree {
  readonly roots: readonly XmlNode[];
  readonly fault:
    | { readonly rule: 'well-formed' | 'namespace'; readonly message: string; readonly at: Position }
    | undefined;
}

/** What every XMPP stream declares, so that examples need not (RFC 6120 §4.8). */
const impliedNamespaces = { '': 'jabber:client', stream: 'http://etherx.jabber.org/streams' };

const MAX_DEPTH = 200;

/** An element that is still open. */
interface Growing extends XmlNode {
  readonly children: Growing[];
  text: string;
  textAt: Position | undefined;
  elided: boolean;
}

/** Ends the parsing at the first fault. */
class Stop extends Error {
  override readonly name = 'Stop';
}

/**
 * Reads the XML of an example the way readers of XEPs do: several elements side by side, a stream header that is never
 * closed or a closing tag alone, and an ellipsis (`...`) wherever something is left out.
 */
export function parseTree(source: SourceText): Tree {
  const text = prepare(source.text);
  const roots: Growing[] = [];
  const open: Growing[] = [];
  let fault: Tree['fault'];
  /** The element that was closed last, and where. */
  let left: { readonly node: Growing; readonly position: number } | undefined;
  const parser = new SaxesParser({ xmlns: true, fragment: true, additionalNamespaces: impliedNamespaces });

  const stop = (rule: 'well-formed' | 'namespace', message: string, offset: number): void => {
    fault = { rule, message, at: source.at(Math.max(0, Math.min(offset, text.length))) };
    throw new Stop();
  };
  /** Without the white space that a fault at the end would point behind. */
  const end = text.trimEnd().length;

  parser.on('error', (error) => {
    const message = error.message.replace(/^\d+:\d+: /, '').replace(/\.$/, '');
    // A stream is opened in one example and closed in another, if at all.
    if (/^(unclosed tag|unmatched closing tag): stream:stream$/.test(message)) return;
    // saxes names every element that was left open; the innermost tells where to look.
    const unclosed = /^unclosed tag: (.*)$/.exec(message)?.[1];
    if (unclosed !== undefined) {
      const node = open.findLast(({ name }) => name === unclosed);
      const opened = node ? `, opened in line ${node.at.line}` : '';
      return stop('well-formed', `<${unclosed}>${opened} is never closed`, end);
    }
    const unbound = /^unbound namespace prefix: (.*)$/.exec(message)?.[1];
    if (unbound !== undefined) {
      const name = unbound.replace(/^"|"$/g, '');
      return stop('namespace', `the prefix ${name} is not declared`, tagStart());
    }
    if (message === 'unexpected close tag') {
      const start = tagStart();
      // The parser has left the element that should have been closed before it complains.
      const inner = left?.position === parser.position ? left.node : open.at(-1);
      const closing = text.slice(start, parser.position);
      return stop(
        'well-formed',
        inner
          ? `${closing} does not close <${inner.name}>, opened in line ${inner.at.line}`
          : `${closing} closes nothing`,
        start,
      );
    }
    stop('well-formed', message, Math.min(parser.position - 1, end));
  });

  /** Where the markup that was read last ends: the next text begins there. */
  let done = 0;

  const tagStart = (): number => Math.max(text.lastIndexOf('<', parser.position - 1), 0);

  parser.on('opentag', (tag) => {
    const start = tagStart();
    if (open.length >= MAX_DEPTH) stop('well-formed', `elements are nested deeper than ${MAX_DEPTH}`, start);
    const offsets = attributeOffsets(text.slice(start, parser.position));
    const attributes: XmlAttribute[] = Object.values(tag.attributes).map(({ name, local, uri, value }) => ({
      name,
      local,
      namespace: uri,
      value,
      at: source.at(start + (offsets.get(name) ?? 0)),
    }));
    const node: Growing = {
      name: tag.name,
      local: tag.local,
      namespace: tag.uri,
      attributes,
      children: [],
      text: '',
      textAt: undefined,
      elided: false,
      at: source.at(start),
    };
    (open.at(-1)?.children ?? roots).push(node);
    open.push(node);
    done = parser.position;
  });
  parser.on('closetag', () => {
    done = parser.position;
    const node = open.pop();
    if (node) left = { node, position: parser.position };
  });
  const addText = (piece: string, start: number): void => {
    const node = open.at(-1);
    if (!node) return;
    if (isElided(piece)) node.elided = true;
    if (node.textAt === undefined && piece.trim() !== '')
      node.textAt = source.at(start + piece.length - piece.trimStart().length);
    node.text += piece;
  };
  parser.on('text', (piece) => {
    addText(piece, done);
  });
  parser.on('cdata', (piece) => {
    addText(piece, parser.position - ']]>'.length - piece.length);
    done = parser.position;
  });
  parser.on('processinginstruction', () => {
    done = parser.position;
  });
  parser.on('comment', () => {
    done = parser.position;
    const node = open.at(-1);
    if (node) node.elided = true;
  });

  try {
    parser.write(text).close();
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
  }
  return { roots, fault };
}

/**
 * What stands for something else gives way to blanks, so that everything stays in its place: dots among attributes
 * (`<iq ... >`), and the XML declaration, which begins every stream, wherever that is in the example.
 */
function prepare(text: string): string {
  return text
    .replace(/<\?xml\s[^<>]*\?>/g, (declaration) => ' '.repeat(declaration.length))
    .replace(
      /<[A-Za-z][\w:.-]*(?:\s+(?:[^\s"'<>=/]+\s*=\s*(?:"[^"<]*"|'[^'<]*')|\.{3}|\u2026))+\s*\/?>/g,
      (tag) =>
        tag.replace(
          /("[^"]*"|'[^']*')|\.{3}|\u2026/g,
          (match, quoted?: string) => quoted ?? ' '.repeat(match.length),
        ),
    );
}

/** Where the attributes of a tag begin. */
function attributeOffsets(tag: string): ReadonlyMap<string, number> {
  const offsets = new Map<string, number>();
  for (const { 1: name = '', index, 0: match } of tag.matchAll(/([^\s=<>/"']+)\s*=\s*(?:"[^"]*"|'[^']*')/g))
    offsets.set(name, index + match.indexOf(name));
  return offsets;
}
