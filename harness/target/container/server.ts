import { connect } from 'node:net';
import type { XmppAddress } from '../../actor/actor.js';
import { TargetFault } from '../fault.js';
import type { Hooks } from '../target.js';
import { type Accounts, createAccounts } from './accounts.js';
import { type Container, type Program, within } from './container.js';
import { createServerLog, quote, type ServerLog } from './server-log.js';

export interface ServerDescription {
  /** For messages. */
  readonly name: string;
  /** Starts it in the foreground, as `Container.launch` wants it. */
  readonly script: string;
  /** Texts it prints when it has started, and how often. */
  readonly ready: readonly { readonly text: string; readonly times: number }[];
  /** Whether a line it prints while it starts says that something is wrong. */
  readonly isError: (line: string) => boolean;
  readonly address: XmppAddress;
  /** One of its virtual hosts. */
  readonly domain: string;
  /** Milliseconds for each answer. */
  readonly patience: number;
  /** Multiplies the time it may take to start. */
  readonly timeoutScale: number;
  /** Is done before each start: how the server ended, nothing before the first. */
  readonly beforeStart?: (ended?: 'restart' | 'crash') => Promise<void>;
}

/** Milliseconds: several may start at once, on a machine that is loaded already. */
const startTime = 30_000;

/** A server in a container of ours. */
export interface Server {
  readonly accounts: Accounts;
  readonly log: ServerLog;
  readonly hooks: Pick<Hooks, 'restart' | 'crash' | 'createAccount' | 'deleteAccount' | 'setPassword'>;
  stop(): Promise<void>;
}

/**
 * Starts a server, and waits until it is ready.
 *
 * @throws TargetFault `start-failed`, with its own words; it does not run then.
 */
export async function startServer(container: Container, description: ServerDescription): Promise<Server> {
  const { name, patience, beforeStart } = description;
  const log = createServerLog();
  const accounts = createAccounts(description.address, description.domain, patience);
  let program: Program | undefined;

  const start = async (ended?: 'restart' | 'crash') => {
    await beforeStart?.(ended);
    log.mark();
    const launched = await container.launch(description.script, log.add);
    program = launched;
    for (const { text, times } of description.ready)
      await log.until(text, times, launched, name, startTime * description.timeoutScale);
    const errors = log.sinceMark().filter(description.isError);
    if (errors.length > 0)
      throw new TargetFault('start-failed', `${name} did not start as it should; its log:${quote(errors)}`);
  };
  const kill = async () => {
    await program?.signal('KILL');
    await program?.ended;
  };
  const end = async () => {
    if (!program) return;
    await program.signal('TERM');
    // A signal that comes right before a server goes to sleep is only noticed when it wakes.
    knock(description.address);
    const limit = patience * 2;
    if (
      await within(
        limit,
        program.ended.then(() => true),
      )
    )
      return;
    await kill();
    throw new TargetFault(
      'silence',
      `${name} did not end within ${limit} ms of SIGTERM${quote(log.sinceMark())}`,
    );
  };
  const reopen = async (how: 'restart' | 'crash') => {
    await accounts.close();
    await (how === 'crash' ? kill() : end());
    await start(how);
  };

  try {
    await start();
  } catch (error) {
    await kill();
    throw error;
  }
  return {
    accounts,
    log,
    hooks: {
      restart: () => reopen('restart'),
      crash: () => reopen('crash'),
      createAccount: (account) => accounts.create(account),
      deleteAccount: (account) => accounts.delete(account),
      setPassword: (account, password) => accounts.setPassword(account, password),
    },
    async stop() {
      await accounts.close();
      await kill();
    },
  };
}

function knock({ host, port }: XmppAddress): void {
  const socket = connect(port, host, () => socket.destroy()).on('error', () => {});
}
