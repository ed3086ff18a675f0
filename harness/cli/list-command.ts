import { cases } from '../../suites/cases.js';
import { catalogue } from '../../suites/requirements/catalogue.js';
import { parseGrade, selectCases } from './select.js';

interface ListOptions {
  readonly filter?: readonly string[];
  readonly level: string;
  readonly json?: boolean;
}

/** Prints the selected cases, one a line, or as a JSON array. */
export function listCommand(options: ListOptions): void {
  const selected = selectCases(cases, catalogue, options.filter ?? [], parseGrade(options.level));
  if (options.json) {
    const rows = selected.map(({ id, title, requirements, negative, absence, needs }) => ({
      id,
      title,
      requirements,
      ...(negative ? { negative } : {}),
      ...(absence ? { absence } : {}),
      ...(needs ? { needs } : {}),
    }));
    process.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`);
    return;
  }
  const width = Math.max(...selected.map(({ id }) => id.length));
  const lines = selected.map(({ id, title }) => `${id.padEnd(width)}  ${title}`);
  process.stdout.write(`${lines.join('\n')}\n`);
}
