import { conversationRules } from './examples/conversation.js';
import {
  addressRules,
  captionRules,
  featureRules,
  formRules,
  namespaceRules,
  valueRules,
} from './examples/names.js';
import { parsedExamples } from './examples/parse.js';
import { stanzaRules } from './examples/structure.js';
import type { SpecRule } from './finding.js';

/** All that is looked for in every XEP. */
export const rules: readonly SpecRule[] = [
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
