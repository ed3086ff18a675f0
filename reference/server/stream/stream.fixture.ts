import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import xml, { type Element } from '@xmpp/xml';
import { type AdjustableClock, createClock } from '../../clock/clock.js';
import { createIdentity } from '../../delivery/certificate.fixture.js';
import { type Accounts, openAccounts } from '../accounts.js';
import { openDatabase } from '../database.js';
import { type ListenOptions, listenStreams, type StreamListeners } from './listen.js';
import type { ClientStream, SessionLayer } from './stream.js';

export const DOMAIN = 'a.example';
export const OTHER_DOMAIN = 'b.example';
export const certificate = createIdentity(DOMAIN, OTHER_DOMAIN);

/** The least that can stand on top of a stream: binds a resource, answers every other IQ, remembers the rest. */
export interface EchoSessions extends SessionLayer {
  readonly streams: ClientStream[];
  readonly errors: unknown[];
  readonly ends: string[];
  readonly elements: Element[];
  /** Resolves when `check` holds; looked at whenever something happened. */
  until(check: () => boolean): Promise<void>;
}

export function createEchoSessions(): EchoSessions {
  const waiting: { check: () => boolean; resolve: () => void }[] = [];
  const happened = () => {
    for (const waiter of waiting) if (waiter.check()) waiter.resolve();
  };
  const sessions: EchoSessions = {
    streams: [],
    errors: [],
    ends: [],
    elements: [],
    until: (check) =>
      check() ? Promise.resolve() : new Promise((resolve) => waiting.push({ check, resolve })),
    features: () => [xml('bind', { xmlns: 'urn:ietf:params:xml:ns:xmpp-bind' })],
    onInternalError: (error) => {
      sessions.errors.push(error);
      happened();
    },
    onStream(stream) {
      sessions.streams.push(stream);
      stream.onEnd = (end) => {
        sessions.ends.push(end);
        happened();
      };
      stream.onElement = (element) => {
        sessions.elements.push(element);
        happened();
        if (element.is('throw')) throw new Error('thrown by the session layer');
        if (!element.is('iq', 'jabber:client')) return;
        const { id } = element.attrs;
        if (!element.getChild('bind')) return stream.send(xml('iq', { type: 'result', id }));
        stream.established();
        const jid = xml('jid', {}, `${stream.localpart}@${stream.domain}/r`);
        stream.send(
          xml('iq', { type: 'result', id }, xml('bind', { xmlns: 'urn:ietf:params:xml:ns:xmpp-bind' }, jid)),
        );
      };
    },
  };
  return sessions;
}

export interface TestServer {
  readonly listeners: StreamListeners;
  readonly accounts: Accounts;
  readonly clock: AdjustableClock;
  readonly sessions: EchoSessions;
  /** Resolves when nothing is scheduled any more. */
  noTimers(): Promise<void>;
}

export async function startServer({
  systemNow = Date.now,
  ...options
}: Pick<ListenOptions, 'limits' | 'listen'> & { systemNow?: () => number } = {}): Promise<TestServer> {
  const accounts = openAccounts(openDatabase(':memory:'));
  await accounts.create(DOMAIN, 'juliet', 'secret');
  const pending = new Set<() => void>();
  let idle = () => {};
  const forget = (cancel: () => void) => {
    if (pending.delete(cancel) && pending.size === 0) idle();
  };
  const system = createClock(systemNow);
  const clock: AdjustableClock = {
    ...system,
    schedule(delay, task) {
      const cancel = system.schedule(delay, () => {
        forget(cancel);
        task();
      });
      pending.add(cancel);
      return () => {
        forget(cancel);
        cancel();
      };
    },
  };
  const sessions = createEchoSessions();
  const listeners = await listenStreams({
    domains: [DOMAIN, OTHER_DOMAIN],
    tls: certificate,
    listen: { directTls: 0, loopback: 0, websocket: 0 },
    accounts,
    clock,
    sessions,
    ...options,
  });
  return {
    listeners,
    accounts,
    clock,
    sessions,
    noTimers: () =>
      pending.size === 0
        ? Promise.resolve()
        : new Promise<void>((resolve) => {
            idle = resolve;
          }),
  };
}

/** A client that says exactly what it is told to. */
export interface RawClient {
  write(data: string | Uint8Array): void;
  /** What came, up to and including the match, which is taken away. Rejects when the connection closes before. */
  read(pattern: RegExp): Promise<string>;
  /** Everything that came and was not read, once the server has closed the connection. */
  closed(): Promise<string>;
  startTls(): void;
  destroy(): void;
  readonly socket: Socket;
}

export function createRawClient(first: Socket): RawClient {
  let socket = first;
  let received = '';
  let over = false;
  let wake = () => {};
  const attach = () => {
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
      wake();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      over = true;
      wake();
    });
  };
  attach();
  const change = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  return {
    write: (data) => void socket.write(data),
    async read(pattern) {
      for (;;) {
        const match = pattern.exec(received);
        if (match) {
          const end = match.index + match[0].length;
          const taken = received.slice(0, end);
          received = received.slice(end);
          return taken;
        }
        if (over) throw new Error(`closed before ${pattern}, after: ${received.slice(0, 500)}`);
        await change();
      }
    },
    async closed() {
      while (!over) await change();
      return received;
    },
    startTls() {
      const plain = socket;
      plain.removeAllListeners('data');
      plain.removeAllListeners('close');
      socket = connectTls({ socket: plain, servername: DOMAIN, ca: certificate.cert });
      attach();
    },
    destroy: () => void socket.destroy(),
    get socket() {
      return socket;
    },
  };
}

export const rawTcp = (server: TestServer) =>
  createRawClient(connectTcp({ port: server.listeners.ports.tcp, noDelay: true }));

export const rawLoopback = (server: TestServer) =>
  createRawClient(
    connectTcp({ port: server.listeners.ports.loopback ?? 0, host: '127.0.0.1', noDelay: true }),
  );

export const rawTls = (server: TestServer, ALPNProtocols = ['xmpp-client']) =>
  createRawClient(
    connectTls({
      port: server.listeners.ports.directTls ?? 0,
      servername: DOMAIN,
      ca: certificate.cert,
      ALPNProtocols,
    }),
  );

export const header = (attributes = `to='${DOMAIN}'`) =>
  `<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' ${attributes}>`;

export const plainAuth = (username: string, password: string, authzid = '') =>
  `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${Buffer.from(`${authzid}\0${username}\0${password}`).toString('base64')}</auth>`;

/** A client that is past SASL and has the features of its session. */
export async function logIn(server: TestServer): Promise<RawClient> {
  const client = rawTls(server);
  client.write(header());
  await client.read(/<\/stream:features>/);
  client.write(plainAuth('juliet', 'secret'));
  await client.read(/<success[^>]*>/);
  client.write(header());
  await client.read(/<\/stream:features>/);
  return client;
}

export const FEATURES = /<\/stream:features>/;
export const STARTTLS = `<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`;

/** Opens a stream; what the server answered, up to its features. */
export async function greet(client: RawClient): Promise<string> {
  client.write(header());
  return client.read(FEATURES);
}

/** The condition of the stream error with which the server ended, after checking that it ended in due form. */
export async function streamErrorOf(client: RawClient): Promise<string> {
  const rest = await client.closed();
  const match =
    /<stream:error[^>]*><([a-z-]+) xmlns="urn:ietf:params:xml:ns:xmpp-streams"\/>.*<\/stream:stream>$/s.exec(
      rest,
    );
  return match?.[1] ?? `no stream error in: ${rest}`;
}
