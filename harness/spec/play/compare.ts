import { isDeepStrictEqual } from 'node:util';
import type { Element } from '@xmpp/xml';
import { decodeBase64url } from '../../judge/base64url.js';
import type { Examined } from '../../judge/evidence.js';
import { isPoint } from '../../judge/token.js';
import type { HttpMessage, XmlNode } from '../example.js';
import { isElided } from '../examples/ellipsis.js';
import type { Position } from '../source-text.js';
import type { PushStep } from './plan.js';

/** Where an example and a server differ. */
export interface Difference {
  readonly at: Position;
  readonly message: string;
}

const STANZA_ERRORS = 'urn:ietf:params:xml:ns:xmpp-stanzas';

/**
 * Compares an answer with the one an example shows: the same elements with the same attributes and texts, in any order.
 * What is the server's own to choose may differ: an application server key, a time, who reports an error, and whether
 * and how it explains an error to people (RFC 6120 §8.3.2). Where the example has an ellipsis, there may be more; an
 * example without one shows everything, also every feature of a disco#info answer.
 */
export function compareElement(shown: XmlNode, actual: Element): readonly Difference[] {
  const type = shown.attributes.find(({ name }) => name === 'type');
  // A result in place of an error, or the reverse, is all there is to say.
  if (isIq(shown) && type && type.value !== actual.attrs.type)
    return [
      {
        at: type.at,
        message: `the server answers ${actual.toString().slice(0, 300)}, the example ${type.value}`,
      },
    ];
  return [
    ...compareAttributes(shown, actual),
    ...compareText(shown, actual),
    ...compareChildren(shown, actual),
  ];
}

function isIq({ local, namespace }: XmlNode): boolean {
  return local === 'iq' && namespace === 'jabber:client';
}

/** What the server may say as it likes, or not at all. */
const FREE_ATTRIBUTES: ReadonlySet<string> = new Set(['by', 'stamp']);

function compareAttributes(shown: XmlNode, actual: Element): readonly Difference[] {
  const differences: Difference[] = [];
  for (const { name, value, at } of shown.attributes) {
    if (name === 'xmlns' || name.startsWith('xmlns:') || FREE_ATTRIBUTES.has(name) || isElided(value))
      continue;
    const given: unknown = actual.attrs[name];
    // The server of a client need not say who it is, nor to whom it speaks (RFC 6120 §8.1).
    if (given === undefined && (name === 'from' || name === 'to')) continue;
    if (given !== value) {
      const found = given === undefined ? `no ${name}` : `${name}="${String(given)}"`;
      differences.push({
        at,
        message: `the server's <${actual.getName()}/> has ${found}, the example ${name}="${value}"`,
      });
    }
  }
  const known = new Set(shown.attributes.map(({ name }) => name));
  for (const name of Object.keys(actual.attrs))
    if (
      !known.has(name) &&
      !FREE_ATTRIBUTES.has(name) &&
      name !== 'from' &&
      name !== 'to' &&
      !/^xml(?:ns)?(?::|$)/.test(name)
    )
      differences.push({
        at: shown.at,
        message: `the server's <${actual.getName()}/> has ${name}="${String(actual.attrs[name])}", the example has no ${name}`,
      });
  return differences;
}

function compareText(shown: XmlNode, actual: Element): readonly Difference[] {
  if (shown.elided) return [];
  const expected = shown.text.trim();
  const given = actual.children
    .filter((child) => typeof child === 'string')
    .join('')
    .trim();
  if (expected === given || (isKey(expected) && isKey(given))) return [];
  const at = shown.textAt ?? shown.at;
  return [
    { at, message: `in the server's <${actual.getName()}/> stands "${given}", in the example "${expected}"` },
  ];
}

function isKey(text: string): boolean {
  const octets = decodeBase64url(text);
  return octets !== undefined && isPoint(octets);
}

function compareChildren(shown: XmlNode, actual: Element): readonly Difference[] {
  const left = actual.getChildElements().filter((child) => !isHumanText(child.getName(), child.getNS()));
  const take = (matches: (candidate: Element) => boolean): Element | undefined => {
    const index = left.findIndex(matches);
    return index === -1 ? undefined : left.splice(index, 1)[0];
  };
  // What fits as it is goes first, so that it is not taken for one that differs.
  const unmatched = shown.children.filter(
    (child) =>
      !isHumanText(child.local, child.namespace) &&
      !take((candidate) => isSame(child, candidate) && compareElement(child, candidate).length === 0),
  );
  const differences: Difference[] = [];
  for (const child of unmatched) {
    const found = take((candidate) => isSame(child, candidate));
    if (found) differences.push(...compareElement(child, found));
    else
      differences.push({
        at: child.at,
        message: `the server's <${actual.getName()}/> has no ${nameOf(child)}`,
      });
  }
  if (!shown.elided)
    for (const extra of left)
      differences.push({
        at: shown.at,
        message: `the server's <${actual.getName()}/> also has ${extra.toString().slice(0, 200)}`,
      });
  return differences;
}

function isHumanText(name: string, namespace: string | undefined): boolean {
  return name === 'text' && namespace === STANZA_ERRORS;
}

/** What tells elements of one name apart. */
const DISTINCTIVE = ['var', 'category'];

function isSame(shown: XmlNode, actual: Element): boolean {
  return (
    shown.local === actual.getName() &&
    shown.namespace === actual.getNS() &&
    shown.attributes.every(({ name, value }) => !DISTINCTIVE.includes(name) || actual.attrs[name] === value)
  );
}

function nameOf({ name, attributes, namespace }: XmlNode): string {
  const special = attributes.find((candidate) => DISTINCTIVE.includes(candidate.name));
  return `<${name}${special ? ` ${special.name}="${special.value}"` : ''}/> in ${namespace}`;
}

/** Header fields that say something of a push; others are the business of whoever makes the connection. */
const FIELDS = [
  'ttl',
  'urgency',
  'topic',
  'content-encoding',
  'content-type',
  'content-length',
  'authorization',
];
/** Topics and tokens are the server's to choose, but not what they look like. */
function isAlike(name: string, shown: string, given: string): boolean {
  if (isElided(shown)) return true;
  if (name === 'topic') return TOPIC.test(shown) && TOPIC.test(given);
  if (name === 'authorization') return shapeOf(shown) === shapeOf(given);
  return shown === given;
}

/** RFC 8030 §5.4. */
const TOPIC = /^[A-Za-z0-9_-]{1,32}$/;

/** Scheme and names of the parameters (RFC 9110 §11.4), `vapid k t`. */
function shapeOf(authorization: string): string {
  const [scheme = '', ...rest] = authorization.trim().split(/\s+/);
  const names = rest
    .join('')
    .split(',')
    .map((parameter) => parameter.split('=', 1)[0] ?? '');
  return [scheme.toLowerCase(), ...names.sort()].join(' ');
}

function compareMethod({ start }: HttpMessage, given: string): readonly Difference[] {
  if (start.type !== 'request' || start.method === given) return [];
  return [{ at: start.at, message: `the server's request is a ${given}, the example a ${start.method}` }];
}

/** Compares a push with the request an example shows. */
export function comparePush({ request, payload }: PushStep, actual: Examined): readonly Difference[] {
  const differences: Difference[] = [...compareMethod(request, actual.request.method)];
  const given = new Map(actual.request.headers.map(([name, value]) => [name.toLowerCase(), value]));
  const shown = new Map(request.fields.map((field) => [field.name.toLowerCase(), field]));
  for (const name of FIELDS) {
    const field = shown.get(name);
    const value = given.get(name);
    if (field === undefined && value !== undefined)
      differences.push({
        at: request.start.at,
        message: `the server's request has "${name}: ${value}", the example has no such field`,
      });
    if (field !== undefined && value === undefined)
      differences.push({ at: field.at, message: `the server's request has no field ${field.name}` });
    if (field !== undefined && value !== undefined && !isAlike(name, field.value, value))
      differences.push({
        at: field.valueAt,
        message: `the server's request has ${field.name}: ${value}, the example ${field.value}`,
      });
  }
  if (!actual.opened.ok)
    differences.push({
      at: request.start.at,
      message: `the server's request does not open: ${actual.opened.reason}`,
    });
  else if (payload) differences.push(...comparePayload(payload, actual.opened.json));
  return differences;
}

/** Members whose value is the server's to choose, and what it has to be like. */
const FREE_MEMBERS: Readonly<Record<string, (value: unknown) => boolean>> = {
  id: (value) => typeof value === 'string' && value !== '',
  time: (value) =>
    typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value)),
};

function comparePayload(
  { value, example }: NonNullable<PushStep['payload']>,
  actual: unknown,
): readonly Difference[] {
  const at = (member: string): Position => {
    const found = example.source.text.indexOf(`"${member}"`);
    return found === -1 ? example.at : example.source.at(found);
  };
  const given = new Map(Object.entries(typeof actual === 'object' && actual !== null ? actual : {}));
  const differences: Difference[] = [];
  for (const [member, expected] of Object.entries(value)) {
    const found = given.get(member);
    if (found === undefined)
      differences.push({ at: at(member), message: `the server's payload has no member "${member}"` });
    else if (!isDeepStrictEqual(found, expected) && !(isFree(member, expected) && isFree(member, found)))
      differences.push({
        at: at(member),
        message: `the server's payload has "${member}": ${JSON.stringify(found)}, the example ${JSON.stringify(expected)}`,
      });
  }
  for (const [member, found] of given)
    if (!Object.hasOwn(value, member))
      differences.push({
        at: example.at,
        message: `the server's payload also has "${member}": ${JSON.stringify(found)}`,
      });
  return differences;
}

function isFree(member: string, value: unknown): boolean {
  return Object.hasOwn(FREE_MEMBERS, member) && FREE_MEMBERS[member]?.(value) === true;
}
