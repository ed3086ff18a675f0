import { spawn } from 'node:child_process';
import { TargetFault } from '../fault.js';
import { asEnvironment, fill, type Values } from './placeholders.js';
import type { Action, Command, Post } from './target-file.js';

/** What an action takes with it. */
export interface ActionSetting {
  /** What it is for, in words that follow "the hook": `restart`. */
  readonly name: string;
  /** The folder of the target file. */
  readonly folder: string;
  readonly values: Values;
  /** What it is about alone: the body of a request that states none. */
  readonly argumentsOfHook?: Values;
  readonly signal?: AbortSignal;
}

/** Milliseconds an action may take unless its description says otherwise. */
const usualTime = 30_000;
/** Of what a command prints, this much is quoted when it fails. */
const quoted = 2000;

/**
 * Does what a target file describes, and gives what was printed or answered.
 *
 * @throws TargetFault `hook-failed` when it fails or takes too long, with what it said.
 */
export async function act(action: Action, setting: ActionSetting): Promise<string> {
  return 'command' in action ? run(action, setting) : post(action, setting);
}

function run({ command, time = usualTime }: Command, { name, folder, values, signal }: ActionSetting) {
  const [program, ...args] = fill(command, values);
  return new Promise<string>((resolve, reject) => {
    let printed = '';
    const fail = (reason: string, cause?: unknown) => {
      const said = withoutSecrets(printed, values).trim().slice(-quoted);
      const text = `the command of ${name} (${program}) ${reason}${said ? `; it said:\n${indent(said)}` : ''}`;
      reject(new TargetFault('hook-failed', text, { cause }));
    };
    // A group of its own, so that all it started can be ended with it.
    const child = spawn(program, args, {
      cwd: folder,
      env: { ...process.env, ...asEnvironment(values) },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const end = () => {
      if (child.pid !== undefined) endGroup(child.pid);
    };
    const timer = setTimeout(() => {
      end();
      fail(`did not end within ${time} ms`);
    }, time);
    const interrupted = () => {
      end();
      fail('was interrupted');
    };
    signal?.addEventListener('abort', interrupted);
    const settled = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', interrupted);
    };
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        printed = (printed + chunk).slice(-65_536);
      });
    child.once('error', (error) => {
      settled();
      fail(`cannot be run: ${error.message}`, error);
    });
    // Not `close`: what it leaves running in the background may keep its output open.
    child.once('exit', (code, killedBy) => {
      settled();
      setImmediate(() => {
        if (code === 0) resolve(printed);
        else fail(code === null ? `was ended by ${killedBy}` : `failed with code ${code}`);
      });
    });
  });
}

async function post(
  { post: url, body, headers, time = usualTime }: Post,
  { name, values, argumentsOfHook = {}, signal }: ActionSetting,
): Promise<string> {
  // The address as it stands in the file: what fills it may be secret.
  const fail = (reason: string, cause?: unknown) =>
    new TargetFault('hook-failed', `the request of ${name} to ${url} ${reason}`, { cause });
  const limit = AbortSignal.timeout(time);
  try {
    const response = await fetch(fill(url, values), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...fill(headers ?? {}, values) },
      body: JSON.stringify(body === undefined ? argumentsOfHook : fill(body, values)),
      signal: signal ? AbortSignal.any([limit, signal]) : limit,
    });
    const text = await response.text();
    const said = withoutSecrets(text, values).trim().slice(0, quoted);
    if (!response.ok) throw fail(`was answered with ${response.status}${said ? `: ${said}` : ''}`);
    return text;
  } catch (error) {
    if (error instanceof TargetFault) throw error;
    if (limit.aborted) throw fail(`had no answer within ${time} ms`, error);
    const { message, cause } = error as Error;
    throw fail(`failed: ${cause instanceof Error ? cause.message : message}`, error);
  }
}

/** Ends a process and all of its group at once, if it is still there. */
export function endGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function withoutSecrets(text: string, { password }: Values): string {
  return password ? text.replaceAll(password, '…') : text;
}

/** Lines quoted in a message, set apart from it. */
export function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}
