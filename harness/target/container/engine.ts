import { spawn, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { makeTemporaryFolder } from '../../temporary/temporary-folder.js';
import { TargetFault } from '../fault.js';

type Testcontainers = typeof import('testcontainers');
type Runtime = Awaited<ReturnType<Testcontainers['getContainerRuntimeClient']>>;

/** The container engine of this machine: Docker, or Podman, which speaks Docker's protocol. */
export interface Engine {
  readonly docker: Runtime['container']['dockerode'];
  readonly GenericContainer: Testcontainers['GenericContainer'];
}

/** Of a container: the process id of its runner. */
export const runnerLabel = 'webpush-conformance.runner';

let found: Promise<Engine> | undefined;

/**
 * Finds the engine: the one that `DOCKER_HOST` or Docker's own settings name, else Podman. Podman's socket is opened for
 * as long as this process lives where nobody has. Threads inherit what the main thread has found.
 *
 * @throws TargetFault `start-failed` when no engine answers, or testcontainers is not installed.
 */
export function findEngine(): Promise<Engine> {
  found ??= open();
  return found;
}

async function open(): Promise<Engine> {
  // The warden of a container ends it with its runner; a further container to do so would have to be downloaded.
  process.env.TESTCONTAINERS_RYUK_DISABLED = 'true';
  const { GenericContainer, getContainerRuntimeClient } = await load();
  // Looked for once and for all: what testcontainers does not find by itself it must be told before it looks.
  let isOurs = false;
  if (process.env.DOCKER_HOST === undefined && !(await firstThatAnswers(dockerSockets()))) {
    const running = await firstThatAnswers(podmanSockets());
    const podman = running ?? (await startPodman());
    if (podman !== undefined) process.env.DOCKER_HOST = `unix://${podman}`;
    isOurs = running === undefined;
  }
  const runtime = await getContainerRuntimeClient().catch(() => undefined);
  if (!runtime) {
    const given = process.env.DOCKER_HOST;
    throw new TargetFault(
      'start-failed',
      given === undefined
        ? 'no container engine answers; start Docker, or install Podman (on Debian, as root: .ci/container-engine)'
        : `no container engine answers at DOCKER_HOST ${given}`,
    );
  }
  const docker = runtime.container.dockerode;
  if (isOurs) keepPodman(await docker.getEvents());
  return { docker, GenericContainer };
}

/** As testcontainers looks for them. */
function dockerSockets(): readonly string[] {
  const home = homedir();
  const rootless = process.env.XDG_RUNTIME_DIR ?? `/run/user/${userInfo().uid}`;
  return [
    '/var/run/docker.sock',
    `${rootless}/.docker/run/docker.sock`,
    `${home}/.docker/run/docker.sock`,
    `${home}/.docker/desktop/docker.sock`,
    `${rootless}/docker.sock`,
  ];
}

function podmanSockets(): readonly string[] {
  const { uid } = userInfo();
  if (uid === 0) return ['/run/podman/podman.sock'];
  return [`${process.env.XDG_RUNTIME_DIR ?? `/run/user/${uid}`}/podman/podman.sock`];
}

async function firstThatAnswers(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if (await answers(path)) return path;
  return undefined;
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    }).on('error', () => resolve(false));
  });
}

async function load(): Promise<Testcontainers> {
  try {
    return await import('testcontainers');
  } catch (cause) {
    const how = 'npm install testcontainers@11.14.0';
    throw new TargetFault('start-failed', `a container needs the package testcontainers: ${how}`, { cause });
  }
}

/** Seconds after its last request at which Podman's service ends by itself: the runner may have been killed. */
const idle = 5;

/** A request that lasts as long as this process keeps the service from being idle; it keeps nothing else alive. */
function keepPodman(events: NodeJS.ReadableStream): void {
  (events as IncomingMessage).socket.unref();
  events.resume().on('error', () => {});
}

/** Takes away what a runner has left; `$1` is the label. */
const removal = 'for id in $(podman ps --all --quiet --filter "label=$1"); do podman rm --force "$id"; done';

/** Serves, and takes away what the runner has left and its folder `$2` when that is no more. */
const podmanService = `
podman --log-level=info system service --time=${idle} "unix://$2/podman.sock"
${removal} >/dev/null 2>&1
rm -rf "$2"`;

/** Has Podman serve Docker's protocol. Gives its socket, or nothing when there is no Podman or it does not start. */
async function startPodman(): Promise<string | undefined> {
  const folder = makeTemporaryFolder();
  const socket = join(folder, 'podman.sock');
  // In a session of its own: Ctrl-C is for the runner, which still has containers to stop then.
  const label = `${runnerLabel}=${process.pid}`;
  const service = spawn('sh', ['-c', podmanService, 'podman-service', label, folder], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  process.once('exit', () => {
    // Podman 4 removes no container that ends, though it is asked to.
    spawnSync('sh', ['-c', removal, 'removal', label], { stdio: 'ignore' });
    if (service.pid !== undefined) endGroup(service.pid);
    rmSync(folder, { recursive: true, force: true });
  });
  const listens = await new Promise<boolean>((resolve) => {
    service.once('error', () => resolve(false)).once('exit', () => resolve(false));
    service.stderr.on('data', (text: Buffer) => {
      if (text.includes('API service listening')) resolve(true);
    });
  });
  service.unref();
  (service.stderr as Socket).unref();
  return listens ? socket : undefined;
}

function endGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
