/** The general entities that an internal subset declares (XML 1.0 §4.2). */
export interface Entities {
  /** Literal values, character references not yet replaced. */
  readonly declared: ReadonlyMap<string, string>;
  /**
   * True when the document type has parts outside the file, which are never fetched: an entity that is not declared here
   * may be declared there (XML 1.0 §4.1, well-formedness constraint "Entity Declared").
   */
  readonly open: boolean;
}

/** Text that references stand for, or why they cannot be read. */
export type Expansion = { readonly text: string } | { readonly fault: string };

export const noEntities: Entities = { declared: new Map(), open: false };

const PREDEFINED = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['apos', "'"],
  ['quot', '"'],
]);
const MAX_DEPTH = 16;
/** All expansions of a document together, in characters. */
export const MAX_EXPANDED = 1_000_000;

const declaration =
  /<!ENTITY\s+(%\s+)?([^\s%&;<>"']+)\s+(?:(?:SYSTEM\s+(?:"[^"]*"|'[^']*')|PUBLIC\s+(?:"[^"]*"|'[^']*')\s+(?:"[^"]*"|'[^']*'))(\s+NDATA\s+[^\s>]+)?|"([^"]*)"|'([^']*)')\s*>/y;

/**
 * Reads the declarations of a document type as saxes gives it: everything between `<!DOCTYPE` and `>`. The first
 * declaration of a name counts (XML 1.0 §4.2). Nothing outside the file is looked at.
 */
export function readDoctype(doctype: string): Entities {
  const open = doctype.indexOf('[');
  const head = open === -1 ? doctype : doctype.slice(0, open);
  const subset = open === -1 ? '' : doctype.slice(open + 1);
  const declared = new Map<string, string>();
  let hasOutside = /\s(SYSTEM|PUBLIC)\s/.test(head);
  let offset = 0;
  while (offset < subset.length) {
    const rest = skip(subset, offset);
    if (rest !== undefined) {
      offset = rest;
      continue;
    }
    declaration.lastIndex = offset;
    const match = declaration.exec(subset);
    if (match) {
      const [whole, parameter, name = '', , double, single] = match;
      const value = double ?? single;
      if (parameter === undefined && !declared.has(name)) {
        if (value === undefined) hasOutside = true;
        else declared.set(name, value);
      }
      offset += whole.length;
      continue;
    }
    // A parameter entity brings declarations along that are not in the file.
    if (subset[offset] === '%') hasOutside = true;
    offset++;
  }
  return { declared, open: hasOutside };
}

/** Past a comment, a processing instruction, or a declaration that is none of an entity. */
function skip(subset: string, offset: number): number | undefined {
  const past = (end: string) => {
    const found = subset.indexOf(end, offset);
    return found === -1 ? subset.length : found + end.length;
  };
  if (subset.startsWith('<!--', offset)) return past('-->');
  if (subset.startsWith('<?', offset)) return past('?>');
  if (/^<!(ELEMENT|ATTLIST|NOTATION)\b/.test(subset.slice(offset, offset + 12))) return past('>');
  return undefined;
}

/** Expands references; counts what it expands over its lifetime, so that many small bombs are one. */
export function createExpander(entities: Entities): (name: string) => Expansion {
  let expanded = 0;

  /** Entities within entities are put in; references to characters stay as they are, for they are no markup. */
  const expand = (name: string, path: readonly string[]): Expansion => {
    const value = entities.declared.get(name);
    if (value === undefined)
      return entities.open
        ? { text: `[${name}]` }
        : { fault: `the entity &${name}; is not declared; declare it in the DOCTYPE` };
    if (path.includes(name)) return { fault: `the entity &${name}; contains itself` };
    if (path.length >= MAX_DEPTH) return { fault: `entities are nested deeper than ${MAX_DEPTH}` };
    let text = '';
    let end = 0;
    for (const { 0: reference, 1: inner = '', index } of value.matchAll(references)) {
      if (isCharacterReference(inner)) continue;
      const expansion = expand(inner, [...path, name]);
      if ('fault' in expansion) return expansion;
      text += value.slice(end, index) + expansion.text;
      end = index + reference.length;
      if (text.length > MAX_EXPANDED) return tooMuch;
    }
    text += value.slice(end);
    expanded += text.length;
    return expanded > MAX_EXPANDED ? tooMuch : { text };
  };

  return (name) => {
    if (isCharacterReference(name)) {
      const text = characterOf(name);
      return text === undefined ? { fault: `&${name}; is no character of XML` } : { text };
    }
    const expansion = expand(name, []);
    return 'fault' in expansion ? expansion : { text: textOf(expansion.text) };
  };
}

const references = /&(#?[^\s&;<]+);/g;

const tooMuch: Expansion = { fault: `entities expand to more than ${MAX_EXPANDED} characters` };

/** What a reader sees of markup; a footnote is beside the text, not in it. */
function textOf(markup: string): string {
  return markup
    .replace(/<note\b[^>]*>[\s\S]*?<\/note>/g, '')
    .replace(/<[^>]*>/g, '')
    .replace(references, (reference, name: string) => characterOf(name) ?? reference)
    .trimEnd();
}

function isCharacterReference(name: string): boolean {
  return name.startsWith('#') || PREDEFINED.has(name);
}

function characterOf(reference: string): string | undefined {
  const predefined = PREDEFINED.get(reference);
  if (predefined !== undefined) return predefined;
  const hex = /^#x([0-9a-fA-F]{1,8})$/.exec(reference)?.[1];
  const decimal = /^#(\d{1,10})$/.exec(reference)?.[1];
  const code = hex !== undefined ? Number.parseInt(hex, 16) : Number(decimal ?? Number.NaN);
  const isCharacter =
    code === 0x9 ||
    code === 0xa ||
    code === 0xd ||
    (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    (code >= 0x10000 && code <= 0x10ffff);
  return isCharacter ? String.fromCodePoint(code) : undefined;
}
