import { createHash } from 'node:crypto';
import type { Level, Requirement } from '../../case/requirement.js';
import type { SpecDocument } from '../document.js';
import { keywordsOf } from '../prose/keywords.js';

/** A sentence as the text has it now. */
export interface ExtractedSentence extends Requirement {
  readonly hash: string;
  /** Line in the file. */
  readonly line: number;
}

/**
 * The requirements of a text: its sentences with an id. The level of a sentence is that of its first keyword; one without
 * is no requirement, and `spec check` says so.
 *
 * @param name what the sentences are cited by, `XEP-XXXX`.
 */
export function extractSentences(document: SpecDocument, name: string): readonly ExtractedSentence[] {
  return document.sentences.flatMap(({ id, plain, section, at }) => {
    const level = keywordsOf(plain)[0]?.level;
    if (level === undefined) return [];
    return [
      {
        id,
        level,
        document: name,
        section: `${section.number} ${section.title}`,
        sentence: plain,
        hash: hashOf(level, plain),
        line: at.line,
      },
    ];
  });
}

/** Tells whether a sentence is still the one that was reviewed: 12 hexadecimal digits over level and wording. */
export function hashOf(level: Level, sentence: string): string {
  return createHash('sha256').update(`${level}\n${sentence}`).digest('hex').slice(0, 12);
}
