import { createPublicKey, verify } from 'node:crypto';
import xml, { type Element } from '@xmpp/xml';
import { decodeBase64url, encodeBase64url } from '../harness/judge/base64url.js';
import { parseElement } from '../harness/judge/parse-element.js';
import { openRecord } from './record.js';

type Json = unknown;

/**
 * The parts in which two inputs differ, by their paths: a negative must differ from its sibling in exactly one. What has
 * parts inside a text is taken apart: stanzas by element and attribute, bodies by the fields of RFC 8188 §2.1, tokens by
 * claim, payloads by member.
 */
export function differences(one: object, other: object): readonly string[] {
  // A body is opened with the keys beside it, so these have to be the same.
  const [only, ...others] = inValue(one, other, '');
  return only === 'body' && others.length === 0
    ? inBody(one, other)
    : [...(only === undefined ? [] : [only]), ...others];
}

function inValue(one: Json, other: Json, path: string): readonly string[] {
  if (JSON.stringify(one) === JSON.stringify(other)) return [];
  if (isObject(one) && isObject(other)) {
    const names = new Set([...Object.keys(one), ...Object.keys(other)]);
    return [...names].flatMap((name) => inMember(name, one[name], other[name], path));
  }
  return [path];
}

function inMember(name: string, one: Json, other: Json, parent: string): readonly string[] {
  const path = parent === '' ? name : `${parent}.${name}`;
  const [first, second] = [one, other].map((value) => (typeof value === 'string' ? value : undefined));
  if (first === undefined || second === undefined) {
    const single = name === 'authorization' ? singleFields(one, other) : undefined;
    return single ? inCredentials(...single, path) : inValue(one, other, path);
  }
  if (first === second) return [];
  // Only a vector's own members are taken apart: a payload has a body too.
  switch (path) {
    case 'stanza':
      return inStanza(first, second, path);
    case 'plaintext':
      return inPlaintext(first, second, path);
    default:
      return [path];
  }
}

// Stanzas

function inStanza(one: string, other: string, path: string): readonly string[] {
  const [first, second] = [parseElement(one), parseElement(other)];
  return first && second ? inElement(first, second, first.getName()) : [path];
}

function inElement(one: Element, other: Element, path: string): readonly string[] {
  if (one.getName() !== other.getName()) return [path];
  // A namespace is the element's own, however it is declared; what inherits it does not differ by that.
  if (one.getNS() !== other.getNS()) return [`${path}@xmlns`];
  const isPlain = (name: string) => name !== 'xmlns' && !name.startsWith('xmlns:');
  const names = new Set([...Object.keys(one.attrs), ...Object.keys(other.attrs)].filter(isPlain));
  const attributes = [...names].flatMap((name) =>
    one.attrs[name] === other.attrs[name] ? [] : [`${path}@${name}`],
  );
  return [...attributes, ...inChildren(one, other, path)];
}

/** Children that both have at the beginning and at the end are the same ones; what is left has been changed, added or removed. */
function inChildren(one: Element, other: Element, path: string): readonly string[] {
  const [first, second] = [contentOf(one), contentOf(other)];
  let start = 0;
  while (start < first.length && start < second.length && same(first[start], second[start])) start += 1;
  let end = 0;
  const room = Math.min(first.length, second.length) - start;
  while (end < room && same(first.at(-1 - end), second.at(-1 - end))) end += 1;
  const [left, right] = [first.slice(start, first.length - end), second.slice(start, second.length - end)];
  if (left.length === 0 && right.length === 0) return [];
  const pathOf = (child: Element | string | undefined) =>
    child === undefined || typeof child === 'string' ? path : `${path}/${child.getName()}`;
  if (left.length === right.length) {
    const permuted =
      left.length > 1 && left.every((child) => right.some((candidate) => same(child, candidate)));
    if (permuted) return [path];
    return left.flatMap((child, index) => {
      const counterpart = right[index];
      if (counterpart === undefined || same(child, counterpart)) return [];
      if (typeof child === 'string' || typeof counterpart === 'string') return [pathOf(child)];
      return inElement(child, counterpart, pathOf(child));
    });
  }
  if (left.length === 0 || right.length === 0) return [...left, ...right].map(pathOf);
  return [...left, ...right].map(pathOf);
}

/** Elements and texts, white space between elements left out. */
function contentOf(element: Element): readonly (Element | string)[] {
  const hasElements = element.getChildElements().length > 0;
  return element.children.filter((child) => typeof child !== 'string' || !hasElements || child.trim() !== '');
}

function same(one: Element | string | undefined, other: Element | string | undefined): boolean {
  if (one === undefined || other === undefined || typeof one === 'string' || typeof other === 'string')
    return one === other;
  return one.toString() === other.toString() || canonical(one).toString() === canonical(other).toString();
}

/** With every namespace spelled out and no prefixes. */
function canonical(element: Element): Element {
  const attributes = Object.entries(element.attrs).filter(([name]) => !/^xmlns(?::|$)/.test(name));
  return xml(
    element.getName(),
    { ...Object.fromEntries(attributes.sort()), xmlns: element.getNS() ?? '' },
    ...contentOf(element).map((child) => (typeof child === 'string' ? child : canonical(child))),
  );
}

// Bodies

/** The narrowest part in which all octets lie that differ: a field of the header, or of the record where both open. */
function inBody(one: object, other: object): readonly string[] {
  const [sibling, changed] = [octetsOf(one), octetsOf(other)];
  const place = differingOctets(sibling, changed);
  const keyIdEnd = 21 + (sibling[20] ?? 0);
  if (place.start === changed.length && place.start < keyIdEnd) return ['body.length'];
  const field = fieldOf(place, [
    ['salt', 0, 16],
    ['recordSize', 16, 20],
    // A longer or shorter key id has another length too.
    ['keyIdLength', 20, sibling.length === changed.length ? 21 : 0],
    ['keyId', 20, keyIdEnd],
    ['sealed', keyIdEnd, sibling.length],
  ]);
  if (field !== 'sealed') return [field === undefined ? 'body' : `body.${field}`];
  const [record, otherRecord] = [openRecord(one), openRecord(other)];
  if (!record || !otherRecord) return ['body.sealed'];
  const delimiter = record.findLastIndex((octet) => octet !== 0);
  const part = fieldOf(differingOctets(record, otherRecord), [
    ['plaintext', 0, delimiter],
    ['delimiter', delimiter, delimiter + 1],
    ['padding', delimiter + 1, record.length],
  ]);
  return [part === undefined ? 'body.record' : `body.record.${part}`];
}

function octetsOf(input: object): Buffer {
  return 'body' in input && typeof input.body === 'string'
    ? Buffer.from(input.body, 'base64url')
    : Buffer.alloc(0);
}

interface Place {
  readonly start: number;
  /** In the first of the two; behind the last octet that differs. */
  readonly end: number;
}

/** What is left between the octets that both begin with and those that both end with. */
function differingOctets(one: Buffer, other: Buffer): Place {
  const shorter = Math.min(one.length, other.length);
  let start = 0;
  while (start < shorter && one[start] === other[start]) start += 1;
  let same = 0;
  while (same < shorter - start && one.at(-1 - same) === other.at(-1 - same)) same += 1;
  return { start, end: one.length - same };
}

function fieldOf(
  { start, end }: Place,
  fields: readonly (readonly [name: string, from: number, to: number])[],
): string | undefined {
  return fields.find(([, from, to]) => start >= from && end <= to)?.[0];
}

// Tokens

function singleFields(one: Json, other: Json): readonly [string, string] | undefined {
  const [first, second] = [one, other].map((value) =>
    Array.isArray(value) && value.length === 1 && typeof value[0] === 'string' ? value[0] : undefined,
  );
  return first === undefined || second === undefined ? undefined : [first, second];
}

function inCredentials(one: string, other: string, path: string): readonly string[] {
  const [first, second] = [takeApart(one), takeApart(other)];
  const differing = (['scheme', 'form', 'k'] as const).filter((name) => first[name] !== second[name]);
  const [token, otherToken] = [first.token, second.token];
  const inToken =
    token && otherToken
      ? [
          ...inPart(token.header, otherToken.header, `${path}.t.header`),
          ...inPart(token.claims, otherToken.claims, `${path}.t.claims`),
          ...(token.signature === otherToken.signature || (token.holds && otherToken.holds)
            ? []
            : [`${path}.t.signature`]),
        ]
      : first.t === second.t
        ? []
        : [`${path}.t`];
  // Where a parameter is missing, so is its name.
  const isMissing = [first, second].some(({ t, k }) => t === undefined || k === undefined);
  return [
    ...differing.filter((name) => name !== 'form' || !isMissing).map((name) => `${path}.${name}`),
    ...inToken,
  ];
}

/** What an Authorization field consists of. */
interface Field {
  readonly scheme: string;
  /** The field without scheme, token and key. */
  readonly form: string;
  readonly k: string | undefined;
  readonly t: string | undefined;
  /** The token, when it has three parts. */
  readonly token?: {
    readonly header: string;
    readonly claims: string;
    readonly signature: string;
    /** A signature follows from all the rest: two that hold are no difference. */
    readonly holds: boolean;
  };
}

function takeApart(field: string): Field {
  const [scheme = ''] = /^\S*/.exec(field) ?? [];
  const [t, k] = [/[\s,;]t="?([^\s",;]*)/, /[\s,;]k="?([^\s",;]*)/].map((form) => form.exec(field)?.[1]);
  const rest = [t, k].reduce<string>((text, value) => (value ? text.replace(value, '') : text), field);
  const parts = { scheme, form: rest.slice(scheme.length), k, t };
  const [header, claims, signature, ...more] = t?.split('.') ?? [];
  if (header === undefined || claims === undefined || signature === undefined || more.length > 0)
    return parts;
  const token = { header, claims, signature, holds: holds(`${header}.${claims}`, signature, k ?? '') };
  return { ...parts, token };
}

/** Member by member, unless one is no object, is spelled otherwise, or has a member twice. */
function inPart(one: string, other: string, path: string): readonly string[] {
  if (one === other) return [];
  const [first, second] = [one, other].map((part) => {
    const text = Buffer.from(part, 'base64url').toString();
    const value = parseJson(text);
    const isPlain = JSON.stringify(value) === text && Buffer.from(text).toString('base64url') === part;
    return isPlain && isObject(value) ? value : undefined;
  });
  return first && second ? inValue(first, second, path) : [path];
}

function holds(signed: string, signature: string, k: string): boolean {
  const [octets, point] = [signature, k].map(decodeBase64url);
  if (octets?.length !== 64 || point?.length !== 65) return false;
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((value) => encodeBase64url(value));
  try {
    const jwk = { kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '' };
    const key = createPublicKey({ format: 'jwk', key: jwk });
    return verify('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }, octets);
  } catch {
    // No point of the curve.
    return false;
  }
}

// Payloads

function inPlaintext(one: string, other: string, path: string): readonly string[] {
  const [first, second] = [one, other].map((text) => parseJson(Buffer.from(text, 'base64url').toString()));
  return isObject(first) && isObject(second) ? inValue(first, second, path) : [path];
}

function parseJson(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: Json): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
