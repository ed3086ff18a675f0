import { randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { TargetFault } from '../fault.js';
import { type Engine, runnerLabel } from './engine.js';

/** A running container: one machine for any number of servers, which use this machine's loopback as their own. */
export interface Container {
  /**
   * Runs a script of bash to its end and gives what it printed.
   *
   * @throws TargetFault `start-failed` with the last lines when it fails.
   */
  run(script: string): Promise<string>;
  /**
   * Starts a program.
   *
   * @param script of bash; it must end with an `exec` of the program.
   * @param onLine is given what the program prints, line by line.
   */
  launch(script: string, onLine: (line: string) => void): Promise<Program>;
  /** Settles when the container ends and was not stopped. */
  readonly lost: Promise<TargetFault>;
  /** Ends every program, and removes the container. */
  stop(): Promise<void>;
}

export interface Program {
  /** Settles when the program has ended and all that it printed has come. */
  readonly ended: Promise<undefined>;
  signal(name: 'TERM' | 'KILL'): Promise<void>;
}

export interface ContainerOptions {
  readonly image: string;
  /** Names that lead to loopback in the container. */
  readonly hosts: readonly string[];
  /** Folders of this machine that it sees, and cannot change. */
  readonly folders: readonly { readonly source: string; readonly target: string }[];
}

/** The namespace in which the number of the runner means a process. */
const namespaceLabel = 'webpush-conformance.namespace';

/** Milliseconds within which a container that runs has found its way back. */
const patience = 10_000;

/**
 * Starts a container on this machine's network. It ends by itself when this process does, however that happens.
 *
 * @throws TargetFault `start-failed`, with what the engine or the container says.
 */
export async function startContainer(engine: Engine, options: ContainerOptions): Promise<Container> {
  const token = randomBytes(16).toString('hex');
  const expected = new Map<string, (socket: Socket) => void>();
  const connection = (name: string) =>
    new Promise<Socket>((resolve) => {
      expected.set(name, resolve);
    });
  const listener = createServer((socket) => {
    // A peer that goes away is an end like any other.
    socket.on('error', () => socket.destroy());
    socket.once('data', (first: Buffer) => {
      const end = first.indexOf('\n');
      const [given, name = ''] = first.subarray(0, end).toString().split(' ');
      const taken = given === token ? expected.get(name) : undefined;
      if (!taken) {
        socket.destroy();
        return;
      }
      expected.delete(name);
      socket.pause().unshift(first.subarray(end + 1));
      taken(socket);
    });
  });
  await new Promise<void>((resolve) => {
    listener.listen(0, '127.0.0.1', resolve);
  });
  const { port } = listener.address() as { readonly port: number };

  const arrival = connection('warden');
  const started = await new engine.GenericContainer(options.image)
    .withNetworkMode('host')
    .withAutoRemove(true)
    .withAutoCleanup(false)
    .withLabels({ [runnerLabel]: String(process.pid), [namespaceLabel]: pidNamespace() })
    .withExtraHosts(options.hosts.map((host) => ({ host, ipAddress: '127.0.0.1' })))
    .withBindMounts(options.folders.map((folder) => ({ ...folder, mode: 'ro' })))
    // Where SELinux holds containers off from a user's files, these are still to be read.
    .withSecurityOpt('label=disable')
    .withEntrypoint(['warden', String(port), token])
    .start()
    .catch((cause: Error) => {
      listener.close();
      throw new TargetFault('start-failed', `no container of ${options.image} starts: ${cause.message}`, {
        cause,
      });
    });
  const handle = engine.docker.getContainer(started.getId());
  const remove = async () => {
    listener.close();
    await handle.remove({ force: true, v: true }).catch(() => {});
  };
  const warden = await within(patience, arrival);
  if (!warden) {
    await remove();
    throw new TargetFault(
      'start-failed',
      `a container of ${options.image} does not reach 127.0.0.1:${port} of this machine; the engine must offer host networking`,
    );
  }

  const ended = new Promise<undefined>((resolve) => {
    if (warden.destroyed) resolve(undefined);
    else warden.once('close', () => resolve(undefined));
  });
  let stopping = false;
  const hasEnded = () => new TargetFault('start-failed', `the container of ${options.image} has ended`);
  const lost = new Promise<TargetFault>((resolve) => {
    ended.then(() => {
      if (!stopping) resolve(hasEnded());
    });
  });
  let programs = 0;
  const shell = async (): Promise<Socket> => {
    programs += 1;
    const arriving = connection(String(programs));
    warden.write(`${programs}\n`);
    const socket = await within(patience, Promise.race([arriving, ended]));
    if (socket) return socket;
    throw hasEnded();
  };
  const run = async (script: string): Promise<string> => {
    const socket = await shell();
    socket.end(`(\n${script}\n)\necho "exit $?"\n`);
    const lines: string[] = [];
    for await (const line of createInterface(socket)) lines.push(line);
    const status = lines.pop();
    if (status === 'exit 0') return lines.join('\n');
    throw new TargetFault('start-failed', `a script failed in the container: ${lines.slice(-3).join('; ')}`);
  };
  return {
    run,
    lost,
    async launch(script, onLine) {
      const socket = await shell();
      const lines = createInterface(socket);
      const end = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)));
      const pid = new Promise<string>((resolve) => {
        lines.once('line', (first) => {
          lines.on('line', onLine);
          resolve(first);
        });
      });
      socket.write(`echo $$\n${script}\n`);
      const number = await Promise.race([pid, end]);
      return {
        ended: end,
        async signal(name) {
          await Promise.race([run(`kill -${name} ${number} || true`), end]);
        },
      };
    },
    async stop() {
      stopping = true;
      // Before its warden ends it: an engine takes it ill to be asked for what it has just begun by itself.
      await remove();
      warden.destroy();
    },
  };
}

/**
 * Removes what runners have left that are no more: a container that was made and never started is all there can be.
 */
export async function sweepContainers({ docker }: Engine): Promise<void> {
  const left = await docker.listContainers({
    all: true,
    filters: { label: [`${namespaceLabel}=${pidNamespace()}`] },
  });
  const stale = left.filter(({ Labels }) => !isAlive(Number(Labels[runnerLabel])));
  await Promise.allSettled(stale.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
}

/** Runners in two namespaces may share an engine, and a process id. */
function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return 'only';
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** What a promise gives, if that comes in time. */
export async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  try {
    return await Promise.race([promise, expiry]);
  } finally {
    clearTimeout(timer);
  }
}
