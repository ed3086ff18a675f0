import type { Element } from '@xmpp/xml';
import type { PayloadPolicy } from '../registry/registry.js';
import { WEBPUSH } from './namespace.js';
import type { StanzaError } from './reply.js';

/** What a client asks to be registered, as it wrote it: neither the endpoint nor the keys are judged yet. */
export interface EnableRequest {
  readonly type: 'enable';
  readonly endpoint: string;
  /** Text of `<auth/>`, meant to be 16 octets in base64url. */
  readonly auth: string;
  /** Text of `<p256dh/>`, meant to be a 65-octet point in base64url. */
  readonly p256dh: string;
  readonly payload: PayloadPolicy;
}

export interface DisableRequest {
  readonly type: 'disable';
  /** The registration the session is bound to, every one of the account, or the one of an endpoint. */
  readonly which: 'session' | 'all' | { readonly endpoint: string };
}

/** A request that is answered with an error and changes nothing. */
export interface Refusal {
  readonly type: 'refused';
  readonly error: StanzaError;
}

/** What a client that names no policy agreed to: the sender's JID, but not the text. */
const DEFAULT_POLICY: PayloadPolicy = { sender: true, body: false };

/**
 * The request in an IQ, or undefined when the IQ is none of this protocol: another namespace, or a result or an error,
 * which nobody may answer (RFC 6120 §8.2.3).
 *
 * Elements count by namespace and local name, whatever their prefix. What this version does not know is ignored, in
 * foreign namespaces and in this one, attributes included: so a client may use an optional element of a later revision
 * with a server that has never heard of it. What is known may not occur twice.
 *
 * @param iq addressed to the account itself; whether it is, is the caller's to check.
 */
export function parseRequest(iq: Element): EnableRequest | DisableRequest | Refusal | undefined {
  const type = iq.attrs.type;
  if (type === 'result' || type === 'error') return undefined;
  const children = iq.getChildElements();
  const request = children.find((child) => child.getNS() === WEBPUSH);
  if (!request) return undefined;
  if (children.length > 1) return badRequest('An IQ carries exactly one request; send one for each.');
  const name = request.getName();
  if (name !== 'enable' && name !== 'disable') {
    return refuse({
      type: 'cancel',
      condition: 'feature-not-implemented',
      text: 'Only enable and disable are requests.',
    });
  }
  if (type !== 'set') return badRequest(`The request ${name} needs an IQ of type set.`);
  return name === 'enable' ? parseEnable(request) : parseDisable(request);
}

/** Reads `<enable xmlns='urn:xmpp:webpush:0'/>`: endpoint, auth, p256dh once each, in any order; payload at most once. */
export function parseEnable(enable: Element): EnableRequest | Refusal {
  const endpoint = readText(enable, 'endpoint');
  if (typeof endpoint === 'object') return endpoint;
  const auth = readText(enable, 'auth');
  if (typeof auth === 'object') return auth;
  const p256dh = readText(enable, 'p256dh');
  if (typeof p256dh === 'object') return p256dh;
  // An empty element says as little as none.
  if (!endpoint) return missing('endpoint');
  if (!auth) return missing('auth');
  if (!p256dh) return missing('p256dh');
  const payload = readPolicy(enable);
  if ('type' in payload) return payload;
  return { type: 'enable', endpoint, auth, p256dh, payload };
}

/**
 * Reads `<disable xmlns='urn:xmpp:webpush:0'/>`. An empty endpoint is refused rather than taken for a missing one: a
 * client that lost the value would otherwise remove a registration it did not name.
 */
export function parseDisable(disable: Element): DisableRequest | Refusal {
  const all = readBoolean(disable, 'all', false);
  if (typeof all === 'object') return all;
  const endpoint = readText(disable, 'endpoint');
  if (typeof endpoint === 'object') return endpoint;
  if (endpoint === '') {
    return badRequest(
      'The element endpoint in disable is empty; leave it out for the registration of this session.',
    );
  }
  if (all && endpoint) return badRequest('A disable names an endpoint or has all set, not both.');
  if (all) return { type: 'disable', which: 'all' };
  return { type: 'disable', which: endpoint ? { endpoint } : 'session' };
}

function readPolicy(enable: Element): PayloadPolicy | Refusal {
  const found = known(enable, 'payload');
  if (found.length > 1) return duplicate(enable, 'payload');
  const [payload] = found;
  if (!payload) return DEFAULT_POLICY;
  const sender = readBoolean(payload, 'sender', DEFAULT_POLICY.sender);
  if (typeof sender === 'object') return sender;
  const body = readBoolean(payload, 'body', DEFAULT_POLICY.body);
  if (typeof body === 'object') return body;
  return { sender, body };
}

/** The text of the one child of that name without surrounding white space; undefined when there is no such child. */
function readText(parent: Element, name: string): string | undefined | Refusal {
  const found = known(parent, name);
  if (found.length > 1) return duplicate(parent, name);
  const [child] = found;
  if (!child) return undefined;
  if (child.getChildElements().length > 0) return badRequest(`The element ${name} may hold text only.`);
  return trim(child.getText());
}

/** An attribute of type xs:boolean (XML Schema Part 2 §3.2.2): true, false, 1 or 0. */
function readBoolean(element: Element, attribute: string, absent: boolean): boolean | Refusal {
  const value: unknown = element.attrs[attribute];
  if (value === undefined) return absent;
  switch (trim(String(value))) {
    case 'true':
    case '1':
      return true;
    case 'false':
    case '0':
      return false;
    default:
      return badRequest(`The attribute ${attribute} of ${element.getName()} is true, false, 1 or 0.`);
  }
}

function known(parent: Element, name: string): Element[] {
  return parent.getChildElements().filter((child) => child.getName() === name && child.getNS() === WEBPUSH);
}

/** Without the white space of XML 1.0 §2.3 at both ends. A loop, as a pattern takes quadratic time on a hostile text. */
function trim(text: string): string {
  const isSpace = (index: number) => ' \t\r\n'.includes(text.charAt(index));
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(start)) start++;
  while (end > start && isSpace(end - 1)) end--;
  return text.slice(start, end);
}

// The texts name elements and never repeat a value: endpoints and keys are secrets.

function missing(name: string): Refusal {
  return badRequest(`The element ${name} in enable is missing or empty.`);
}

function duplicate(parent: Element, name: string): Refusal {
  return badRequest(`The element ${name} in ${parent.getName()} may occur only once.`);
}

function badRequest(text: string): Refusal {
  return refuse({ type: 'modify', condition: 'bad-request', text });
}

function refuse(error: StanzaError): Refusal {
  return { type: 'refused', error };
}
