import type { SpecDocument } from '../document.js';
import type { SpecFinding } from '../finding.js';
import { readSpec } from '../read.js';
import { rulesFor } from '../rules.js';

/** The source of a XEP whose only section holds `body`, which begins in line 3. */
export function specSource(body: string, doctype = "<!DOCTYPE xep SYSTEM 'xep.dtd'>"): string {
  return `${doctype}<xep><header><title>Trial</title><number>XXXX</number><shortname>trial</shortname></header>
<section1 topic='One' anchor='one'>
${body}
</section1></xep>
`;
}

/** An example in CDATA whose text begins in the line after that of its tag. */
export function exampleOf(text: string, caption = 'Trial'): string {
  return `<example caption='${caption}'><![CDATA[\n${text}\n]]></example>`;
}

export function readSource(source: string): SpecDocument {
  const { document, findings } = readSpec('trial.xml', Buffer.from(source));
  if (document) return document;
  throw new Error(findings.map(({ message }) => message).join('; '));
}

/** What the rules say of a document, as `line:column level rule message`. */
export async function findingsOf(body: string): Promise<readonly string[]> {
  const document = readSource(specSource(body));
  const found: SpecFinding[] = [];
  for (const rule of await rulesFor(document, new Map())) found.push(...(await rule(document)));
  return found
    .toSorted((a, b) => a.line - b.line || a.column - b.column)
    .map(({ line, column, level, rule, message }) => `${line}:${column} ${level} ${rule} ${message}`);
}
