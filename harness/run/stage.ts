import { createHash } from 'node:crypto';
import type { Element } from '@xmpp/xml';
import type { ConnectOptions, Credentials, RawStream } from '../actor/actor.js';
import { connectActor } from '../actor/client.js';
import { openRawSession, openRawStream } from '../actor/raw-stream.js';
import type { Permutation } from '../case/permutation.js';
import type { Account, Stage } from '../case/stage.js';
import { TraitMissing } from '../case/trait-missing.js';
import { sentinelRole } from '../fence/sentinel.js';
import type { PushService } from '../push-service/push-service.js';
import type { Subscription } from '../push-service/subscription.js';
import type { HookName, Hooks, RunningTarget, Trait } from '../target/target.js';
import type { Recorder } from '../transcript/transcript.js';
import { createFences, isRequestFor } from './fences.js';
import { nameSentinel, type Senders } from './senders.js';
import type { Lacks } from './traits.js';
import { reachedWithin } from './wait.js';

export interface StageContext {
  /** Names accounts and push resources, and says which hooks may be used. */
  readonly subject: Pick<Permutation, 'path' | 'needs'>;
  readonly target: RunningTarget;
  readonly pushService: PushService;
  readonly recorder: Recorder;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly senders: Senders;
  /** What the target has not got, and why that is so. Default: nothing. */
  readonly lacks?: Lacks;
  /** Sentinels in a fence. Default 1. */
  readonly sentinels?: number;
}

/** Sets the stage for one case. `strike` closes everything that was opened on it. */
export function setStage(context: StageContext): { readonly stage: Stage; strike(): Promise<void> } {
  const { subject, target, pushService, recorder, seed, signal, senders } = context;
  const { patience } = target;
  const accounts = new Map<string, Promise<Account>>();
  const open: (() => Promise<void>)[] = [];
  const resources = new Map<string, Set<string>>();
  let subscriptions = 0;

  const account = (role: string, domain = 0): Promise<Account> => {
    const known = accounts.get(role);
    if (known) return known;
    const host = target.domains[domain] ?? target.domains[0];
    const made = target
      .provision(localpartOf(seed, subject.path, role), host)
      .then((credentials) => ({ ...credentials, role, bareJid: bareJidOf(credentials) }));
    accounts.set(role, made);
    return made;
  };

  const requires = (trait: Trait): void => {
    const reason = context.lacks?.get(trait);
    if (reason !== undefined) throw new TraitMissing(trait, reason);
  };

  const connect: Stage['connect'] = async (name, options = {}) => {
    const [role, resource] = splitName(name);
    traitsOf(options).forEach(requires);
    const credentials = await account(role);
    resources.set(role, (resources.get(role) ?? new Set()).add(resource));
    const actor = await connectActor(
      { address: target.address, credentials, name, recorder, patience },
      { ...options, resource },
    );
    open.push(() => actor.close());
    return actor;
  };

  const hooks: Hooks = new Proxy({} as Hooks, {
    get: (_, hook: HookName) => hookOf(context, hook),
  });

  const sendAs = async (role: string, stanza: Element) => {
    if (role === sentinelRole) await nameSentinel(recorder, senders, seed);
    recorder.record({ kind: 'stanza', actor: `${role}/desk`, direction: 'sent', xml: stanza.toString() });
    await senders.send(role, stanza);
  };

  const { fence, counts } = createFences({
    recorder,
    patience,
    ...(context.sentinels === undefined ? {} : { sentinels: context.sentinels }),
    seed,
    signal,
    send: sendAs,
  });

  const stage: Stage = {
    domains: target.domains,
    roomsDomain: target.roomsDomain ?? '',
    hooks,
    requires,
    now: () => target.now(),
    account: (role, options) => account(role, options?.domain),
    connect,
    async sender(role) {
      const { bareJid, fullJid } = await senders.jids(role);
      recorder.record({ kind: 'stream', actor: `${role}/desk`, event: 'connected', detail: fullJid });
      return {
        name: `${role}/desk`,
        bareJid,
        fullJid,
        send: (stanza) => sendAs(role, stanza),
        ping: () => senders.ping(role),
      };
    },
    async rawStream(name, options = {}) {
      const stream = await openRawStream(
        { address: target.address, name, recorder, patience, domain: target.domains[0] },
        { tls: options.tls ?? true },
      );
      open.push(async () => stream.destroy());
      return stream;
    },
    async rawSession(name): Promise<RawStream> {
      const [role, resource] = splitName(name);
      const credentials = await account(role);
      resources.set(role, (resources.get(role) ?? new Set()).add(resource));
      const stream = await openRawSession(
        { address: target.address, name, recorder, patience },
        credentials,
        resource,
      );
      open.push(async () => stream.destroy());
      return stream;
    },
    subscribe(name, { host, ...options } = {}) {
      subscriptions += 1;
      const label = `${seed}/${subject.path}/subscription/${subscriptions}`;
      return pushService.subscribe({
        ...options,
        random: (part, octets) => seededOctets(`${label}/${part}`, octets),
        name,
        recorder,
        case: subject.path,
        endpointUrl: (path) => atHost(host, target.endpointUrl(path)),
      });
    },
    endpointUrl: (path) => target.endpointUrl(path),
    pushed(subscription: Subscription, count = 1) {
      return reachedWithin(recorder, patience, signal, async (entry) => {
        if (entry && !isRequestFor(entry, subscription)) return false;
        let seen = 0;
        for (const request of subscription.requests) if (await counts(request)) seen += 1;
        return seen >= count;
      });
    },
    random: (label, octets) => seededOctets(`${seed}/${subject.path}/${label}`, octets),
    mark: (label) => void recorder.record({ kind: 'mark', label }),
    fence,
  };

  return {
    stage,
    async strike() {
      await Promise.allSettled(open.map((close) => close()));
      // Taken out first: a case that is interrupted is struck twice.
      const used = [...accounts];
      accounts.clear();
      await Promise.allSettled(
        used.map(async ([role, made]) => target.release?.(await made, [...(resources.get(role) ?? [])])),
      );
    },
  };
}

function hookOf({ subject, target, recorder, senders }: StageContext, hook: HookName): Hooks[HookName] {
  const implementation = target.hooks[hook] as ((...input: unknown[]) => Promise<never>) | undefined;
  if (!subject.needs?.hooks?.includes(hook) || !implementation) {
    throw new Error(`case ${subject.path} uses the hook ${hook} without asking for it in needs.hooks`);
  }
  return async (...input: unknown[]) => {
    if (hook === 'advanceClock') recorder.record({ kind: 'clock', advanced: Number(input[0]) });
    else recorder.record({ kind: 'hook', hook });
    const result = await implementation(...input);
    if (hook === 'restart' || hook === 'crash') await senders.lose();
    return result;
  };
}

/** The URL with another host, which must be in ASCII; the rest stays as it is, octet for octet. */
function atHost(host: string | undefined, url: string): string {
  return host === undefined ? url : url.replace(/^(https?:\/\/)(?:\[[^\]]*\]|[^/:?#]*)/i, `$1${host}`);
}

/** What a client can only ask for where the server has it. */
function traitsOf({
  transport,
  streamManagement,
  carbons,
}: Omit<ConnectOptions, 'resource'>): readonly Trait[] {
  return [
    ...(transport === 'websocket' ? (['websocket'] as const) : []),
    ...(streamManagement === 'enabled' ? (['stream-management'] as const) : []),
    ...(streamManagement === 'resumable' ? (['resumption'] as const) : []),
    ...(carbons ? (['carbons'] as const) : []),
  ];
}

function splitName(name: string): readonly [role: string, resource: string] {
  const slash = name.indexOf('/');
  if (slash < 1 || slash === name.length - 1) throw new Error(`"${name}" is not role/resource`);
  return [name.slice(0, slash), name.slice(slash + 1)];
}

/** Unlike any other account of this run, the same for the same seed. */
function localpartOf(seed: number, caseId: string, role: string): string {
  return `${role}-${Buffer.from(seededOctets(`${seed}/${caseId}/account/${role}`, 5)).toString('hex')}`;
}

function seededOctets(label: string, octets: number): Buffer {
  return createHash('shake256', { outputLength: octets }).update(label).digest();
}

function bareJidOf(credentials: Credentials): string {
  return `${credentials.localpart}@${credentials.domain}`;
}
