import { XmlDocument, XmlValidateError } from 'libxml2-wasm';
import type { SpecDocument } from '../document.js';
import type { XmlNode } from '../example.js';
import { isElided } from '../examples/ellipsis.js';
import { isStanza, parsedExamples } from '../examples/parse.js';
import { attribute, error, warning, withDescendants } from '../examples/structure.js';
import type { SpecFinding } from '../finding.js';
import { createLocator, createSourceText } from '../source-text.js';
import { knownSchemas } from './known.js';
import { type LoadedSchema, loadSchemas } from './load.js';
import { escapeXml, placeOf, readable } from './place.js';

/** What validates a namespace: one of the document's schemas, or one that the kit knows. */
interface Validator {
  readonly schema: LoadedSchema;
  /** Whether the document itself brings the schema. */
  readonly own: boolean;
}

/**
 * Whether elements in examples are valid against the document's own schemas or, where it has none for a namespace, against
 * those the kit knows. libxml2 is never given a way to a file or the network.
 */
export function checkSchemas(document: SpecDocument): readonly SpecFinding[] {
  const findings: SpecFinding[] = [];
  const own = new Map<string, LoadedSchema[]>();
  /** Namespaces that the document describes itself, even if its schema cannot be used. */
  const described = new Set<string>();
  try {
    for (const block of document.schemas) {
      const { schemas, faults } = loadSchemas(block.source);
      for (const { message, at } of faults) findings.push(error(document, at, 'schema/invalid', message));
      for (const schema of schemas) own.set(schema.namespace, [...(own.get(schema.namespace) ?? []), schema]);
      const target = /\btargetNamespace\s*=\s*["']([^"']*)/g;
      for (const [, namespace = ''] of block.source.text.matchAll(target)) described.add(namespace);
    }
    const find = (namespace: string, local: string): Validator | undefined => {
      const schemas = own.get(namespace);
      if (schemas) {
        const schema = schemas.find(({ elements }) => elements.has(local)) ?? schemas[0];
        return schema && { schema, own: true };
      }
      const schema = described.has(namespace) ? undefined : knownSchema(namespace);
      return schema && { schema, own: false };
    };
    for (const root of rootsOf(document)) findings.push(...checkNode(document, root, undefined, find));
    return findings;
  } finally {
    for (const schema of [...own.values()].flat()) schema.dispose();
  }
}

/** What the document shows as right: a request that is answered with an error may be as wrong as it likes. */
function rootsOf(document: SpecDocument): readonly XmlNode[] {
  const roots = parsedExamples(document).parsed.flatMap((example) =>
    'roots' in example ? example.roots : [],
  );
  return roots.filter((root, index) => {
    const id = attribute(root, 'id')?.value;
    const type = attribute(root, 'type')?.value;
    if (root.local !== 'iq' || !isStanza(root) || id === undefined || !/^[gs]et$/.test(type ?? ''))
      return true;
    const answer = roots
      .slice(index + 1)
      .find((later) => later.local === 'iq' && attribute(later, 'id')?.value === id);
    return answer === undefined || attribute(answer, 'type')?.value !== 'error';
  });
}

/** The outermost elements of a namespace with a schema are validated with all that is in them. */
function checkNode(
  document: SpecDocument,
  node: XmlNode,
  above: string | undefined,
  find: (namespace: string, local: string) => Validator | undefined,
): readonly SpecFinding[] {
  const below = node.children.flatMap((child) => checkNode(document, child, node.namespace, find));
  if (node.namespace === above) return below;
  const validator = find(node.namespace, node.local);
  if (!validator) return below;
  if (validator.schema.elements.has(node.local)) return [...validate(document, node, validator), ...below];
  if (!validator.own || isStanza(node)) return below;
  const message = `the schema of ${node.namespace} has no element ${node.local}`;
  return [warning(document, node.at, 'schema/element', message), ...below];
}

const compiled = new Map<string, LoadedSchema | undefined>();

/** The kit's own schemas stay for as long as the process; there are few. */
function knownSchema(namespace: string): LoadedSchema | undefined {
  const text = knownSchemas.get(namespace);
  if (text === undefined || compiled.has(namespace)) return compiled.get(namespace);
  const source = createSourceText(createLocator(text));
  source.addVerbatim(text, 0);
  const [schema] = loadSchemas(source.build(text.length)).schemas;
  compiled.set(namespace, schema);
  return schema;
}

function validate(document: SpecDocument, node: XmlNode, { schema, own }: Validator): readonly SpecFinding[] {
  const nodes: XmlNode[] = [];
  const xml = XmlDocument.fromString(serialise(node, nodes, own ? undefined : node.namespace));
  try {
    schema.xsd.validate(xml);
    return [];
  } catch (cause) {
    if (!(cause instanceof XmlValidateError)) throw cause;
    return cause.details.flatMap(({ message, line }) => {
      // The start tag of each element ends in a line of its own, from the second on: the line tells which one is meant.
      const found = nodes[line - 2] ?? node;
      if (isExcused(found, message)) return [];
      // Words in place of base64 stand for what they name, and an extension may stand where the schema has none.
      const isDoubtful = /'xs:base64Binary'/.test(message) || found.namespace !== schema.namespace;
      const report = isDoubtful ? warning : error;
      return [report(document, placeOf(found, message), 'schema/valid', readable(message))];
    });
  } finally {
    xml.dispose();
  }
}

/** What is left out may be what is missing; what a strict wildcard asks for is in schemas of other documents. */
function isExcused(node: XmlNode, message: string): boolean {
  if (/strict wildcard/.test(message)) return true;
  const about = [node, ...node.children];
  const leaves =
    [...withDescendants(node)].some((inner) => inner.elided || isLeftOut(inner.text)) ||
    about.some(({ attributes }) => attributes.some(({ value }) => isElided(value)));
  return (
    leaves &&
    /Missing child element|is required but missing|not a valid value|is not accepted by the pattern|is not an element of the set|\[facet/.test(
      message,
    )
  );
}

/** Dots in a row, or one below the other. */
function isLeftOut(text: string): boolean {
  return isElided(text) || /^(?:\s*\.)+\s*$/.test(text);
}

/**
 * One element on each line. Elements of other namespaces are left out where a schema of the kit's own does not ask for
 * them; so are text that stands for what is left out, and attributes of other namespaces, which are allowed everywhere.
 */
function serialise(node: XmlNode, nodes: XmlNode[], only: string | undefined): string {
  nodes.push(node);
  const attributes = node.attributes
    .filter(({ name, namespace }) => namespace === '' && !/^xmlns(?::|$)/.test(name))
    .map(({ local, value }) => ` ${local}="${escapeXml(value)}"`)
    .join('');
  const children = node.children.filter(({ namespace }) => only === undefined || namespace === only);
  const isEmpty =
    node.elided || isLeftOut(node.text) || (node.children.length > 0 && node.text.trim() === '');
  const text = isEmpty ? '' : escapeXml(node.text.trim());
  // A line feed within the tag keeps the content as it is.
  const inner = children.map((child) => serialise(child, nodes, only)).join('');
  return `<${node.local} xmlns="${escapeXml(node.namespace)}"${attributes}\n>${text}${inner}</${node.local}>`;
}
