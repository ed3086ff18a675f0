import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import type { WebSocket } from 'ws';
import type { Clock } from '../../clock/clock.js';
import type { Accounts } from '../accounts.js';
import type { ServerOptions, StreamLimits } from '../options.js';
import { type Channel, CLOSING_TIME, streamError, streamHeader } from './channel.js';
import { type NegotiationContext, negotiate } from './negotiation.js';
import type { SessionLayer, StreamCondition } from './stream.js';
import { createTcpChannel } from './tcp-channel.js';
import { createWebSocketChannel } from './websocket-channel.js';

// Node reads a CommonJS module twice when it is imported, once for the names of its exports; this one is large.
const { WebSocketServer } = createRequire(import.meta.url)('ws') as typeof import('ws');

export interface ListenOptions {
  readonly domains: ServerOptions['domains'];
  readonly tls: ServerOptions['tls'];
  readonly listen?: ServerOptions['listen'];
  readonly limits?: Partial<StreamLimits>;
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly sessions: SessionLayer;
}

/** Where clients connect to, and how to stop it. */
export interface StreamListeners {
  readonly host: string;
  readonly ports: {
    readonly tcp: number;
    readonly directTls?: number;
    readonly loopback?: number;
    readonly websocket?: number;
  };
  /** Ends every stream with system-shutdown and resolves when no socket is left. */
  close(): Promise<void>;
}

export const DEFAULT_LIMITS: StreamLimits = {
  stanzaOctets: 262_144,
  depth: 64,
  connections: 1000,
  negotiationTime: 30_000,
};

/** The path of the WebSocket (RFC 7395 leaves it open). */
export const WEBSOCKET_PATH = '/xmpp-websocket';

const contexts = new WeakMap<ServerOptions['tls'], SecureContext>();

/** Reading a key and a certificate takes longer than opening the ports: servers that share them share the context. */
function contextOf(tls: ServerOptions['tls']): SecureContext {
  const context = contexts.get(tls) ?? createSecureContext(tls);
  contexts.set(tls, context);
  return context;
}

/**
 * Opens the ports and negotiates every client's stream up to the end of SASL (RFC 6120 §4 – §6, XEP-0368, RFC 7395).
 *
 * @throws when a port cannot be opened, or key and certificate cannot be used; nothing is left open then.
 */
export async function listenStreams(options: ListenOptions): Promise<StreamListeners> {
  const { accounts, clock, sessions, listen = {} } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const [first, ...others] = options.domains;
  const domains = [first.toLowerCase(), ...others.map((domain) => domain.toLowerCase())] as const;
  const secureContext = contextOf(options.tls);
  const host = listen.host ?? '127.0.0.1';

  const sockets = new Set<Socket>();
  const refused = new Set<Socket>();
  const streams = new Map<Socket, { channel: Channel; end: (error?: StreamCondition) => void }>();

  const conduct = (channel: Channel, socket: Socket, deadline: number) => {
    const context: NegotiationContext = { domains, accounts, clock, sessions, deadline };
    streams.set(socket, { channel, end: negotiate(channel, context) });
    socket.once('close', () => streams.delete(socket));
  };

  /** @param begin takes a connection that is within the limit. */
  const serve = (begin: (socket: Socket, deadline: number) => void, refuse: (socket: Socket) => void) =>
    createServer({ noDelay: true }, (socket) => {
      socket.on('error', () => {
        // The 'close' that follows tells it.
      });
      if (sockets.size >= limits.connections) {
        refuse(socket);
        return;
      }
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      begin(socket, clock.now() + limits.negotiationTime);
    });

  const secured = (socket: Socket, protocol: string) => {
    const secure = new TLSSocket(socket, { isServer: true, secureContext, ALPNProtocols: [protocol] });
    secure.on('error', () => socket.destroy());
    secure.on('close', () => socket.destroy());
    return secure;
  };

  const tcp = serve(
    (socket, deadline) => conduct(createTcpChannel(socket, limits, clock, secureContext), socket, deadline),
    (socket) => {
      if (refused.size >= limits.connections) {
        socket.destroy();
        return;
      }
      refused.add(socket);
      const giveUp = clock.schedule(CLOSING_TIME, () => socket.destroy());
      socket.once('close', () => {
        refused.delete(socket);
        giveUp();
      });
      refuseInTheClear(socket, first);
    },
  );
  // Before TLS there is no stream on which to tell the reason, and a handshake is what a flood would want.
  const directTls = serve(
    (socket, deadline) => {
      const secure = secured(socket, 'xmpp-client');
      conduct(createTcpChannel(secure, limits, clock), socket, deadline);
    },
    (socket) => socket.destroy(),
  );
  const loopback = serve(
    (socket, deadline) => conduct(createTcpChannel(socket, limits, clock), socket, deadline),
    (socket) => socket.destroy(),
  );

  const http = createHttpServer((_, response) => {
    response.writeHead(404, { connection: 'close', 'content-type': 'text/plain' });
    response.end(`XMPP over WebSocket is at ${WEBSOCKET_PATH}.\n`);
  });
  // A message that is too big but not absurd is answered with a stream error, which the library cannot do.
  const webSockets = new WebSocketServer({
    noServer: true,
    maxPayload: 2 * limits.stanzaOctets,
    handleProtocols: () => 'xmpp',
  });
  const websocket = serve(
    (socket, deadline) => {
      const secure = secured(socket, 'http/1.1');
      const giveUp = clock.schedule(limits.negotiationTime, () => socket.destroy());
      secure.once('close', giveUp);
      upgrades.set(secure, (webSocket) => {
        giveUp();
        conduct(createWebSocketChannel(webSocket, secure, limits, clock), socket, deadline);
      });
      http.emit('connection', secure);
    },
    (socket) => socket.destroy(),
  );
  const upgrades = new WeakMap<object, (webSocket: WebSocket) => void>();
  http.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const refusal = upgradeProblem(request);
    if (refusal) socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    else webSockets.handleUpgrade(request, socket, head, (webSocket) => upgrades.get(socket)?.(webSocket));
  });

  const servers: Server[] = [];
  const open = async (server: Server, port: number, at = host) => {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, at, resolve);
    });
    servers.push(server);
    return (server.address() as AddressInfo).port;
  };

  const close = async () => {
    const closed = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    for (const { channel, end } of [...streams.values()]) {
      end('system-shutdown');
      channel.hurry();
    }
    for (const socket of [...sockets, ...refused]) if (!streams.has(socket)) socket.destroy();
    const giveUp = clock.schedule(CLOSING_TIME, () => {
      for (const socket of sockets) socket.destroy();
    });
    await Promise.all(closed);
    giveUp();
  };

  try {
    const ports = {
      tcp: await open(tcp, listen.tcp ?? 0),
      ...(listen.directTls === undefined ? {} : { directTls: await open(directTls, listen.directTls) }),
      ...(listen.loopback === undefined
        ? {}
        : { loopback: await open(loopback, listen.loopback, '127.0.0.1') }),
      ...(listen.websocket === undefined ? {} : { websocket: await open(websocket, listen.websocket) }),
    };
    return { host, ports, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** RFC 6120 §4.9.3.17, without waiting for the client's header: one connection too many must cost nothing. */
function refuseInTheClear(socket: Socket, domain: string): void {
  const header = streamHeader({ from: domain, version: '1.0' });
  socket.end(`${header}${streamError('resource-constraint')}</stream:stream>`);
  // What the client says meanwhile is read into nothing: unread, it would reset the connection and lose the reason.
  socket.resume();
}

function upgradeProblem({ url = '', headers }: IncomingMessage): string | undefined {
  if (url.split('?')[0] !== WEBSOCKET_PATH) return '404 Not Found';
  const offered = headers['sec-websocket-protocol']?.split(',').map((name) => name.trim()) ?? [];
  return offered.includes('xmpp') ? undefined : '400 Bad Request';
}
