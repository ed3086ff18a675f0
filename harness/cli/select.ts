import type { Case } from '../case/case.js';
import type { Catalogue, Level } from '../case/requirement.js';
import { suggest, UsageError } from '../usage/usage-error.js';

/** Grades of `--level`, gravest first. */
export const grades = ['must', 'should', 'may'] as const;
export type Grade = (typeof grades)[number];

/** A selection matched no case: nothing would be verified, which is never a success. */
export class NothingSelected extends Error {
  override readonly name = 'NothingSelected';
  readonly code = 'nothing-selected';
}

/**
 * The cases that match one of the patterns (the core, when there are none) and judge a sentence of at least
 * this grade. A pattern is a case id, an area, a requirement id, or one of these with `*` (within a segment) or `**` (anything).
 *
 * @throws NothingSelected when a pattern matches nothing, naming the nearest id.
 */
export function selectCases(
  cases: readonly Case[],
  catalogue: Catalogue,
  patterns: readonly string[],
  grade: Grade = 'may',
  isDeep = true,
): readonly Case[] {
  const graded = cases.filter((subject) =>
    subject.requirements.some(
      (id) => grades.indexOf(gradeOf(catalogue.get(id)?.level)) <= grades.indexOf(grade),
    ),
  );
  if (patterns.length === 0) return isDeep ? graded : coreOf(graded);
  const selected = new Set<Case>();
  for (const pattern of patterns) {
    const matches = graded.filter(matcherOf(pattern));
    if (matches.length === 0)
      throw new NothingSelected(`no case matches "${pattern}"${suggest(pattern, namesOf(cases))}`);
    for (const match of matches) selected.add(match);
  }
  return graded.filter((subject) => selected.has(subject));
}

/**
 * The first case on every sentence, and those that share its play, for they cost nothing more: a first answer that leaves
 * no sentence out. The others try further values and situations.
 */
export function coreOf(cases: readonly Case[]): readonly Case[] {
  const judged = new Set<string>();
  const plays = new Set<Case['play']>();
  for (const { requirements, play } of cases) {
    if (requirements.every((id) => judged.has(id))) continue;
    for (const id of requirements) judged.add(id);
    plays.add(play);
  }
  return cases.filter(({ play }) => plays.has(play));
}

/** @throws UsageError naming the grades. */
export function parseGrade(text: string): Grade {
  const grade = grades.find((known) => known === text.toLowerCase());
  if (!grade) throw new UsageError(`--level ${text} is unknown${suggest(text, grades)}`);
  return grade;
}

function gradeOf(level: Level | undefined): Grade {
  switch (level) {
    case 'MAY':
      return 'may';
    case 'SHOULD':
    case 'SHOULD NOT':
      return 'should';
    default:
      return 'must';
  }
}

function matcherOf(pattern: string): (subject: Case) => boolean {
  const parts = pattern.split(/(\*\*|\*)/).map((part) => {
    if (part === '**') return '.*';
    return part === '*' ? '[^/]*' : part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&');
  });
  const expression = new RegExp(`^${parts.join('')}$`);
  return ({ id, requirements }) =>
    expression.test(id) || expression.test(areaOf(id)) || requirements.some((name) => expression.test(name));
}

/** The folder of a case. */
export function areaOf(id: string): string {
  return id.slice(0, id.indexOf('/'));
}

function namesOf(cases: readonly Case[]): readonly string[] {
  return [...new Set(cases.flatMap(({ id, requirements }) => [id, areaOf(id), ...requirements]))];
}
