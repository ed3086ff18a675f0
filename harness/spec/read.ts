import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { decodeXml } from './decode.js';
import type { Example, MarkedSentence, Passage, SchemaBlock, Section, SpecDocument } from './document.js';
import { createExpander, noEntities, readDoctype } from './entities.js';
import type { SpecFinding } from './finding.js';
import { createLocator, createSourceText, type Position, type SourceTextBuilder } from './source-text.js';

/** No XEP is near it; the longest has half a megabyte. */
export const MAX_OCTETS = 8 * 1024 * 1024;

export interface Reading {
  /** Undefined when the file is no XEP, or is broken before its end. */
  readonly document: SpecDocument | undefined;
  /** What is wrong with the file as such. */
  readonly findings: readonly SpecFinding[];
}

/**
 * Reads the source of a XEP (the XML format of the XSF, `xep.dtd`). Nothing but the file is read: external parts of its
 * document type are never fetched, and an entity that may be declared there stands as its name in brackets.
 *
 * @param file how the user named it.
 * @param octets the file, whole.
 */
export function readSpec(file: string, octets: Uint8Array): Reading {
  const broken = (rule: string, message: string, at: Position = { line: 1, column: 1 }): Reading => ({
    document: undefined,
    findings: [{ file, ...at, level: 'error', rule: `document/${rule}`, message }],
  });
  if (octets.length > MAX_OCTETS)
    return broken('size', `the file has more than the ${MAX_OCTETS} octets that are read`);
  const decoded = decodeXml(octets);
  if ('failure' in decoded) {
    const { message, readable } = decoded.failure;
    return broken('encoding', message, createLocator(readable)(readable.length));
  }
  if (decoded.text.trim() === '') return broken('well-formed', 'the file is empty');
  return readText(file, decoded.text);
}

/** Blocks of prose. What stands in them without a block of its own is one passage. */
const PASSAGES = new Set([
  'p',
  'li',
  'td',
  'th',
  'dt',
  'dd',
  'note',
  'div',
  'blockquote',
  'remark',
  'abstract',
]);
const ID = /^[a-z0-9]+(?:\.[a-z0-9-]+)+$/;
const SCHEMA = 'http://www.w3.org/2001/XMLSchema';

/** A text that is being read: everything within the element that opened it. */
interface Open {
  readonly tag: SaxesTagPlain;
  readonly at: Position;
  readonly builder: SourceTextBuilder;
  readonly close: (end: number) => void;
}

/** Ends the reading at the first thing that is wrong with the XML. */
class Stop extends Error {
  override readonly name = 'Stop';
}

function readText(file: string, source: string): Reading {
  const locate = createLocator(source);
  const findings: SpecFinding[] = [];
  const report = (level: SpecFinding['level'], rule: string, message: string, at: Position): void => {
    findings.push({ file, ...at, level, rule: `document/${rule}`, message });
  };
  const stop = (rule: string, message: string, offset: number): never => {
    report('error', rule, message, locate(offset));
    throw new Stop();
  };

  const parser = new SaxesParser<{ xmlns: false }>({ xmlns: false });
  let expand = createExpander(noEntities);
  // References are expanded where they stand, below; here they only have to be names.
  parser.ENTITIES = new Proxy<Record<string, string>>({}, { get: () => '' });

  const header = { title: '', number: '', shortname: '' };
  const sections: Section[] = [];
  const passages: Passage[] = [];
  const sentences = new Map<string, MarkedSentence>();
  const examples: Example[] = [];
  const schemas: SchemaBlock[] = [];

  const path: string[] = [];
  const counters: number[] = [];
  const openSections: Section[] = [];
  /** What collects the characters that come now: the last is the innermost. */
  const open: Open[] = [];
  /** End of the last piece of markup. */
  let done = 0;

  /** The characters between two pieces of markup. */
  const takeText = (end: number): void => {
    if (open.length === 0 || end <= done) {
      checkReferences(done, end);
      return;
    }
    readCharacters(done, end, (text, offset, isVerbatim) => {
      for (const { builder } of takers()) {
        if (isVerbatim) builder.addVerbatim(text, offset);
        else builder.addExpanded(text, offset);
      }
    });
  };

  /** The innermost block, and the sentences that are marked in it. */
  const takers = (): readonly Open[] => {
    const block = open.findLastIndex(({ tag }) => tag.name !== 'span');
    return open.slice(Math.max(block, 0));
  };

  const checkReferences = (start: number, end: number): void => {
    if (start < end && source.slice(start, end).includes('&')) readCharacters(start, end, () => {});
  };

  const readCharacters = (
    start: number,
    end: number,
    take: (text: string, offset: number, isVerbatim: boolean) => void,
  ): void => {
    const raw = source.slice(start, end);
    let from = 0;
    for (const { 0: match, 1: name, index } of raw.matchAll(/&(#?[^\s&;<]+);|\r\n?/g)) {
      take(raw.slice(from, index), start + from, true);
      from = index + match.length;
      if (name === undefined) {
        // A line end is one LF to whoever reads XML (XML 1.0 §2.11).
        take('\n', start + index, true);
        continue;
      }
      const expansion = expand(name);
      if ('fault' in expansion) stop('entity', expansion.fault, start + index);
      else take(expansion.text, start + index, false);
    }
    take(raw.slice(from), start + from, true);
  };

  const begin = (
    tag: SaxesTagPlain,
    start: number,
    end: number,
    finish: (entry: Open, end: number) => void,
  ) => {
    const entry: Open = {
      tag,
      at: locate(start),
      builder: createSourceText(locate),
      close: (closing) => finish(entry, closing),
    };
    open.push(entry);
    done = end;
  };

  const passage = (tag: SaxesTagPlain, start: number, end: number): void => {
    const section = openSections.at(-1);
    begin(tag, start, end, ({ builder }, closing) => {
      const text = builder.build(closing);
      if (text.text.trim() !== '') passages.push({ section, source: text, marked: marks.get(builder) ?? [] });
    });
  };
  const marks = new Map<SourceTextBuilder, { id: string; start: number; end: number }[]>();

  const sentence = (tag: SaxesTagPlain, start: number, end: number, id: string): void => {
    const section = openSections.at(-1);
    const block = open.findLast((entry) => entry.tag.name !== 'span')?.builder;
    const from = block?.length ?? 0;
    begin(tag, start, end, ({ builder, at }, closing) => {
      if (!section)
        return report('error', 'sentence', 'a sentence with an id stands outside of all sections', at);
      if (!ID.test(id))
        return report('error', 'sentence-id', `the id "${id}" is none; an id is like enable.auth-length`, at);
      const earlier = sentences.get(id);
      if (earlier)
        return report(
          'error',
          'sentence-id',
          `the id ${id} has been given in line ${earlier.at.line} already`,
          at,
        );
      const text = builder.build(closing);
      sentences.set(id, { id, section, at, source: text, plain: text.text.replace(/\s+/g, ' ').trim() });
      if (block) marks.set(block, [...(marks.get(block) ?? []), { id, start: from, end: block.length }]);
    });
  };

  const opened = (tag: SaxesTagPlain): void => {
    const end = parser.position;
    const start = source.lastIndexOf('<', end - 1);
    takeText(start);
    done = end;
    if (path.length === 0 && tag.name !== 'xep')
      stop('root', `the file is no XEP: its root element is ${tag.name}, not xep`, start);
    const parent = path.at(-1) ?? '';
    path.push(tag.name);
    const depth = /^section([1-6])$/.exec(tag.name)?.[1];
    if (depth !== undefined) {
      counters.length = Math.min(counters.length, Number(depth));
      while (counters.length < Number(depth)) counters.push(0);
      counters[counters.length - 1] = (counters.at(-1) ?? 0) + 1;
      const section: Section = {
        number: counters.join('.'),
        title: tag.attributes.topic ?? '',
        anchor: tag.attributes.anchor,
        at: locate(start),
      };
      sections.push(section);
      openSections.push(section);
    } else if (
      parent === 'header' &&
      (tag.name === 'title' || tag.name === 'number' || tag.name === 'shortname')
    ) {
      const { name } = tag;
      begin(tag, start, end, ({ builder }, closing) => {
        header[name] = builder.build(closing).text.trim();
      });
    } else if (tag.name === 'example' || tag.name === 'code') block(tag, start, end);
    else if (PASSAGES.has(tag.name)) passage(tag, start, end);
    else if (tag.name === 'span') {
      const [first, id = ''] = (tag.attributes.class ?? '').trim().split(/\s+/);
      if (first === 'requirement') sentence(tag, start, end, id);
    }
    // A line break parts words.
    else if (tag.name === 'br') for (const { builder } of takers()) builder.addExpanded(' ', start);
  };

  const block = (tag: SaxesTagPlain, start: number, end: number): void => {
    const section = openSections.at(-1);
    begin(tag, start, end, ({ builder, at }, closing) => {
      const text = builder.build(closing);
      if (!section) return;
      if (tag.name === 'example')
        examples.push({ caption: tag.attributes.caption ?? '', section, at, source: text });
      else if (text.text.includes(SCHEMA) && /<(?:[\w.-]+:)?schema[\s>]/.test(text.text))
        schemas.push({ section, source: text });
    });
  };

  const closed = (tag: SaxesTagPlain): void => {
    const end = parser.position;
    const start = tag.isSelfClosing ? end : source.lastIndexOf('<', end - 1);
    takeText(start);
    done = end;
    path.pop();
    if (open.at(-1)?.tag === tag) open.pop()?.close(start);
    if (/^section[1-6]$/.test(tag.name)) openSections.pop();
  };

  /** Markup that holds no text of the document, or holds it as it is. */
  const aside = (opening: string, take?: (start: number, end: number) => void): void => {
    const end = parser.position;
    const start = source.indexOf(opening, done);
    takeText(start);
    take?.(start, end);
    done = end;
  };

  parser.on('error', (error) => {
    const message = error.message.replace(/^\d+:\d+: /, '').replace(/\.$/, '');
    if (path.length === 0 && message.startsWith('text data outside'))
      stop(
        'well-formed',
        'there is text outside of the root element',
        Math.max(source.slice(done).search(/\S/), 0) + done,
      );
    stop('well-formed', message, Math.max(parser.position - 1, 0));
  });
  parser.on('doctype', (doctype) => {
    done = parser.position;
    expand = createExpander(readDoctype(doctype));
  });
  parser.on('opentag', opened);
  parser.on('closetag', closed);
  parser.on('comment', () => aside('<!--'));
  parser.on('processinginstruction', () => aside('<?'));
  parser.on('xmldecl', () => {
    done = parser.position;
  });
  parser.on('cdata', () =>
    aside('<![CDATA[', (start, end) => {
      const from = start + '<![CDATA['.length;
      const raw = source.slice(from, end - ']]>'.length);
      for (const { builder } of takers()) {
        let at = 0;
        for (const { 0: match, index } of raw.matchAll(/\r\n?/g)) {
          builder.addVerbatim(raw.slice(at, index), from + at);
          builder.addVerbatim('\n', from + index);
          at = index + match.length;
        }
        builder.addVerbatim(raw.slice(at), from + at);
      }
    }),
  );

  try {
    parser.write(source).close();
  } catch (error) {
    if (error instanceof Stop) return { document: undefined, findings };
    throw error;
  }
  if (examples.length === 0)
    report('hint', 'no-examples', 'the document has no examples', { line: 1, column: 1 });
  return {
    document: { file, ...header, sections, passages, sentences: [...sentences.values()], examples, schemas },
    findings,
  };
}
