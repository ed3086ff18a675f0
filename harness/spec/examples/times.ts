import type { SpecDocument } from '../document.js';
import type { XmlNode } from '../example.js';
import type { SpecFinding, SpecRule } from '../finding.js';
import type { Position } from '../source-text.js';
import { isElided } from './ellipsis.js';
import { attribute, elementsOf, error } from './structure.js';

/** Attributes that hold a DateTime, by element and namespace. */
const STAMPS = [
  ['urn:xmpp:delay', 'delay', 'stamp'],
  ['urn:xmpp:idle:1', 'idle', 'since'],
] as const;

/** Elements whose text is a DateTime. */
const TIMES = [['urn:xmpp:time', 'utc']] as const;

/** Fields of forms that hold a DateTime, by the FORM_TYPE of their form. */
const FIELDS = [
  ['urn:xmpp:mam:2', 'start'],
  ['urn:xmpp:mam:2', 'end'],
] as const;

/** Times and languages have a form. */
export const valueRules: SpecRule = (document) =>
  elementsOf(document).flatMap((node) => [
    ...timesOf(node).flatMap(({ value, at }) => checkTime(document, value, at)),
    ...node.attributes
      .filter(
        ({ name, value }) => name === 'xml:lang' && value !== '' && !isElided(value) && !LANGUAGE.test(value),
      )
      .map(({ at, value }) =>
        error(document, at, 'example/value', `"${value}" is no language tag (RFC 5646)`),
      ),
  ]);

const LANGUAGE = /^[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*$/;

function timesOf(node: XmlNode): readonly { readonly value: string; readonly at: Position }[] {
  const { namespace, local } = node;
  const attributes = STAMPS.filter(([of, name]) => of === namespace && name === local).flatMap(
    ([, , name]) => attribute(node, name) ?? [],
  );
  const texts = TIMES.some(([of, name]) => of === namespace && name === local) ? [node] : [];
  return [...attributes, ...[...texts, ...valuesOf(node)].flatMap(textOf)];
}

/** The values of the fields of a form that hold a DateTime. */
function valuesOf(node: XmlNode): readonly XmlNode[] {
  if (node.namespace !== 'jabber:x:data' || node.local !== 'x') return [];
  const type = node.children.find((field) => attribute(field, 'var')?.value === 'FORM_TYPE')?.children[0]
    ?.text;
  const names = FIELDS.filter(([of]) => of === type?.trim()).map(([, name]) => name);
  return node.children
    .filter((field) => names.some((name) => name === attribute(field, 'var')?.value))
    .flatMap(({ children }) => children.filter(({ local }) => local === 'value'));
}

function textOf({ text, textAt }: XmlNode): readonly { readonly value: string; readonly at: Position }[] {
  return textAt === undefined ? [] : [{ value: text.trim(), at: textAt }];
}

function checkTime(document: SpecDocument, value: string, at: Position): readonly SpecFinding[] {
  if (isElided(value) || isDateTime(value)) return [];
  return [error(document, at, 'example/value', `"${value}" is no DateTime (XEP-0082 §3.2)`)];
}

const DATE_TIME = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.\d+)?(?:Z|[+-](\d{2}):(\d{2}))$/;

/** XEP-0082 §3.2: a date of the calendar, a time of the day, a zone of the earth. */
export function isDateTime(text: string): boolean {
  const match = DATE_TIME.exec(text);
  if (!match) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, zone = 0, quarter = 0] = match
    .slice(1)
    .map((digits) => Number(digits ?? 0));
  const days = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  return (
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= days &&
    hour <= 23 &&
    minute <= 59 &&
    second <= 59 &&
    zone <= 14 &&
    quarter <= 59
  );
}
