import { once } from 'node:events';
import https from 'node:https';
import type { AddressInfo, LookupFunction } from 'node:net';
import { createIdentity } from '../delivery/certificate.fixture.js';

/** A POST as it arrived. */
export interface ReceivedPush {
  readonly path: string;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Buffer;
}

/** A push service on a port of this machine, for tests. */
export interface TestPushService {
  readonly host: string;
  readonly port: number;
  /** Its certificate (PEM), which vouches for itself. */
  readonly ca: string;
  /** Resolves every name to this machine. */
  readonly lookup: LookupFunction;
  /** The status of the answers to come. */
  status: number;
  readonly received: readonly ReceivedPush[];
  /** Resolves when so many requests have come in all. */
  arrived(count: number): Promise<void>;
  close(): Promise<void>;
}

export async function startPushService(): Promise<TestPushService> {
  const host = 'push.example';
  const { key, cert } = createIdentity(host);
  const received: ReceivedPush[] = [];
  const waiting = new Set<() => void>();

  const server = https.createServer({ key, cert }, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    received.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) });
    response.writeHead(service.status).end();
    for (const check of waiting) check();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const service: TestPushService = {
    host,
    port: (server.address() as AddressInfo).port,
    ca: cert,
    lookup(_name, options, callback) {
      if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
      else callback(null, '127.0.0.1', 4);
    },
    status: 201,
    received,
    arrived: (count) =>
      new Promise((resolve) => {
        const check = () => {
          if (received.length < count) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return service;
}
