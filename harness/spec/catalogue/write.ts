import type { Requirement } from '../../case/requirement.js';
import type { ExtractedSentence } from './extract.js';

const HEAD = `// Written by \`webpush-conformance spec accept\` from reference/spec/webpush.xml. Change the text there, not here.
import type { Requirement } from '../../harness/case/requirement.js';

/** The sentences of Web Push (\`urn:xmpp:webpush:0\`) that the cases rest on, as they were last accepted. */
export const webpush = [
`;

/**
 * The module that holds the accepted sentences.
 *
 * @param sentences in the order of the text.
 */
export function writeCatalogue(sentences: readonly (Requirement | ExtractedSentence)[]): string {
  const entries = sentences.map(({ id, level, document, section, sentence, hash }) => {
    const members = { id, level, document, section, sentence, hash };
    const lines = Object.entries(members).map(([name, value]) => `    ${name}: ${JSON.stringify(value)},`);
    return `  {\n${lines.join('\n')}\n  },\n`;
  });
  return `${HEAD}${entries.join('')}] as const satisfies readonly Requirement[];\n`;
}
