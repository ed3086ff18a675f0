import { distance } from 'fastest-levenshtein';
import type { SpecDocument } from '../document.js';
import type { SpecFinding } from '../finding.js';
import type { Position } from '../source-text.js';
import { error, warning } from './structure.js';

/** As many different values are compared with each other; no document has more that are worth it. */
const MAX_VALUES = 1000;
/** Longer values are no names. */
const MAX_LENGTH = 256;
const COMMON = 4;

const prose = new WeakMap<SpecDocument, string>();

/** Whether the prose or a schema has it, as a name of its own and not as the beginning of a longer one. */
export function mentions(document: SpecDocument, value: string): boolean {
  const text =
    prose.get(document) ??
    [...document.passages, ...document.schemas].map(({ source }) => source.text).join('\n');
  prose.set(document, text);
  for (let at = text.indexOf(value); at !== -1; at = text.indexOf(value, at + 1))
    if (!/[\p{L}\p{N}_-]/u.test(text.charAt(at + value.length))) return true;
  return false;
}

/**
 * Values that occur once and are hardly to be told from one that occurs all over.
 *
 * @param found every occurrence, in the order of the text.
 */
export function rarities(
  document: SpecDocument,
  found: readonly { readonly value: string; readonly at: Position }[],
  rule: string,
  name: string,
): readonly SpecFinding[] {
  const counts = new Map<string, number>();
  for (const { value } of found)
    if (counts.has(value) || counts.size < MAX_VALUES) counts.set(value, (counts.get(value) ?? 0) + 1);
  const common = [...counts].filter(([, count]) => count >= COMMON).map(([value]) => value);
  return found.flatMap(({ value, at }) => {
    if (counts.get(value) !== 1) return [];
    const near = common.find((other) => isNear(value, other));
    if (near === undefined || mentions(document, value)) return [];
    // What the text itself speaks of is the name that is meant.
    const level = rule === 'example/namespace-typo' && mentions(document, near) ? error : warning;
    return [level(document, at, rule, `the ${name} "${value}" is used once; should it be "${near}"?`)];
  });
}

/** One letter apart, or two that changed places. Digits make a difference that is meant: `…:1` is no slip of `…:0`. */
export function isNear(a: string, b: string): boolean {
  if (a === b || a.length < 8 || a.length > MAX_LENGTH || Math.abs(a.length - b.length) > 1) return false;
  if (a.replace(/\d/g, '') === b.replace(/\d/g, '')) return false;
  const apart = distance(a, b);
  return (
    apart === 1 || (apart === 2 && a.length === b.length && [...a].sort().join('') === [...b].sort().join(''))
  );
}
