import { createECDH, randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { createSecureServer, type Http2ServerRequest } from 'node:http2';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { Authority, Certified } from '../certificate/certificate.js';
import type {
  Entry,
  RecordedAnswer,
  RecordedRequest,
  Recorder,
  RequestEntry,
} from '../transcript/transcript.js';
import { UsageError } from '../usage/usage-error.js';
import { defaultAnswer } from './default-answer.js';
import {
  type AnyRequest,
  type AnyResponse,
  createIntake,
  defaultLimits,
  type Ending,
  type Limits,
  salvage,
} from './intake.js';
import type { Answer, Subscription } from './subscription.js';

export interface PushServiceOptions {
  /** Signs a certificate for every name that is asked for, but those that begin with `uncertified.`. */
  readonly authority: Authority;
  /** In place of certificates by the authority. */
  readonly certificate?: Certified;
  /** Names and addresses of the certificate shown to clients that ask for none. Default: those of loopback. */
  readonly names?: readonly string[];
  /** Address to listen on. Default `127.0.0.1`. */
  readonly host?: string;
  /** Default 0: any that is free. */
  readonly port?: number;
  readonly limits?: Partial<Limits>;
  /** Told of everything that belongs to no case: unknown paths, broken TLS, connections without a request. */
  readonly onStray?: (stray: Stray) => void;
}

export interface Stray {
  readonly reason: string;
  readonly request?: RecordedRequest;
  /** What the request is answered with. */
  readonly answer?: RecordedAnswer;
}

export interface SubscribeOptions {
  /** Role and device, `juliet/phone`. */
  readonly name: string;
  readonly recorder: Recorder;
  /** Id of the case: requests under its path are in its transcript even when no subscription has that path. */
  readonly case: string;
  /** The URL under which the server being tested reaches a path of this service. */
  readonly endpointUrl: (path: string) => string;
  /** A query with its `?`, for endpoints that carry their capability there. */
  readonly query?: string;
  /**
   * Keys as one browser in 65,536 has them: X of the public key and the authentication secret begin with an octet of zero,
   * which a sender loses that takes them for numbers.
   */
  readonly leadingZeros?: boolean;
  /** Where path and keys come from. Default: the system's random numbers. */
  readonly random?: RandomSource;
}

export interface PushService {
  readonly port: number;
  /** Hands out a subscription under an unguessable path and records it. */
  subscribe(options: SubscribeOptions): Subscription;
  /** Stops listening, lets answers that are on their way out, and breaks every connection off, also those whose answer hangs. */
  close(): Promise<void>;
}

/** A host name that begins like this is shown the certificate of another: for cases on certificates that do not hold. */
export const uncertifiedPrefix = 'uncertified.';

const isUncertified = (name: string) => name.startsWith(uncertifiedPrefix);

/** The path under which everything of a case lives. */
export function casePath(caseId: string): string {
  return `/push/${caseId.replace(/[^A-Za-z0-9_-]+/g, '-')}/`;
}

/** A push resource: where requests to one path go. */
interface Resource {
  readonly subscription: Subscription;
  readonly recorder: Recorder;
  readonly script: Answer[];
}

interface Connection {
  readonly socket: Socket;
  /** Requests under way. */
  active: number;
  timer: NodeJS.Timeout;
  /** Aborted when its framing is broken. */
  readonly broken: AbortController;
}

const NAMES_KEPT = 64;
/** How long an answer on its way may hold up the end; milliseconds. */
const PARTING = 1000;
const ENDLESS_CHUNK = Buffer.alloc(16_384, '.');
const ENDLESS_PAUSE = 20;

/**
 * Starts the RFC 8030 push service every push of a run goes to: HTTPS, HTTP/2 and HTTP/1.1 on one port. It records each
 * request octet for octet when it has come in and before it is answered, and answers as the RFC demands or as scripted.
 *
 * @throws {UsageError} when it cannot listen there.
 */
export async function startPushService(options: PushServiceOptions): Promise<PushService> {
  const { authority, host = '127.0.0.1', onStray = () => {} } = options;
  const limits: Limits = { ...defaultLimits, ...options.limits };
  const takeIn = createIntake(limits);
  const resources = new Map<string, Resource>();
  const recorders = new Map<string, Recorder>();
  const recorded = new WeakMap<Recorder, number>();
  const destinations = new WeakMap<RecordedRequest, Resource>();
  const connections = new Map<string, Connection>();
  const leaving = new Set<Promise<void>>();
  const certificate =
    options.certificate ?? (await authority.certify(options.names ?? ['localhost', '127.0.0.1', '::1']));
  const fixed = options.certificate !== undefined;
  const contexts = new Map<string, Promise<SecureContext>>();

  const contextFor = (name: string): Promise<SecureContext> => {
    const known = contexts.get(name);
    if (known) return known;
    if (fixed || isUncertified(name) || contexts.size >= NAMES_KEPT)
      return Promise.resolve(createSecureContext(certificate));
    const made = authority.certify([name]).then(createSecureContext);
    contexts.set(name, made);
    return made;
  };

  const server = createSecureServer(
    {
      ...certificate,
      allowHTTP1: true,
      settings: { maxConcurrentStreams: 64 },
      SNICallback: (name, done) => void contextFor(name).then((context) => done(null, context), done),
      ...{ requireHostHeader: false },
    },
    (request, response) => void serve(request, response),
  );
  server.maxConnections = limits.connections;

  const keyOf = ({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>) =>
    `${remoteAddress} ${remotePort}`;

  const deadline = (connection: Pick<Connection, 'socket'>, time: number, reason: string) =>
    setTimeout(() => {
      if (reason) onStray({ reason });
      connection.socket.destroy();
    }, time);

  server.on('connection', (socket: Socket) => {
    const key = keyOf(socket);
    const timer = deadline({ socket }, limits.requestTime, 'a connection brought no request in time');
    const connection: Connection = { socket, active: 0, timer, broken: new AbortController() };
    // Over HTTP/2, as many requests listen as there are streams.
    setMaxListeners(0, connection.broken.signal);
    connections.set(key, connection);
    socket
      .on('error', () => {})
      .once('close', () => {
        clearTimeout(connection.timer);
        connections.delete(key);
      });
  });
  server.on('tlsClientError', (error) => onStray({ reason: `TLS failed: ${error.message}` }));
  server.on('sessionError', (error) => onStray({ reason: `HTTP/2 failed: ${error.message}` }));
  server.on('checkExpectation', (request, response) => void serve(request, response));
  server.on('clientError', (error: Error & { rawPacket?: Buffer }, socket: Socket) => {
    const connection = connections.get(keyOf(socket));
    // A request that is being read is recorded and answered where it is read.
    if (connection && connection.active > 0) return connection.broken.abort();
    if (error.rawPacket) {
      const request = salvage(error.rawPacket, limits.body);
      if (request) record(request, { type: 'status', status: 400 });
      else onStray({ reason: `no HTTP: ${error.message}` });
    }
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    else socket.destroy();
  });

  /** Where a request belongs: by the target exactly as sent, or, in absolute form (RFC 9112 §3.2.2), by what follows the authority. */
  const place = (target: string) => {
    const path = target.replace(/^https?:\/\/[^/]*/i, '');
    const resource = resources.get(path);
    if (resource) return { path, resource, recorder: resource.recorder };
    const [, prefix = ''] = /^(\/push\/[^/?]+\/)/.exec(path) ?? [];
    return { path, resource: undefined, recorder: recorders.get(prefix) };
  };

  const record = (request: RecordedRequest, answer: RecordedAnswer): boolean => {
    const { resource, recorder } = place(request.target);
    if (!recorder) {
      onStray({ reason: 'a path of no case', request, answer });
      return true;
    }
    const count = (recorded.get(recorder) ?? 0) + 1;
    recorded.set(recorder, count);
    if (count > limits.requests) {
      if (count === limits.requests + 1) {
        recorder.record({
          kind: 'mark',
          label: `more than ${limits.requests} requests: no further one is recorded`,
        });
      }
      return false;
    }
    const body: RequestEntry = {
      kind: 'request',
      ...(resource ? { subscription: resource.subscription.name } : {}),
      request,
      answer,
    };
    if (resource) destinations.set(request, resource);
    recorder.record(body);
    return true;
  };

  const serve = async (request: AnyRequest, response: AnyResponse): Promise<void> => {
    const connection = connections.get(keyOf(request.socket));
    if (!connection) return void request.socket.destroy();
    clearTimeout(connection.timer);
    connection.active += 1;
    response
      .on('error', () => {})
      .once('close', () => {
        connection.active -= 1;
        if (connection.active > 0 || connection.socket.destroyed) return;
        clearTimeout(connection.timer);
        connection.timer = deadline(connection, limits.idleTime, '');
      });
    const gone = new Promise<void>((resolve) => response.once('close', resolve));
    const { request: taken, ending } = await takeIn(request, connection.broken.signal);
    const answer = answerTo(taken, ending);
    const kept = record(taken, recordable(answer));
    perform(kept ? answer : { type: 'status', status: 429 }, request, response, connection, ending);
    if (answer.type !== 'status' || answer.when) return;
    leaving.add(gone);
    void gone.then(() => leaving.delete(gone));
  };

  const answerTo = (request: RecordedRequest, ending: Ending): Answer => {
    if (ending !== 'complete') return { type: 'status', status: refusals[ending] };
    const { path, resource } = place(request.target);
    const scripted = resource?.script.shift();
    if (scripted || !resource) return scripted ?? defaultAnswer(request);
    return defaultAnswer(
      request,
      new URL(`/message${path.split('?')[0]}`, resource.subscription.endpoint).href,
    );
  };

  const perform = (
    answer: Answer,
    request: AnyRequest,
    response: AnyResponse,
    connection: Connection,
    ending: Ending,
  ): void => {
    const { socket } = connection;
    const stream = request.httpVersionMajor === 2 ? (request as Http2ServerRequest).stream : undefined;
    switch (answer.type) {
      case 'hang':
        return;
      case 'reset':
        if (stream) stream.close(2 /* INTERNAL_ERROR */);
        else socket.resetAndDestroy();
        return;
      case 'endless': {
        response.writeHead(201);
        const timer = setInterval(() => {
          if (!response.writableNeedDrain) (response as NodeJS.WritableStream).write(ENDLESS_CHUNK);
        }, ENDLESS_PAUSE);
        response.once('close', () => clearInterval(timer));
        return;
      }
      case 'status': {
        // Where the rest of a refused body is still coming, closing would cut the answer off before it is read (RFC 9112 §9.6).
        const isLast = (ending === 'broken' || ending === 'slow') && !stream;
        const last = isLast ? { connection: 'close' } : {};
        if (answer.when) {
          const { when, ...now } = answer;
          void when.then(() => perform(now, request, response, connection, ending));
          return;
        }
        const body = Buffer.from(answer.body ?? '');
        const length = [204, 304].includes(answer.status) ? {} : { 'content-length': String(body.length) };
        response.writeHead(answer.status, { ...length, ...answer.headers, ...last });
        (response as NodeJS.WritableStream).end(body);
        // The rest of a refused body is dropped as it comes, but not for ever.
        if (ending === 'too-large' || ending === 'overloaded') {
          const timer = setTimeout(() => (stream ? stream.close() : socket.destroy()), limits.requestTime);
          const stop = () => clearTimeout(timer);
          request.once('end', stop);
          (stream ?? socket).once('close', stop);
        } else if (ending === 'slow') {
          response.once('finish', () => (stream ? stream.close() : socket.destroySoon()));
        }
        return;
      }
    }
  };

  await new Promise<void>((resolve, reject) => {
    const refuse = (cause: NodeJS.ErrnoException) => reject(cannotListen(host, options.port ?? 0, cause));
    server.once('error', refuse).listen(options.port ?? 0, host, () => {
      server.off('error', refuse);
      resolve();
    });
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  return {
    port,
    subscribe({
      name,
      recorder,
      case: caseId,
      endpointUrl,
      query = '',
      leadingZeros = false,
      random = (_, octets) => randomBytes(octets),
    }) {
      const prefix = casePath(caseId);
      const path = `${prefix}${random('path', 16).toString('base64url')}${query}`;
      const endpoint = endpointUrl(path);
      const script: Answer[] = [];
      const requests: (RequestEntry & Entry)[] = [];
      let generation = 0;
      const newKeys = () => {
        const next = () => createKeys((label, octets) => random(`${label} ${++generation}`, octets));
        return leadingZeros ? withLeadingZeros(next) : next();
      };
      let keys = newKeys();
      const announce = () => void recorder.record({ kind: 'subscription', name, endpoint, ...keys });
      const subscription: Subscription = {
        name,
        endpoint,
        requests,
        get p256dh() {
          return keys.p256dh;
        },
        get auth() {
          return keys.auth;
        },
        toJSON: () => ({ endpoint, expirationTime: null, keys: { p256dh: keys.p256dh, auth: keys.auth } }),
        rekey() {
          keys = newKeys();
          announce();
        },
        answer: (...answers) => void script.push(...answers),
      };
      const resource: Resource = { subscription, recorder, script };
      resources.set(path, resource);
      recorders.set(prefix, recorder);
      // First of all listeners, so that whoever waits for a request finds it in the list.
      recorder.listen((entry) => {
        if (entry.kind === 'request' && destinations.get(entry.request) === resource) requests.push(entry);
      });
      announce();
      return subscription;
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const parting = new AbortController();
      await Promise.race([
        Promise.all(leaving),
        delay(PARTING, undefined, { signal: parting.signal }).catch(() => {}),
      ]);
      parting.abort();
      for (const { socket } of connections.values()) socket.destroy();
      await closed;
    },
  };
}

function cannotListen(host: string, port: number, cause: NodeJS.ErrnoException): UsageError {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: 'another process listens there; choose another port',
    EADDRNOTAVAIL: 'that is no address of this machine',
    EACCES: 'this process may not; choose a port above 1023',
  };
  const reason = reasons[cause.code ?? ''] ?? cause.message;
  return new UsageError(`the push service cannot listen on ${host} port ${port}: ${reason}`, { cause });
}

const refusals: Readonly<Record<Exclude<Ending, 'complete'>, number>> = {
  'too-large': 413,
  broken: 400,
  slow: 408,
  overloaded: 503,
};

function recordable(answer: Answer): RecordedAnswer {
  if (answer.type !== 'status') return { type: answer.type };
  const { type, status, headers } = answer;
  const lower = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  return { type, status, ...(headers ? { headers: Object.fromEntries(lower) } : {}) };
}

type RandomSource = (label: string, octets: number) => Buffer;

interface Keys {
  readonly p256dh: string;
  readonly auth: string;
  readonly privateKey: string;
}

/** Takes some 256 tries. */
function withLeadingZeros(next: () => Keys): Keys {
  for (;;) {
    const keys = next();
    if (Buffer.from(keys.p256dh, 'base64url')[1] !== 0) continue;
    const auth = Buffer.from(keys.auth, 'base64url');
    auth.writeUInt8(0, 0);
    return { ...keys, auth: auth.toString('base64url') };
  }
}

/**
 * Octets of a private key that are random; those before them are zero. The server sees the public key alone, which is a
 * point like any other, and the key is thrown away with the run: so it is one with which @noble is quick to multiply.
 */
const PRIVATE_KEY_OCTETS = 5;

function createKeys(random: RandomSource): Keys {
  const pair = createECDH('prime256v1');
  const scalar = Buffer.alloc(32);
  random('private key', PRIVATE_KEY_OCTETS).copy(scalar, scalar.length - PRIVATE_KEY_OCTETS);
  pair.setPrivateKey(scalar);
  return {
    p256dh: pair.getPublicKey('base64url', 'uncompressed'),
    privateKey: scalar.toString('base64url'),
    auth: random('auth', 16).toString('base64url'),
  };
}
