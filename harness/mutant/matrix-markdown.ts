import { killsByCase, type Matrix, offencesOf } from './matrix.js';

/** The matrix for people, by mutant and by case. */
export function matrixMarkdown(matrix: Matrix): string {
  const { mutants, cases, kit, seed } = matrix;
  const byCase = killsByCase(matrix);
  const killed = mutants.filter(({ fate }) => fate === 'killed').length;
  const killing = [...byCase.values()].filter((kills) => kills.length > 0).length;
  const offences = offencesOf(matrix);
  return [
    '# Which case notices which fault',
    '',
    '<!-- Written by `webpush-conformance mutants run --out docs`; do not edit. -->',
    '',
    `A mutant is the reference server with one thing wrong. Version ${kit}, seed ${seed}: **${killed} of ${mutants.length} mutants**`,
    `are noticed, **${killing} of ${cases.length} cases** notice one.`,
    '',
    ...(offences.length > 0
      ? [
          '## What is wrong',
          '',
          ...offences.map(({ type, subject, detail }) => `- ${type}: \`${subject}\`: ${escaped(detail)}`),
          '',
        ]
      : []),
    '## By mutant',
    '',
    '| mutant | what the server does | sentences it breaks | cases that notice |',
    '|---|---|---|---|',
    ...mutants.map(
      ({ id, title, breaks, fate, kills }) =>
        `| ${id} | ${escaped(title)} | ${breaks.join(' ')} | ${
          fate === 'killed' ? listed(kills.map((kill) => kill.case)) : `**${fate}**`
        } |`,
    ),
    '',
    '## By case',
    '',
    '| case | mutants it kills |',
    '|---|---|',
    ...[...byCase].map(([id, kills]) => `| ${id} | ${listed(kills)} |`),
    '',
  ].join('\n');
}

function listed(ids: readonly string[]): string {
  return ids.length === 0 ? '(none)' : `${ids.length}: ${ids.join(' ')}`;
}

function escaped(text: string): string {
  return text.replace(/[|<>*_`\\]/g, (character) => `\\${character}`);
}
