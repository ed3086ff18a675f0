import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { kitVersion } from '../kit/kit.js';
import { type ReportFormat, reportFormats } from '../report/format.js';
import { exitCodes } from '../run/result.js';
import { TargetFault } from '../target/fault.js';
import { suggest, UsageError } from '../usage/usage-error.js';
import { factor } from './factor.js';
import { addMutantCommands } from './mutants-commands.js';
import { grades, NothingSelected } from './select.js';
import { addServeCommand } from './serve-commands.js';
import { addSidecarCommand } from './sidecar-commands.js';
import { addSpecCommands } from './spec-commands.js';
import { addVectorCommands } from './vectors-commands.js';
import { wholeNumber } from './whole-number.js';

/**
 * The command line. Sets `process.exitCode`; every error of the user's is one line on standard error. Commands load
 * their modules when they run, so that `--help` stays quick.
 *
 * @param args the arguments after the program's name.
 */
export async function main(args: readonly string[]): Promise<void> {
  // Whoever reads has had enough, as `head` has: no reason to complain.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  try {
    await program().parseAsync([...args], { from: 'user' });
  } catch (error) {
    process.exitCode = report(error);
  }
}

function program(): Command {
  const root = new Command('webpush-conformance')
    .description('Judges how an XMPP server does Web Push (urn:xmpp:webpush:0), sentence by sentence.')
    .version(kitVersion())
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .showSuggestionAfterError(true)
    .addHelpText(
      'after',
      `
Examples:
  $ webpush-conformance run                             judge the embedded reference server
  $ webpush-conformance init my-server.json             describe a server of your own, and
  $ webpush-conformance run --target my-server.json     judge it
  $ webpush-conformance run --target prosody --plugins ./my-modules     judge a Prosody module
  $ webpush-conformance run --filter 'enable/*'         play one area
  $ webpush-conformance explain enable.auth-length      a sentence, its section and its cases
  $ webpush-conformance push-service                    check any Web Push sender
  $ webpush-conformance spec check my-xep.xml           check the examples of a XEP
  $ webpush-conformance vectors list importance         test vectors for servers in any language
  $ webpush-conformance sidecar --domain example.org …  Web Push for a Prosody of yours

Exit codes:
  0 conformant      1 a MUST is broken, or a test vector is wrong
  2 wrong usage or configuration
  3 the target did not start                4 nothing was verified
  5 a case is inconclusive or untestable, or the suite has a fault
  7 a mutant was not noticed
  8 a specification has errors, or its sentences are not tested
  130 interrupted`,
    );

  root
    .command('run')
    .description('play the cases on a target and judge what it does')
    .option(
      '-t, --target <name|file>',
      'a built-in target, or a JSON file that describes a server; several with commas between them',
      'embedded',
    )
    .option('--plugins <folder>', "Prosody modules of your own, judged in place of the kit's")
    .option('--enable <module...>', 'which of them to load; default: the only one there is')
    .option('-f, --filter <pattern...>', 'cases, areas or requirements; * and ** stand for anything')
    .option(
      '-l, --level <grade>',
      `only cases on sentences of this grade or a graver one: ${grades.join(', ')}`,
      'may',
    )
    .option(
      '-s, --seed <number>',
      'everything random comes from it; default: a new one',
      wholeNumber(0, 0xffffffff),
    )
    .option('-j, --jobs <number>', 'cases played side by side', wholeNumber(1, 64), 8)
    .option('--timeout-scale <factor>', 'multiplies every time limit', factor, 1)
    .addOption(
      new Option('-r, --report <format>', `what to print: ${reportFormats.join(', ')}`)
        .argParser(reportFormat)
        .default('pretty'),
    )
    .option('-o, --out <folder>', 'also write run.json, junit.xml and a transcript for each case there')
    .option('-d, --deep', 'play every permutation of each case, not only every pair of values in an area')
    .option('-n, --dry-run', 'print the cases that would be played, and stop')
    .addHelpText(
      'after',
      `
Targets that come with the kit: embedded (the reference), and in containers of Docker or Podman prosody (13.0), prosody:0.12,
ejabberd (24.12), ejabberd:23.01.

Examples:
  $ webpush-conformance run --filter importance enable.auth-length
  $ webpush-conformance run --filter importance/chat-body/away=hibernated/to=full
  $ webpush-conformance run --report junit > webpush.xml
  $ webpush-conformance run --target my-server.json --timeout-scale 3 --out results
  $ webpush-conformance run --target prosody --plugins ./my-modules --enable web_push
  $ webpush-conformance run --target embedded,my-server.json --report markdown > results.md`,
    )
    .action(async (options) => {
      const { runCommand } = await import('./run-command.js');
      process.exitCode = await runCommand(options);
    });

  root
    .command('list')
    .description('list the cases')
    .option('-f, --filter <pattern...>', 'cases, areas or requirements; * and ** stand for anything')
    .option(
      '-l, --level <grade>',
      `only cases on sentences of this grade or a graver one: ${grades.join(', ')}`,
      'may',
    )
    .option('-d, --deep', 'list every permutation of them')
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  $ webpush-conformance list --filter 'trigger*' --level must`)
    .action(async (options) => {
      const { listCommand } = await import('./list-command.js');
      listCommand(options);
    });

  root
    .command('explain')
    .description('explain a case or a requirement: the sentence, where it stands, what tests it')
    .argument('<case|requirement>', 'an id as `list` and failures print it')
    .addHelpText(
      'after',
      `\nExamples:\n  $ webpush-conformance explain enable.auth-length\n  $ webpush-conformance explain importance/headline`,
    )
    .action(async (id: string) => {
      const { explainCommand } = await import('./explain-command.js');
      explainCommand(id);
    });

  root
    .command('push-service')
    .description('run a push service that checks every request: for any Web Push sender')
    .option('-p, --port <number>', 'where to listen; 0 picks a free port', wholeNumber(0, 65535), 0)
    .option('--host <name>', 'the name or address in the endpoint; must lead to this machine', 'localhost')
    .option(
      '--ca-file <file>',
      'where to write the authority that signs its certificate; default: a temporary file',
    )
    .option('--key <key>', 'the application server key the sender must use (87 characters of base64url)')
    .option('--answer <status...>', 'the answers to the first requests, such as 429 or 410; afterwards 201')
    .option(
      '--count <number>',
      'stop after so many requests; exit 1 if one of them broke a MUST',
      wholeNumber(1, 1_000_000),
    )
    .addHelpText(
      'after',
      `
The first line is the subscription, as PushSubscription.toJSON() gives it. Then comes one JSON line for each request: the
findings and, if it opened, the plaintext.

Example:
  $ webpush-conformance push-service --ca-file ca.pem
  $ NODE_EXTRA_CA_CERTS=ca.pem node my-sender.js       in another terminal`,
    )
    .action(async (options) => {
      const { pushServiceCommand } = await import('./push-service-command.js');
      process.exitCode = await pushServiceCommand(options);
    });

  root
    .command('explore')
    .description('play random sequences of steps and compare what is pushed with a model of the text')
    .option(
      '-t, --target <name|file>',
      'a built-in target, or a JSON file that describes a server',
      'embedded',
    )
    .option('-n, --runs <number>', 'how many sequences', wholeNumber(1, 1_000_000), 1000)
    .option('-s, --seed <number>', 'they come from it; default: a new one', wholeNumber(0, 0xffffffff))
    .option('-p, --path <path>', 'only the sequence that a disagreement printed, with its seed', shrinkPath)
    .option('--timeout-scale <factor>', 'multiplies every time limit', factor, 1)
    .addOption(
      new Option('-r, --report <format>', 'what to print').choices(['pretty', 'json']).default('pretty'),
    )
    .addHelpText(
      'after',
      `
A sequence on which the server breaks a sentence is made as short as possible and printed with what repeats it.

Example:
  $ webpush-conformance explore --runs 100 --seed 7`,
    )
    .action(async (options) => {
      const { exploreCommand } = await import('./explore-command.js');
      process.exitCode = await exploreCommand(options);
    });

  root
    .command('stress')
    .description('play the same cases again and again, and count how often each has which verdict')
    .option(
      '-t, --target <name|file>',
      'a built-in target, or a JSON file that describes a server',
      'embedded',
    )
    .option(
      '-f, --filter <pattern...>',
      'cases, areas or requirements; * and ** stand for anything; default: all',
    )
    .option('-n, --rounds <number>', 'how often each case is played', wholeNumber(1, 100_000), 25)
    .option(
      '-s, --seed <number>',
      'that of the first round, each further one has the next; default: a new one',
      wholeNumber(0, 0xffffffff),
    )
    .option('-j, --jobs <number>', 'cases played side by side', wholeNumber(1, 64), 8)
    .option('--load <number>', 'threads that keep processors busy meanwhile', wholeNumber(0, 256), 0)
    .option('--timeout-scale <factor>', 'multiplies every time limit', factor, 1)
    .addOption(
      new Option('-r, --report <format>', 'what to print').choices(['pretty', 'json']).default('pretty'),
    )
    .addHelpText(
      'after',
      `
Ends with 5 when a case had different verdicts, and otherwise as a run does.

Examples:
  $ webpush-conformance stress --filter importance --rounds 100
  $ webpush-conformance stress --load 4 --report json > stress.json`,
    )
    .action(async (options) => {
      const { stressCommand } = await import('./stress-command.js');
      process.exitCode = await stressCommand(options);
    });

  root
    .command('init')
    .description('write the description of a server of your own, for `run --target`')
    .argument('[file]', 'where to write it; ends in .json', 'target.json')
    .option('--process', 'a server that the kit is to start itself, as often as it needs one')
    .option('--host <name>', 'where the server takes clients')
    .option('--port <number>', 'and on which port', wholeNumber(1, 65_535))
    .option('--domain <name...>', 'its virtual hosts; default: the host')
    .option('--rooms-domain <name>', 'its service for rooms (XEP-0045)')
    .option('--push-host <name>', 'the name by which the server reaches this machine')
    .addHelpText(
      'after',
      `
Examples:
  $ webpush-conformance init my-server.json --host xmpp.example.org --domain example.org --push-host push.example.org
  $ webpush-conformance init my-server.json --process`,
    )
    .action(async (file: string, options) => {
      const { initCommand } = await import('./init-command.js');
      process.exitCode = await initCommand(file, options);
    });

  root
    .command('doctor')
    .description('check what a run needs on this machine, and say how to mend what is missing')
    .option(
      '-t, --target <name|file>',
      'also start it, log in, look for Web Push, and see a push arrive',
      'embedded',
    )
    .addHelpText('after', `\nExample:\n  $ webpush-conformance doctor --target my-server.json`)
    .action(async (options) => {
      const { doctorCommand } = await import('./doctor-command.js');
      process.exitCode = await doctorCommand(options);
    });

  addServeCommand(root);
  addSpecCommands(root);
  addMutantCommands(root);
  addVectorCommands(root);
  addSidecarCommand(root);

  for (const command of [...root.commands, ...root.commands.flatMap(({ commands }) => commands)])
    command.exitOverride().configureOutput({ outputError: () => {} });
  return root;
}

/** Prints one line and gives the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exitCodes.conformant;
    // Without a command, the help has been printed where errors go.
    if (error.code !== 'commander.help') console.error(`webpush-conformance: ${oneLine(error)}`);
    return exitCodes.usage;
  }
  if (error instanceof UsageError) return say(error, exitCodes.usage);
  if (error instanceof NothingSelected) return say(error, exitCodes.nothingVerified);
  if (error instanceof TargetFault) return say(error, exitCodes.targetDidNotStart);
  console.error(error);
  return exitCodes.inconclusive;
}

function say(error: Error, code: number): number {
  console.error(`webpush-conformance: ${error.message}`);
  return code;
}

/** What commander says in sentences, in one line and with a way on. */
function oneLine({ code, message }: CommanderError): string {
  const text = message
    .replace(/^error: /, '')
    .replace(/\n\(Did you mean (?:one of )?(.*)\?\)$/, '; did you mean $1?')
    .replace(/ is invalid\. /, ' is wrong: ')
    .replace(/\. Expected /, '; expected ')
    .replace(/\.$/, '');
  const isUnknown = code === 'commander.unknownCommand' || code === 'commander.unknownOption';
  return isUnknown && !text.endsWith('?') ? `${text}; --help lists what there is` : text;
}

function reportFormat(text: string): ReportFormat {
  const format = reportFormats.find((known) => known === text);
  if (format) return format;
  throw new InvalidArgumentError(`there is no such format${suggest(text, reportFormats)}`);
}

function shrinkPath(text: string): string {
  if (/^\d+(?::\d+)*$/.test(text)) return text;
  throw new InvalidArgumentError('it must be numbers with colons between them, as a disagreement prints it');
}
