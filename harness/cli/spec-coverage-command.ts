import { cases } from '../../suites/cases.js';
import { catalogue } from '../../suites/requirements/catalogue.js';
import type { Case } from '../case/case.js';
import { type Style, styleFor } from '../report/style.js';
import { exitCodes } from '../run/result.js';
import { type Coverage, coverageOf } from '../spec/catalogue/coverage.js';
import { type Drift, driftOf } from '../spec/catalogue/drift.js';
import { readSentences, WEBPUSH_DOCUMENT } from './spec-text.js';

export interface SpecCoverageOptions {
  readonly format: 'pretty' | 'json';
  readonly spec: string;
}

/** Prints what tests each requirement. Gives 8 when one is untested, or the text is no longer what the cases rest on. */
export function specCoverageCommand(options: SpecCoverageOptions): number {
  const covered = coverageOf(catalogue, cases);
  const drift = driftOf(
    readSentences(options.spec),
    [...catalogue.values()].filter(({ document }) => document === WEBPUSH_DOCUMENT),
  );
  const text =
    options.format === 'json' ? toJson(covered, drift) : pretty(covered, drift, styleFor(process.stdout));
  process.stdout.write(text);
  return drift.length > 0 || covered.some(({ state }) => state === 'hole')
    ? exitCodes.brokenSpec
    : exitCodes.conformant;
}

/** The cases that rest on a sentence. */
export function restingOn(id: string): readonly Case[] {
  return cases.filter(({ requirements }) => requirements.some((name) => name === id));
}

function pretty(covered: readonly Coverage[], drift: readonly Drift[], style: Style): string {
  const lines: string[] = [];
  let heading = '';
  for (const coverage of covered) {
    const { requirement } = coverage;
    const place = `${requirement.document} §${requirement.section}`;
    if (place !== heading) lines.push(...(heading === '' ? [] : ['']), style('bold', place));
    heading = place;
    lines.push(`  ${requirement.id} (${requirement.level})  ${whatTests(coverage, style)}`);
  }
  lines.push('', ...drift.flatMap((change) => driftLines(change, style)));
  const count = (state: Coverage['state']) => covered.filter((coverage) => coverage.state === state).length;
  const holes = count('hole');
  lines.push(
    `${covered.length} sentences: ${count('tested')} tested by ${cases.length} cases, ${count('excluded')} excluded for a reason, ` +
      `${count('untested-permission')} permissions untested, ${style(holes > 0 ? 'red' : 'green', `${holes} neither`)}`,
  );
  if (drift.length > 0)
    lines.push(
      `The text has changed in ${drift.length} ${drift.length === 1 ? 'place' : 'places'} since its sentences were accepted: look at the cases above, then run \`spec accept\`.`,
    );
  return `${lines.join('\n')}\n`;
}

function whatTests({ state, cases: own, requirement }: Coverage, style: Style): string {
  if (state === 'tested') return own.map(({ id, negative }) => (negative ? `${id}−` : id)).join(' ');
  if (state === 'excluded') return style('dim', `excluded: ${requirement.excluded}`);
  return state === 'hole'
    ? style('red', 'nothing tests it')
    : style('dim', 'a permission that nothing tests');
}

/** What has changed, and which cases were written for the sentence as it was. */
export function driftLines(change: Drift, style: Style): readonly string[] {
  const resting = restingOn(change.id).map(({ id }) => id);
  const cases_ = resting.length > 0 ? [`    cases  ${resting.join(' ')}`] : ['    cases  none'];
  switch (change.type) {
    case 'added':
      return [
        style('yellow', `  added ${change.id} (${change.now.level})`),
        `    now    “${change.now.sentence}”`,
        ...cases_,
      ];
    case 'removed':
      return [style('yellow', `  removed ${change.id}`), `    before “${change.before.sentence}”`, ...cases_];
    case 'reworded':
      return [
        style('yellow', `  reworded ${change.id}`),
        `    before (${change.before.level}) “${change.before.sentence}”`,
        `    now    (${change.now.level}) “${change.now.sentence}”`,
        ...cases_,
      ];
    case 'moved':
      return [
        style('yellow', `  moved ${change.id}`),
        `    from §${change.before.section} to §${change.now.section}`,
      ];
  }
}

/** As in `schemas/coverage.schema.json`. */
function toJson(covered: readonly Coverage[], drift: readonly Drift[]): string {
  const requirements = covered.map(({ requirement, cases: own, state }) => ({
    ...requirement,
    state,
    cases: own.map(({ id, negative }) => ({ id, negative: negative !== undefined })),
  }));
  const changes = drift.map((change) => ({
    type: change.type,
    id: change.id,
    ...('before' in change ? { before: change.before.sentence } : {}),
    ...('now' in change ? { now: change.now.sentence } : {}),
    cases: restingOn(change.id).map(({ id }) => id),
  }));
  return `${JSON.stringify({ requirements, drift: changes }, undefined, 2)}\n`;
}
