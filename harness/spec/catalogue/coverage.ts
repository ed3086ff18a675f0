import type { Case } from '../../case/case.js';
import type { Catalogue, Requirement } from '../../case/requirement.js';

/** One requirement and what tests it. */
export interface Coverage {
  readonly requirement: Requirement;
  readonly cases: readonly Case[];
  /** `hole`: it could be tested, and nothing does. A permission that nobody tests is none. */
  readonly state: 'tested' | 'excluded' | 'untested-permission' | 'hole';
}

export function coverageOf(catalogue: Catalogue, cases: readonly Case[]): readonly Coverage[] {
  const testing = new Map<string, Case[]>();
  for (const subject of cases)
    for (const id of subject.requirements) testing.set(id, [...(testing.get(id) ?? []), subject]);
  return [...catalogue.values()].map((requirement) => {
    const own = testing.get(requirement.id) ?? [];
    return { requirement, cases: own, state: stateOf(requirement, own) };
  });
}

function stateOf({ level, excluded }: Requirement, cases: readonly Case[]): Coverage['state'] {
  if (cases.length > 0) return 'tested';
  if (excluded !== undefined) return 'excluded';
  return level === 'MAY' ? 'untested-permission' : 'hole';
}
