import { existsSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { selfSign } from '../certificate/certificate.js';
import { packageRoot } from '../kit/kit.js';
import { exitCodes } from '../run/result.js';
import { UsageError } from '../usage/usage-error.js';

export interface InitCommandOptions {
  readonly process?: boolean;
  readonly host?: string;
  readonly port?: number;
  readonly domain?: readonly string[];
  readonly roomsDomain?: string;
  readonly pushHost?: string;
}

/** One file to be written. */
interface NewFile {
  readonly name: string;
  readonly text: string;
  readonly mode?: number;
}

/** The certificate has to last as long as a server that is tested now and then. */
const days = 3650;

/**
 * Writes the description of a server, and what it names, and says what comes next.
 *
 * @throws UsageError when one of the files is there already or cannot be written; then none is.
 */
export async function initCommand(path: string, options: InitCommandOptions): Promise<number> {
  if (!path.endsWith('.json'))
    throw new UsageError(`${path} must end in .json: run knows a target file by that`);
  const folder = dirname(resolve(path));
  const schema = relative(folder, join(packageRoot, 'schemas', 'target.schema.json'));
  const name = basename(path, '.json');
  const { files, steps } = options.process ? describeProcess(options) : await describeRemote(options);
  const [description, ...others] = files;
  const all: readonly NewFile[] = [
    {
      name: basename(path),
      text: `${JSON.stringify({ $schema: schema, name, ...description }, undefined, 2)}\n`,
    },
    ...others,
  ];
  const present = all.find((file) => existsSync(join(folder, file.name)));
  if (present)
    throw new UsageError(`${join(dirname(path), present.name)} is there already; nothing was written`);
  for (const { name: file, text, mode = 0o644 } of all) {
    try {
      writeFileSync(join(folder, file), text, { mode, flag: 'wx' });
    } catch (cause) {
      throw new UsageError(`${file} cannot be written: ${(cause as Error).message}`, { cause });
    }
  }
  const next = [
    ...steps,
    `webpush-conformance doctor --target ${path}`,
    `webpush-conformance run --target ${path}`,
  ];
  process.stdout.write(
    `wrote ${all.map((file) => join(dirname(path), file.name)).join(', ')}\n\nNext:\n${next
      .map((step, index) => `  ${index + 1}. ${step}\n`)
      .join(
        '',
      )}\nAn editor that knows JSON Schema explains every member; docs/target-contract.md has it all on one page.\n`,
  );
  return exitCodes.conformant;
}

interface Plan {
  /** Members of the description, then the other files. */
  readonly files: readonly [object, ...NewFile[]];
  readonly steps: readonly string[];
}

/** A server that is already there. */
async function describeRemote(options: InitCommandOptions): Promise<Plan> {
  const { host = 'xmpp.example.org', port = 5222, roomsDomain, pushHost = hostname() } = options;
  const { key, cert } = await selfSign([pushHost], days);
  return {
    files: [
      {
        host,
        port,
        domains: options.domain ?? [host],
        ...(roomsDomain === undefined ? {} : { roomsDomain }),
        patience: 10_000,
        push: { host: pushHost, listen: '0.0.0.0', port: 8443, key: 'push-key.pem', cert: 'push-cert.pem' },
        hooks: {},
      },
      { name: 'push-key.pem', text: key, mode: 0o600 },
      { name: 'push-cert.pem', text: cert },
    ],
    steps: [
      'say in it where your server is, and add what it has: ca, roomsDomain, websocket, a second domain, accounts, hooks',
      `let the server trust push-cert.pem, resolve ${pushHost} to this machine, and exempt it from its rules for addresses`,
    ],
  };
}

/** A server that the kit starts. */
function describeProcess(options: InitCommandOptions): Plan {
  const { host = '127.0.0.1', port, roomsDomain = 'rooms.capulet.example', pushHost = 'localhost' } = options;
  return {
    files: [
      {
        host,
        ...(port === undefined ? {} : { port }),
        domains: options.domain ?? ['capulet.example', 'montague.example'],
        roomsDomain,
        patience: 10_000,
        push: { host: pushHost },
        config: { maxDevices: 5, importantBody: 'New Message!' },
        configurable: ['maxDevices', 'importantBody'],
        process: { command: ['./start-server.sh'], log: '{dataDir}/server.log' },
        hooks: {},
      },
      { name: 'start-server.sh', text: startScript, mode: 0o755 },
    ],
    steps: [
      'make start-server.sh start your server in the foreground',
      'take out of the file what the server has not, and name in configurable what the script can set',
    ],
  };
}

const startScript = `#!/bin/sh
# Starts the server to be judged: in the foreground, until SIGTERM. The kit may start several at once, each with
# ports, data and settings of its own. It is told by its environment:
#
#   WEBPUSH_PORT             where clients connect, with STARTTLS
#   WEBPUSH_DOMAINS          the virtual hosts, with commas between them; WEBPUSH_ROOMS_DOMAIN
#   WEBPUSH_CERT_FILE        its certificate for these, and WEBPUSH_KEY_FILE the key for it (PEM)
#   WEBPUSH_CA_FILE          the authority of the push service's certificate, to be trusted (PEM)
#   WEBPUSH_PUSH_HOST        the push service's name, to be exempt from rules for addresses; WEBPUSH_PUSH_PORT
#   WEBPUSH_DATA_DIR         an empty folder for its data, which outlives a restart
#   WEBPUSH_MAX_DEVICES      and the other settings of "config" and "configurable"
#
# For a further port, write {port:websocket} in the target file: WEBPUSH_PORT_WEBSOCKET.

echo "start-server.sh: replace this line by what starts your server, beginning with exec" >&2
exit 1
`;
