import { type Command, InvalidArgumentError } from 'commander';
import { wholeNumber } from './whole-number.js';

const port = wholeNumber(0, 65_535);
const milliseconds = wholeNumber(0, 0x7fffffff);

/** `serve` and its options; what it does is loaded when it is used. */
export function addServeCommand(root: Command): void {
  root
    .command('serve')
    .description('run the reference server: for clients in development, and to try the kit on')
    .option('--host <address>', 'where to listen', '127.0.0.1')
    .option('-p, --port <number>', 'for clients, with STARTTLS; 0 picks a free port', port, 5222)
    .option('--direct-tls-port <number>', 'also for clients, with TLS from the start (XEP-0368)', port)
    .option('--websocket-port <number>', 'also for WebSocket over TLS (RFC 7395)', port)
    .option('--domain <name...>', 'virtual hosts', ['localhost'])
    .option('--rooms-domain <name>', 'service for rooms (XEP-0045); default: rooms. and the first domain')
    .option('--key <file>', 'PEM file of the private key; default: a throw-away certificate')
    .option('--cert <file>', 'PEM file of the certificate for --key')
    .option('--ca-file <file>', 'where to write the authority of the throw-away certificate')
    .option('--data <folder>', 'keeps accounts, messages and registrations; default: all is lost at the end')
    .option('--max-devices <number>', 'registrations of an account', wholeNumber(1, 1000), 5)
    .option('--important-body <text>', 'the text of a notification; may be empty', 'New Message!')
    .option('--batch-window <ms>', 'gathers messages of a conversation into one push', milliseconds, 1000)
    .option(
      '--ack-delay <ms>',
      'until a missing acknowledgement tells that a client is gone',
      milliseconds,
      30_000,
    )
    .option('--resume-window <ms>', 'for which a lost session may be resumed', milliseconds, 600_000)
    .option('--push <true|false>', 'whether there is Web Push at all', truth, true)
    .option('--subject <uri>', 'mailto: or https: address of the operator, for push services')
    .option('--trust <file>', 'PEM file of authorities to trust for push services, in place of the system’s')
    .option('--allow-host <name...>', 'push services that may be at a private address')
    .option('--resolve <name=address...>', 'addresses of push services that are not in the DNS')
    .option(
      '--control <port>',
      'takes orders over HTTP on loopback, from whoever can reach it: for tests only',
      port,
    )
    .addHelpText(
      'after',
      `
The first line it prints is JSON: where it listens, and the application server key of each domain.
Orders are posted as JSON: /advanceClock {"milliseconds":60000}, /createAccount {"localpart":"juliet","domain":"localhost",
"password":"…"}, /deleteAccount, /setPassword, /changeKey, /resolveName, /allowHost.

Examples:
  $ webpush-conformance serve --domain example.org --ca-file ca.pem
  $ webpush-conformance serve --port 0 --websocket-port 5281 --data ./data --control 5290
  $ curl -H 'content-type: application/json' -d '{"milliseconds":600000}' http://127.0.0.1:5290/advanceClock`,
    )
    .action(async (options) => {
      const { serveCommand } = await import('./serve-command.js');
      process.exitCode = await serveCommand(options);
    });
}

function truth(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw new InvalidArgumentError('it must be true or false');
}
