import { createRequire } from 'node:module';
import xml, { type Element } from '@xmpp/xml';

// Node reads a CommonJS module twice when it is imported, once for the names of its exports; this one is large.
const { SaxesParser } = createRequire(import.meta.url)('saxes') as typeof import('saxes');

/** The one element a text consists of; undefined when it is not well-formed by itself, as a stream header is not. */
export function parseElement(text: string): Element | undefined {
  const parser = new SaxesParser({ position: false });
  const open: Element[] = [];
  let root: Element | undefined;
  parser.on('opentag', ({ name, attributes }) => {
    const element = xml(name, { ...attributes });
    const parent = open.at(-1);
    if (parent) parent.append(element);
    root ??= element;
    open.push(element);
  });
  const addText = (piece: string) => void open.at(-1)?.append(piece);
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => void open.pop());
  try {
    parser.write(text).close();
    return root;
  } catch {
    return undefined;
  }
}
