import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Refusal, type RefusalCode } from './refusal.js';

/** What one request may bring: far more than a batch of the largest stanzas. */
export const BODY_OCTETS = 16 * 1_048_576;
/** How long who is in may take to say the rest of a request when the door closes; milliseconds. */
const PARTING = 1000;
/** The XMPP server keeps one connection for each virtual host. */
const CONNECTIONS = 256;

const statusOf: { readonly [code in RefusalCode]: number } = {
  unauthorized: 401,
  'not-found': 404,
  'bad-request': 400,
  'too-large': 413,
  'unknown-domain': 404,
  'unknown-link': 409,
  'out-of-order': 409,
  internal: 500,
};

export interface Door {
  readonly port: number;
  /** Lets nobody in any more; who is in gets an answer. */
  close(): Promise<void>;
}

export interface DoorOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly secret: string;
  /** By path. Takes what JSON.parse gave; what it returns is sent. May throw {Refusal}. */
  readonly routes: ReadonlyMap<string, (body: unknown) => unknown>;
  readonly onProblem: (problem: Error) => void;
}

/** Takes JSON by POST from whoever knows the secret. Rejects with what listening says: the port is taken, for example. */
export async function openDoor({ host, port, secret, routes, onProblem }: DoorOptions): Promise<Door> {
  const expected = digest(`Bearer ${secret}`);

  const answer = async (request: IncomingMessage): Promise<unknown> => {
    // Digests are of one length, so comparing them tells nothing of the secret's, either.
    if (!timingSafeEqual(digest(request.headers.authorization ?? ''), expected))
      throw new Refusal('unauthorized', 'the secret is missing or not that of this sidecar');
    const route = request.method === 'POST' ? routes.get(request.url ?? '') : undefined;
    if (!route) throw new Refusal('not-found', `POST to ${[...routes.keys()].join(' or ')}`);
    return route(parseJson(await readBody(request)));
  };

  const server = createServer((request, response) => {
    answer(request).then(
      (body) => send(request, response, 200, body),
      (error: unknown) => {
        if (request.destroyed && !request.complete) return;
        const refusal =
          error instanceof Refusal
            ? error
            : new Refusal('internal', 'the request failed; the log of the sidecar says why', {
                cause: error,
              });
        onProblem(refusal.cause instanceof Error ? refusal.cause : refusal);
        send(request, response, statusOf[refusal.code], { error: refusal.code, message: refusal.message });
      },
    );
  });
  server.maxConnections = CONNECTIONS;
  await listen(server, host, port);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        const limit = setTimeout(() => server.closeAllConnections(), PARTING);
        server.close(() => {
          clearTimeout(limit);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function send(request: IncomingMessage, response: ServerResponse, status: number, body: unknown): void {
  // What was not read to its end would be taken for the next request.
  if (!request.complete) response.setHeader('connection', 'close');
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const tooLarge = () => new Refusal('too-large', `the body is longer than ${BODY_OCTETS} octets`);
  if (Number(request.headers['content-length'] ?? 0) > BODY_OCTETS) throw tooLarge();
  const chunks: Buffer[] = [];
  let octets = 0;
  // Leaving the loop must not take the connection along: the refusal goes that way.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    octets += chunk.length;
    if (octets > BODY_OCTETS) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not chained: the error quotes the text, which may be somebody's message.
    throw new Refusal('bad-request', 'the body is not JSON');
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
