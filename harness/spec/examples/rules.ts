import type { SpecRule } from '../finding.js';
import { addressRules } from './addresses.js';
import { conversationRules } from './conversation.js';
import { captionRules, featureRules, formRules, namespaceRules } from './names.js';
import { parsedExamples } from './parse.js';
import { stanzaRules } from './structure.js';
import { valueRules } from './times.js';

/** What is looked for in the examples of every XEP. */
export const exampleRules: readonly SpecRule[] = [
  (document) => parsedExamples(document).findings,
  stanzaRules,
  conversationRules,
  addressRules,
  namespaceRules,
  featureRules,
  formRules,
  valueRules,
  captionRules,
];
