import { XmlDocument, XmlElement, XmlLibError, XmlValidateError, XsdValidator } from 'libxml2-wasm';
import type { SchemaBlock, SpecDocument } from '../document.js';
import type { XmlNode } from '../example.js';
import { isStanza, parsedExamples } from '../examples/parse.js';
import { attribute, error, warning, withDescendants } from '../examples/structure.js';
import type { SpecFinding } from '../finding.js';
import type { Position } from '../source-text.js';
import { knownSchemas } from './known.js';

/** Greater numbers of repetitions make libxml2 build a content model of that size. */
const MAX_REPETITIONS = 1000;

/** What validates a namespace: one of the document's schemas, or one that the kit knows. */
interface Validator {
  readonly xsd: XsdValidator;
  readonly elements: ReadonlySet<string>;
  /** Whether the document itself brings the schema. */
  readonly own: boolean;
}

/**
 * Whether elements in examples are valid against the document's own schemas or, where it has none for a namespace, against
 * those the kit knows. libxml2 is never given a way to a file or the network: a schema that needs another one is left out.
 */
export function checkSchemas(document: SpecDocument): readonly SpecFinding[] {
  const findings: SpecFinding[] = [];
  const validators = new Map<string, Validator>();
  const disposables: { dispose(): void }[] = [];
  try {
    for (const block of document.schemas) {
      const loaded = loadSchema(block.source.text);
      if ('fault' in loaded) {
        if (loaded.fault)
          findings.push(error(document, placeInBlock(block, loaded), 'schema/invalid', loaded.fault));
        continue;
      }
      disposables.push(...loaded.disposables);
      validators.set(loaded.namespace, { xsd: loaded.xsd, elements: loaded.elements, own: true });
    }
    for (const node of rootsOf(document))
      findings.push(...checkNode(document, node, validators, disposables));
    return findings;
  } finally {
    for (const disposable of disposables.toReversed()) disposable.dispose();
  }
}

/** All but the requests that the document shows to be refused: they may be as wrong as they like. */
function rootsOf(document: SpecDocument): readonly XmlNode[] {
  const roots = parsedExamples(document).parsed.flatMap((example) =>
    'roots' in example ? example.roots : [],
  );
  const refused = new Set(
    roots
      .filter((root) => isStanza(root) && attribute(root, 'type')?.value === 'error')
      .map((root) => attribute(root, 'id')?.value),
  );
  return roots.filter((root) => {
    const id = attribute(root, 'id')?.value;
    return id === undefined || !refused.has(id) || attribute(root, 'type')?.value === 'error';
  });
}

/** The outermost elements of a namespace with a schema are validated with all that is in them. */
function checkNode(
  document: SpecDocument,
  node: XmlNode,
  validators: Map<string, Validator>,
  disposables: { dispose(): void }[],
): readonly SpecFinding[] {
  const validator = validatorFor(node.namespace, validators, disposables);
  if (validator?.elements.has(node.local)) return validate(document, node, validator);
  const unknown =
    validator?.own && node.namespace !== 'jabber:client'
      ? [
          warning(
            document,
            node.at,
            'schema/element',
            `the schema of ${node.namespace} has no element ${node.local}`,
          ),
        ]
      : [];
  return [
    ...unknown,
    ...node.children.flatMap((child) => checkNode(document, child, validators, disposables)),
  ];
}

function validatorFor(
  namespace: string,
  validators: Map<string, Validator>,
  disposables: { dispose(): void }[],
): Validator | undefined {
  const own = validators.get(namespace);
  const text = knownSchemas[namespace];
  if (own || text === undefined) return own;
  const loaded = loadSchema(text);
  if ('fault' in loaded) return undefined;
  disposables.push(...loaded.disposables);
  const validator = { xsd: loaded.xsd, elements: loaded.elements, own: false };
  validators.set(namespace, validator);
  return validator;
}

type Loaded =
  | {
      readonly namespace: string;
      readonly xsd: XsdValidator;
      readonly elements: ReadonlySet<string>;
      readonly disposables: readonly { dispose(): void }[];
    }
  /** An empty fault: nothing is wrong, but it cannot be used alone. */
  | { readonly fault: string; readonly line: number; readonly lead: number };

function loadSchema(source: string): Loaded {
  const lead = source.length - source.trimStart().length;
  const text = source.slice(lead);
  const fault = (message: string, line = 1): Loaded => ({ fault: message, line, lead });
  const repetitions = [...text.matchAll(/\b(?:max|min)Occurs\s*=\s*["'](\d+)["']/g)];
  if (repetitions.some(([, number]) => Number(number) > MAX_REPETITIONS))
    return fault(`more than ${MAX_REPETITIONS} repetitions cannot be checked; write "unbounded"`);
  if (/<!(?:DOCTYPE|ENTITY)/.test(text)) return fault('');
  // What a schema imports is in another document, which nobody fetches.
  if (/<(?:\w+:)?(?:import|include|redefine)\b/.test(text)) return fault('');
  let xml: XmlDocument;
  try {
    xml = XmlDocument.fromString(text);
  } catch (cause) {
    return fault(`the schema is not well-formed: ${reasonOf(cause)}`, lineOf(cause));
  }
  try {
    const { root } = xml;
    const namespace = root.attr('targetNamespace')?.value ?? '';
    const elements = root
      .find("*[local-name()='element']")
      .flatMap((element) => (element instanceof XmlElement ? [element.attr('name')?.value ?? ''] : []));
    const xsd = XsdValidator.fromDoc(xml);
    return { namespace, xsd, elements: new Set(elements), disposables: [xml, xsd] };
  } catch (cause) {
    xml.dispose();
    return fault(`the schema cannot be used: ${reasonOf(cause)}`, lineOf(cause));
  }
}

function placeInBlock(
  { source }: SchemaBlock,
  { line, lead }: { readonly line: number; readonly lead: number },
): Position {
  let offset = lead;
  for (let current = 1; current < line; current++) offset = source.text.indexOf('\n', offset) + 1;
  return source.at(offset);
}

function validate(document: SpecDocument, node: XmlNode, { xsd, own }: Validator): readonly SpecFinding[] {
  const nodes: XmlNode[] = [];
  const xml = XmlDocument.fromString(serialise(node, nodes, own ? undefined : node.namespace));
  try {
    xsd.validate(xml);
    return [];
  } catch (cause) {
    if (!(cause instanceof XmlValidateError)) throw cause;
    return cause.details.flatMap(({ message, line }) => {
      // The start tag of each element ends in a line of its own, from the second on: the line tells which one is meant.
      const found = nodes[line - 2] ?? node;
      if (isExcused(found, message)) return [];
      return [error(document, placeOf(found, message), 'schema/valid', readable(message))];
    });
  } finally {
    xml.dispose();
  }
}

/** What is left out may be what is missing. */
function isExcused(node: XmlNode, message: string): boolean {
  const subject = [node, ...node.children];
  const elided =
    [...withDescendants(node)].some((inner) => inner.elided) ||
    subject.some(
      ({ attributes, text }) =>
        /\.{3}|\u2026/.test(text) || attributes.some(({ value }) => /\.{3}|\u2026/.test(value)),
    );
  return (
    elided &&
    /Missing child element|is required but missing|not a valid value|is not accepted by the pattern|is not an element of the set|\[facet/.test(
      message,
    )
  );
}

function placeOf(node: XmlNode, message: string): Position {
  const name = /attribute '(?:\{[^}]*\})?([^']+)'/.exec(message)?.[1];
  const named = name === undefined ? undefined : node.attributes.find(({ local }) => local === name);
  if (named) return named.at;
  return /value|facet|simple content|text/i.test(message) ? (node.textAt ?? node.at) : node.at;
}

/**
 * One element on each line. Elements of other namespaces are left out where a schema of the kit's own does not ask for
 * them, and so is text that stands for what is left out.
 */
function serialise(node: XmlNode, nodes: XmlNode[], only: string | undefined): string {
  nodes.push(node);
  const attributes = node.attributes
    .filter(({ name }) => !/^xmlns(?::|$)/.test(name))
    .map(({ local, name, value }) => ` ${name.startsWith('xml:') ? name : local}="${quote(value)}"`)
    .join('');
  const children = node.children.filter(({ namespace }) => only === undefined || namespace === only);
  const text =
    node.elided || (node.children.length > 0 && node.text.trim() === '') ? '' : quote(node.text.trim());
  // A line feed within the tag keeps the content as it is.
  const inner = children.map((child) => serialise(child, nodes, only)).join('');
  return `<${node.local} xmlns="${quote(node.namespace)}"${attributes}\n>${text.replace(/\s+/g, ' ')}${inner}</${node.local}>`;
}

function quote(text: string): string {
  return text.replace(/[&<>"\r\n\t]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function readable(message: string): string {
  return message
    .replace(/\{[^}]*\}/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return readable(message.split('\n', 1)[0] ?? '');
}

function lineOf(cause: unknown): number {
  return cause instanceof XmlLibError ? Math.max(cause.details[0]?.line ?? 1, 1) : 1;
}
