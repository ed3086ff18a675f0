import { isIP } from 'node:net';
import { distance } from 'fastest-levenshtein';
import type { SpecDocument } from '../document.js';
import type { XmlAttribute, XmlNode } from '../example.js';
import type { SpecFinding, SpecRule } from '../finding.js';
import type { Position } from '../source-text.js';
import { parsedExamples } from './parse.js';
import { attribute, error, hint, isElided, warning, withDescendants } from './structure.js';

/** Every element of every example. */
function elementsOf(document: SpecDocument): readonly XmlNode[] {
  return parsedExamples(document).parsed.flatMap((example) =>
    'roots' in example ? example.roots.flatMap((root) => [...withDescendants(root)]) : [],
  );
}

/** Attributes whose value is a JID wherever they occur in a stanza. */
const ADDRESSES = ['from', 'to'];

/** Addresses are JIDs (RFC 7622 §3), and one that is hardly ever used is not a slip of one that often is. */
export const addressRules: SpecRule = (document) => {
  const found: { readonly value: string; readonly at: Position }[] = [];
  const findings: SpecFinding[] = [];
  for (const node of elementsOf(document)) {
    if (node.namespace !== 'jabber:client' && node.namespace !== 'jabber:server') continue;
    for (const name of ADDRESSES) {
      const address = attribute(node, name);
      if (!address || isElided(address.value)) continue;
      const fault = jidFault(address.value);
      if (fault)
        findings.push(error(document, address.at, 'example/jid', `"${address.value}" is no JID: ${fault}`));
      else found.push({ value: address.value.split('/', 1)[0] ?? '', at: address.at });
    }
  }
  return [...findings, ...rarities(document, found, 'example/jid', 'JID')];
};

/** What is wrong with a JID, if anything is (RFC 7622 §3.1 to §3.4). */
function jidFault(jid: string): string | undefined {
  const slash = jid.indexOf('/');
  const address = slash === -1 ? jid : jid.slice(0, slash);
  const resource = slash === -1 ? undefined : jid.slice(slash + 1);
  const at = address.indexOf('@');
  const localpart = at === -1 ? undefined : address.slice(0, at);
  const domain = address.slice(at + 1);
  if (resource === '') return 'nothing follows the slash';
  if (localpart === '') return 'nothing stands before the @';
  if (localpart !== undefined && /["&'/:<>@\s]/.test(localpart))
    return `a localpart has none of " & ' / : < > @ and no blank`;
  if (domain === '') return 'it has no domain';
  const literal = /^\[(.*)\]$/.exec(domain)?.[1];
  if (literal !== undefined) return isIP(literal) === 6 ? undefined : `${domain} is no IPv6 address`;
  if (isIP(domain)) return undefined;
  if (!/^[\p{L}\p{M}\p{N}_-]+(?:\.[\p{L}\p{M}\p{N}_-]+)*\.?$/u.test(domain))
    return `"${domain}" is no domain`;
  return [localpart, domain, resource].some((part) => part !== undefined && Buffer.byteLength(part) > 1023)
    ? 'a part has more than 1023 octets'
    : undefined;
}

/** A namespace that occurs once and differs in a letter or two from one that is used all over is a slip. */
export const namespaceRules: SpecRule = (document) => {
  const found = elementsOf(document).flatMap((node) =>
    node.attributes
      .filter(({ name, value }) => name === 'xmlns' && !isElided(value))
      .map(({ value, at }) => ({ value, at })),
  );
  return rarities(document, found, 'example/namespace-typo', 'namespace');
};

/** A feature that is announced in the document's own namespaces is spelled as the rest of the document spells it. */
export const featureRules: SpecRule = (document) => {
  const namespaces = new Set(elementsOf(document).map(({ namespace }) => namespace));
  return elementsOf(document)
    .filter(
      ({ local, namespace }) => local === 'feature' && namespace === 'http://jabber.org/protocol/disco#info',
    )
    .flatMap((feature): readonly SpecFinding[] => {
      const announced = attribute(feature, 'var');
      if (!announced)
        return [
          error(document, feature.at, 'example/feature', 'a feature has an attribute var (XEP-0030 §3.1)'),
        ];
      if (mentions(document, announced.value)) return [];
      const near = [...namespaces].filter(
        (known) => known !== announced.value && isNear(known, announced.value) && mentions(document, known),
      );
      return near.length === 0
        ? []
        : [
            error(
              document,
              announced.at,
              'example/feature',
              `the feature "${announced.value}" is nowhere else in the document; should it be "${near[0]}"?`,
            ),
          ];
    });
};

/** Whether the prose or a schema has it. */
function mentions(document: SpecDocument, value: string): boolean {
  return [...document.passages, ...document.schemas].some(({ source }) => source.text.includes(value));
}

/** Forms in examples are such as XEP-0004 and XEP-0068 ask for. */
export const formRules: SpecRule = (document) =>
  elementsOf(document)
    .filter(({ local, namespace }) => local === 'x' && namespace === 'jabber:x:data')
    .flatMap((form) => {
      const fields = form.children.filter(({ local }) => local === 'field');
      const nameless = fields.filter(
        (field) => !attribute(field, 'var') && attribute(field, 'type')?.value !== 'fixed',
      );
      const formType = fields.find((field) => attribute(field, 'var')?.value === 'FORM_TYPE');
      const type = attribute(form, 'type')?.value;
      return [
        ...nameless.map((field) =>
          error(document, field.at, 'example/form', 'a field has an attribute var (XEP-0004 §3.2)'),
        ),
        // In a form of type submit the type may be left out (XEP-0068 §3.2).
        ...(formType && type !== 'submit' && attribute(formType, 'type')?.value !== 'hidden'
          ? [
              warning(
                document,
                formType.at,
                'example/form',
                'the field FORM_TYPE is of type hidden (XEP-0068 §3.1)',
              ),
            ]
          : []),
      ];
    });

/** Attributes that hold a DateTime (XEP-0082), by the namespace of their element. */
const STAMPS: readonly (readonly [string, string, string])[] = [
  ['urn:xmpp:delay', 'delay', 'stamp'],
  ['urn:xmpp:time', 'utc', ''],
];

const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/** Times and languages have a form. */
export const valueRules: SpecRule = (document) =>
  elementsOf(document).flatMap((node) => [
    ...STAMPS.filter(
      ([namespace, local, name]) => name && node.namespace === namespace && node.local === local,
    ).flatMap(([, , name]) => checkStamp(document, attribute(node, name))),
    ...node.attributes
      .filter(
        ({ name, value }) =>
          name === 'xml:lang' && !/^[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*$/.test(value) && value !== '',
      )
      .map(({ at, value }) =>
        error(document, at, 'example/value', `"${value}" is no language tag (RFC 5646)`),
      ),
  ]);

function checkStamp(document: SpecDocument, stamp: XmlAttribute | undefined): readonly SpecFinding[] {
  if (!stamp || isElided(stamp.value)) return [];
  if (DATE_TIME.test(stamp.value) && !Number.isNaN(Date.parse(stamp.value))) return [];
  return [error(document, stamp.at, 'example/value', `"${stamp.value}" is no DateTime (XEP-0082 §3.2)`)];
}

/** An example has a caption of its own. */
export const captionRules: SpecRule = (document) => {
  const seen = new Map<string, number>();
  return document.examples.flatMap(({ caption, at }) => {
    if (caption.trim() === '') return [hint(document, at, 'example/caption', 'the example has no caption')];
    const earlier = seen.get(caption);
    if (earlier === undefined) {
      seen.set(caption, at.line);
      return [];
    }
    return [hint(document, at, 'example/caption', `the example in line ${earlier} has the same caption`)];
  });
};

/** Values that occur once and are hardly to be told from one that occurs at least four times. */
function rarities(
  document: SpecDocument,
  found: readonly { readonly value: string; readonly at: Position }[],
  rule: string,
  name: string,
): readonly SpecFinding[] {
  const counts = new Map<string, number>();
  for (const { value } of found) counts.set(value, (counts.get(value) ?? 0) + 1);
  const common = [...counts].filter(([, count]) => count >= 4).map(([value]) => value);
  return found.flatMap(({ value, at }) => {
    if (counts.get(value) !== 1 || mentions(document, value)) return [];
    const near = common.find((other) => isNear(value, other));
    if (near === undefined) return [];
    return [warning(document, at, rule, `the ${name} "${value}" is used once; should it be "${near}"?`)];
  });
}

/** One letter apart, or two that changed places. Digits make a difference that is meant: `…:1` is no slip of `…:0`. */
function isNear(a: string, b: string): boolean {
  if (a === b || a.length < 8) return false;
  if (a.replace(/\d/g, '') === b.replace(/\d/g, '')) return false;
  const apart = distance(a, b);
  return (
    apart === 1 || (apart === 2 && a.length === b.length && [...a].sort().join('') === [...b].sort().join(''))
  );
}
