import { parseElement } from '../judge/parse-element.js';
import type { Tree } from './differences.js';

/** What was sent, as a tree; text that is no element by itself stays text. */
export function readXml(text: string): Tree | string {
  const element = parseElement(text);
  return element ? treeOf(element) : text;
}

type Parsed = NonNullable<ReturnType<typeof parseElement>>;

function treeOf({ name, attrs, children }: Parsed): Tree {
  return {
    name,
    attributes: Object.fromEntries(Object.entries(attrs).map(([key, value]) => [key, String(value)])),
    content: children.map((child) => (typeof child === 'string' ? child : treeOf(child))),
  };
}
