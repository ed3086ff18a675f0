import type { Hooks } from '../target.js';
import { accountValues, type Values } from './placeholders.js';
import type { ServerProcess } from './server-process.js';
import type { Action, TargetFile } from './target-file.js';

type Perform = (name: string, action: Action, argumentsOfHook: Values) => Promise<unknown>;

/**
 * The hooks of a file: those it describes, and restart and crash of a process. A server whose clock is moved tells a time of
 * its own from then on.
 */
export function createHooks(
  described: NonNullable<TargetFile['hooks']>,
  perform: Perform,
  server: Pick<ServerProcess, 'restart' | 'crash'> | undefined,
): { readonly hooks: Partial<Hooks>; readonly now: () => number } {
  let advanced = 0;
  /** The hook, where the file describes it. */
  const hook = <Name extends keyof Hooks>(
    name: Name,
    valuesOf: (...input: Parameters<Hooks[Name]>) => Values,
  ): Partial<Pick<Hooks, Name>> => {
    const action = described[name];
    if (!action) return {};
    const call = async (...input: Parameters<Hooks[Name]>) => {
      await perform(name, action, valuesOf(...input));
      if (name === 'advanceClock') advanced += Number(input[0]);
    };
    return { [name]: call } as unknown as Pick<Hooks, Name>;
  };
  return {
    now: () => Date.now() + advanced,
    hooks: {
      ...(server ? { restart: server.restart, crash: server.crash } : {}),
      ...hook('restart', () => ({})),
      ...hook('crash', () => ({})),
      ...hook('advanceClock', (milliseconds) => ({
        milliseconds: String(milliseconds),
        seconds: String(Math.ceil(milliseconds / 1000)),
      })),
      ...hook('deleteAccount', (account) => {
        const { password: _, ...values } = accountValues(account);
        return values;
      }),
      ...hook('createAccount', accountValues),
      ...hook('setPassword', (account, password) => accountValues({ ...account, password })),
      ...hook('changeKey', (domain) => ({ domain })),
      ...hook('resolveName', (name, address) => ({ name, address })),
      ...hook('allowHost', (host) => ({ allowedHost: host })),
    },
  };
}
