import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { TargetFault } from '../fault.js';
import { endGroup, indent } from './action.js';
import { asEnvironment, fill, type Values } from './placeholders.js';
import type { ProcessDescription } from './target-file.js';

/** A server that runs as a process of ours, with all that it started. */
export interface ServerProcess {
  /** Ends it in order and starts it again, with the same ports and data. */
  restart(): Promise<void>;
  /** Kills it as a power cut would, and starts it again. */
  crash(): Promise<void>;
  /** The last of what it printed and logged. */
  log(): string;
  /** Ends it and whatever it started; no process, port or folder is left. */
  stop(): Promise<void>;
}

export interface ServerProcessOptions {
  readonly description: ProcessDescription;
  readonly values: Values;
  /** Where it takes clients. */
  readonly host: string;
  readonly port: number;
  /** Of the target file: its commands run there. */
  readonly cwd: string;
  /** Its own, removed when it stops. */
  readonly folder: string;
  readonly signal?: AbortSignal;
}

const usualStartTime = 30_000;
const usualStopTime = 5000;
/** A port is tried so often, milliseconds; somebody who waits for it to listen cannot be told. */
const pause = 25;
const keptOutput = 65_536;
const quotedLines = 12;

/** A variable of its environment by which whatever a server started is found, also what left its group. */
const marker = 'WEBPUSH_INSTANCE';

/**
 * Ends a group and everything marked, and removes a folder, when its input ends: when this process says so, and when this
 * process is no more, however it went. `$1` is the group, `$2` the folder, `$3` the mark.
 */
const caretaker = `
read -r _
kill -s KILL -- "-$1" 2>/dev/null
for file in $(grep -lsF "$3" /proc/[0-9]*/environ 2>/dev/null); do
  process=\${file#/proc/}
  kill -s KILL "\${process%/environ}" 2>/dev/null
done
rm -rf -- "$2"
`;

/**
 * Starts a server and waits until it takes clients.
 *
 * @throws TargetFault `start-failed` with the last it printed and logged; nothing is left then but `folder`, if it did not
 * start at all.
 */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const { description, values, host, port, signal } = options;
  const { command, env = {}, startTime = usualStartTime, stopTime = usualStopTime } = description;
  const [program, ...args] = fill(command, values);
  const mark = `${marker}=${randomUUID()}`;
  const ready =
    description.ready === undefined ? undefined : new RegExp(fill(description.ready, values), 'm');
  let running: { readonly child: ChildProcess; readonly ended: Promise<void>; readonly caretaker: Caretaker };
  let output = '';
  /** Processes that were told to end: any other has ended by itself. */
  const dismissed = new WeakSet<ChildProcess>();

  const log = () => {
    const file = description.log === undefined ? '' : tail(fill(description.log, values));
    return [output, file].filter(Boolean).join('\n');
  };
  const fault = (reason: string, cause?: unknown) => {
    const lines = log().trimEnd().split('\n').slice(-quotedLines).join('\n');
    const quote = lines.trim() === '' ? '; it printed nothing' : `; its last lines:\n${indent(lines)}`;
    return new TargetFault('start-failed', `the server (${program}) ${reason}${quote}`, { cause });
  };

  const start = async (): Promise<void> => {
    if (await isTaken(host, port))
      throw new TargetFault(
        'start-failed',
        `the server (${program}) cannot have port ${port} on ${host}: something listens there already; stop that, or leave "port" out of the target file and give the server {port}`,
      );
    output = '';
    const [name = '', value = ''] = mark.split('=');
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...asEnvironment(values), ...fill(env, values), [name]: value },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const outcome = settleable();
    const ended = new Promise<void>((resolve) =>
      child.once('exit', () => resolve()).once('error', () => resolve()),
    );
    child.once('close', (code, killedBy) => {
      const how = code === null ? `by ${killedBy}` : `with code ${code}`;
      const hint = code === 0 ? ' (it has to stay in the foreground)' : '';
      outcome.reject(fault(`ended before it took clients, ${how}${hint}`));
      if (!dismissed.has(child)) output += `\n(the server has ended by itself, ${how})\n`;
    });
    child.once('error', (error) => outcome.reject(fault(`cannot be run: ${error.message}`, error)));
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output = (output + chunk).slice(-keptOutput);
        if (ready?.test(output)) outcome.resolve();
      });
    if (child.pid === undefined) return outcome.promise;
    running = { child, ended, caretaker: takeCare(child.pid, options.folder, mark) };
    const time = setTimeout(
      () => outcome.reject(fault(`did not take clients within ${startTime} ms`)),
      startTime,
    );
    const interrupt = () => outcome.reject(fault('was interrupted while it started'));
    signal?.addEventListener('abort', interrupt);
    if (signal?.aborted) interrupt();
    const looking = ready ? undefined : lookUntilTaken(host, port, outcome.resolve);
    try {
      await outcome.promise;
    } finally {
      clearTimeout(time);
      looking?.();
      signal?.removeEventListener('abort', interrupt);
    }
  };

  /** Asks it to end, and makes it end when it does not. */
  const end = async (): Promise<boolean> => {
    const { child, ended } = running;
    dismissed.add(child);
    if (child.exitCode !== null || child.signalCode !== null) return true;
    child.kill('SIGTERM');
    return within(signal?.aborted ? Math.min(stopTime, 1000) : stopTime, ended);
  };

  const clear = async () => {
    if (!running) return;
    await end();
    await running.caretaker.clear();
    // Whatever might still hold them open must not keep this process.
    running.child.stdout?.destroy();
    running.child.stderr?.destroy();
  };

  try {
    await start();
  } catch (error) {
    await clear();
    throw error;
  }
  return {
    log,
    async restart() {
      if (!(await end())) throw fault(`did not end within ${stopTime} ms of SIGTERM`);
      running.caretaker.dismiss();
      await start();
    },
    async crash() {
      const { child, ended } = running;
      dismissed.add(child);
      if (child.pid !== undefined) endGroup(child.pid);
      await ended;
      running.caretaker.dismiss();
      await start();
    },
    stop: clear,
  };
}

/** A promise that is settled from outside; nobody has to wait for it. */
function settleable() {
  let resolve = () => {};
  let reject: (reason: Error) => void = () => {};
  const promise = new Promise<void>((whenDone, whenFailed) => {
    resolve = whenDone;
    reject = whenFailed;
  });
  promise.catch(() => {});
  return { promise, resolve: () => resolve(), reject: (reason: Error) => reject(reason) };
}

interface Caretaker {
  /** Has it do its work now. */
  clear(): Promise<void>;
  /** Sends it away: there is nothing to do. */
  dismiss(): void;
}

function takeCare(group: number, folder: string, mark: string): Caretaker {
  // Out of reach of a Ctrl-C in the terminal, and of what this process does when it ends.
  const child = spawn('sh', ['-c', caretaker, 'caretaker', String(group), folder, mark], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.unref();
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    async clear() {
      child.ref();
      child.stdin.end();
      await gone;
    },
    dismiss: () => void child.kill('SIGKILL'),
  };
}

/** Tries until the port takes a connection. Returns a function that gives up. */
function lookUntilTaken(host: string, port: number, taken: () => void): () => void {
  let given = false;
  let timer: NodeJS.Timeout | undefined;
  const look = async () => {
    if (await isTaken(host, port)) return taken();
    if (!given) timer = setTimeout(look, pause);
  };
  void look();
  return () => {
    given = true;
    clearTimeout(timer);
  };
}

function isTaken(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true)).once('error', () => settle(false));
  });
}

/** Whether something has happened before some milliseconds are over. */
async function within(milliseconds: number, event: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  const happened = await Promise.race([event.then(() => true as const), late]);
  clearTimeout(timer);
  return happened;
}

function tail(path: string): string {
  try {
    return readFileSync(path, 'utf8').slice(-keptOutput);
  } catch {
    return '';
  }
}
