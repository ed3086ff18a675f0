import type { Catalogue } from '../case/requirement.js';
import type { SpecDocument } from './document.js';
import { exampleRules } from './examples/rules.js';
import type { SpecRule } from './finding.js';
import { caseRules, sentenceRules, unmarkedRules } from './prose/rules.js';
import { knownSchemas } from './schema/known.js';

/** What is looked for in every XEP. */
const always: readonly SpecRule[] = [...exampleRules, sentenceRules, unmarkedRules, caseRules];

/**
 * What is looked for in this document. What only few documents need is loaded for them alone.
 *
 * @param catalogue tells how grave it is to break a sentence on pushes.
 */
export async function rulesFor(document: SpecDocument, catalogue: Catalogue): Promise<readonly SpecRule[]> {
  const rules = [...always];
  const known = [...knownSchemas.keys()];
  if (
    document.schemas.length > 0 ||
    document.examples.some(({ source }) => known.some((namespace) => source.text.includes(namespace)))
  ) {
    const { checkSchemas } = await import('./schema/rule.js');
    rules.push(checkSchemas);
  }
  if (
    document.examples.some(({ source }) =>
      /urn:xmpp:webpush:|protocol\/webpush#|aes128gcm|^TTL:|^Authorization: vapid/m.test(source.text),
    )
  ) {
    const { checkSubscriptions } = await import('./webpush/subscriptions.js');
    const { checkPayloads, checkPushes } = await import('./webpush/requests.js');
    rules.push(checkSubscriptions, checkPayloads, (checked) => checkPushes(checked, catalogue));
  }
  return rules;
}
