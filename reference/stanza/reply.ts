import xml, { type Element } from '@xmpp/xml';
import { WEBPUSH } from './namespace.js';

const STANZA_ERRORS = 'urn:ietf:params:xml:ns:xmpp-stanzas';

/** The pairs of error type and defined condition (RFC 6120 §8.3) this protocol answers with. */
export type ErrorCondition =
  /** An element is missing, empty or repeated, or a value is not of its type. */
  | { readonly type: 'modify'; readonly condition: 'bad-request' }
  /** Well-formed, but refused: scheme, address, length, not a point on the curve. */
  | { readonly type: 'modify'; readonly condition: 'not-acceptable' }
  /** Policy: this account, or nobody here, may do that. */
  | { readonly type: 'auth'; readonly condition: 'forbidden' }
  | { readonly type: 'cancel'; readonly condition: 'not-allowed' }
  /** Too much at once. */
  | { readonly type: 'wait'; readonly condition: 'resource-constraint' }
  /** Storage failed. */
  | { readonly type: 'wait'; readonly condition: 'internal-server-error' }
  | { readonly type: 'cancel'; readonly condition: 'feature-not-implemented' }
  /** Nobody handles this here: the feature is off, or the IQ is meant for somebody else (RFC 6120 §8.3.3.19). */
  | { readonly type: 'cancel'; readonly condition: 'service-unavailable' };

export type StanzaError = ErrorCondition & {
  /** Says in English what is wrong and how to mend it; never a value out of the request. */
  readonly text?: string;
  /** What exactly was not acceptable, for clients that tell the two apart. */
  readonly applicationCondition?: 'invalid-key' | 'invalid-endpoint';
};

/** The empty result that answers both enable and disable. */
export function buildResult(iq: Element): Element {
  return reply(iq, 'result');
}

/** The error that answers an IQ. The request is not repeated in it (RFC 6120 §8.3.1 allows both): it may hold keys. */
export function buildError(iq: Element, error: StanzaError): Element {
  const child = xml('error', { type: error.type }, xml(error.condition, { xmlns: STANZA_ERRORS }));
  if (error.text !== undefined) {
    child.append(xml('text', { xmlns: STANZA_ERRORS, 'xml:lang': 'en' }, error.text));
  }
  if (error.applicationCondition) child.append(xml(error.applicationCondition, { xmlns: WEBPUSH }));
  const answer = reply(iq, 'error');
  answer.append(child);
  return answer;
}

function reply(iq: Element, type: 'result' | 'error'): Element {
  const attrs: Record<string, string> = { type };
  const namespace = iq.getNS();
  if (namespace) attrs.xmlns = namespace;
  const { id, from, to } = iq.attrs;
  if (id !== undefined) attrs.id = id;
  if (to !== undefined) attrs.from = to;
  if (from !== undefined) attrs.to = from;
  return xml('iq', attrs);
}
