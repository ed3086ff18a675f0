import { XmlDocument, XmlLibError, XsdValidator } from 'libxml2-wasm';
import type { XmlNode } from '../example.js';
import { isElided } from '../examples/ellipsis.js';
import { attribute as attributeOf } from '../examples/structure.js';
import { parseTree } from '../examples/tree.js';
import type { Position, SourceText } from '../source-text.js';
import { patternCost } from './pattern-cost.js';
import { escapeXml, placeOf, readable } from './place.js';

/** A schema that is ready to validate with. */
export interface LoadedSchema {
  readonly namespace: string;
  readonly xsd: XsdValidator;
  /** Names of the elements that it declares outside of all others. */
  readonly elements: ReadonlySet<string>;
  /** Frees the memory of libxml2, which no garbage collector does. */
  readonly dispose: () => void;
}

export interface SchemaFault {
  readonly message: string;
  readonly at: Position;
}

export const XSD = 'http://www.w3.org/2001/XMLSchema';

/** libxml2 unfolds repetitions and groups into automata; these are far above any schema of a protocol. */
const MAX_REPETITIONS = 1000;
const MAX_PARTICLES = 200;
const MAX_PATTERN = 20_000;

/**
 * Reads the schemas in a block of code. They are written anew for libxml2 without anything that leads out of them:
 * `import` and what it brings give way to wildcards, so that neither a file nor the network is ever asked for. A schema
 * that cannot stand alone even then is left out without a word, for nothing is known to be wrong with it.
 */
export function loadSchemas(source: SourceText): {
  readonly schemas: readonly LoadedSchema[];
  readonly faults: readonly SchemaFault[];
} {
  const schemas: LoadedSchema[] = [];
  const faults: SchemaFault[] = [];
  // Entities of its own could stand for anything.
  if (/<!(?:DOCTYPE|ENTITY)/.test(source.text)) return { schemas, faults };
  const { roots, fault } = parseTree(source);
  if (fault) faults.push({ message: `the schema is not well-formed: ${fault.message}`, at: fault.at });
  else
    for (const root of roots) {
      if (root.namespace !== XSD || root.local !== 'schema') continue;
      const loaded = compile(root);
      if ('message' in loaded) faults.push(loaded);
      else if ('xsd' in loaded) schemas.push(loaded);
    }
  return { schemas, faults };
}

type Outcome = LoadedSchema | SchemaFault | { readonly unusable: true };

const unusable = { unusable: true } as const;

function compile(root: XmlNode): Outcome {
  const excess = findExcess(root);
  if (excess) return excess;
  const written = write(root);
  if (!written) return unusable;
  const xml = XmlDocument.fromString(written.text);
  try {
    const xsd = XsdValidator.fromDoc(xml);
    const names = root.children.flatMap((child) =>
      child.namespace === XSD && child.local === 'element' ? [textOf(child, 'name') ?? ''] : [],
    );
    return {
      namespace: textOf(root, 'targetNamespace') ?? '',
      xsd,
      elements: new Set(names),
      dispose() {
        xsd.dispose();
        xml.dispose();
      },
    };
  } catch (cause) {
    xml.dispose();
    if (!(cause instanceof XmlLibError)) throw cause;
    // What stands in for an import may be what is wrong.
    if (written.replaced) return unusable;
    const detail = cause.details[0];
    const message = detail?.message ?? cause.message;
    const node = written.nodes[(detail?.line ?? 2) - 2] ?? root;
    return { message: `the schema cannot be used: ${readable(message)}`, at: placeOf(node, message) };
  }
}

/** What would take libxml2 memory or time without bounds. */
function findExcess(root: XmlNode): SchemaFault | undefined {
  const groups = new Map<string, XmlNode>();
  for (const child of root.children)
    if (child.local === 'group') groups.set(textOf(child, 'name') ?? '', child);
  const sizes = new Map<string, number>();
  let fault: SchemaFault | undefined;

  const sizeOf = (node: XmlNode): number => {
    const inner = node.children.reduce((sum, child) => sum + sizeOf(child), 0);
    const ref = textOf(node, 'ref')?.replace(/^.*:/, '');
    if (node.local === 'pattern' && patternCost(textOf(node, 'value') ?? '') > MAX_PATTERN)
      fault ??= {
        message: 'the pattern repeats too much to be checked',
        at: attributeOf(node, 'value')?.at ?? node.at,
      };
    for (const name of ['maxOccurs', 'minOccurs']) {
      const given = attributeOf(node, name);
      if (given && Number(given.value) > MAX_REPETITIONS)
        fault ??= {
          message: `more than ${MAX_REPETITIONS} repetitions cannot be checked; write "unbounded"`,
          at: given.at,
        };
    }
    const occurs = Math.max(
      Number(textOf(node, 'minOccurs')) || 1,
      Number(textOf(node, 'maxOccurs')) || 1,
      1,
    );
    if (node.local === 'group' && ref !== undefined) return occurs * groupSize(ref);
    // What is in an element has a content model of its own.
    if (node.local === 'element' || node.local === 'any') return occurs;
    if (node.local !== 'schema' && occurs * inner > MAX_PARTICLES)
      fault ??= {
        message: `the content unfolds to more than ${MAX_PARTICLES} elements, too many to be checked`,
        at: node.at,
      };
    return MODELS.has(node.local) ? occurs * inner : 0;
  };
  const groupSize = (name: string): number => {
    const known = sizes.get(name);
    const group = groups.get(name);
    if (known !== undefined || !group) return known ?? 1;
    // A group within itself is told by libxml2.
    sizes.set(name, 1);
    const size = sizeOf(group);
    sizes.set(name, size);
    return size;
  };

  sizeOf(root);
  return fault;
}

const MODELS = new Set(['sequence', 'choice', 'all', 'group', 'complexContent', 'extension', 'restriction']);

interface Written {
  readonly text: string;
  /** The element in each line. */
  readonly nodes: readonly XmlNode[];
  /** True when something stands in for what another schema defines. */
  readonly replaced: boolean;
}

/** Ends the writing where a schema needs another one. */
class Dependent extends Error {
  override readonly name = 'Dependent';
}

/** @returns undefined when the schema cannot stand alone. */
function write(root: XmlNode): Written | undefined {
  const own = textOf(root, 'targetNamespace') ?? '';
  const imported = new Set(
    root.children.flatMap((child) => (isXsd(child, 'import') ? [textOf(child, 'namespace') ?? ''] : [])),
  );
  const nodes: XmlNode[] = [];
  let replaced = imported.size > 0;

  const element = (node: XmlNode, above: ReadonlyMap<string, string>): string => {
    const scope = scopeOf(node, above);
    const isForeign = (name: string) => {
      const namespace = scope.get(name.includes(':') ? name.slice(0, name.indexOf(':')) : '') ?? '';
      return namespace !== own && namespace !== XSD && imported.has(namespace) ? namespace : undefined;
    };
    if (['include', 'redefine', 'override'].some((name) => isXsd(node, name))) throw new Dependent();
    if (isXsd(node, 'import') || isXsd(node, 'annotation')) return '';
    if (isElided(node.text)) throw new Dependent();
    const ref = textOf(node, 'ref');
    // Attributes of other namespaces, `xml:lang` above all, are allowed everywhere and not looked at.
    if (isXsd(node, 'attribute') && ref?.includes(':') && !isOwn(ref, scope, own)) return '';
    let name = node.name;
    let attributes = node.attributes;
    const foreign = ref === undefined ? undefined : isForeign(ref);
    if (foreign !== undefined) {
      if (!isXsd(node, 'element')) throw new Dependent();
      name = node.name.replace(/[^:]*$/, 'any');
      attributes = [
        ...attributes.filter((attribute) => /Occurs$/.test(attribute.name)),
        ...['namespace', 'processContents'].map((local) => ({
          ...(attributeOf(node, 'ref') ?? { namespace: '', at: node.at }),
          name: local,
          local,
          value: local === 'namespace' ? foreign : 'skip',
        })),
      ];
    }
    const kept = attributes.filter((attribute) => {
      const names = attribute.value.split(/\s+/);
      if (!/^(?:type|base|itemType|memberTypes|substitutionGroup)$/.test(attribute.name)) return true;
      if (!names.some((one) => isForeign(one) !== undefined)) return true;
      if (attribute.name !== 'type' && attribute.name !== 'substitutionGroup') throw new Dependent();
      return false;
    });
    replaced ||= foreign !== undefined || kept.length < attributes.length;
    nodes.push(node);
    const written = kept.map((attribute) => ` ${attribute.name}="${escapeXml(attribute.value)}"`).join('');
    const inner = node.children.map((child) => element(child, scope)).join('');
    // A line feed within the tag ends each start tag in a line of its own, from the second on.
    return `<${name}${written}\n>${escapeXml(node.text.trim())}${inner}</${name}>`;
  };

  try {
    const text = element(root, new Map([['xml', 'http://www.w3.org/XML/1998/namespace']]));
    return { text, nodes, replaced };
  } catch (cause) {
    if (cause instanceof Dependent) return undefined;
    throw cause;
  }
}

function isOwn(name: string, scope: ReadonlyMap<string, string>, own: string): boolean {
  return scope.get(name.slice(0, name.indexOf(':'))) === own;
}

function scopeOf(node: XmlNode, above: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const declared = node.attributes.flatMap(({ name, value }): readonly (readonly [string, string])[] => {
    if (name === 'xmlns') return [['', value]];
    return name.startsWith('xmlns:') ? [[name.slice('xmlns:'.length), value]] : [];
  });
  return declared.length === 0 ? above : new Map([...above, ...declared]);
}

function isXsd(node: XmlNode, local: string): boolean {
  return node.namespace === XSD && node.local === local;
}

function textOf(node: XmlNode, name: string): string | undefined {
  return attributeOf(node, name)?.value;
}
