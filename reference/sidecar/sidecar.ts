import { isIP } from 'node:net';
import { type Clock, createClock } from '../clock/clock.js';
import { defaultPush, type PushOptions } from '../server/options.js';
import { openDoor } from './door.js';
import { createLinkedHost, type LinkedHost } from './link.js';
import { parseBatch, parseOpen } from './messages.js';
import { Refusal } from './refusal.js';

/** The shortest secret that is taken; characters. */
export const SECRET_LENGTH = 16;

export interface SidecarOptions {
  /** The virtual hosts of the XMPP server that have Web Push. */
  readonly domains: readonly string[];
  /** What the XMPP server must show; at least 16 characters. */
  readonly secret: string;
  /** A loopback address and a port, 0 for a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Folder for registrations and keys. Absent: they are in memory and lost at the end. */
  readonly dataDirectory?: string;
  readonly clock?: Clock;
  readonly push?: Partial<PushOptions>;
  /** Told what went wrong while the sidecar goes on, and on which domain if it is known; holds no secret. */
  readonly onProblem?: (problem: Error, domain?: string) => void;
}

/** The engine as a process beside an XMPP server, which tells it what happens by HTTP. */
export interface Sidecar {
  readonly port: number;
  /**
   * Makes a new application server key for the domain, of which clients hear within half a minute.
   *
   * @throws {KeyStoreError} when it cannot be stored; then nothing has changed.
   */
  rotateKey(domain: string): void;
  /** Takes no events any more, and resolves when no request to a push service is in flight. */
  close(): Promise<void>;
}

export type SidecarErrorCode = 'not-loopback' | 'weak-secret' | 'bad-domain' | 'cannot-listen';

/** An option the sidecar cannot work with. */
export class SidecarError extends Error {
  override readonly name = 'SidecarError';

  constructor(
    readonly code: SidecarErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Starts a sidecar; it listens when the promise resolves.
 *
 * @throws {SidecarError} and what keys, registrations and subject have to say; nothing is left open then.
 */
export async function startSidecar(options: SidecarOptions): Promise<Sidecar> {
  const { listen, secret, dataDirectory, clock = createClock() } = options;
  const onProblem = options.onProblem ?? ((problem: Error) => process.emitWarning(problem));
  requireLoopback(listen.host);
  if (secret.length < SECRET_LENGTH)
    throw new SidecarError('weak-secret', `the secret has fewer than ${SECRET_LENGTH} characters`);

  const hosts = new Map<string, LinkedHost>();
  const release = () => Promise.all([...hosts.values()].map((host) => host.close()));
  try {
    for (const domain of options.domains) {
      if (domain === '' || /[@/\s]/.test(domain))
        throw new SidecarError('bad-domain', `"${domain}" is no domain`);
      if (hosts.has(domain)) throw new SidecarError('bad-domain', `the domain ${domain} is named twice`);
      hosts.set(
        domain,
        createLinkedHost({
          domain,
          dataDirectory,
          clock,
          push: { ...defaultPush(domain), ...options.push },
          onProblem: (problem) => onProblem(problem, domain),
        }),
      );
    }
    const door = await openDoor({
      ...listen,
      secret,
      onProblem,
      routes: new Map<string, (body: unknown) => unknown>([
        ['/open', (body) => open(hosts, body)],
        ['/events', (body) => take(hosts, body)],
      ]),
    }).catch((cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'something else listens there' : cause.message;
      throw new SidecarError('cannot-listen', `cannot listen on ${listen.host}:${listen.port}: ${why}`, {
        cause,
      });
    });
    let closing: Promise<void> | undefined;
    const close = async () => {
      await door.close();
      await release();
    };
    return {
      port: door.port,
      rotateKey(domain) {
        hosts.get(domain)?.rotateKey();
      },
      close() {
        closing ??= close();
        return closing;
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

function open(hosts: ReadonlyMap<string, LinkedHost>, body: unknown) {
  const request = parseOpen(body);
  const host = hosts.get(request.domain);
  if (host) return host.open(request);
  throw new Refusal(
    'unknown-domain',
    `${request.domain} is not among the domains of this sidecar: ${[...hosts.keys()].join(', ')}`,
  );
}

function take(hosts: ReadonlyMap<string, LinkedHost>, body: unknown) {
  const batch = parseBatch(body);
  for (const host of hosts.values()) if (host.knows(batch.link)) return host.take(batch);
  throw new Refusal('unknown-link', 'this link is not open; open a new one');
}

/** Anybody who reaches the door may try secrets, and what goes through it is readable: it stays on this machine. */
function requireLoopback(host: string): void {
  if (host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))) return;
  throw new SidecarError('not-loopback', `${host} is no loopback address: 127.0.0.1 or ::1 it must be`);
}
