import type { SpecDocument } from '../document.js';
import type { XmlNode } from '../example.js';
import type { SpecFinding, SpecRule } from '../finding.js';
import { isElided } from './ellipsis.js';
import { isNear, mentions, rarities } from './rarities.js';
import { attribute, elementsOf, error, hint, warning } from './structure.js';

const DISCO_INFO = 'http://jabber.org/protocol/disco#info';

/** A namespace that occurs once and differs in a letter or two from one that is used all over is a slip. */
export const namespaceRules: SpecRule = (document) => {
  const found = elementsOf(document).flatMap((node) =>
    node.attributes
      .filter(({ name, value }) => name === 'xmlns' && !isElided(value))
      .map(({ value, at }) => ({ value, at })),
  );
  return rarities(document, found, 'example/namespace-typo', 'namespace');
};

/** As many features are looked up; no document announces more. */
const MAX_FEATURES = 500;

/** A feature that is announced is spelled as the rest of the document spells it. */
export const featureRules: SpecRule = (document) => {
  const elements = elementsOf(document);
  const namespaces = [...new Set(elements.map(({ namespace }) => namespace))]
    .slice(0, MAX_FEATURES)
    .filter((namespace) => mentions(document, namespace));
  return elements
    .filter(({ local, namespace }) => local === 'feature' && namespace === DISCO_INFO)
    .slice(0, MAX_FEATURES)
    .flatMap((feature): readonly SpecFinding[] => {
      const announced = attribute(feature, 'var');
      if (!announced)
        return [
          error(document, feature.at, 'example/feature', 'a feature has an attribute var (XEP-0030 §3.1)'),
        ];
      const { value, at } = announced;
      if (isElided(value) || value === '' || mentions(document, value)) return [];
      const near = namespaces.find((known) => isNear(known, value));
      if (near !== undefined) {
        const message = `the feature "${value}" is nowhere else in the document; should it be "${near}"?`;
        return [error(document, at, 'example/feature', message)];
      }
      const kin = alike(document, value);
      return kin === undefined
        ? []
        : [
            warning(
              document,
              at,
              'example/feature',
              `the feature "${value}" is nowhere else in the document; should it be "${kin}"?`,
            ),
          ];
    });
};

/** A name in the prose that hardly differs: `urn:xmpp:trial:0#featur` and `urn:xmpp:trial:0#feature`. */
function alike(document: SpecDocument, feature: string): string | undefined {
  const [base] = feature.split('#', 1);
  if (base === undefined || base === feature) return undefined;
  return fragmentsOf(document).find((known) => known.startsWith(`${base}#`) && isNear(known, feature));
}

const fragments = new WeakMap<SpecDocument, readonly string[]>();

/** Every name with a fragment that the prose has. */
function fragmentsOf(document: SpecDocument): readonly string[] {
  const before = fragments.get(document);
  if (before) return before;
  const found = new Set<string>();
  for (const { source } of document.passages)
    for (const [name] of source.text.matchAll(/\b(?:urn|https?):[^\s"'<>()#]{1,200}#[\w+:.-]{1,100}/g))
      if (found.size < MAX_FEATURES) found.add(name.replace(/[.:]$/, ''));
  const list = [...found];
  fragments.set(document, list);
  return list;
}

/** Forms in examples are such as XEP-0004, XEP-0068 and XEP-0128 ask for. */
export const formRules: SpecRule = (document) =>
  elementsOf(document).flatMap((node) => {
    const inForm = node.namespace === 'jabber:x:data' && node.local === 'x' ? checkForm(document, node) : [];
    if (node.namespace !== DISCO_INFO || node.local !== 'query') return inForm;
    return node.children
      .filter(({ namespace, local }) => namespace === 'jabber:x:data' && local === 'x')
      .flatMap((form) => checkExtension(document, form));
  });

function checkForm(document: SpecDocument, form: XmlNode): readonly SpecFinding[] {
  const findings: SpecFinding[] = [];
  const type = attribute(form, 'type');
  for (const field of form.children.filter(({ local }) => local === 'field')) {
    const name = attribute(field, 'var')?.value;
    if (name === undefined) {
      if (attribute(field, 'type')?.value !== 'fixed')
        findings.push(
          error(document, field.at, 'example/form', 'a field has an attribute var (XEP-0004 §3.2)'),
        );
      continue;
    }
    if (name !== 'FORM_TYPE') continue;
    // In a form of type submit the type may be left out (XEP-0068 §3.2).
    if (type?.value !== 'submit' && attribute(field, 'type')?.value !== 'hidden')
      findings.push(
        warning(document, field.at, 'example/form', 'the field FORM_TYPE is of type hidden (XEP-0068 §3.1)'),
      );
    const values = field.children.filter(({ local }) => local === 'value').length;
    if (values !== 1 && !field.elided)
      findings.push(
        error(
          document,
          field.at,
          'example/form',
          `the field FORM_TYPE has one value, here there are ${values} (XEP-0068 §3.1)`,
        ),
      );
  }
  return findings;
}

/** What a service tells of itself beyond its features (XEP-0128 §2). */
function checkExtension(document: SpecDocument, form: XmlNode): readonly SpecFinding[] {
  const findings: SpecFinding[] = [];
  const type = attribute(form, 'type');
  if (type?.value !== 'result')
    findings.push(
      warning(
        document,
        type?.at ?? form.at,
        'example/form',
        'a form in an answer to disco#info is of type result (XEP-0128 §2)',
      ),
    );
  if (!form.elided && !form.children.some((field) => attribute(field, 'var')?.value === 'FORM_TYPE'))
    findings.push(
      warning(
        document,
        form.at,
        'example/form',
        'a form in an answer to disco#info has a field FORM_TYPE (XEP-0128 §2)',
      ),
    );
  return findings;
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
