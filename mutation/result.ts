import type { Area } from './areas.js';
import type { Reason } from './reasons.js';

/** A mutant and what became of it. */
export interface Mutant {
  /** From the project's root. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly mutator: string;
  /** The line in which the mutant begins, and what was mutated, as they stand in the source. */
  readonly source: string;
  readonly was: string;
  readonly becomes: string;
  readonly fate: Fate;
}

/**
 * `killed` by a failing test, or by one that no longer ends (`endless`); `survived` every test, or is reached by none
 * (`uncovered`); `invalid` never ran.
 */
export type Fate = 'killed' | 'endless' | 'survived' | 'uncovered' | 'invalid';

/** What the mutants of an area show. */
export interface AreaResult {
  readonly killed: number;
  readonly tried: number;
  /** How many of the killed made a test go on for ever: on a machine with too much to do, some may only have been slow. */
  readonly endless: number;
  /** Killed of a hundred tried; none tried is no success. */
  readonly score: number;
  readonly files: readonly { readonly file: string; readonly killed: number; readonly tried: number }[];
  readonly explained: readonly { readonly mutant: Mutant; readonly reason: string }[];
  readonly unexplained: readonly Mutant[];
  /** Reasons for files of the area that fit none of its survivors. */
  readonly stale: readonly Reason[];
}

/** What must be killed of a hundred mutants. */
export const leastScore = 80;

/** Counts fates, and holds survivors against the reasons there are for them. */
export function resultOf(mutants: readonly Mutant[], reasons: readonly Reason[]): AreaResult {
  const tried = mutants.filter(({ fate }) => fate !== 'invalid');
  const survivors = tried.filter(({ fate }) => !isDead(fate));
  const withReasons = survivors.map((mutant) => ({
    mutant,
    reason: reasons.find((reason) => fits(reason, mutant))?.reason,
  }));
  const files = [...new Set(mutants.map(({ file }) => file))].toSorted();
  const ofFile = (name: string) => tried.filter(({ file }) => file === name);
  return {
    killed: tried.length - survivors.length,
    tried: tried.length,
    endless: tried.filter(({ fate }) => fate === 'endless').length,
    score: tried.length === 0 ? 0 : (100 * (tried.length - survivors.length)) / tried.length,
    files: files.map((file) => ({
      file,
      killed: ofFile(file).filter(({ fate }) => isDead(fate)).length,
      tried: ofFile(file).length,
    })),
    explained: withReasons.flatMap(({ mutant, reason }) =>
      reason === undefined ? [] : [{ mutant, reason }],
    ),
    unexplained: withReasons.flatMap(({ mutant, reason }) => (reason === undefined ? [mutant] : [])),
    stale: reasons.filter(
      (reason) => files.includes(reason.file) && !survivors.some((mutant) => fits(reason, mutant)),
    ),
  };
}

/** Enough are killed, and whatever survives says why it may. */
export function isGood({ score, unexplained, stale }: AreaResult): boolean {
  return score >= leastScore && unexplained.length === 0 && stale.length === 0;
}

function isDead(fate: Fate): boolean {
  return fate === 'killed' || fate === 'endless';
}

function fits({ file, line, becomes }: Reason, mutant: Mutant): boolean {
  return (
    file === mutant.file &&
    mutant.source.includes(line) &&
    (becomes === undefined || becomes === mutant.becomes)
  );
}

/** The result as a page, without anything that differs from run to run. */
export function pageOf({ title, name }: Area, result: AreaResult): string {
  const rows = result.files.map(
    ({ file, killed, tried }) => `| \`${file}\` | ${killed} | ${tried} | ${percent(killed, tried)} |`,
  );
  const survivors = [
    ...result.explained,
    ...result.unexplained.map((mutant) => ({ mutant, reason: 'no reason yet' })),
  ].map(({ mutant, reason }) => `- ${sentenceOf(mutant)}: ${reason}`);
  return [
    `# ${title} under mutation`,
    '',
    `Written by \`npm run mutation ${name}\`; do not edit.`,
    '',
    '| file | killed | mutants | |',
    '|---|---|---|---|',
    ...rows,
    `| all | ${result.killed} | ${result.tried} | ${percent(result.killed, result.tried)} |`,
    ...(result.endless > 0 ? [`| of them by a test without end | ${result.endless} | | |`] : []),
    '',
    ...(survivors.length === 0 ? ['Nothing survived.'] : ['Survivors, and why they may:', '', ...survivors]),
    '',
  ].join('\n');
}

/** A mutant in one line of Markdown. */
export function sentenceOf({ file, line, was, becomes, fate }: Mutant): string {
  const reached = fate === 'uncovered' ? ', which no test reaches' : '';
  return `\`${file}\` line ${line}${reached}: ${code(was)} becomes ${code(becomes)}`;
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '' : `${((100 * part) / whole).toFixed(1)} %`;
}

/** On one line, and short. */
function code(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const short = line.length > 100 ? `${line.slice(0, 100)} …` : line;
  return `\`\` ${short} \`\``;
}
