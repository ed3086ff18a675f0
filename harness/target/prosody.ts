import { join } from 'node:path';
import type { Accounts } from './container/accounts.js';
import { type ServerImage, serversFolder } from './container/image.js';
import {
  addressOf,
  configurationFolder,
  domains,
  pushHost,
  roomsDomain,
  tlsFolder,
  windows,
} from './container/layout.js';
import { exportAll, joinMachine, type Machine, prepareMachine, writeFile } from './container/machine.js';
import { startServer } from './container/server.js';
import { type EngineBeside, openEngineBeside } from './engine-beside.js';
import type { Plugins } from './plugins.js';
import { freePorts } from './ports.js';
import type { HookName, Hooks, RunEnvironment, RunningTarget, Target, TargetConfig } from './target.js';

/** A loaded machine may need so long for an answer; what has not come then is not coming. */
const patience = 10_000;

const images = {
  prosody: { server: 'prosody', version: '13.0', debian: 'trixie' },
  'prosody:0.12': { server: 'prosody', version: '0.12', debian: 'bookworm' },
} as const satisfies Record<string, ServerImage>;

type ProsodyName = keyof typeof images;

const pluginsFolder = '/srv/plugins';
/** `mod_conformance_ready` logs it. */
const readyLine = 'Everything has been loaded';
/** `mod_webpush_sidecar` logs it, for each virtual host. */
const linkLine = 'Web Push by the sidecar at';

/**
 * Prosody as Debian has it, in a container; our engine beside it does Web Push.
 *
 * @param plugins an author's own modules, to be judged in place of our engine.
 */
export function prosodyTarget(name: ProsodyName, plugins?: Plugins): Target {
  const image = images[name];
  const settings = ['maxDevices', 'importantBody', 'ackDelay', 'resumeWindow', 'push'] as const;
  return {
    name,
    summary: `Prosody ${image.version} in a container`,
    ...(plugins ? { options: `--plugins '${plugins.folder}' --enable ${plugins.modules.join(' ')}` } : {}),
    instances: 'many',
    configurable: plugins ? settings : [...settings, 'batchWindow'],
    prepare: () => prepareMachine(image),
    async start(environment, config, wanted = []) {
      const machine = await joinMachine(
        environment,
        image,
        [...domains, roomsDomain],
        [
          { source: join(serversFolder, 'prosody'), target: configurationFolder },
          ...(plugins ? [{ source: plugins.folder, target: pluginsFolder }] : []),
        ],
      );
      const beside: EngineBeside[] = [];
      try {
        if (!plugins) beside.push(await openEngineBeside(environment, config, wanted, domains, pushHost));
        return await startProsody({ name, machine, plugins, engine: beside[0], environment, config, wanted });
      } catch (error) {
        await beside[0]?.close();
        await machine.leave();
        throw error;
      }
    },
  };
}

interface Start {
  readonly name: ProsodyName;
  readonly machine: Machine;
  readonly plugins: Plugins | undefined;
  readonly engine: EngineBeside | undefined;
  readonly environment: RunEnvironment;
  readonly config: TargetConfig;
  readonly wanted: readonly HookName[];
}

async function startProsody(start: Start): Promise<RunningTarget> {
  const { name, machine, engine, environment, config, wanted } = start;
  const { container } = machine;
  const ports = await freePorts(['c2s', 'https']);
  const folder = await machine.makeFolder();
  const variables = {
    ...variablesOf(start),
    DATA: folder,
    C2S_PORT: String(ports.c2s),
    HTTPS_PORT: String(ports.https),
    ...(wanted.includes('advanceClock') ? movableClock(folder) : {}),
  };
  const address = addressOf(ports, environment.ca);
  const scaledPatience = patience * environment.timeoutScale;
  let advanced = 0;
  // In one step: a program that finds half a time ends at once.
  const setClock = () =>
    container.run(`
${writeFile(`${folder}/clock.new`, `+${advanced / 1000}\n`)}
mv ${folder}/clock.new ${folder}/clock`);
  const server = await startServer(container, {
    name,
    script: `${exportAll(variables)}\nexec prosody -F --config ${configurationFolder}/prosody.cfg.lua`,
    ready: [
      { text: readyLine, times: 1 },
      { text: linkLine, times: engine ? domains.length : 0 },
    ],
    isError: (line) => /^\S+\s+error\s/.test(line),
    address,
    domain: domains[0],
    patience: scaledPatience,
    timeoutScale: environment.timeoutScale,
    async beforeStart(ended) {
      if (ended) await engine?.reopen(ended);
      if (wanted.includes('advanceClock')) await setClock();
    },
  });
  const { accounts, log } = server;
  const hooks: Partial<Hooks> = {
    ...server.hooks,
    async advanceClock(milliseconds) {
      // What was before must be known to whoever is beside the server, and Prosody looks at its clock only when something
      // happens: with the answer to the second request, what fell due at the first is known there, too.
      await accounts.probe();
      advanced += milliseconds;
      await setClock();
      const time = await accounts.time();
      if (!(Math.abs(time - Date.now() - advanced) < tolerance))
        throw new Error(
          `the clock of ${name} was to be moved by ${advanced} ms, and shows ${new Date(time)}`,
        );
      await accounts.probe();
      await engine?.hooks.advanceClock(milliseconds);
    },
    ...(engine ? hooksBeside(engine, accounts) : {}),
  };
  return {
    description: { name, software: 'Prosody', version: versionIn(log.since(0)) ?? images[name].version },
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
    log: async (since) => log.since(since).join('\n'),
    lost: container.lost,
    async stop() {
      await server.stop();
      await engine?.close();
      await machine.leave();
    },
  };
}

function hooksBeside({ hooks }: EngineBeside, accounts: Accounts): Partial<Hooks> {
  return {
    resolveName: hooks.resolveName,
    allowHost: hooks.allowHost,
    async changeKey(domain) {
      await hooks.changeKey(domain);
      // Prosody hears of the key with the next answer.
      await accounts.probe();
    },
  };
}

/** What `prosody.cfg.lua` reads. */
function variablesOf({ plugins, engine, config }: Start): Record<string, string> {
  const { ackDelay, resumeWindow, maxDevices, importantBody } = { ...windows, ...config };
  const modules = plugins ? (config.push === false ? [] : plugins.modules) : ['webpush_sidecar'];
  return {
    TLS: tlsFolder,
    PLUGINS: pluginsFolder,
    MODULES: modules.join(','),
    ACK_DELAY: String(ackDelay / 1000),
    RESUME_WINDOW: String(resumeWindow / 1000),
    ...(maxDevices === undefined ? {} : { MAX_DEVICES: String(maxDevices) }),
    ...(importantBody === undefined ? {} : { IMPORTANT_BODY: importantBody }),
    ...(engine ? { SIDECAR_URL: `http://127.0.0.1:${engine.port}`, SIDECAR_SECRET: engine.secret } : {}),
  };
}

/** Seconds count in its answer, and a loaded machine takes its time; milliseconds. */
const tolerance = 5000;

/** With these, a program takes its clock, and the one its timers go by, to be as far ahead as the file says. */
function movableClock(folder: string): Record<string, string> {
  return {
    LD_PRELOAD: '/usr/$LIB/faketime/libfaketime.so.1',
    FAKETIME_TIMESTAMP_FILE: `${folder}/clock`,
    FAKETIME_NO_CACHE: '1',
  };
}

function versionIn(lines: readonly string[]): string | undefined {
  return lines.flatMap((line) => /Prosody version (\S+)/.exec(line)?.[1] ?? [])[0];
}
