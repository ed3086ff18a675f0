import type { Catalogue } from '../../harness/case/requirement.js';
import { type WebpushRequirement, webpush } from './webpush.js';

/** Every sentence the suites judge by, of all documents. */
export const catalogue: Catalogue = new Map(webpush.map((requirement) => [requirement.id, requirement]));

/** The ids a case may name. */
export type RequirementId = WebpushRequirement;
