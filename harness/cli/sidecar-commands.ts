import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { packageRoot } from '../kit/kit.js';
import { wholeNumber } from './whole-number.js';

/** With the module for Prosody. */
const moduleFolder = join(packageRoot, 'fixtures', 'servers', 'prosody');

/** The command that runs the reference engine beside a server. */
export function addSidecarCommand(root: Command): void {
  root
    .command('sidecar')
    .description('run the reference engine beside a Prosody, which then does Web Push')
    .requiredOption('-d, --domain <name...>', 'the virtual hosts that get it')
    .requiredOption(
      '--secret-file <file>',
      'what Prosody has to show is in there; at least 16 characters, not open to everybody',
    )
    .addOption(
      new Option('-l, --listen <address:port>', 'where Prosody reaches it: loopback only; port 0 picks one')
        .argParser(place)
        .default({ host: '127.0.0.1', port: 5299 }, '127.0.0.1:5299'),
    )
    .option('--data <folder>', 'keeps registrations and keys; default: they are lost at the end')
    .option('--subject <uri>', 'whom push services may write to; default: mailto:postmaster@ and the domain')
    .option('--max-devices <number>', 'registrations an account may have; default: 5', wholeNumber(1, 1000))
    .option('--important-body <text>', 'what a push says in place of the text; default: New Message!')
    .option(
      '--batch-window <milliseconds>',
      'messages of a conversation are told together within it; default: 1000',
      wholeNumber(0, 60_000),
    )
    .option('--allow-host <host...>', 'push services that may have a private address')
    .option('--ca-file <file>', "authority of the push services' certificates; default: the system's")
    .option('--no-push', 'switch Web Push off: nothing is advertised or pushed, a disable still works')
    .addHelpText(
      'after',
      `
Prosody 0.12 or 13.0 needs the module webpush_sidecar, which is in
${moduleFolder}

Example:
  $ umask 027; openssl rand -base64 32 > webpush.secret     readable for Prosody's group, too
  $ webpush-conformance sidecar --domain example.org --secret-file webpush.secret --data /var/lib/webpush

In prosody.cfg.lua:
  plugin_paths = { "${moduleFolder}" }
  modules_enabled = { …; "smacks"; "mam"; "carbons"; "webpush_sidecar" }
  webpush_sidecar_secret_file = "/etc/prosody/webpush.secret"
  webpush_sidecar_url = "http://127.0.0.1:5299"

SIGTERM ends it when what is in flight has ended. SIGUSR2 makes new application server keys; registrations keep the one
they were made with until they are enabled again.`,
    )
    .action(async (options) => {
      const { sidecarCommand } = await import('./sidecar-command.js');
      process.exitCode = await sidecarCommand(options);
    });
}

function place(text: string): { readonly host: string; readonly port: number } {
  const [, host, port] = /^\[?([^[\]]+)\]?:(\d{1,5})$/.exec(text) ?? [];
  if (host !== undefined && Number(port) <= 65535) return { host, port: Number(port) };
  throw new InvalidArgumentError('it must be an address and a port, as in 127.0.0.1:5299 or [::1]:5299');
}
