import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { XmppAddress } from '../../actor/actor.js';
import { makeTemporaryFolder } from '../../temporary/temporary-folder.js';
import { freePorts } from '../ports.js';
import {
  type RunEnvironment,
  type RunningTarget,
  type Target,
  type TargetConfig,
  unknownVersion,
} from '../target.js';
import { type AccountSource, jobsWith, openAccounts } from './accounts.js';
import { act } from './action.js';
import { createHooks } from './hooks.js';
import { inBandHooks } from './in-band.js';
import {
  accountValues,
  configurableBy,
  fill,
  placeholdersIn,
  type Values,
  valuesOf,
} from './placeholders.js';
import { type ServerProcess, startServerProcess } from './server-process.js';
import { type Action, readBeside, readTargetFile, type TargetFile } from './target-file.js';

const usualPatience = 10_000;
const usualPort = 5222;

/**
 * A server described by a JSON file: one that is already there, or one that the file says how to start.
 *
 * @throws UsageError naming the file, the place in it and what is wrong.
 */
export function readTarget(path: string): Target {
  const file = readTargetFile(path);
  const { push } = file;
  const ca = file.ca === undefined ? undefined : readBeside(path, file.ca);
  const certificate =
    push.key === undefined || push.cert === undefined
      ? undefined
      : { key: readBeside(path, push.key), cert: readBeside(path, push.cert) };
  const where =
    file.process && file.port === undefined ? file.host : `${file.host}:${file.port ?? usualPort}`;
  return {
    name: path,
    summary: file.process ? `a server started by ${path}` : `the server at ${where}`,
    instances: areMany(file) ? 'many' : 'one',
    jobs: jobsWith(file.accounts),
    pushListener: {
      address: push.listen ?? '127.0.0.1',
      port: push.port ?? 0,
      names: [push.host],
      ...(certificate ? { certificate } : {}),
    },
    configurable: configurableBy(file),
    start: (environment, config) => start(file, path, { where, ca }, environment, config),
  };
}

/** Where the kit chooses the port there can be as many as are wanted. */
function areMany({ process, port }: TargetFile): boolean {
  return process !== undefined && port === undefined;
}

async function start(
  file: TargetFile,
  path: string,
  { where, ca }: { readonly where: string; readonly ca: string | undefined },
  environment: RunEnvironment,
  config: TargetConfig,
): Promise<RunningTarget> {
  const { push, domains, roomsDomain } = file;
  const { timeoutScale, signal } = environment;
  const patience = (file.patience ?? usualPatience) * timeoutScale;
  const folder = dirname(resolve(path));
  const wanted: TargetConfig = { ...file.config, ...config };
  const ports = await choosePorts(file);
  const values: Values = {
    ...ports,
    host: file.host,
    domain: domains[0],
    domains: domains.join(','),
    ...(roomsDomain === undefined ? {} : { roomsDomain }),
    pushHost: push.host,
    pushPort: String(environment.pushPort),
    ...valuesOf(wanted),
  };
  const own = file.process ? await makeFolder(file, environment) : undefined;
  const all: Values = { ...values, ...own?.values };
  const perform = (name: string, action: Action, argumentsOfHook: Values) =>
    act(action, {
      name,
      folder,
      values: { ...all, ...argumentsOfHook },
      argumentsOfHook,
      ...(signal ? { signal } : {}),
    });
  const address: XmppAddress = {
    host: file.host,
    port: Number(ports.port),
    tls: file.tls ?? 'starttls',
    ...(ca !== undefined ? { ca } : own ? { ca: environment.ca } : {}),
    ...(file.websocket === undefined ? {} : { websocket: fill(file.websocket, values) }),
  };

  let server: ServerProcess | undefined;
  let isConfigured = false;
  const stop = async () => {
    try {
      // A server that stays gets its usual configuration back.
      if (isConfigured && !server && file.hooks?.configure)
        await perform('configure', file.hooks.configure, valuesOf(file.config ?? {}));
    } finally {
      await server?.stop();
      if (own) rmSync(own.folder, { recursive: true, force: true });
    }
  };
  try {
    if (file.process && own) {
      server = await startServerProcess({
        description: file.process,
        values: all,
        host: file.host,
        port: address.port,
        cwd: folder,
        folder: own.folder,
        ...(signal ? { signal } : {}),
      });
    }
    if (file.hooks?.configure && Object.keys(config).length > 0) {
      isConfigured = true;
      await perform('configure', file.hooks.configure, valuesOf(wanted));
    }
    const accounts: AccountSource = await openAccounts(file.accounts, {
      address,
      patience,
      // Servers that run side by side start with empty data, so that runs with one seed may be alike.
      suffix: areMany(file) ? '' : `-${Date.now().toString(36)}`,
      act: (action, account) => perform('accounts', action, accountValues(account)),
    });
    const { hooks, now } = createHooks(file.hooks ?? {}, perform, server);
    const log = file.hooks?.log;
    return {
      description: {
        name: file.name ?? basename(path, '.json'),
        software: file.software ?? (file.process ? `server of ${basename(path)}` : `server at ${where}`),
        version: file.version ?? unknownVersion,
      },
      address,
      domains,
      ...(roomsDomain === undefined ? {} : { roomsDomain }),
      config: wanted,
      ...(file.traits ? { traits: file.traits } : {}),
      hooks: file.accounts ? hooks : { ...inBandHooks(address, patience), ...hooks },
      patience,
      now,
      ...accounts,
      endpointUrl: (target) =>
        fill(push.endpoint ?? 'https://{pushHost}:{pushPort}{path}', { ...values, path: target }),
      ...(log || server
        ? {
            log: async () =>
              [server?.log(), log && (await perform('log', log, {}))].filter(Boolean).join('\n'),
          }
        : {}),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A free port for each that the file leaves open, by the names of its placeholders. */
async function choosePorts(file: TargetFile): Promise<Values & { readonly port: string }> {
  if (!file.process) return { port: String(file.port ?? usualPort) };
  const others = new Set(placeholdersIn(file).filter((name) => name.startsWith('port:')));
  const ports = await freePorts(['port', ...others], file.host);
  const chosen = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)]));
  return { ...chosen, port: String(file.port ?? ports.port) };
}

/** What a process is given: a folder for its data, a certificate for itself, and the authority of the push service. */
async function makeFolder(file: TargetFile, environment: RunEnvironment) {
  const folder = makeTemporaryFolder();
  const within = (name: string) => join(folder, name);
  const dataDir = within('data');
  mkdirSync(dataDir);
  const certificate = await environment.certify([
    file.host,
    ...file.domains,
    ...(file.roomsDomain === undefined ? [] : [file.roomsDomain]),
  ]);
  const files = {
    caFile: [within('ca.pem'), environment.ca],
    keyFile: [within('key.pem'), certificate.key],
    certFile: [within('cert.pem'), certificate.cert],
  } as const;
  for (const [name, text] of Object.values(files)) writeFileSync(name, text, { mode: 0o600 });
  return {
    folder,
    values: {
      dataDir,
      caFile: files.caFile[0],
      keyFile: files.keyFile[0],
      certFile: files.certFile[0],
    } satisfies Values,
  };
}
