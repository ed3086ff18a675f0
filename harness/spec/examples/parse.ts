import type { Example, SpecDocument } from '../document.js';
import type { ParsedExample, XmlNode } from '../example.js';
import type { SpecFinding } from '../finding.js';
import { isElided } from './ellipsis.js';
import { parseHttp } from './http.js';
import { parseTree } from './tree.js';

/** The examples of a document, and what is wrong with their form. */
export interface Examples {
  readonly parsed: readonly ParsedExample[];
  readonly findings: readonly SpecFinding[];
}

const known = new WeakMap<SpecDocument, Examples>();

/** All examples of a document in their order; each is taken apart once, whoever asks. */
export function parsedExamples(document: SpecDocument): Examples {
  const before = known.get(document);
  if (before) return before;
  const findings: SpecFinding[] = [];
  const parsed = document.examples.map((example) => {
    const { result, fault } = parseExample(example);
    if (fault) findings.push({ file: document.file, level: 'error', ...fault });
    return result;
  });
  const examples = { parsed, findings };
  known.set(document, examples);
  return examples;
}

type Fault = Pick<SpecFinding, 'rule' | 'message' | 'line' | 'column'>;

/** Tells what an example is, and takes it apart. An example with a fault is text: nobody can rely on the rest of it. */
export function parseExample(example: Example): { readonly result: ParsedExample; readonly fault?: Fault } {
  const { source } = example;
  const text = source.text.trim();
  if (/^<(?:[A-Za-z_][\w:.-]*[\s/>]|[!?/])/.test(text)) {
    const { roots, fault } = parseTree(source);
    if (fault && isNotation(text)) return { result: { kind: 'text', example } };
    if (fault)
      return {
        result: { kind: 'text', example },
        fault: { rule: `example/${fault.rule}`, message: fault.message, ...fault.at },
      };
    if (roots.length > 0) return { result: { kind: kindOf(roots), example, roots } };
    return { result: { kind: 'text', example } };
  }
  const message = parseHttp(source);
  if (message) return { result: { kind: 'http', example, message } };
  if (/^\{\s*"/.test(text)) return parseJson(example, text);
  return { result: { kind: 'text', example } };
}

/** `<localpart>@<domain>`: angle brackets around names, nothing of which is markup. */
function isNotation(text: string): boolean {
  return text.length <= 1000 && !/<\/|\/>|=/.test(text) && !/^<(?:message|presence|iq|stream:)/.test(text);
}

function parseJson(example: Example, text: string): ReturnType<typeof parseExample> {
  try {
    return { result: { kind: 'json', example, value: JSON.parse(text) } };
  } catch (error) {
    const result = { kind: 'text', example } as const;
    if (isElided(text)) return { result };
    const lead = example.source.text.length - example.source.text.trimStart().length;
    const reason = error instanceof Error ? error.message : String(error);
    const offset = Number(/position (\d+)/.exec(reason)?.[1] ?? 0);
    const short = reason.replace(/ in JSON at position \d+.*$/s, '').replace(/, ".*$/s, '');
    return {
      result,
      fault: {
        rule: 'example/json',
        message: `this is no JSON: ${short}`,
        ...example.source.at(lead + offset),
      },
    };
  }
}

const STREAM_NAMESPACES = new Set([
  'http://etherx.jabber.org/streams',
  'urn:ietf:params:xml:ns:xmpp-framing',
  'urn:ietf:params:xml:ns:xmpp-sasl',
  'urn:ietf:params:xml:ns:xmpp-tls',
  'urn:xmpp:sasl:2',
  'urn:xmpp:sm:2',
  'urn:xmpp:sm:3',
  'urn:xmpp:csi:0',
]);

function kindOf(roots: readonly XmlNode[]): 'stanza' | 'stream' | 'xml' {
  if (roots.some(isStanza)) return 'stanza';
  return roots.some(({ namespace }) => STREAM_NAMESPACES.has(namespace)) ? 'stream' : 'xml';
}

const STANZA_NAMESPACES = new Set(['jabber:client', 'jabber:server', 'jabber:component:accept']);

/** A stanza: `message`, `presence` or `iq` in the namespace of a stream (RFC 6120 §8). */
export function isStanza({ local, namespace }: XmlNode): boolean {
  return STANZA_NAMESPACES.has(namespace) && (local === 'message' || local === 'presence' || local === 'iq');
}
