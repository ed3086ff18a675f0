import { createRequire } from 'node:module';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import {
  type ConnectionOptions,
  checkServerIdentity,
  connect as connectTls,
  createSecureContext,
  type PeerCertificate,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import { domainToASCII } from 'node:url';
import xml from '@xmpp/xml';
import type { WebSocket } from 'ws';
import { TargetFault } from '../target/fault.js';
import type { XmppAddress } from './actor.js';
import { createReader, LIMITS } from './reader.js';
import type { Wait, Waits } from './waits.js';

const TLS = 'urn:ietf:params:xml:ns:xmpp-tls';

/** A connection that carries text both ways, counted before anybody keeps it. */
export interface Wire {
  /**
   * Starts reading.
   *
   * @param onText each piece as it comes, never half a character.
   * @param onEnd once, after everything else: without a fault when the server closed the connection.
   */
  read(onText: (text: string) => void, onEnd: (fault?: TargetFault) => void): void;
  /** Resolves when the octets have left. Rejects when they cannot any more. */
  write(data: string | Uint8Array): Promise<void>;
  /** Closes the connection behind what is still to be sent. Resolves when nothing of it is left. */
  finish(): Promise<void>;
  /** Cuts the connection at once. Resolves when nothing of it is left. */
  destroy(): Promise<void>;
}

export interface WireOptions {
  readonly address: XmppAddress;
  /** The certificate must be for it. */
  readonly domain: string;
  /** `plain`: TCP without TLS, whatever the address says. */
  readonly transport: 'tcp' | 'websocket' | 'plain';
  readonly waits: Waits;
  /** Told what is said in the clear before TLS. */
  readonly trace: (direction: 'sent' | 'received', xml: string) => void;
}

/**
 * Connects to the target's address, whatever the domain, and encrypts (RFC 6120 §5, XEP-0368, RFC 7395).
 *
 * @throws TargetFault `connection-refused`, `connection-lost`, `certificate-refused`, `refused` (no STARTTLS, no WebSocket),
 * `garbage`, `flood` or `silence`.
 */
export async function openWire(options: WireOptions): Promise<Wire> {
  return options.transport === 'websocket' ? openWebSocket(options) : openTcp(options);
}

/** The header of a client's stream (RFC 6120 §4.7), for what is said without the client library. */
export function streamHeader(domain: string): string {
  const header = xml('stream:stream', {
    to: domain,
    version: '1.0',
    xmlns: 'jabber:client',
    'xmlns:stream': 'http://etherx.jabber.org/streams',
  });
  return `<?xml version='1.0'?>${header.toString().slice(0, -2)}>`;
}

async function openTcp(options: WireOptions): Promise<Wire> {
  const { address, domain, transport, waits } = options;
  const { host, port } = address;
  const socket = connectTcp({ host, port, noDelay: true });
  try {
    await reached(socket, 'connect', waits.start(`TCP connection to ${host} port ${port}`));
    if (transport === 'plain' || address.tls === 'none') return socketWire(socket, waits.patience);
    if (address.tls === 'starttls') await startTls(socket, options);
    const secure = connectTls({
      socket,
      ...trust(address, domain),
      ...resumption(address, domain),
      ...(address.tls === 'direct' ? { ALPNProtocols: ['xmpp-client'] } : {}),
    });
    keepSession(secure, address, domain);
    await reached(secure, 'secureConnect', waits.start('TLS handshake'));
    return socketWire(secure, waits.patience);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function reached(socket: Socket, event: 'connect' | 'secureConnect', wait: Wait<void>): Promise<void> {
  socket.once(event, () => wait.resolve());
  rejectAtEnd(socket, wait);
  return wait.promise;
}

/** The listener for errors stays: a socket without one would throw them at the process. */
function rejectAtEnd(socket: Socket, wait: Wait<void>): void {
  socket.on('error', (error) => wait.fail(faultOf(error)));
  const closed = () => wait.fail(new TargetFault('connection-lost', 'the server closed the connection'));
  socket.once('close', closed);
  // Every connection is closed in the end, and a fault costs its stack trace.
  wait.promise.then(
    () => socket.off('close', closed),
    () => {},
  );
}

async function startTls(socket: Socket, { domain, waits, trace }: WireOptions): Promise<void> {
  const wait = waits.start<void>('<proceed/> to <starttls/>');
  const say = (text: string) => {
    trace('sent', text);
    socket.write(text);
  };
  let proceeding = false;
  /** What came behind <proceed/> came without protection (RFC 6120 §5.4.3.3). */
  let mixed = false;
  const reader = createReader('stream', {
    opened() {},
    element(element) {
      trace('received', element.toString());
      mixed = proceeding;
      if (element.is('features') && element.getChild('starttls', TLS) !== undefined) {
        say(xml('starttls', { xmlns: TLS }).toString());
      } else if (element.is('proceed', TLS)) {
        proceeding = true;
        wait.resolve();
      } else {
        wait.fail(new TargetFault('refused', `STARTTLS: the server answered ${brief(element.toString())}`));
      }
    },
    closed: () =>
      wait.fail(new TargetFault('connection-lost', 'the server closed the stream before STARTTLS')),
    failed: wait.fail,
  });
  const listener = decoded((text) => reader.read(text), wait.fail);
  rejectAtEnd(socket, wait);
  socket.on('data', listener);
  try {
    say(streamHeader(domain));
    await wait.promise;
    if (mixed) throw new TargetFault('garbage', 'the server mixed stanzas between <proceed/> and TLS');
  } finally {
    socket.off('data', listener);
  }
}

function socketWire(socket: Socket, patience: number): Wire {
  const closed = new Promise<void>((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
  return {
    read(onText, onEnd) {
      let fault: TargetFault | undefined;
      const fail = (reason: TargetFault) => {
        fault ??= reason;
        socket.destroy();
      };
      socket.on('error', (error) => {
        fault ??= faultOf(error);
      });
      const end = () => onEnd(fault);
      if (socket.closed) end();
      else socket.once('close', end);
      socket.on('data', decoded(onText, fail));
    },
    write: (data) =>
      new Promise((resolve, reject) => {
        socket.write(data, (error) => {
          if (error) reject(new TargetFault('connection-lost', 'the connection broke off', { cause: error }));
          else resolve();
        });
      }),
    finish() {
      if (socket.destroyed) return closed;
      // A peer that does not read would keep it open for ever.
      const timer = setTimeout(() => socket.destroy(), patience);
      socket.destroySoon();
      return closed.finally(() => clearTimeout(timer));
    },
    destroy() {
      socket.destroy();
      return closed;
    },
  };
}

/** Counts before it decodes; strict, for XMPP is UTF-8 (RFC 6120 §11.6). */
function decoded(
  onText: (text: string) => void,
  fail: (fault: TargetFault) => void,
): (chunk: Buffer) => void {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let octets = 0;
  let failed = false;
  return (chunk) => {
    if (failed) return;
    octets += chunk.length;
    let text: string;
    try {
      if (octets > LIMITS.streamOctets)
        throw new TargetFault('flood', `more than ${LIMITS.streamOctets} octets`);
      text = decoder.decode(chunk, { stream: true });
    } catch (error) {
      failed = true;
      fail(
        error instanceof TargetFault
          ? error
          : new TargetFault('garbage', 'octets that are not UTF-8', { cause: error }),
      );
      return;
    }
    if (text !== '') onText(text);
  };
}

async function openWebSocket({ address, domain, waits }: WireOptions): Promise<Wire> {
  if (address.websocket === undefined) throw new Error('the target names no WebSocket address');
  const url = new URL(address.websocket);
  const name = url.hostname.replace(/^\[(.*)\]$/, '$1');
  // Only a few cases speak over a WebSocket.
  const ws = createRequire(import.meta.url)('ws') as typeof import('ws');
  const socket = new ws.WebSocket(url, ['xmpp'], {
    // The domain itself need not resolve: its server is at the target's address.
    createConnection: () =>
      connectTls({
        host: name === domain ? address.host : name,
        port: Number(url.port || 443),
        ...trust(address, domain, name),
      }),
    perMessageDeflate: false,
    followRedirects: false,
    maxPayload: LIMITS.stanzaOctets,
  });
  const wait = waits.start<void>(`WebSocket at ${address.websocket}`);
  socket.on('error', (error) => wait.fail(faultOf(error)));
  socket.once('open', () => {
    if (socket.protocol === 'xmpp') wait.resolve();
    else wait.fail(new TargetFault('refused', 'the server took the WebSocket without the subprotocol xmpp'));
  });
  socket.once('close', () =>
    wait.fail(new TargetFault('connection-lost', 'the server closed the WebSocket')),
  );
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  // Nothing may come between the opening and the reader.
  socket.once('open', () => socket.pause());
  try {
    await wait.promise;
  } catch (error) {
    socket.terminate();
    throw error;
  }
  return webSocketWire(socket, closed);
}

function webSocketWire(socket: WebSocket, closed: Promise<void>): Wire {
  return {
    read(onText, onEnd) {
      let fault: TargetFault | undefined;
      let octets = 0;
      const count = (size: number) => {
        // A frame costs at least its header, and a ping its pong.
        octets += size + 2;
        if (octets <= LIMITS.streamOctets) return true;
        fault ??= new TargetFault('flood', `more than ${LIMITS.streamOctets} octets`);
        socket.terminate();
        return false;
      };
      socket.on('error', (error) => {
        fault ??= faultOf(error);
      });
      socket.once('close', () => onEnd(fault));
      socket.on('ping', (data) => count(data.length));
      socket.on('pong', (data) => count(data.length));
      socket.on('message', (data, binary) => {
        const message = data as Buffer;
        if (!count(message.length) || fault !== undefined) return;
        if (!binary) {
          onText(message.toString());
          return;
        }
        fault = new TargetFault('garbage', 'a binary WebSocket message, which RFC 7395 §3.2 forbids');
        socket.terminate();
      });
      if (socket.readyState === socket.CLOSED) onEnd();
      else socket.resume();
    },
    write: (data) =>
      new Promise((resolve, reject) => {
        socket.send(typeof data === 'string' ? data : Buffer.from(data), { binary: false }, (error) => {
          if (error) reject(new TargetFault('connection-lost', 'the connection broke off', { cause: error }));
          else resolve();
        });
      }),
    finish() {
      socket.close(1000);
      // Both sides have said they are done: no need to sit out the closing handshake.
      socket.terminate();
      return closed;
    },
    destroy() {
      socket.terminate();
      return closed;
    },
  };
}

interface Trust {
  readonly ca: string;
  readonly context: SecureContext;
  /** TLS sessions by address and domain. */
  readonly sessions: Map<string, Buffer>;
}

let lastContext: Trust | undefined;

/**
 * What makes the server's certificate good: the given authority, and the XMPP domain as name (RFC 6120 §13.7.2); over a
 * WebSocket the name in the URL will do too (RFC 7395 §5.1 leaves it to HTTPS).
 */
function trust(address: XmppAddress, domain: string, urlHost?: string): ConnectionOptions {
  const name = domainToASCII(domain) || domain;
  const sni = urlHost !== undefined && isIP(urlHost) === 0 ? urlHost : name;
  return {
    ...(address.ca === undefined ? {} : { secureContext: trustIn(address.ca).context }),
    ...(isIP(sni) === 0 ? { servername: sni } : {}),
    checkServerIdentity: (_host: string, certificate: PeerCertificate) => {
      const wrong = checkServerIdentity(name, certificate);
      return wrong !== undefined && urlHost !== undefined ? checkServerIdentity(urlHost, certificate) : wrong;
    },
  };
}

/** Reading an authority's certificate costs more than a whole handshake: the run's only one is kept. */
function trustIn(ca: string): Trust {
  if (lastContext?.ca !== ca) lastContext = { ca, context: createSecureContext({ ca }), sessions: new Map() };
  return lastContext;
}

/** Servers whose TLS sessions are kept: a run with many servers of its own forgets the oldest. */
const KEPT_SESSIONS = 64;

const sessionKey = ({ host, port }: XmppAddress, domain: string) => `${host} ${port} ${domain}`;

/** Goes on with the session of an earlier connection (RFC 8446 §2.2), as any client does: a tenth less for a login. */
function resumption(address: XmppAddress, domain: string): ConnectionOptions {
  const session = address.ca && trustIn(address.ca).sessions.get(sessionKey(address, domain));
  return session ? { session } : {};
}

function keepSession(socket: TLSSocket, address: XmppAddress, domain: string): void {
  const { ca } = address;
  if (ca === undefined) return;
  socket.once('session', (session) => {
    const { sessions } = trustIn(ca);
    sessions.set(sessionKey(address, domain), session);
    const [oldest] = sessions.keys();
    if (oldest !== undefined && sessions.size > KEPT_SESSIONS) sessions.delete(oldest);
  });
}

/** OpenSSL's and node's words for a certificate that does not hold. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH|INVALID_PURPOSE/;

function faultOf(error: Error & { readonly code?: string }): TargetFault {
  const code = error.code ?? '';
  const fault = (kind: TargetFault['code'], text: string) => new TargetFault(kind, text, { cause: error });
  if (code === 'ECONNREFUSED') return fault('connection-refused', 'the connection was refused');
  if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') {
    return fault('flood', `a stanza of more than ${LIMITS.stanzaOctets} octets`);
  }
  if (/^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_)/.test(code)) {
    return fault(
      /^(EHOST|ENET|ENOTFOUND|EAI_)/.test(code) ? 'connection-refused' : 'connection-lost',
      error.message,
    );
  }
  if (!code.startsWith('ERR_SSL') && CERTIFICATE.test(code)) {
    return fault('certificate-refused', `the server's certificate does not hold: ${error.message}`);
  }
  if (/^Unexpected server response/.test(error.message))
    return fault('refused', `WebSocket: ${error.message}`);
  return fault('garbage', `no TLS, no HTTP or no WebSocket: ${error.message}`);
}

function brief(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
