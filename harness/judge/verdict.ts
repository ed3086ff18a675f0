import type { Case } from '../case/case.js';
import type { Catalogue, Level } from '../case/requirement.js';
import type { FenceEntry } from '../transcript/transcript.js';
import type { Finding } from './finding.js';

export type Verdict =
  /** Every sentence the case judges was kept. */
  | 'pass'
  /** A MUST was broken. */
  | 'fail'
  /** A SHOULD was broken, and no MUST. */
  | 'warn'
  /** Only a MAY was not taken up. */
  | 'info'
  /** The target has not what the sentence is about. */
  | 'not-applicable'
  /** The target lacks a hook. */
  | 'untestable'
  /** The proof did not come, or the server fell silent before there was anything to judge. */
  | 'inconclusive'
  /** The suite's own fault. */
  | 'error'
  | 'deselected';

export interface Decision {
  readonly verdict: Verdict;
  /** Why it is not a pass, when no finding says so. */
  readonly reason?: string;
}

/** What happened while the case played, beside what its judge found. */
export interface Performance {
  readonly findings: readonly Finding[];
  readonly fences: readonly Pick<FenceEntry, 'fence' | 'state' | 'detail'>[];
  /** Why the play stopped early, by the target's doing (never the suite's). */
  readonly stopped?: string;
}

const gravity: Record<Level, 'fail' | 'warn' | 'info'> = {
  MUST: 'fail',
  'MUST NOT': 'fail',
  SHOULD: 'warn',
  'SHOULD NOT': 'warn',
  MAY: 'info',
};

/**
 * Turns findings into a verdict. A broken sentence outweighs a play that stopped early, for it was seen; nothing else
 * makes a pass of what was not proved.
 */
export function decide(
  subject: Pick<Case, 'requirements' | 'absence'>,
  performance: Performance,
  catalogue: Catalogue,
): Decision {
  const declared = new Set<string>(subject.requirements);
  const stray = performance.findings.find((finding) => !declared.has(finding.requirement));
  if (stray) {
    return {
      verdict: 'error',
      reason: `the judge found something on ${stray.requirement}, which the case does not name`,
    };
  }
  const unknown = subject.requirements.find((id) => !catalogue.has(id));
  if (unknown) return { verdict: 'error', reason: `${unknown} is not in the catalogue` };

  const worst = gravest(performance.findings, catalogue);
  if (worst === 'fail') return { verdict: 'fail' };
  if (performance.stopped !== undefined) return { verdict: 'inconclusive', reason: performance.stopped };
  const lost = performance.fences.find((fence) => fence.state === 'lost');
  if (lost) return { verdict: 'inconclusive', reason: `the ${lost.fence} fence was lost: ${lost.detail}` };
  if (subject.absence && !performance.fences.some((fence) => fence.fence === subject.absence)) {
    return { verdict: 'error', reason: `the case claims an absence but put up no ${subject.absence} fence` };
  }
  if (!subject.absence && performance.findings.some((finding) => finding.claimsAbsence)) {
    return { verdict: 'error', reason: 'the judge claims an absence, but the case names no fence' };
  }
  const silent = subject.requirements.find(
    (id) => !performance.findings.some((finding) => finding.requirement === id),
  );
  if (silent) return { verdict: 'error', reason: `the judge said nothing on ${silent}` };
  return { verdict: worst ?? 'pass' };
}

function gravest(findings: readonly Finding[], catalogue: Catalogue): 'fail' | 'warn' | 'info' | undefined {
  const broken = findings
    .filter((finding) => !finding.met)
    .map((finding) => gravity[catalogue.get(finding.requirement)?.level ?? 'MUST']);
  return (['fail', 'warn', 'info'] as const).find((verdict) => broken.includes(verdict));
}
