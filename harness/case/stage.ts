import type { Actor, ConnectOptions, Credentials, RawStream } from '../actor/actor.js';
import type { Subscription } from '../push-service/subscription.js';
import type { Hooks, Trait } from '../target/target.js';

/** What a case plays on: the cast, the push service and the target's hooks. Whatever is opened here is closed after it. */
export interface Stage {
  /** The target's virtual hosts and rooms service. */
  readonly domains: readonly [string, ...string[]];
  readonly roomsDomain: string;
  /** Hooks the case asked for in `needs`; calling another one is the suite's mistake. */
  readonly hooks: Hooks;
  /** Ends the case as not applicable where the target has not got this. */
  requires(trait: Trait): void;
  /** Unix time in milliseconds as the server sees it. */
  now(): number;
  /**
   * The account of a role (`juliet`), made when first asked for. `domain` is an index into `domains`, heeded the first
   * time.
   */
  account(role: string, options?: { readonly domain?: number }): Promise<Account>;
  /** A client of a role's account: `juliet/phone` is role and resource. */
  connect(name: string, options?: Omit<ConnectOptions, 'resource'>): Promise<Actor>;
  /** Somebody of whom the case only needs that they send: `romeo`. Many cases share the account. */
  sender(role: string): Promise<Sender>;
  /** A stream before authentication, on which anything can be sent. */
  rawStream(name: string, options?: { readonly tls?: boolean }): Promise<RawStream>;
  /** An authenticated and bound stream of a role's account, on which anything can be sent. */
  rawSession(name: string): Promise<RawStream>;
  /** A browser's subscription for a device: `juliet/phone`. */
  subscribe(name: string, options?: SubscribeOptions): Subscription;
  /** Another URL that reaches the push service, under the path of this case: for endpoints nobody handed out. */
  endpointUrl(path: string): string;
  /**
   * Waits until so many requests (sentinels apart) have come for a subscription. False when the target's patience ran
   * out: then the judge has its say.
   */
  pushed(subscription: Subscription, count?: number): Promise<boolean>;
  /** Something random, but the same for the same seed. */
  random(label: string, octets: number): Uint8Array;
  /** Names a step in the transcript. */
  mark(label: string): void;
  readonly fence: Fences;
}

export interface SubscribeOptions {
  /** Follows the path of the endpoint, beginning with `?`: some push services keep the capability there. */
  readonly query?: string;
  /** X of the public key and the authentication secret begin with an octet of zero. */
  readonly leadingZeros?: boolean;
  /** In place of the host the target reaches the push service by: a name the case had resolved and allowed. */
  readonly host?: string;
}

export interface Account extends Credentials {
  readonly role: string;
  readonly bareJid: string;
}

/** A client that is only there to send; nothing it receives is in the transcript. */
export type Sender = Pick<Actor, 'name' | 'bareJid' | 'fullJid' | 'send' | 'ping'>;

/** Proofs that nothing more is coming. Each is in the transcript as held or lost; a lost one throws `FenceLost`. */
export interface Fences {
  /** All that this client sent has been processed, and all that was routed to it before has arrived. */
  ping(actor: Actor): Promise<void>;
  /**
   * A message sent after everything the `senders` did has caused a push: what they did before would have pushed
   * earlier. `to` gets the message, `through` is a registration of that account that must push now.
   */
  sentinel(
    to: Account,
    through: Subscription,
    ...senders: readonly Pick<Actor, 'ping' | 'name'>[]
  ): Promise<void>;
  /** The stream has ended: nothing can follow on it. */
  closed(actor: Actor | RawStream): Promise<void>;
}
