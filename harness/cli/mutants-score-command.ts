import { join } from 'node:path';
import { mutants } from '../../fixtures/mutants/mutants.js';
import { cases } from '../../suites/cases.js';
import { packageRoot } from '../kit/kit.js';
import { killsByCase, type Matrix, type Offence, offencesOf, untried } from '../mutant/matrix.js';
import { matrixHtml } from '../mutant/matrix-html.js';
import { matrixMarkdown } from '../mutant/matrix-markdown.js';
import { writeMatrix } from '../mutant/matrix-text.js';
import { type Style, styleFor } from '../report/style.js';
import { exitCodes } from '../run/result.js';
import { readMatrix } from './read-matrix.js';

export interface MutantsScoreOptions {
  readonly report: 'pretty' | 'json' | 'markdown' | 'html';
}

/** Prints the totals of a matrix, or all of it, and gives 7 when it is not as it must be. */
export function mutantsScoreCommand(file: string | undefined, { report }: MutantsScoreOptions): number {
  const matrix = readMatrix(file ?? join(packageRoot, 'docs', 'matrix.json'));
  const offences = [
    ...offencesOf(matrix),
    ...(file === undefined || matrix.scope === 'all'
      ? untried(matrix, { cases: cases.map(({ id }) => id), mutants: mutants.map(({ id }) => id) })
      : []),
  ];
  process.stdout.write(render());
  return offences.length > 0 ? exitCodes.mutantSurvived : exitCodes.conformant;

  function render(): string {
    switch (report) {
      case 'pretty':
        return matrixReport(matrix, offences, styleFor(process.stdout));
      case 'json':
        return writeMatrix(matrix);
      case 'markdown':
        return matrixMarkdown(matrix);
      case 'html':
        return matrixHtml(matrix);
    }
  }
}

/** What a person reads: each offender, and the totals. */
export function matrixReport(
  matrix: Matrix,
  offences: readonly Offence[],
  style: Style,
  seconds?: number,
): string {
  const { mutants: rows, cases: all, scope } = matrix;
  const count = (fate: string) => rows.filter((row) => row.fate === fate).length;
  const kills = rows.reduce((sum, row) => sum + row.kills.length, 0);
  const killing = [...killsByCase(matrix).values()].filter((killed) => killed.length > 0).length;
  const summary = `${rows.length} mutants: ${count('killed')} killed, ${count('survived')} survived, ${count('broken')} broken`;
  const lines = [
    ...offences.map(
      ({ type, subject, detail }) => `${style('red', type.toUpperCase().padEnd(9))} ${subject}: ${detail}`,
    ),
    `${style(offences.length > 0 ? 'red' : 'green', summary)}${seconds === undefined ? '' : ` in ${seconds.toFixed(1)} s`}`,
    `${all.length} cases: ${killing} kill at least one mutant${scope === 'all' ? '' : ' of these'}; ${kills} kills in all`,
  ];
  return `${lines.join('\n')}\n`;
}
