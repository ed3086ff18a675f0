import { cases } from '../../suites/cases.js';
import { catalogue } from '../../suites/requirements/catalogue.js';
import type { Case } from '../case/case.js';
import { permutationsOf } from '../case/permutation.js';
import { parseGrade, selectCases, selectPermutations } from './select.js';

interface ListOptions {
  readonly filter?: readonly string[];
  readonly level: string;
  readonly deep?: boolean;
  readonly json?: boolean;
}

/** Prints the selected cases, one a line, or as a JSON array; with `deep` each of their permutations. */
export function listCommand({ filter: patterns = [], level, deep = false, json = false }: ListOptions): void {
  const selection = { patterns, grade: parseGrade(level) };
  const rows = deep
    ? selectPermutations(cases, catalogue, { ...selection, deep }).map((one) => ({
        ...described(one),
        id: one.path,
        ...(one.path === one.id ? {} : { case: one.id, choice: one.choice }),
        permutations: 1,
      }))
    : selectCases(cases, catalogue, selection).map((one) => ({
        ...described(one),
        ...(one.vary ? { vary: one.vary } : {}),
        permutations: permutationsOf(one, 'every').length,
      }));
  if (json) {
    process.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`);
    return;
  }
  const width = Math.max(...rows.map(({ id }) => id.length));
  const lines = rows.map(
    ({ id, title, permutations }) =>
      `${id.padEnd(width)}  ${title}${permutations > 1 ? ` (${permutations} permutations)` : ''}`,
  );
  process.stdout.write(`${lines.join('\n')}\n`);
}

function described({
  id,
  title,
  requirements,
  negative,
  absence,
  needs,
}: Omit<Case, 'vary' | 'play' | 'judge'>) {
  return {
    id,
    title,
    requirements,
    ...(negative ? { negative } : {}),
    ...(absence ? { absence } : {}),
    ...(needs ? { needs } : {}),
  };
}
