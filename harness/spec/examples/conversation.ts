import { distance } from 'fastest-levenshtein';
import type { SpecDocument } from '../document.js';
import type { ParsedExample, XmlNode } from '../example.js';
import type { SpecFinding, SpecRule } from '../finding.js';
import { attribute, error, hint, stanzasOf, warning } from './structure.js';

/** How many requests with one id are remembered; documents show few variants of one. */
const MAX_VARIANTS = 50;

/** The requests a reader has seen so far. */
interface Seen {
  readonly byId: Map<string, XmlNode[]>;
  /** Ids by their letters, whatever their order and case. */
  readonly byLetters: Map<string, Set<string>>;
}

/** Requests and answers belong together (RFC 6120 §8.2.3): by id, addresses and payload. */
export const conversationRules: SpecRule = (document) => {
  const findings: SpecFinding[] = [];
  const seen: Seen = { byId: new Map(), byLetters: new Map() };
  let before: { readonly stanza: XmlNode; readonly example: ParsedExample } | undefined;
  for (const current of stanzasOf(document)) {
    const { stanza: iq } = current;
    const previous = before && before.example === current.example ? before.stanza : undefined;
    before = current;
    if (iq.local !== 'iq') continue;
    const id = attribute(iq, 'id')?.value;
    const type = attribute(iq, 'type')?.value;
    if (id === undefined) continue;
    if (type === 'get' || type === 'set') {
      findings.push(...checkReuse(document, previous, iq, id));
      remember(seen, iq, id);
    } else if (type === 'result' || type === 'error') {
      const asked = previous && openRequest(previous);
      if (asked !== undefined && asked !== id && !seen.byId.has(id))
        findings.push(
          error(
            document,
            attribute(iq, 'id')?.at ?? iq.at,
            'example/answer',
            `the request above has id="${asked}", its answer has id="${id}"`,
          ),
        );
      else findings.push(...checkAnswer(document, iq, id, seen));
    }
  }
  return findings;
};

function remember({ byId, byLetters }: Seen, iq: XmlNode, id: string): void {
  const requests = byId.get(id);
  if (requests) {
    requests.push(iq);
    if (requests.length > MAX_VARIANTS) requests.shift();
    return;
  }
  byId.set(id, [iq]);
  const key = lettersOf(id);
  const ids = byLetters.get(key);
  // Where many are alike, none is the one that was meant.
  if (ids && ids.size < MAX_VARIANTS) ids.add(id);
  else if (!ids) byLetters.set(key, new Set([id]));
}

/** Two requests in a row within one example are both open: their ids differ (RFC 6120 §8.1.3). */
function checkReuse(
  document: SpecDocument,
  previous: XmlNode | undefined,
  iq: XmlNode,
  id: string,
): readonly SpecFinding[] {
  if (!previous || openRequest(previous) !== id) return [];
  const sameSender = attribute(previous, 'from')?.value === attribute(iq, 'from')?.value;
  const sameReceiver = attribute(previous, 'to')?.value === attribute(iq, 'to')?.value;
  if (!sameSender || !sameReceiver) return [];
  const message = `the request in line ${previous.at.line} has id="${id}" too, and is not answered yet`;
  return [warning(document, attribute(iq, 'id')?.at ?? iq.at, 'example/iq-id', message)];
}

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
  seen: Seen,
): readonly SpecFinding[] {
  const candidates = seen.byId.get(id);
  if (!candidates) {
    // Many documents show an answer whose request goes without saying; where a name is nearly that of one, it is a slip.
    const at = attribute(answer, 'id')?.at ?? answer.at;
    const near = closeTo(id, seen);
    const message = `no request above has the id "${id}"`;
    return near === undefined
      ? [hint(document, at, 'example/answer', message)]
      : [warning(document, at, 'example/answer', `${message}; is it an answer to "${near}"?`)];
  }
  // An answer belongs to the nearest request that fits; the same request may be answered in several ways.
  const fitting =
    candidates.findLast((iq) => addressesFit(iq, answer) && !otherResource(iq, answer)) ??
    candidates.findLast((iq) => addressesFit(iq, answer));
  const request = fitting ?? candidates.at(-1);
  if (!request) return [];
  return [
    ...(fitting ? resourceFindings(document, request, answer) : addressFindings(document, request, answer)),
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

/** Whether the answer goes to another resource than the one that asked. */
function otherResource(request: XmlNode, answer: XmlNode): boolean {
  const asked = attribute(request, 'from')?.value;
  const given = attribute(answer, 'to')?.value;
  // A server may write a bare JID where it speaks to one resource, but never the name of another.
  return asked !== undefined && given !== undefined && asked.includes('/') && given.includes('/')
    ? asked.slice(asked.indexOf('/')) !== given.slice(given.indexOf('/'))
    : false;
}

function resourceFindings(document: SpecDocument, request: XmlNode, answer: XmlNode): readonly SpecFinding[] {
  const asked = attribute(request, 'from');
  const given = attribute(answer, 'to');
  if (!asked || !given || !otherResource(request, answer)) return [];
  // What else may go wrong is often shown with another client than what goes well.
  const level = attribute(answer, 'type')?.value === 'result' ? warning : hint;
  return [
    level(
      document,
      given.at,
      'example/answer',
      `the request in line ${request.at.line} is from="${asked.value}", but its answer goes to="${given.value}"`,
    ),
  ];
}

function addressFindings(document: SpecDocument, request: XmlNode, answer: XmlNode): readonly SpecFinding[] {
  const same = (name: string) => attribute(request, name)?.value === attribute(answer, name)?.value;
  if (same('from') && same('to') && attribute(request, 'from') && attribute(request, 'to'))
    return [
      error(
        document,
        attribute(answer, 'from')?.at ?? answer.at,
        'example/answer',
        `from and to are those of the request in line ${request.at.line}; in its answer they change places`,
      ),
    ];
  const misfits = (
    [
      ['to', 'from'],
      ['from', 'to'],
    ] as const
  ).filter(([requested, answered]) => !fits(request, requested, answer, answered));
  return misfits.map(([requested, answered]) => {
    const asked = attribute(request, requested)?.value ?? '';
    const at = attribute(answer, answered);
    // Where neither fits, it may be the answer to a request that is not shown and happens to have the same id; and so
    // may be the error that somebody else gets.
    const certain =
      misfits.length === 1 &&
      (requested === 'to' || attribute(answer, 'type')?.value === 'result' || near(asked, at?.value ?? ''));
    return (certain ? error : warning)(
      document,
      at?.at ?? answer.at,
      'example/answer',
      `the request in line ${request.at.line} has ${requested}="${asked}", ` +
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
  return ECHOED.filter(
    ([namespace, local]) => namespace === asked.namespace && local === asked.local,
  ).flatMap(([, , name]) => {
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

/** What an answer repeats of its question (XEP-0030 §3.2, §4.2; XEP-0050 §3.4). */
const ECHOED = [
  ['http://jabber.org/protocol/disco#info', 'query', 'node'],
  ['http://jabber.org/protocol/disco#items', 'query', 'node'],
  ['http://jabber.org/protocol/commands', 'command', 'node'],
  ['http://jabber.org/protocol/commands', 'command', 'sessionid'],
] as const;

function bare(jid: string): string {
  return (jid.split('/', 1)[0] ?? '').toLowerCase();
}

/** Hardly to be told apart. */
function near(a: string, b: string): boolean {
  return a.length <= 200 && b.length <= 200 && distance(bare(a), bare(b)) <= 3;
}

/** The only id that is the same but for case or the order of two letters, when there is exactly one. */
function closeTo(id: string, { byLetters }: Seen): string | undefined {
  if (id.length < 4) return undefined;
  const alike = [...(byLetters.get(lettersOf(id)) ?? [])].filter(
    // A number that differs is another request, not a slip.
    (other) => other.toLowerCase() === id.toLowerCase() || !/\d/.test(id),
  );
  return alike.length === 1 ? alike[0] : undefined;
}

function lettersOf(id: string): string {
  return [...id.toLowerCase()].sort().join('');
}
