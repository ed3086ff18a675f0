import type { Level } from '../../case/requirement.js';

/** A keyword of BCP 14 in a text. */
export interface Keyword {
  readonly level: Level;
  readonly word: string;
  readonly offset: number;
}

const LEVELS: Readonly<Record<string, Level>> = {
  MUST: 'MUST',
  SHALL: 'MUST',
  REQUIRED: 'MUST',
  'MUST NOT': 'MUST NOT',
  'SHALL NOT': 'MUST NOT',
  SHOULD: 'SHOULD',
  RECOMMENDED: 'SHOULD',
  'SHOULD NOT': 'SHOULD NOT',
  'NOT RECOMMENDED': 'SHOULD NOT',
  MAY: 'MAY',
  OPTIONAL: 'MAY',
};

const KEYWORD =
  /\b(?:MUST|SHALL|SHOULD)\s+NOT\b|\bNOT\s+RECOMMENDED\b|\b(?:MUST|SHALL|REQUIRED|SHOULD|RECOMMENDED|MAY|OPTIONAL)\b/g;

/** The keywords of BCP 14 (RFC 2119 §1 to §5, RFC 8174 §2): only in capitals do they mean what they mean there. */
export function keywordsOf(text: string): readonly Keyword[] {
  return [...text.matchAll(KEYWORD)].flatMap(({ 0: word, index }) => {
    const level = LEVELS[word.replace(/\s+/g, ' ')];
    return level ? [{ level, word, offset: index }] : [];
  });
}

/** How binding a level is, whether it commands or forbids. */
export function strengthOf(level: Level): 'MUST' | 'SHOULD' | 'MAY' {
  if (level.startsWith('MUST')) return 'MUST';
  return level === 'MAY' ? 'MAY' : 'SHOULD';
}
