import { type Command, Option } from 'commander';

/** The commands for those who write the specification. */
export function addSpecCommands(root: Command): void {
  const spec = root.command('spec').description('check the text of a specification, and what tests it');

  spec
    .command('check')
    .description('check the examples and keywords of XEP sources; those on Web Push are also played')
    .argument('<file|folder...>', 'XEP sources; in folders, every .xml file that is one')
    .addOption(new Option('--format <format>', 'what to print').choices(['pretty', 'json']).default('pretty'))
    .addOption(
      new Option('-l, --level <level>', 'the least grave findings to show')
        .choices(['error', 'warning', 'hint'])
        .default('warning'),
    )
    .option('--no-play', 'do not play the requests of examples against the embedded server')
    .addHelpText(
      'after',
      `
One line for each finding: file:line:column level rule message. Exits with 8 when there are errors.

Examples:
  $ webpush-conformance spec check reference/spec/webpush.xml
  $ webpush-conformance spec check ~/xeps --level hint
  $ webpush-conformance spec check my-xep.xml --format json | jq '.findings[]'`,
    )
    .action(async (paths: string[], options) => {
      const { specCheckCommand } = await import('./spec-check-command.js');
      process.exitCode = await specCheckCommand(paths, options);
    });

  spec
    .command('coverage')
    .description('print what tests each requirement; fails when nothing does, or the text has changed since')
    .addOption(new Option('--format <format>', 'what to print').choices(['pretty', 'json']).default('pretty'))
    .option('--spec <file>', 'the text of Web Push; default: the one that comes with the kit')
    .addHelpText(
      'after',
      `
A case with a minus is a negative: it is another one with one thing wrong. Exits with 8 when a MUST or SHOULD is neither
tested nor excluded for a reason, or when a sentence is no longer the one its cases were written for.

Example:
  $ webpush-conformance spec coverage --format json | jq '.requirements[] | select(.state == "excluded") | .id'`,
    )
    .action(async (options) => {
      const { specCoverageCommand } = await import('./spec-coverage-command.js');
      const { defaultText } = await import('./spec-text.js');
      process.exitCode = specCoverageCommand({ spec: defaultText, ...options });
    });

  spec
    .command('accept')
    .description('take the sentences of the text for those the cases rest on, after the cases were looked at')
    .argument('[id...]', 'only these sentences; default: all that have changed')
    .option('--spec <file>', 'the text of Web Push; default: the one that comes with the kit')
    .addHelpText('after', `\nExample:\n  $ webpush-conformance spec accept enable.auth-length`)
    .action(async (ids: string[], options) => {
      const { specAcceptCommand } = await import('./spec-accept-command.js');
      const { defaultText } = await import('./spec-text.js');
      process.exitCode = specAcceptCommand(ids, { spec: defaultText, ...options });
    });
}
