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
}
