import type { Level } from '../case/requirement.js';
import type { SpecDocument } from './document.js';
import type { Position } from './source-text.js';

/** An error makes the check fail; a warning is likely a slip; a hint is a matter of style. */
export type FindingLevel = 'error' | 'warning' | 'hint';

/** What is wrong at one place of a file. */
export interface SpecFinding extends Position {
  readonly file: string;
  readonly level: FindingLevel;
  /** Stable, such as `example/namespace`. */
  readonly rule: string;
  /** What is wrong and what would be right, in one line. */
  readonly message: string;
}

/** One thing that is looked for. Pure: the same document gives the same findings. */
export type SpecRule = (document: SpecDocument) => readonly SpecFinding[] | Promise<readonly SpecFinding[]>;

/** How grave it is to break a sentence of this level. */
export function gravity(level: Level): FindingLevel {
  if (level.startsWith('MUST')) return 'error';
  return level === 'MAY' ? 'hint' : 'warning';
}
