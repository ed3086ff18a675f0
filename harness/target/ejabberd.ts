import { join } from 'node:path';
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
import { exportAll, joinMachine, type Machine, prepareMachine } from './container/machine.js';
import { startServer } from './container/server.js';
import { freePorts } from './ports.js';
import type { RunEnvironment, RunningTarget, Target, TargetConfig } from './target.js';

/** Erlang takes seconds to start, and longer on a loaded machine. */
const patience = 20_000;

const images = {
  ejabberd: { server: 'ejabberd', version: '24.12', debian: 'trixie' },
  'ejabberd:23.01': { server: 'ejabberd', version: '23.01', debian: 'bookworm' },
} as const satisfies Record<string, ServerImage>;

type EjabberdName = keyof typeof images;

/** ejabberd as Debian has it, in a container. It has no Web Push. */
export function ejabberdTarget(name: EjabberdName): Target {
  const image = images[name];
  return {
    name,
    summary: `ejabberd ${image.version} in a container`,
    instances: 'many',
    configurable: ['ackDelay', 'resumeWindow'],
    prepare: () => prepareMachine(image),
    async start(environment, config) {
      const folders = [{ source: join(serversFolder, 'ejabberd'), target: configurationFolder }];
      const machine = await joinMachine(environment, image, [...domains, roomsDomain], folders);
      try {
        return await startEjabberd(name, machine, environment, config);
      } catch (error) {
        await machine.leave();
        throw error;
      }
    },
  };
}

async function startEjabberd(
  name: EjabberdName,
  machine: Machine,
  environment: RunEnvironment,
  config: TargetConfig,
): Promise<RunningTarget> {
  const ports = await freePorts(['c2s', 'https']);
  const folder = await machine.makeFolder();
  const settings = { ...windows, ...config };
  const variables = {
    TLS: tlsFolder,
    C2S_PORT: String(ports.c2s),
    HTTPS_PORT: String(ports.https),
    ACK_DELAY: String(settings.ackDelay / 1000),
    RESUME_WINDOW: String(settings.resumeWindow / 1000),
    HOME: folder,
    EJABBERD_CONFIG_PATH: `${folder}/ejabberd.yml`,
    EJABBERD_LOG_PATH: `${folder}/ejabberd.log`,
  };
  const address = addressOf(ports, environment.ca);
  const scaledPatience = patience * environment.timeoutScale;
  const server = await startServer(machine.container, {
    name,
    // Without a name the node needs no port mapper, of which there is but one on a machine.
    script: `${exportAll(variables)}
export ERL_LIBS=/usr/lib/$(uname -m)-linux-gnu
perl -pe 's/\\$\\{(\\w+)\\}/$ENV{$1}/g' ${configurationFolder}/ejabberd.yml >"$EJABBERD_CONFIG_PATH"
exec erl -noinput -mnesia dir '"${folder}/mnesia"' -s ejabberd`,
    ready: [{ text: `127.0.0.1:${ports.c2s} for ejabberd_c2s`, times: 1 }],
    isError: (line) => /\[(?:error|critical)\]/.test(line),
    address,
    domain: domains[0],
    patience: scaledPatience,
    timeoutScale: environment.timeoutScale,
  });
  return {
    description: {
      name,
      software: 'ejabberd',
      version: versionIn(server.log.since(0)) ?? images[name].version,
    },
    address,
    domains,
    roomsDomain,
    config,
    hooks: server.hooks,
    patience: scaledPatience,
    now: Date.now,
    async provision(localpart, domain) {
      const account = { localpart, domain, password: `${localpart}-secret` };
      await server.accounts.create(account);
      return account;
    },
    endpointUrl: (path) => `https://${pushHost}:${environment.pushPort}${path}`,
    log: async (since) => server.log.since(since).join('\n'),
    lost: machine.container.lost,
    async stop() {
      await server.stop();
      await machine.leave();
    },
  };
}

function versionIn(lines: readonly string[]): string | undefined {
  return lines.flatMap((line) => /ejabberd (\S+?)(?:-\S+)? is started/.exec(line)?.[1] ?? [])[0];
}
