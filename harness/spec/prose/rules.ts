import type { MarkedSentence, Passage, SpecDocument } from '../document.js';
import { error, hint, warning } from '../examples/structure.js';
import type { SpecFinding, SpecRule } from '../finding.js';
import { keywordsOf, strengthOf } from './keywords.js';

/** Sentences with an id are each one rule: a keyword, one strength, said once. */
export const sentenceRules: SpecRule = (document) => {
  const seen = new Map<string, MarkedSentence>();
  return document.sentences.flatMap((sentence): readonly SpecFinding[] => {
    const { id, plain, at } = sentence;
    const keywords = keywordsOf(plain);
    const strengths = new Set(keywords.map(({ level }) => strengthOf(level)));
    const earlier = seen.get(plain);
    seen.set(plain, sentence);
    return [
      ...(keywords.length === 0
        ? [
            error(
              document,
              at,
              'prose/keyword',
              `the sentence ${id} has no keyword of BCP 14, so nobody knows its level`,
            ),
          ]
        : []),
      ...(strengths.size > 1
        ? [
            warning(
              document,
              at,
              'prose/keyword',
              `the sentence ${id} has keywords of several levels; make it several sentences`,
            ),
          ]
        : []),
      ...(earlier
        ? [
            warning(
              document,
              at,
              'prose/twice',
              `${id} says the same as ${earlier.id} in line ${earlier.at.line}`,
            ),
          ]
        : []),
    ];
  });
};

/**
 * Keywords outside of sentences with an id. A document that gives no ids is told once: most XEPs do not.
 */
export const unmarkedRules: SpecRule = (document) => {
  const found = document.passages.flatMap((passage) =>
    keywordsOf(passage.source.text)
      .filter(({ offset }) => passage.section !== undefined && !isMarked(passage, offset))
      .map(({ word, offset }) => ({ word: word.replace(/\s+/g, ' '), at: passage.source.at(offset) })),
  );
  if (document.sentences.length > 0)
    return found.map(({ word, at }) =>
      hint(document, at, 'prose/no-id', `this ${word} is in no sentence with an id; nobody can name it`),
    );
  const [first] = found;
  return first
    ? [
        hint(
          document,
          first.at,
          'prose/no-id',
          `${found.length} keywords, and no sentence has an id; this is the first`,
        ),
      ]
    : [];
};

/** `must` beside `MUST` leaves readers guessing. Half of a keyword in capitals is none (RFC 8174 §2). */
export const caseRules: SpecRule = (document) =>
  document.passages.flatMap((passage): readonly SpecFinding[] => {
    const { text } = passage.source;
    if (passage.section === undefined) return [];
    const odd = [
      ...text.matchAll(/\b(MUST|SHALL|SHOULD)\s+not\b|\b(Must|Shall|Should|must|shall|should)\s+NOT\b/g),
    ].map(({ 0: word, index }) =>
      warning(
        document,
        passage.source.at(index),
        'prose/keyword',
        `"${word}" is half in capitals; write "${word.toUpperCase()}"`,
      ),
    );
    const quiet = keywordsOf(text).length === 0 ? [] : lowerCase(document, passage);
    return [...odd, ...quiet];
  });

function lowerCase(document: SpecDocument, passage: Passage): readonly SpecFinding[] {
  return [...passage.source.text.matchAll(/\b(?:must|shall|should)\b(?!\s+NOT\b)/g)].map(
    ({ 0: word, index }) =>
      hint(
        document,
        passage.source.at(index),
        'prose/lower-case',
        `"${word}" stands beside keywords of BCP 14; write ${word.toUpperCase()} if it binds, another word if not`,
      ),
  );
}

function isMarked({ marked }: Passage, offset: number): boolean {
  return marked.some(({ start, end }) => start <= offset && offset < end);
}
