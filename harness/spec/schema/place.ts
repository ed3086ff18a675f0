import type { XmlNode } from '../example.js';
import type { Position } from '../source-text.js';

/** The part of an element that a message of libxml2 is about. */
export function placeOf(node: XmlNode, message: string): Position {
  const name = /attribute '(?:\{[^}]*\})?([^']+)'/.exec(message)?.[1];
  const attribute = name === undefined ? undefined : node.attributes.find(({ local }) => local === name);
  if (attribute) return attribute.at;
  return /value|facet|simple content|Character content/.test(message) ? (node.textAt ?? node.at) : node.at;
}

/** A message of libxml2 without the namespaces it writes before every name. */
export function readable(message: string): string {
  return message
    .split('\n', 1)
    .join('')
    .replace(/\{[^}]*\}(?=[\w*'-])/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

export function escapeXml(text: string): string {
  return text.replace(/[&<>"\r\n\t]/g, (character) => `&#${character.charCodeAt(0)};`);
}
