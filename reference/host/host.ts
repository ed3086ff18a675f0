import { join } from 'node:path';
import type { Element } from '@xmpp/xml';
import type { Clock } from '../clock/clock.js';
import { createDelivery, type DeliveryParts } from '../delivery/delivery.js';
import { createTransport } from '../delivery/transport.js';
import { encrypt } from '../encryption/webpush-encryption.js';
import { createEngine } from '../engine/engine.js';
import type { EngineEffect, EngineEvent, SessionId } from '../engine/events.js';
import { openRegistry } from '../registry/open-registry.js';
import type { Registration } from '../registry/registry.js';
import type { PushOptions } from '../server/options.js';
import { discoForm } from '../stanza/disco.js';
import { WEBPUSH } from '../stanza/namespace.js';
import { checkAddress } from '../subscription/endpoint.js';
import { openKeyStore } from '../vapid/key.js';
import { createAuthorization } from '../vapid/token.js';

/** Web Push for one virtual host of an XMPP server. */
export interface PushHost {
  /** Takes what the XMPP server tells; replies come by `reply`, before or after the call returns. Never throws. */
  handle(event: EngineEvent): void;
  /** What an account's owner sees in disco#info of the account; undefined when push is off. */
  disco(): { readonly features: readonly string[]; readonly form: Element } | undefined;
  /** The endpoint of the registration the session is bound to. */
  boundTo(session: SessionId): string | undefined;
  /** Makes a new application server key; registrations keep the one they were made with until they are enabled again. */
  rotateKey(): void;
  /** Takes nothing any more, and resolves when nothing is in flight and all files are closed. */
  close(): Promise<void>;
}

export interface PushHostOptions {
  /** The virtual host. */
  readonly domain: string;
  /** Shared by all hosts, each has a folder in it; made if need be. Absent: keys and registrations are in memory. */
  readonly dataDirectory?: string | undefined;
  /** Whether a change is on the disk when it counts. Default true. */
  readonly flush?: boolean | undefined;
  readonly clock: Clock;
  readonly push: PushOptions;
  readonly reply: (session: SessionId, stanza: Element) => void;
  /** Called for what fails on the way, storage most likely, while the host goes on. Holds no secret. */
  readonly onProblem?: (problem: Error) => void;
}

/** A registration names a key that is not among the host's: the key file was replaced while the registrations stayed. */
export class UnknownKeyError extends Error {
  override readonly name = 'UnknownKeyError';
  readonly code = 'unknown-application-server-key';
}

/**
 * Puts the parts together: engine, registrations, keys, encryption and delivery.
 *
 * @throws {SubjectError} when `push.subject` is no mailto: or https: URI.
 * @throws {KeyStoreError} {RegistryError} when the data directory cannot be used; what is in it stays as it is.
 */
export function createPushHost(options: PushHostOptions): PushHost {
  const { clock, push, reply, onProblem = () => {} } = options;
  const policy = { allowedHosts: push.allowedHosts };
  const authorization = createAuthorization(push.subject);
  const directory =
    options.dataDirectory === undefined ? undefined : folderOf(options.dataDirectory, options.domain);
  // Makes the folder, too.
  const keys = openKeyStore(directory);
  const registry = openRegistry({
    path: directory === undefined ? ':memory:' : join(directory, 'registrations.db'),
    maxDevices: push.maxDevices,
    ...(options.flush === undefined ? {} : { flush: options.flush }),
  });
  let closing: Promise<void> | undefined;

  const guard = <Result>(work: () => Result): Result | undefined => {
    try {
      return work();
    } catch (error) {
      onProblem(error instanceof Error ? error : new Error(String(error)));
      return undefined;
    }
  };

  const engine = createEngine({
    registry,
    clock,
    applicationServerKey: () => keys.current.publicKey,
    endpointPolicy: policy,
    importantBody: push.importantBody,
    enabled: push.enabled,
  });

  const authorize = ({ endpoint, applicationServerKey }: Registration): string => {
    const key = keys.get(applicationServerKey);
    if (key) return authorization(endpoint, key, clock.now());
    const problem = new UnknownKeyError(
      `a registration of ${options.domain} was made with an application server key that is not stored any more: ` +
        'restore the key file from a backup, else the browser has to subscribe again',
    );
    onProblem(problem);
    throw problem;
  };

  const parts: DeliveryParts = {
    clock,
    seal: (plaintext, registration, padTo) => encrypt(plaintext, registration, { padTo }),
    authorize,
    transport: createTransport({
      checkAddress: (address, host) => checkAddress(address, host, policy),
      ca: push.ca,
      lookup: push.lookup,
      requestTimeout: push.requestTimeout,
    }),
    // This runs from timers too, where nobody would catch what it throws.
    current: (account, endpoint) => guard(() => registry.get(account, endpoint)),
    onOutcome: (outcome) => apply(engine.settle(outcome)),
    options: { batchWindow: push.batchWindow },
  };
  const delivery = createDelivery(parts);

  const carryOut = (effect: EngineEffect): void => {
    switch (effect.type) {
      case 'reply':
        reply(effect.session, effect.stanza);
        return;
      case 'push':
        delivery.enqueue(effect.push);
        return;
      case 'discard':
        delivery.discard(effect.account, effect.endpoint, effect.messages);
        return;
      case 'problem':
        onProblem(effect.problem);
        return;
    }
  };
  const apply = (effects: readonly EngineEffect[]): void => {
    for (const effect of effects) guard(() => carryOut(effect));
  };

  const close = async (): Promise<void> => {
    await delivery.close();
    registry.close();
  };

  return {
    handle(event) {
      if (!closing) apply(engine.handle(event));
    },
    boundTo: engine.boundTo,
    disco: () =>
      push.enabled ? { features: [WEBPUSH], form: discoForm(keys.current.publicKey) } : undefined,
    rotateKey() {
      keys.rotate();
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}

function folderOf(dataDirectory: string, domain: string): string {
  return join(dataDirectory, `push-${encodeURIComponent(domain)}`);
}
