import { randomBytes } from 'node:crypto';
import { cpSync, rmSync } from 'node:fs';
import { createClock } from '../../reference/clock/clock.js';
import { makeTemporaryFolder } from '../temporary/temporary-folder.js';
import { TargetFault } from './fault.js';
import { lookupIn } from './reference-hooks.js';
import type { HookName, Hooks, RunEnvironment, TargetConfig } from './target.js';

/** The reference's engine beside a server, which tells it what happens over loopback. */
export interface EngineBeside {
  readonly port: number;
  /** What the server must show. */
  readonly secret: string;
  readonly hooks: Required<Pick<Hooks, 'advanceClock' | 'changeKey' | 'resolveName' | 'allowHost'>>;
  /** Between the end of a server and its next start: as the server ended, so does what it has beside it. */
  reopen(how: 'restart' | 'crash'): Promise<void>;
  close(): Promise<void>;
}

/** Short enough that waiting for it costs nothing; a case that is about it sets its own. */
const batchWindow = 5;

/**
 * Starts the engine as `webpush-conformance sidecar` does, but in this process: a server for each case that needs one of
 * its own is then a server more, and not a Node more.
 *
 * @param pushHost the name of the push service; an administrator allowed it, though it leads to loopback.
 * @throws TargetFault `start-failed`.
 */
export async function openEngineBeside(
  environment: RunEnvironment,
  config: TargetConfig,
  wanted: readonly HookName[],
  domains: readonly string[],
  pushHost: string,
): Promise<EngineBeside> {
  // Loaded when it is used: a module of somebody else's has no need of it.
  const { startSidecar } = await import('../../reference/sidecar/sidecar.js');
  const clock = createClock();
  const secret = randomBytes(16).toString('hex');
  const names = new Map([[pushHost, '127.0.0.1']]);
  const allowedHosts = [pushHost];
  const folders: string[] = [];
  const makeFolder = () => {
    const folder = makeTemporaryFolder();
    folders.push(folder);
    return folder;
  };
  let dataDirectory = wanted.includes('restart') || wanted.includes('crash') ? makeFolder() : undefined;
  const open = (port: number) =>
    startSidecar({
      domains,
      secret,
      listen: { host: '127.0.0.1', port },
      clock,
      push: {
        enabled: config.push ?? true,
        batchWindow: config.batchWindow ?? batchWindow,
        subject: 'mailto:operator@capulet.example',
        allowedHosts,
        ca: environment.ca,
        lookup: lookupIn(names),
        ...(config.maxDevices === undefined ? {} : { maxDevices: config.maxDevices }),
        ...(config.importantBody === undefined ? {} : { importantBody: config.importantBody }),
      },
      ...(dataDirectory === undefined ? {} : { dataDirectory }),
    }).catch((cause: Error) => {
      throw new TargetFault('start-failed', `the engine beside the server does not start: ${cause.message}`, {
        cause,
      });
    });
  let sidecar = await open(0);
  const { port } = sidecar;
  return {
    port,
    secret,
    hooks: {
      async advanceClock(milliseconds) {
        clock.advance(milliseconds);
      },
      async changeKey(domain) {
        sidecar.rotateKey(domain);
      },
      async resolveName(name, address) {
        names.set(name, address);
      },
      async allowHost(host) {
        allowedHosts.push(host);
      },
    },
    async reopen(how) {
      if (how === 'crash') {
        // What a process that is killed this instant would find: its files as they are, nothing written at the end.
        const found = makeFolder();
        if (dataDirectory !== undefined) cpSync(dataDirectory, found, { recursive: true });
        dataDirectory = found;
      }
      await sidecar.close();
      sidecar = await open(port);
    },
    async close() {
      await sidecar.close();
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    },
  };
}
