import type { SpecDocument } from '../document.js';
import type { ParsedExample, XmlAttribute, XmlNode } from '../example.js';
import type { SpecFinding, SpecRule } from '../finding.js';
import type { Position } from '../source-text.js';
import { isElided } from './ellipsis.js';
import { isStanza, parsedExamples } from './parse.js';

/** The stanzas of a document, in its order. */
export function stanzasOf(
  document: SpecDocument,
): readonly { readonly stanza: XmlNode; readonly example: ParsedExample }[] {
  return parsedExamples(document).parsed.flatMap((example) =>
    'roots' in example ? example.roots.filter(isStanza).map((stanza) => ({ stanza, example })) : [],
  );
}

/** An element and all that is in it, in the order of the text. */
export function* withDescendants(node: XmlNode): Generator<XmlNode> {
  const waiting = [node];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    yield next;
    for (const child of next.children.toReversed()) waiting.push(child);
  }
}

const elements = new WeakMap<SpecDocument, readonly XmlNode[]>();

/** Every element of every example, in the order of the text. */
export function elementsOf(document: SpecDocument): readonly XmlNode[] {
  const before = elements.get(document);
  if (before) return before;
  const found = parsedExamples(document).parsed.flatMap((example) =>
    'roots' in example ? example.roots.flatMap((root) => [...withDescendants(root)]) : [],
  );
  elements.set(document, found);
  return found;
}

export function attribute(node: XmlNode, name: string): XmlAttribute | undefined {
  return node.attributes.find((candidate) => candidate.name === name);
}

const TYPES: Readonly<Record<string, readonly string[]>> = {
  iq: ['get', 'set', 'result', 'error'],
  message: ['chat', 'error', 'groupchat', 'headline', 'normal'],
  presence: ['error', 'probe', 'subscribe', 'subscribed', 'unavailable', 'unsubscribe', 'unsubscribed'],
};

const ERROR_TYPES = ['auth', 'cancel', 'continue', 'modify', 'wait'];
const STANZA_ERRORS = 'urn:ietf:params:xml:ns:xmpp-stanzas';

/** The defined conditions of RFC 6120 §8.3.3. */
const CONDITIONS = new Set([
  'bad-request',
  'conflict',
  'feature-not-implemented',
  'forbidden',
  'gone',
  'internal-server-error',
  'item-not-found',
  'jid-malformed',
  'not-acceptable',
  'not-allowed',
  'not-authorized',
  'policy-violation',
  'recipient-unavailable',
  'redirect',
  'registration-required',
  'remote-server-not-found',
  'remote-server-timeout',
  'resource-constraint',
  'service-unavailable',
  'subscription-required',
  'undefined-condition',
  'unexpected-request',
]);

/** What RFC 6120 §8 asks of every stanza. */
export const stanzaRules: SpecRule = (document) =>
  stanzasOf(document).flatMap(({ stanza }) => [
    ...(isSketch(stanza) ? [] : checkType(document, stanza)),
    ...(stanza.local === 'iq' && !isSketch(stanza) ? checkIq(document, stanza) : []),
    ...(attribute(stanza, 'type')?.value === 'error' ? checkError(document, stanza) : []),
    ...checkChildren(document, stanza),
  ]);

/** An iq that is shown for its addresses alone: `<iq to='…'>...</iq>`. */
function isSketch(stanza: XmlNode): boolean {
  return stanza.elided && !attribute(stanza, 'type') && !attribute(stanza, 'id');
}

function checkType(document: SpecDocument, stanza: XmlNode): readonly SpecFinding[] {
  const type = attribute(stanza, 'type');
  const known = TYPES[stanza.local] ?? [];
  if (!type) {
    if (stanza.local !== 'iq') return [];
    return [
      error(
        document,
        stanza.at,
        'example/stanza-type',
        `an iq has a type: ${known.join(', ')} (RFC 6120 §8.2.3)`,
      ),
    ];
  }
  if (known.includes(type.value) || isElided(type.value)) return [];
  return [
    error(
      document,
      type.at,
      'example/stanza-type',
      `"${type.value}" is no type of ${stanza.local}; there are ${known.join(', ')}`,
    ),
  ];
}

function checkIq(document: SpecDocument, iq: XmlNode): readonly SpecFinding[] {
  const findings: SpecFinding[] = [];
  if (!attribute(iq, 'id'))
    findings.push(error(document, iq.at, 'example/iq-id', 'an iq has an id (RFC 6120 §8.2.3)'));
  const type = attribute(iq, 'type')?.value;
  if ((type === 'get' || type === 'set') && !iq.elided && iq.children.length !== 1) {
    const at = iq.children[1]?.at ?? iq.at;
    const message = `an iq of type ${type} has exactly one child, here there are ${iq.children.length} (RFC 6120 §8.2.3)`;
    findings.push(error(document, at, 'example/iq-payload', message));
  }
  if (type === 'result' && iq.children.length > 1) {
    const at = iq.children[1]?.at ?? iq.at;
    findings.push(
      error(
        document,
        at,
        'example/iq-payload',
        'an iq of type result has at most one child (RFC 6120 §8.2.3)',
      ),
    );
  }
  return findings;
}

function checkError(document: SpecDocument, stanza: XmlNode): readonly SpecFinding[] {
  const element = stanza.children.find(
    ({ local, namespace }) => local === 'error' && namespace === stanza.namespace,
  );
  if (!element) {
    if (stanza.elided) return [];
    return [
      error(
        document,
        stanza.at,
        'example/error',
        'a stanza of type error has a child <error/> (RFC 6120 §8.3.1)',
      ),
    ];
  }
  const findings: SpecFinding[] = [];
  const type = attribute(element, 'type');
  if (!type || !ERROR_TYPES.includes(type.value)) {
    const message = `the type of an error is one of ${ERROR_TYPES.join(', ')} (RFC 6120 §8.3.2)`;
    findings.push(error(document, type?.at ?? element.at, 'example/error', message));
  }
  const conditions = element.children.filter(
    ({ namespace, local }) => namespace === STANZA_ERRORS && local !== 'text',
  );
  for (const condition of conditions) {
    if (CONDITIONS.has(condition.local)) continue;
    const message = `<${condition.name}/> is no defined condition (RFC 6120 §8.3.3)`;
    findings.push(
      condition.local === 'payment-required'
        ? warning(document, condition.at, 'example/error', `${message}; it was one in RFC 3920 only`)
        : error(document, condition.at, 'example/error', message),
    );
  }
  const [, second] = conditions;
  if (second)
    findings.push(
      error(
        document,
        second.at,
        'example/error',
        'an error has one defined condition only (RFC 6120 §8.3.2)',
      ),
    );
  if (conditions.length === 0 && !element.elided) {
    const stray = element.children.find(({ local }) => CONDITIONS.has(local));
    findings.push(
      error(
        document,
        stray?.at ?? element.at,
        'example/error',
        `an error has a defined condition (RFC 6120 §8.3.2)${stray ? `; <${stray.name}/> is not in ${STANZA_ERRORS}` : ''}`,
      ),
    );
  }
  return findings;
}

/** Elements that belong to a stanza itself (RFC 6121 §5.2, §4.7). */
const OWN_CHILDREN: Readonly<Record<string, readonly string[]>> = {
  message: ['body', 'subject', 'thread', 'error'],
  presence: ['show', 'status', 'priority', 'error'],
  iq: ['error'],
};

/** A child in the namespace of the stanza that RFC 6121 does not know has lost its own. */
function checkChildren(document: SpecDocument, stanza: XmlNode): readonly SpecFinding[] {
  const own = OWN_CHILDREN[stanza.local] ?? [];
  return stanza.children
    .filter(({ namespace, local }) => namespace === stanza.namespace && !own.includes(local))
    .map((child) =>
      error(
        document,
        child.at,
        'example/namespace',
        `<${child.name}/> is no element of a ${stanza.local}; its xmlns is missing`,
      ),
    );
}

export function error(document: SpecDocument, at: Position, rule: string, message: string): SpecFinding {
  return { file: document.file, line: at.line, column: at.column, level: 'error', rule, message };
}

export function warning(document: SpecDocument, at: Position, rule: string, message: string): SpecFinding {
  return { ...error(document, at, rule, message), level: 'warning' };
}

export function hint(document: SpecDocument, at: Position, rule: string, message: string): SpecFinding {
  return { ...error(document, at, rule, message), level: 'hint' };
}
