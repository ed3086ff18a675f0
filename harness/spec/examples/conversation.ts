import type { SpecDocument } from '../document.js';
import type { ParsedExample, XmlNode } from '../example.js';
import type { SpecFinding, SpecRule } from '../finding.js';
import { attribute, error, hint, stanzasOf, warning } from './structure.js';

/** Requests and answers belong together (RFC 6120 §8.2.3): by id, addresses and payload. */
export const conversationRules: SpecRule = (document) => {
  const findings: SpecFinding[] = [];
  const requests = new Map<string, XmlNode[]>();
  let before: { readonly stanza: XmlNode; readonly example: ParsedExample } | undefined;
  for (const current of stanzasOf(document)) {
    const { stanza: iq } = current;
    const previous = before;
    before = current;
    if (iq.local !== 'iq') continue;
    const id = attribute(iq, 'id')?.value;
    const type = attribute(iq, 'type')?.value;
    if (id === undefined) continue;
    if (type === 'get' || type === 'set') requests.set(id, [...(requests.get(id) ?? []), iq]);
    else if (type === 'result' || type === 'error') {
      const asked =
        previous && previous.example === current.example ? openRequest(previous.stanza) : undefined;
      if (asked !== undefined && asked !== id && !requests.has(id))
        findings.push(
          error(
            document,
            attribute(iq, 'id')?.at ?? iq.at,
            'example/answer',
            `the request above has id="${asked}", its answer has id="${id}"`,
          ),
        );
      else findings.push(...checkAnswer(document, iq, id, requests));
    }
  }
  return findings;
};

/** The id of a request that stands in one example with what follows it. */
function openRequest(stanza: XmlNode): string | undefined {
  const type = attribute(stanza, 'type')?.value;
  return stanza.local === 'iq' && (type === 'get' || type === 'set')
    ? attribute(stanza, 'id')?.value
    : undefined;
}

function checkAnswer(
  document: SpecDocument,
  answer: XmlNode,
  id: string,
  requests: ReadonlyMap<string, XmlNode[]>,
): readonly SpecFinding[] {
  const candidates = requests.get(id);
  if (!candidates) {
    // Many documents show an answer whose request goes without saying; where a name is nearly that of one, it is a slip.
    const at = attribute(answer, 'id')?.at ?? answer.at;
    const near = closeTo(id, [...requests.keys()]);
    const message = `no request above has the id "${id}"`;
    return near === undefined
      ? [hint(document, at, 'example/answer', message)]
      : [warning(document, at, 'example/answer', `${message}; is it an answer to "${near}"?`)];
  }
  // An answer belongs to the nearest request that fits; the same request may be answered in several ways.
  const fitting = candidates.findLast((iq) => addressesFit(iq, answer));
  const request = fitting ?? candidates.at(-1);
  if (!request) return [];
  return [
    ...(fitting ? [] : addressFindings(document, request, answer)),
    ...payloadFindings(document, request, answer),
  ];
}

/** A missing address is the other side of the stream, or the account itself (RFC 6120 §8.1). */
function addressesFit(request: XmlNode, answer: XmlNode): boolean {
  return fits(request, 'to', answer, 'from') && fits(request, 'from', answer, 'to');
}

function fits(request: XmlNode, requested: string, answer: XmlNode, answered: string): boolean {
  const asked = attribute(request, requested)?.value;
  const given = attribute(answer, answered)?.value;
  return asked === undefined || given === undefined || bare(asked) === bare(given);
}

function addressFindings(document: SpecDocument, request: XmlNode, answer: XmlNode): readonly SpecFinding[] {
  return (
    [
      ['to', 'from'],
      ['from', 'to'],
    ] as const
  )
    .filter(([requested, answered]) => !fits(request, requested, answer, answered))
    .map(([requested, answered], _index, misfits) => {
      const at = attribute(answer, answered);
      // Where neither fits, it may be the answer to a request that is not shown and happens to have the same id.
      return (misfits.length === 2 ? warning : error)(
        document,
        at?.at ?? answer.at,
        'example/answer',
        `the request in line ${request.at.line} has ${requested}="${attribute(request, requested)?.value}", ` +
          `but its answer has ${answered}="${at?.value}"`,
      );
    });
}

/** A query is answered in its own namespace. */
function payloadFindings(document: SpecDocument, request: XmlNode, answer: XmlNode): readonly SpecFinding[] {
  const asked = request.children[0];
  const given = answer.children.find(({ local }) => local !== 'error');
  if (!asked || !given || attribute(answer, 'type')?.value !== 'result') return [];
  if (asked.local === given.local && asked.namespace !== given.namespace)
    return [
      error(
        document,
        given.at,
        'example/answer',
        `the request in line ${asked.at.line} asks in the namespace ${asked.namespace}, its answer is in ${given.namespace}`,
      ),
    ];
  if (asked.namespace !== given.namespace || asked.local !== given.local) return [];
  return ECHOED.filter(([namespace]) => namespace === asked.namespace).flatMap(([, name]) => {
    const wanted = attribute(asked, name);
    const actual = attribute(given, name);
    if (!wanted || wanted.value === actual?.value) return [];
    return [
      error(
        document,
        actual?.at ?? given.at,
        'example/value',
        `the answer repeats ${name}="${wanted.value}" of the request in line ${asked.at.line}`,
      ),
    ];
  });
}

/** What an answer repeats of its question (XEP-0030 §3.2, §4.2). */
const ECHOED = [
  ['http://jabber.org/protocol/disco#info', 'node'],
  ['http://jabber.org/protocol/disco#items', 'node'],
] as const;

function bare(jid: string): string {
  return (jid.split('/', 1)[0] ?? '').toLowerCase();
}

/** The only id that differs in one character, when there is exactly one. */
function closeTo(id: string, ids: readonly string[]): string | undefined {
  if (id.length < 4) return undefined;
  const near = ids.filter((other) => other.toLowerCase() === id.toLowerCase() || isTransposed(id, other));
  return near.length === 1 ? near[0] : undefined;
}

/** Two letters changed places, or case. A number that differs is another request, not a slip. */
function isTransposed(a: string, b: string): boolean {
  return (
    a !== b && a.length === b.length && [...a].sort().join('') === [...b].sort().join('') && !/\d/.test(a)
  );
}
