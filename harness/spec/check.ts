import type { Catalogue } from '../case/requirement.js';
import type { SpecDocument } from './document.js';
import type { SpecFinding } from './finding.js';
import { readSpec } from './read.js';
import { rulesFor } from './rules.js';

/** What a check says of one file. */
export interface SpecReport {
  readonly file: string;
  readonly examples: number;
  readonly sentences: number;
  /** Requests that were played against a server; 0 when none was. */
  readonly played: number;
  /** In the order of the file. */
  readonly findings: readonly SpecFinding[];
}

/** What playing the requests of a document has shown. */
export interface Performance {
  /** Requests and messages that were played. */
  readonly played: number;
  readonly findings: readonly SpecFinding[];
}

export interface CheckOptions {
  readonly catalogue: Catalogue;
  /** Plays the requests of a document; absent when they are not to be played. */
  readonly play?: (document: SpecDocument) => Promise<Performance>;
}

/**
 * Looks at one file. A file that cannot be read is a finding, and so is a fault of a rule: neither keeps other files from
 * being checked.
 */
export async function checkSpec(
  file: string,
  octets: Uint8Array,
  options: CheckOptions,
): Promise<SpecReport> {
  const { document, findings: reading } = readSpec(file, octets);
  if (!document) return { file, examples: 0, sentences: 0, played: 0, findings: reading };
  const findings = [...reading];
  try {
    for (const rule of await rulesFor(document, options.catalogue)) findings.push(...(await rule(document)));
  } catch (cause) {
    findings.push(internal(file, cause));
  }
  const outcome = await options.play?.(document);
  findings.push(...(outcome?.findings ?? []));
  return {
    file,
    examples: document.examples.length,
    sentences: document.sentences.length,
    played: outcome?.played ?? 0,
    findings: findings.toSorted((a, b) => a.line - b.line || a.column - b.column),
  };
}

/** The rule under which the kit reports a fault of its own. */
export const INTERNAL = 'internal';

function internal(file: string, cause: unknown): SpecFinding {
  const text = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  const message = `the check itself failed; please report it with the file: ${text}`;
  return { file, line: 1, column: 1, level: 'error', rule: INTERNAL, message };
}
