import type { Case } from '../case/case.js';
import { type Permutation, permutationsOf } from '../case/permutation.js';
import type { Catalogue, Level } from '../case/requirement.js';
import { spread } from '../case/spread.js';
import { suggest, UsageError } from '../usage/usage-error.js';

/** Grades of `--level`, gravest first. */
export const grades = ['must', 'should', 'may'] as const;
export type Grade = (typeof grades)[number];

/** A selection matched no case: nothing would be verified, which is never a success. */
export class NothingSelected extends Error {
  override readonly name = 'NothingSelected';
  readonly code = 'nothing-selected';
}

/** What to select of the cases. */
export interface Selection {
  /** A case id, an area, a requirement id, or one of these with `*` (within a segment) or `**` (anything); or a path. */
  readonly patterns?: readonly string[];
  /** Only cases that judge a sentence of at least this grade. */
  readonly grade?: Grade;
  /** In every permutation, where a pattern does not say in which. */
  readonly deep?: boolean;
}

/**
 * The cases of a selection: all, when there are no patterns.
 *
 * @throws NothingSelected when a pattern matches nothing, naming the nearest id.
 */
export function selectCases(
  cases: readonly Case[],
  catalogue: Catalogue,
  selection: Selection,
): readonly Case[] {
  const permutations = selectPermutations(cases, catalogue, { ...selection, deep: true });
  const ids = new Set(permutations.map(({ id }) => id));
  return cases.filter(({ id }) => ids.has(id));
}

/**
 * What to play: the cases that the patterns match, or all, spread over what they vary; with `deep` in every permutation; and
 * the very permutations that a pattern matches.
 *
 * @throws NothingSelected when a pattern matches nothing, naming the nearest id.
 */
export function selectPermutations(
  cases: readonly Case[],
  catalogue: Catalogue,
  { patterns = [], grade = 'may', deep = false }: Selection,
): readonly Permutation[] {
  const graded = cases.filter((subject) =>
    subject.requirements.some(
      (id) => grades.indexOf(gradeOf(catalogue.get(id)?.level)) <= grades.indexOf(grade),
    ),
  );
  const every = everyPermutation(graded);
  const named = new Set<Case>(patterns.length === 0 ? graded : []);
  const selected = new Set<string>();
  for (const pattern of patterns) {
    const expression = expressionOf(pattern);
    // Only what varies has an equals sign in its path.
    const isPath = pattern.includes('=');
    const paths = isPath ? every.flatMap(({ path }) => (expression.test(path) ? [path] : [])) : [];
    const matched = isPath ? [] : graded.filter(namedBy(expression));
    if (paths.length + matched.length === 0) {
      const names = isPath ? every.map(({ path }) => path) : namesOf(cases);
      throw new NothingSelected(`no case matches "${pattern}"${suggest(pattern, names)}`);
    }
    for (const path of paths) selected.add(path);
    for (const subject of matched) named.add(subject);
  }
  const whole = cases.filter((subject) => named.has(subject));
  for (const { path } of deep ? everyPermutation(whole) : spread(whole)) selected.add(path);
  return every.filter(({ path }) => selected.has(path));
}

const everyPermutation = (cases: readonly Case[]) =>
  cases.flatMap((subject) => permutationsOf(subject, 'every'));

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

function expressionOf(pattern: string): RegExp {
  const parts = pattern.split(/(\*\*|\*)/).map((part) => {
    if (part === '**') return '.*';
    return part === '*' ? '[^/]*' : part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`);
}

function namedBy(expression: RegExp): (subject: Case) => boolean {
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
