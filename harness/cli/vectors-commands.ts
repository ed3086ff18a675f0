import { type Command, Option } from 'commander';

/** The commands for test vectors. */
export function addVectorCommands(root: Command): void {
  const vectors = root.command('vectors').description('test vectors for servers in any language');

  vectors
    .command('verify')
    .description('hold test vectors to their schemas and to every implementation in the kit')
    .argument('[file...]', 'files of test vectors; default: those of the kit')
    .addOption(new Option('--format <format>', 'what to print').choices(['pretty', 'json']).default('pretty'))
    .addHelpText(
      'after',
      `
Exits with 1 when a vector is wrong, and with 2 when a file does not match its schema.

Examples:
  $ webpush-conformance vectors verify
  $ webpush-conformance vectors verify my-vectors.json --format json | jq '.disagreements[].id'`,
    )
    .action(async (files: string[], options) => {
      const { vectorsVerifyCommand } = await import('./vectors-verify-command.js');
      process.exitCode = await vectorsVerifyCommand(files, options);
    });

  vectors
    .command('generate')
    .description('write the files of test vectors; the same octets each time')
    .argument('[set...]', 'only these sets; default: all')
    .option('--check', 'write nothing; exit 1 when a file is not what would be written')
    .option('-o, --out <folder>', 'where to write; default: where the kit has them')
    .addHelpText(
      'after',
      `
Examples:
  $ webpush-conformance vectors generate --check
  $ webpush-conformance vectors generate rfc8291 --out /tmp/vectors`,
    )
    .action(async (sets: string[], options) => {
      const { vectorsGenerateCommand } = await import('./vectors-generate-command.js');
      process.exitCode = vectorsGenerateCommand(sets, options);
    });

  vectors
    .command('list')
    .description('list test vectors: what a positive shows, what is wrong with a negative')
    .argument('[pattern...]', 'sets, ids or requirements; * stands for anything. Default: all')
    .addHelpText(
      'after',
      `
A negative has a minus before it.

Examples:
  $ webpush-conformance vectors list importance
  $ webpush-conformance vectors list 'rfc8291/keyid-*' rfc8292.audience`,
    )
    .action(async (patterns: string[]) => {
      const { vectorsListCommand } = await import('./vectors-list-command.js');
      vectorsListCommand(patterns);
    });
}
