import { join } from 'node:path';
import { createClock } from '../clock/clock.js';
import { createPushHost, type PushHost } from '../host/host.js';
import { AccountError, openAccounts } from './accounts.js';
import { openDatabase } from './database.js';
import { defaultPush, type ServerOptions, type StreamManagementOptions } from './options.js';
import { type Jid, parseJid } from './session/jid.js';
import { createSessionLayer } from './session/layer.js';
import { listenStreams, type StreamListeners } from './stream/listen.js';

const DEFAULT_STREAM_MANAGEMENT: StreamManagementOptions = {
  ackDelay: 30_000,
  resumeWindow: 600_000,
  queueSize: 500,
};

/** An option the server cannot work with. */
export class ServerOptionsError extends Error {
  override readonly name = 'ServerOptionsError';
  readonly code = 'bad-server-option';
}

/** A running XMPP server with Web Push. */
export interface XmppServer {
  readonly host: string;
  readonly ports: StreamListeners['ports'];
  readonly domains: readonly string[];
  readonly roomsDomain: string;
  /** The key a browser subscribes with, 65 octets in base64url; undefined when push is off or the domain is not served. */
  applicationServerKey(domain: string): string | undefined;
  /** New registrations get a new key from now on; those there are keep theirs until they are enabled again. */
  rotateApplicationServerKey(domain: string): void;
  /** @throws {AccountError} exists, bad-localpart, bad-password, unknown (the domain is not served) */
  createAccount(domain: string, localpart: string, password: string): Promise<void>;
  /** Ends its sessions and forgets all about it. False if there was no such account. */
  deleteAccount(domain: string, localpart: string): boolean;
  /** @throws {AccountError} unknown, bad-password */
  setPassword(domain: string, localpart: string, password: string): Promise<void>;
  /** Ends every stream with system-shutdown; resolves when no port, file or timer is left. */
  close(): Promise<void>;
}

function checkedDomains(options: ServerOptions): {
  readonly domains: string[];
  readonly roomsDomain: string;
} {
  const asDomain = (text: string, name: string) => {
    const jid = parseJid(text);
    if (!jid || jid.full !== jid.domain) throw new ServerOptionsError(`${name}: "${text}" is no domain.`);
    return jid.domain;
  };
  const domains = options.domains.map((domain) => asDomain(domain, 'domains'));
  if (domains.length === 0) throw new ServerOptionsError('domains: name at least one.');
  if (new Set(domains).size < domains.length) throw new ServerOptionsError('domains: name each domain once.');
  const roomsDomain = asDomain(options.roomsDomain ?? `rooms.${domains[0]}`, 'roomsDomain');
  if (domains.includes(roomsDomain))
    throw new ServerOptionsError(`roomsDomain: ${roomsDomain} has accounts; name a domain of its own.`);
  return { domains, roomsDomain };
}

/**
 * Starts a server; it listens when the promise resolves.
 *
 * @throws {ServerOptionsError} and what database, keys and ports have to say; nothing is left open then.
 */
export async function createServer(options: ServerOptions): Promise<XmppServer> {
  const { domains, roomsDomain } = checkedDomains(options);
  const clock = options.clock ?? createClock();
  const onProblem = options.onProblem ?? ((problem: Error) => process.emitWarning(problem));
  const report = (problem: unknown) =>
    onProblem(problem instanceof Error ? problem : new Error(String(problem)));

  const { dataDirectory } = options;
  const database = openDatabase(
    dataDirectory === undefined ? ':memory:' : join(dataDirectory, 'server.db'),
    options.flush,
  );
  const hosts = new Map<string, PushHost>();
  let listeners: StreamListeners | undefined;

  const release = async () => {
    await listeners?.close();
    await Promise.all([...hosts.values()].map((host) => host.close()));
    database.close();
  };

  try {
    const accounts = openAccounts(database, options.passwordIterations);
    const layer = createSessionLayer({
      domains,
      roomsDomain,
      database,
      accounts,
      clock,
      management: { ...DEFAULT_STREAM_MANAGEMENT, ...options.streamManagement },
      engineOf(domain) {
        const host = hosts.get(domain);
        return (
          host && {
            handle: host.handle,
            disco: () => {
              const push = host.disco();
              return push && { features: push.features, forms: [push.form] };
            },
          }
        );
      },
      report,
    });
    for (const domain of domains)
      hosts.set(
        domain,
        createPushHost({
          domain,
          dataDirectory,
          flush: options.flush,
          clock,
          push: { ...defaultPush(domain), ...options.push },
          reply: layer.reply,
          onProblem,
        }),
      );
    const [first = '', ...others] = domains;
    listeners = await listenStreams({
      domains: [first, ...others],
      tls: options.tls,
      ...(options.listen ? { listen: options.listen } : {}),
      ...(options.limits ? { limits: options.limits } : {}),
      accounts,
      clock,
      sessions: layer,
    });

    const addressOf = (domain: string, localpart: string): Jid => {
      const jid = parseJid(`${localpart}@${domain}`);
      if (jid?.resource !== '' || jid.local === '')
        throw new AccountError('bad-localpart', `"${localpart}" is no localpart.`);
      if (!domains.includes(jid.domain))
        throw new AccountError('unknown', `${domain} is not served: name one of ${domains.join(', ')}.`);
      return jid;
    };
    let closing: Promise<void> | undefined;
    return {
      host: listeners.host,
      ports: listeners.ports,
      domains,
      roomsDomain,
      applicationServerKey: (domain) =>
        hosts.get(domain)?.disco()?.form.getChildByAttr('var', 'webpush#public-key')?.getChildText('value') ??
        undefined,
      rotateApplicationServerKey(domain) {
        hosts.get(domain)?.rotateKey();
      },
      async createAccount(domain, localpart, password) {
        const jid = addressOf(domain, localpart);
        await accounts.create(jid.domain, jid.local, password);
      },
      deleteAccount: (domain, localpart) => layer.deleteAccount(addressOf(domain, localpart)),
      setPassword: async (domain, localpart, password) =>
        layer.setPassword(addressOf(domain, localpart), password),
      close() {
        // What clients did not acknowledge is stored, and the push for it sent, before the rest goes.
        if (!closing) layer.close();
        closing ??= release();
        return closing;
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}
