import type { Credentials, XmppAddress } from '../actor/actor.js';
import type { TargetFault } from './fault.js';

/** What can be set on a target that has the `configure` hook. Durations in milliseconds. */
export interface TargetConfig {
  readonly maxDevices?: number;
  readonly importantBody?: string;
  readonly ackDelay?: number;
  readonly resumeWindow?: number;
  readonly batchWindow?: number;
  /** `false` switches Web Push off. */
  readonly push?: boolean;
}

export type Setting = keyof TargetConfig;

export const settings = [
  'maxDevices',
  'importantBody',
  'ackDelay',
  'resumeWindow',
  'batchWindow',
  'push',
] as const satisfies readonly Setting[];

/** The part of a configuration that a target heeds. */
export function heededBy({ configurable }: Pick<Target, 'configurable'>, config: TargetConfig): TargetConfig {
  return Object.fromEntries(
    Object.entries(config).filter(([name]) => configurable.includes(name as Setting)),
  );
}

/**
 * What is true of a target by what it is, not by how good it is: a case that needs one the target lacks is not applicable.
 */
export const traits = [
  'second-domain',
  'rooms',
  'websocket',
  /** XEP-0198, and its §5. */
  'stream-management',
  'resumption',
  /** XEP-0280. */
  'carbons',
  /** XEP-0352. */
  'client-state',
  /** XEP-0313, and XEP-0441. */
  'archive',
  'archive-preferences',
  /** XEP-0160. */
  'offline-storage',
  /** RFC 6121 §2. */
  'roster',
  /** XEP-0191. */
  'blocking',
] as const;

export type Trait = (typeof traits)[number];

/** What a target can do beyond being talked to. A case that needs a hook the target lacks is `untestable`. */
export type HookName = keyof Hooks;

export interface Hooks {
  /** Stops the server properly and starts it again with the same data. */
  restart(): Promise<void>;
  /** Kills the server as a power cut would and starts it again with the same data. */
  crash(): Promise<void>;
  /** Moves the server's clock forward, milliseconds. */
  advanceClock(milliseconds: number): Promise<void>;
  deleteAccount(account: Credentials): Promise<void>;
  /** With exactly these credentials, as after `deleteAccount`. */
  createAccount(account: Credentials): Promise<void>;
  setPassword(account: Credentials, password: string): Promise<void>;
  /** Gives a virtual host a new application server key, as an administrator may. */
  changeKey(domain: string): Promise<void>;
  /** Makes a name resolve to an address for the server under test. */
  resolveName(name: string, address: string): Promise<void>;
  /** Exempts a host from the rules for addresses, as an administrator may. */
  allowHost(host: string): Promise<void>;
}

/** The version of a server that nobody has told: the server is asked. */
export const unknownVersion = '(version unknown)';

export interface TargetDescription {
  /** As given to `--target`. */
  readonly name: string;
  readonly software: string;
  readonly version: string;
}

/** What the run offers a target at its start. */
export interface RunEnvironment {
  /** Where the push service listens on this machine. */
  readonly pushPort: number;
  /** PEM of the run's throw-away authority: signs the push service's certificate, and the target's if it asks. */
  readonly ca: string;
  /** A certificate for these host names by that authority, PEM. */
  readonly certify: (names: readonly string[]) => Promise<{ readonly key: string; readonly cert: string }>;
  /** Multiplies every time limit. */
  readonly timeoutScale: number;
  /** Aborts when the run is to end: a start that is under way gives up. */
  readonly signal?: AbortSignal;
}

/** Where the push service listens, and what it is called there. */
export interface PushListener {
  readonly address: string;
  readonly port: number;
  readonly names: readonly string[];
  /** PEM, in place of a throw-away certificate: for a server that cannot be told to trust one. */
  readonly certificate?: { readonly key: string; readonly cert: string };
}

export interface Target {
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  /** What belongs to it on the command line beside its name, ready for a shell. */
  readonly options?: string;
  /**
   * How many servers can run side by side: a case that restarts, configures or moves the clock gets a server of its own,
   * or, where there is only one, has it to itself.
   */
  readonly instances: 'one' | 'many';
  /** How many cases it can bear at once. Default: as many as the run wants. */
  readonly jobs?: number;
  /** Where the push service must listen for this server to reach it. Default: loopback, any port, any name. */
  readonly pushListener?: PushListener;
  /** What `start` heeds of a `TargetConfig`. */
  readonly configurable: readonly Setting[];
  /**
   * Does, once for all threads, what would otherwise make the first start long.
   *
   * @throws TargetFault `start-failed`.
   */
  readonly prepare?: () => Promise<void>;
  /** @param wanted the hooks that will be used, for a target that must prepare for one. */
  start(
    environment: RunEnvironment,
    config: TargetConfig,
    wanted?: readonly HookName[],
  ): Promise<RunningTarget>;
}

export interface RunningTarget {
  readonly description: TargetDescription;
  readonly address: XmppAddress;
  /** At least one; cases that need a second virtual host are not applicable without. */
  readonly domains: readonly [string, ...string[]];
  readonly roomsDomain?: string;
  /** The configuration in force, as far as it is known. */
  readonly config: TargetConfig;
  readonly hooks: Partial<Hooks>;
  /** Traits that are known without looking. What is not here is found out when a run begins. */
  readonly traits?: Readonly<Partial<Record<Trait, boolean>>>;
  /** Unix time in milliseconds as the server sees it. */
  now(): number;
  /** Milliseconds after which an expected push, answer or stanza counts as not coming. */
  readonly patience: number;
  /** A new account. */
  provision(localpart: string, domain: string): Promise<Credentials>;
  /** Takes back an account that no case needs any more, and the resources it was used with. */
  release?(account: Credentials, resources: readonly string[]): Promise<void>;
  /** What it has logged since a moment of this machine's time (Unix, milliseconds), or, where that is not known, the end. */
  log?(since: number): Promise<string>;
  /** The push resource under which the server reaches `path` (with leading slash) of the push service. */
  endpointUrl(path: string): string;
  /** Settles when what the server runs in is gone, and with it every server of the run; not when the run ends it. */
  readonly lost?: Promise<TargetFault>;
  stop(): Promise<void>;
}
