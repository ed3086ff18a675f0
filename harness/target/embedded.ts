import { cpSync, rmSync } from 'node:fs';
import { createClock } from '../../reference/clock/clock.js';
import type { ServerOptions } from '../../reference/server/options.js';
import type { XmppServer } from '../../reference/server/server.js';
import { kitVersion } from '../kit/kit.js';
import { makeTemporaryFolder } from '../temporary/temporary-folder.js';
import { hooksOf, lookupIn } from './reference-hooks.js';
import {
  type HookName,
  type Hooks,
  type RunEnvironment,
  type RunningTarget,
  settings as settingsOfTargets,
  type Target,
  type TargetConfig,
} from './target.js';

const domains = ['capulet.example', 'montague.example'] as const;
const roomsDomain = 'rooms.capulet.example';
/** An administrator allowed this name, though it leads to loopback. */
const pushHost = 'push.conformance.test';

/** Everything is on this machine: what has not come after so long is not coming. */
const patience = 5000;

/** Windows short enough that waiting for them costs nothing; a case that is about them sets its own. */
const defaults = { batchWindow: 5, ackDelay: 30_000, resumeWindow: 600_000 } as const;

/** Hooks that need data which outlives a server. */
const durableHooks: readonly HookName[] = ['restart', 'crash'];

/** The reference in this process: the default, and the fastest. */
export const embeddedTarget: Target = {
  name: 'embedded',
  summary: 'the reference implementation in this process (default)',
  instances: 'many',
  configurable: settingsOfTargets,
  start: startEmbedded,
};

/** One certificate serves every server of a run. */
const certificates = new WeakMap<RunEnvironment, ReturnType<RunEnvironment['certify']>>();

function certificateFor(environment: RunEnvironment): ReturnType<RunEnvironment['certify']> {
  const known = certificates.get(environment);
  if (known) return known;
  const made = environment.certify(['127.0.0.1', 'localhost', ...domains, roomsDomain]);
  certificates.set(environment, made);
  return made;
}

async function startEmbedded(
  environment: RunEnvironment,
  config: TargetConfig,
  wanted: readonly HookName[] = [],
): Promise<RunningTarget> {
  // Loaded when it is used: who only hands work to threads, or lists targets, has no need of a server.
  const { createServer } = await import('../../reference/server/server.js');
  const clock = createClock();
  const names = new Map([[pushHost, '127.0.0.1']]);
  const allowedHosts = [pushHost];
  const folders: string[] = [];
  const makeFolder = () => {
    const folder = makeTemporaryFolder();
    folders.push(folder);
    return folder;
  };
  const settings = { ...defaults, ...config };
  const options: ServerOptions = {
    domains,
    roomsDomain,
    tls: await certificateFor(environment),
    // Half of what a login costs is TLS, and no sentence is about it.
    listen: { loopback: 0, websocket: 0 },
    clock,
    passwordIterations: 1,
    // A crash shows the files as the system has them, so nothing here waits for the disk.
    flush: false,
    streamManagement: { ackDelay: settings.ackDelay, resumeWindow: settings.resumeWindow },
    push: {
      enabled: config.push ?? true,
      batchWindow: settings.batchWindow,
      subject: 'mailto:operator@capulet.example',
      allowedHosts,
      ca: environment.ca,
      lookup: lookupIn(names),
      ...(config.maxDevices === undefined ? {} : { maxDevices: config.maxDevices }),
      ...(config.importantBody === undefined ? {} : { importantBody: config.importantBody }),
    },
  };
  let dataDirectory = wanted.some((hook) => durableHooks.includes(hook)) ? makeFolder() : undefined;
  const open = (listen: ServerOptions['listen']) =>
    createServer({ ...options, ...(listen ? { listen } : {}), ...(dataDirectory ? { dataDirectory } : {}) });
  let server: XmppServer = await open(options.listen);
  const reopen = async () => {
    const { ports } = server;
    await server.close();
    server = await open(ports);
  };

  const hooks: Hooks = {
    restart: reopen,
    async crash() {
      // What a server that is killed this instant would find: its files as they are now, nothing written at the end.
      const found = makeFolder();
      if (dataDirectory) cpSync(dataDirectory, found, { recursive: true });
      dataDirectory = found;
      await reopen();
    },
    ...hooksOf({ server: () => server, clock, names, allowedHosts }),
  };

  return {
    description: { name: 'embedded', software: 'reference', version: kitVersion() },
    get address() {
      const { loopback = 0, websocket } = server.ports;
      return {
        host: '127.0.0.1',
        port: loopback,
        tls: 'none' as const,
        ca: environment.ca,
        ...(websocket === undefined ? {} : { websocket: `wss://127.0.0.1:${websocket}/xmpp-websocket` }),
      };
    },
    domains,
    roomsDomain,
    config: { importantBody: 'New Message!', maxDevices: 5, ...config },
    hooks,
    patience: patience * environment.timeoutScale,
    now: clock.now,
    async provision(localpart, domain) {
      await server.createAccount(domain, localpart, `${localpart}-secret`);
      return { localpart, domain, password: `${localpart}-secret` };
    },
    endpointUrl: (path) => `https://${pushHost}:${environment.pushPort}${path}`,
    async stop() {
      await server.close();
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    },
  };
}
