import { join } from 'node:path';
import { type Accounts, createAccounts } from './container/accounts.js';
import type { Program } from './container/container.js';
import { type ServerImage, serversFolder } from './container/image.js';
import {
  joinMachine,
  type Machine,
  prepareMachine,
  pushHost,
  tlsFolder,
  writeFile,
} from './container/machine.js';
import { freePorts } from './container/ports.js';
import { createServerLog, quote } from './container/server-log.js';
import { TargetFault } from './fault.js';
import type { Plugins } from './plugins.js';
import type { HookName, Hooks, RunEnvironment, RunningTarget, Target, TargetConfig } from './target.js';

const domains = ['capulet.example', 'montague.example'] as const;
const roomsDomain = 'rooms.capulet.example';

/** A loaded machine may need so long for an answer; what has not come then is not coming. */
const patience = 10_000;

/** Long enough not to end by itself while a case looks at it; a case that is about them sets its own. */
const defaults = { ackDelay: 30_000, resumeWindow: 600_000 } as const;

const images = {
  prosody: { server: 'prosody', version: '13.0', debian: 'trixie' },
  'prosody:0.12': { server: 'prosody', version: '0.12', debian: 'bookworm' },
} as const satisfies Record<string, ServerImage>;

/**
 * Prosody as Debian has it, in a container.
 *
 * @param plugins an author's own modules, to be judged in place of ours.
 */
export function prosodyTarget(name: keyof typeof images, plugins?: Plugins): Target {
  const image = images[name];
  return {
    name,
    summary: `Prosody ${image.version} in a container`,
    instances: 'many',
    configurable: ['maxDevices', 'importantBody', 'ackDelay', 'resumeWindow', 'push'],
    prepare: () => prepareMachine(image),
    async start(environment, config, wanted = []) {
      const machine = await joinMachine(
        environment,
        image,
        [...domains, roomsDomain],
        [
          { source: join(serversFolder, 'prosody'), target: '/etc/conformance' },
          ...(plugins ? [{ source: plugins.folder, target: '/srv/plugins' }] : []),
        ],
      );
      try {
        return await startProsody(name, image, machine, plugins, environment, config, wanted);
      } catch (error) {
        await machine.leave();
        throw error;
      }
    },
  };
}

async function startProsody(
  name: string,
  image: ServerImage,
  machine: Machine,
  plugins: Plugins | undefined,
  environment: RunEnvironment,
  config: TargetConfig,
  wanted: readonly HookName[],
): Promise<RunningTarget> {
  const { container } = machine;
  const ports = await freePorts('c2s', 'https');
  const folder = await machine.makeFolder();
  const settings = { ...defaults, ...config };
  const variables: Record<string, string> = {
    DATA: folder,
    TLS: tlsFolder,
    PLUGINS: '/srv/plugins',
    MODULES: config.push === false ? '' : (plugins?.modules.join(',') ?? ''),
    C2S_PORT: String(ports.c2s),
    HTTPS_PORT: String(ports.https),
    ACK_DELAY: String(settings.ackDelay / 1000),
    RESUME_WINDOW: String(settings.resumeWindow / 1000),
    ...(config.maxDevices === undefined ? {} : { MAX_DEVICES: String(config.maxDevices) }),
    ...(config.importantBody === undefined ? {} : { IMPORTANT_BODY: config.importantBody }),
    ...(wanted.includes('advanceClock') ? movableClock(folder) : {}),
  };
  const scaledPatience = patience * environment.timeoutScale;
  const address = {
    host: '127.0.0.1',
    port: ports.c2s,
    tls: 'starttls' as const,
    ca: environment.ca,
    websocket: `wss://127.0.0.1:${ports.https}/xmpp-websocket`,
  };
  const log = createServerLog();
  let program: Program | undefined;
  let accounts: Accounts;
  let advanced = 0;

  const open = async () => {
    const launched = await container.launch(
      `${exportAll(variables)}\nexec prosody -F --config /etc/conformance/prosody.cfg.lua`,
      log.add,
    );
    program = launched;
    await log.until((line) => line.includes(readyLine), launched, name, scaledPatience);
    const errors = log.take().filter((line) => /^\S+\s+error\s/.test(line));
    if (errors.length > 0)
      throw new TargetFault('start-failed', `${name} did not start as it should; its log:${quote(errors)}`);
    accounts = createAccounts(address, scaledPatience);
  };
  const reopen = async (signal: 'TERM' | 'KILL') => {
    await accounts.close();
    await program?.end(signal);
    await open();
  };
  const hooks: Partial<Hooks> = {
    restart: () => reopen('TERM'),
    crash: () => reopen('KILL'),
    async advanceClock(milliseconds) {
      advanced += milliseconds;
      await container.run(writeFile(`${folder}/clock`, clockText(advanced)));
      // It looks at the clock when something happens: a second answer comes after what fell due at the first question.
      await accounts.ping(domains[0]);
      await accounts.ping(domains[0]);
    },
    createAccount: (account) => accounts.create(account),
    deleteAccount: (account) => accounts.delete(account),
    setPassword: (account, password) => accounts.setPassword(account, password),
  };

  try {
    await open();
  } catch (error) {
    await program?.end('KILL');
    throw error;
  }
  return {
    description: { name, software: 'Prosody', version: versionIn(log.lines) ?? image.version },
    address,
    domains,
    roomsDomain,
    config: { importantBody: 'New Message!', maxDevices: 5, ...config },
    hooks,
    patience: scaledPatience,
    now: () => Date.now() + advanced,
    async provision(localpart, domain) {
      const account = { localpart, domain, password: `${localpart}-secret` };
      await accounts.create(account);
      return account;
    },
    endpointUrl: (path) => `https://${pushHost}:${environment.pushPort}${path}`,
    async stop() {
      await accounts.close();
      await program?.end('KILL');
      await machine.leave();
    },
  };
}

/** `mod_conformance_ready` logs it. */
const readyLine = 'Everything has been loaded';

function versionIn(lines: readonly string[]): string | undefined {
  return lines.flatMap((line) => /Prosody version (\S+)/.exec(line)?.[1] ?? [])[0];
}

/** With these, a program takes its clock, and the one its timers go by, to be as far ahead as the file says. */
function movableClock(folder: string): Record<string, string> {
  return {
    LD_PRELOAD: 'libfaketime.so.1',
    FAKETIME_TIMESTAMP_FILE: `${folder}/clock`,
    FAKETIME_NO_CACHE: '1',
  };
}

function clockText(milliseconds: number): string {
  return `+${milliseconds / 1000}\n`;
}

function exportAll(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'`)
    .join('\n');
}
