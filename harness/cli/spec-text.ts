import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../kit/kit.js';
import { type ExtractedSentence, extractSentences } from '../spec/catalogue/extract.js';
import { MAX_OCTETS, readSpec } from '../spec/read.js';
import { UsageError } from '../usage/usage-error.js';

/** What the sentences of Web Push are cited by while it has no number. */
export const WEBPUSH_DOCUMENT = 'XEP-XXXX';

/** The text of Web Push that comes with the kit. */
export const defaultText = join(packageRoot, 'reference', 'spec', 'webpush.xml');

/**
 * The requirements of a text.
 *
 * @throws {UsageError} when it cannot be read as a XEP.
 */
export function readSentences(file: string): readonly ExtractedSentence[] {
  let octets: Uint8Array;
  try {
    if (statSync(file).size > MAX_OCTETS) throw new Error('it is too large');
    octets = readFileSync(file);
  } catch (cause) {
    throw new UsageError(`cannot read ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
  const { document, findings } = readSpec(file, octets);
  const [fault] = findings.filter(({ level }) => level === 'error');
  if (fault)
    throw new UsageError(`${file}:${fault.line}:${fault.column} ${fault.message}; \`spec check\` says more`);
  const sentences = document ? extractSentences(document, WEBPUSH_DOCUMENT) : [];
  if (sentences.length === 0)
    throw new UsageError(
      `${file} has no sentence with an id; mark them <span class='requirement area.topic'>`,
    );
  return sentences;
}
