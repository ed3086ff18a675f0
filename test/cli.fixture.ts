import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const program = join(root, 'bin', 'webpush-conformance.js');

export interface Ended {
  /** As a shell would tell it: 130 when an interrupt ended the process before it listened for one. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What is left in the folder for temporary files, which was the process's own. */
  readonly leftovers: readonly string[];
  /** The most memory it ever had; MiB. */
  readonly peak: number;
}

export interface Running {
  readonly child: ChildProcess;
  /** Its folder for temporary files. */
  readonly folder: string;
  /** Resolves with the match as soon as what was printed so far has one. */
  printed(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray>;
  readonly ended: Promise<Ended>;
}

/**
 * Runs in the child and tells its peak, in KiB, through a descriptor of its own: nothing else knows at the end. Linux hands
 * `maxRSS` down from the parent, a test runner with far more memory, so there the kernel's own high-water mark is read.
 */
const tellPeak = `data:text/javascript,${encodeURIComponent(`
  import { existsSync, readFileSync, writeSync } from 'node:fs';
  const status = '/proc/self/status';
  process.on('exit', () => {
    const mark = existsSync(status) && /VmHWM:\\s*(\\d+)/.exec(readFileSync(status, 'utf8'))?.[1];
    writeSync(3, String(mark || process.resourceUsage().maxRSS));
  });
`)}`;

/** Ends what a failed test left running. */
const leaving = new Set<() => void>();
afterAll(() => {
  for (const leave of leaving) leave();
});

interface Collected {
  readonly text: string;
  readonly closed: Promise<void>;
  wait(pattern: RegExp): Promise<RegExpExecArray>;
}

function collectFrom(stream: Readable): Collected {
  let collected = '';
  const news = new Set<() => void>();
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    collected += chunk;
    for (const look of news) look();
  });
  return {
    get text() {
      return collected;
    },
    closed: new Promise((resolve) => stream.once('close', resolve)),
    wait: (pattern) =>
      new Promise((resolve) => {
        const look = () => {
          const match = pattern.exec(collected);
          if (!match) return;
          news.delete(look);
          resolve(match);
        };
        news.add(look);
        look();
      }),
  };
}

/** Starts the command line as a user does, with a folder for temporary files of its own. */
export function start(...args: readonly string[]): Running {
  const folder = mkdtempSync(join(tmpdir(), 'cli-test-'));
  const { NO_COLOR: _, FORCE_COLOR: __, ...environment } = process.env;
  const child = spawn(process.execPath, ['--import', tellPeak, program, ...args], {
    cwd: root,
    env: { ...environment, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const collect = (index: 1 | 2 | 3): Collected => {
    const stream = child.stdio[index];
    if (!(stream instanceof Readable)) throw new Error(`descriptor ${index} is not piped`);
    return collectFrom(stream);
  };
  const streams = { stdout: collect(1), stderr: collect(2), peak: collect(3) };
  const exit = new Promise<number>((resolve, reject) => {
    child.once('error', reject).once('exit', (code, signal) => {
      resolve(code ?? (signal === 'SIGINT' ? 130 : 137));
    });
  });
  const leave = () => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  leaving.add(leave);
  const end = async (): Promise<Ended> => {
    const code = await exit;
    const { stdout, stderr, peak } = streams;
    await Promise.all([stdout.closed, stderr.closed, peak.closed]);
    const leftovers = readdirSync(folder);
    rmSync(folder, { recursive: true });
    leaving.delete(leave);
    return { code, stdout: stdout.text, stderr: stderr.text, leftovers, peak: Number(peak.text) / 1024 };
  };
  return { child, folder, printed: (stream, pattern) => streams[stream].wait(pattern), ended: end() };
}

/** Runs the command line to its end. */
export function cli(...args: readonly string[]): Promise<Ended> {
  return start(...args).ended;
}
