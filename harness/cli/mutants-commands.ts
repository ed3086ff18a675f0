import { type Command, Option } from 'commander';
import { factor } from './factor.js';
import { wholeNumber } from './whole-number.js';

/** The commands for those who ask whether the cases can fail. */
export function addMutantCommands(root: Command): void {
  const group = root
    .command('mutants')
    .description('break the reference on purpose, and see that cases notice');

  group
    .command('run')
    .description('try mutants: each has to be noticed by a case on a sentence that it breaks')
    .argument('[pattern...]', 'mutants, areas of them or sentences they break; default: all')
    .option('-q, --quick', 'a few that every judge has a part in, within a minute')
    .option('-s, --seed <number>', 'everything random comes from it', wholeNumber(0, 0xffffffff), 7)
    .option(
      '-j, --jobs <number>',
      'mutants tried side by side; default: three more than there are cores',
      wholeNumber(1, 64),
    )
    .option('--timeout-scale <factor>', 'multiplies every time limit', factor, 1)
    .option('--all-cases', 'play every case against each mutant, not only those on its sentences')
    .addOption(
      new Option('-r, --report <format>', 'what to print').choices(['pretty', 'json']).default('pretty'),
    )
    .option(
      '-o, --out <folder>',
      'write the matrix of cases and mutants there, matrix.json and matrix.md, or bring it up to date',
    )
    .addHelpText(
      'after',
      `
Exits with 7 when a mutant survives or shows nothing, when a case kills none (with all mutants tried), when a mutant is
killed by more than a third of all cases, or when the reference itself fails one.

Examples:
  $ webpush-conformance mutants run encryption answer/gone-stays
  $ webpush-conformance mutants run --out docs`,
    )
    .action(async (patterns: string[], options) => {
      const { mutantsRunCommand } = await import('./mutants-run-command.js');
      process.exitCode = await mutantsRunCommand(patterns, options);
    });

  group
    .command('list')
    .description('list the mutants and the sentences they break')
    .argument('[pattern...]', 'mutants, areas of them or sentences they break; default: all')
    .option('-q, --quick', 'those that `run --quick` tries')
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  $ webpush-conformance mutants list answer`)
    .action(async (patterns: string[], options) => {
      const { mutantsListCommand } = await import('./mutants-list-command.js');
      process.exitCode = mutantsListCommand(patterns, options);
    });

  group
    .command('judges')
    .description('take one judge after the other out of the kit, and see that mutants survive then')
    .argument('[pattern...]', 'mutants, areas of them or sentences they break; default: all')
    .option('-q, --quick', 'only the mutants of `run --quick`')
    .option('-s, --seed <number>', 'everything random comes from it', wholeNumber(0, 0xffffffff), 7)
    .option(
      '-j, --jobs <number>',
      'mutants tried side by side; default: three more than there are cores',
      wholeNumber(1, 64),
    )
    .option('--timeout-scale <factor>', 'multiplies every time limit', factor, 1)
    .option('--json', 'print JSON: for each judge the mutants that need it')
    .addHelpText(
      'after',
      `
A judge is a function that gives findings. Exits with 7 when one is not missed.

Example:
  $ webpush-conformance mutants judges --quick`,
    )
    .action(async (patterns: string[], options) => {
      const { mutantsJudgesCommand } = await import('./mutants-judges-command.js');
      process.exitCode = await mutantsJudgesCommand(patterns, options);
    });

  group
    .command('score')
    .description('print the totals of a matrix of cases and mutants, and all that is wrong in it')
    .argument(
      '[file]',
      'what `run --out` or `run --report json` has written; default: the one of this version',
    )
    .addOption(
      new Option('-r, --report <format>', 'what to print')
        .choices(['pretty', 'json', 'markdown', 'html'])
        .default('pretty'),
    )
    .addHelpText(
      'after',
      `
Exits with 7 as \`run\` does, and when the matrix lacks a case or a mutant.

Example:
  $ webpush-conformance mutants score --report html > matrix.html`,
    )
    .action(async (file: string | undefined, options) => {
      const { mutantsScoreCommand } = await import('./mutants-score-command.js');
      process.exitCode = mutantsScoreCommand(file, options);
    });
}
