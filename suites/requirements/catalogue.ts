import type { Catalogue, Requirement } from '../../harness/case/requirement.js';
import { exclusions } from './exclusions.js';
import { type JoseRequirement, jose } from './jose.js';
import { type ReceiversRequirement, receivers } from './receivers.js';
import { type Rfc8030Requirement, rfc8030 } from './rfc8030.js';
import { type Rfc8188Requirement, rfc8188 } from './rfc8188.js';
import { type Rfc8291Requirement, rfc8291 } from './rfc8291.js';
import { type Rfc8292Requirement, rfc8292 } from './rfc8292.js';
import { webpush } from './webpush.js';

type WebpushRequirement = (typeof webpush)[number]['id'];

const judged = webpush.map((requirement): Requirement => {
  const excluded = exclusions[requirement.id];
  return excluded === undefined ? requirement : { ...requirement, excluded };
});

/** Every sentence the suites judge by, of all documents. */
export const catalogue: Catalogue = new Map(
  [...judged, ...rfc8030, ...rfc8188, ...rfc8291, ...rfc8292, ...jose, ...receivers].map((requirement) => [
    requirement.id,
    requirement,
  ]),
);

/** The ids a case may name. */
export type RequirementId =
  | WebpushRequirement
  | Rfc8030Requirement
  | Rfc8188Requirement
  | Rfc8291Requirement
  | Rfc8292Requirement
  | JoseRequirement
  | ReceiversRequirement;
