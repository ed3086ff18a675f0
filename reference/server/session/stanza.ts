import xml, { Element, Parser } from '@xmpp/xml';

export const CLIENT = 'jabber:client';
export const STANZAS = 'urn:ietf:params:xml:ns:xmpp-stanzas';

export type StanzaErrorType = 'auth' | 'cancel' | 'continue' | 'modify' | 'wait';

/** Stanza error conditions the server answers with (RFC 6120 §8.3.3). */
export type StanzaCondition =
  | 'bad-request'
  | 'conflict'
  | 'feature-not-implemented'
  | 'forbidden'
  | 'internal-server-error'
  | 'item-not-found'
  | 'jid-malformed'
  | 'not-acceptable'
  | 'not-allowed'
  | 'not-authorized'
  | 'remote-server-not-found'
  | 'resource-constraint'
  | 'service-unavailable'
  | 'unexpected-request';

const USUAL_TYPE: Record<StanzaCondition, StanzaErrorType> = {
  'bad-request': 'modify',
  conflict: 'cancel',
  'feature-not-implemented': 'cancel',
  forbidden: 'auth',
  'internal-server-error': 'wait',
  'item-not-found': 'cancel',
  'jid-malformed': 'modify',
  'not-acceptable': 'modify',
  'not-allowed': 'cancel',
  'not-authorized': 'auth',
  'remote-server-not-found': 'cancel',
  'resource-constraint': 'wait',
  'service-unavailable': 'cancel',
  'unexpected-request': 'modify',
};

/** Thrown by whatever handles a stanza; its sender gets the error stanza it describes. */
export class StanzaError extends Error {
  override readonly name = 'StanzaError';
  readonly code: StanzaCondition;
  readonly type: StanzaErrorType;
  readonly application: Element | undefined;

  constructor(
    code: StanzaCondition,
    options: {
      readonly type?: StanzaErrorType;
      readonly text?: string;
      readonly application?: Element;
      readonly cause?: unknown;
    } = {},
  ) {
    super(options.text ?? '', options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.type = options.type ?? USUAL_TYPE[code];
    this.application = options.application;
  }
}

/** An attribute as text; undefined when it is not there. */
export function attribute(element: Element, name: string): string | undefined {
  const value: unknown = element.attrs[name];
  return value === undefined || value === null ? undefined : String(value);
}

/** The type a stanza counts as: a message without or with an unknown type is normal (RFC 6121 §5.2.2). */
export function messageType(stanza: Element): 'chat' | 'error' | 'groupchat' | 'headline' | 'normal' {
  const type = attribute(stanza, 'type');
  return type === 'chat' || type === 'error' || type === 'groupchat' || type === 'headline' ? type : 'normal';
}

/** A deep copy without parent, optionally with other attributes (undefined takes one away). */
export function copyElement(
  element: Element,
  attributes: Readonly<Record<string, string | undefined>> = {},
): Element {
  const copy = new Element(element.name, { ...element.attrs });
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined) delete copy.attrs[name];
    else copy.attrs[name] = value;
  }
  for (const child of element.children) copy.append(typeof child === 'string' ? child : copyElement(child));
  return copy;
}

/** Reads back what `element.toString()` wrote. */
export function parseElement(text: string): Element {
  let parsed: Element | undefined;
  const parser = new Parser();
  parser.on('element', (element: Element) => {
    parsed = element;
  });
  parser.write(`<stored>${text}</stored>`);
  if (!parsed) throw new Error('a stored stanza is not well-formed');
  parsed.parent = null;
  return parsed;
}

export function resultOf(iq: Element, payload?: Element): Element {
  return xml(
    'iq',
    {
      xmlns: CLIENT,
      type: 'result',
      id: attribute(iq, 'id'),
      to: attribute(iq, 'from'),
      from: attribute(iq, 'to'),
    },
    ...(payload ? [payload] : []),
  );
}

/**
 * The error stanza that answers `stanza`, from where that was addressed to. Never call it for an error or an IQ result:
 * those are not answered (RFC 6120 §8.3.1).
 */
export function errorOf(stanza: Element, error: StanzaError): Element {
  return xml(
    stanza.getName(),
    {
      xmlns: CLIENT,
      type: 'error',
      id: attribute(stanza, 'id'),
      to: attribute(stanza, 'from'),
      from: attribute(stanza, 'to'),
    },
    xml(
      'error',
      { type: error.type },
      xml(error.code, STANZAS),
      ...(error.message === '' ? [] : [xml('text', { xmlns: STANZAS, 'xml:lang': 'en' }, error.message)]),
      ...(error.application ? [error.application] : []),
    ),
  );
}

/** Whether the stanza may be answered with an error. */
export function mayBeAnswered(stanza: Element): boolean {
  const type = attribute(stanza, 'type');
  return type !== 'error' && !(stanza.getName() === 'iq' && type === 'result');
}

/** XEP-0203; XEP-0082 date-time in UTC. */
export function delay(from: string, time: number): Element {
  return xml('delay', { xmlns: 'urn:xmpp:delay', from, stamp: new Date(time).toISOString() });
}
