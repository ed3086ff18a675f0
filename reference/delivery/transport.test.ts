import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type LookupFunction } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { checkAddress } from '../subscription/endpoint.js';
import { createIdentity, type Identity } from './certificate.fixture.js';
import type { Transport } from './delivery.js';
import { createTransport, type TransportOptions } from './transport.js';

const host = 'push.example';
const identity = createIdentity(host);
const otherIdentity = createIdentity('other.example');

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function listen(server: net.Server): Promise<number> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
    return once(server, 'close');
  });
  return (server.address() as AddressInfo).port;
}

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  { key, cert }: Identity = identity,
): Promise<number> {
  return listen(https.createServer({ key, cert }, answer).on('tlsClientError', () => {}));
}

/** Every name is this machine's. */
const toLoopback: LookupFunction = (_name, options, callback) => {
  if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
  else callback(null, '127.0.0.1', 4);
};

function connect(options: Partial<TransportOptions> = {}): Transport {
  const transport = createTransport({
    checkAddress: () => ({ ok: true }),
    ca: identity.cert,
    lookup: toLoopback,
    closeGrace: 0,
    ...options,
  });
  cleanups.push(() => transport.close());
  return transport;
}

const request = (port: number, target = '/p', name = host) => ({
  endpoint: `https://${name}:${port}${target}`,
  headers: { TTL: '60', 'Content-Length': '3', Authorization: 'vapid t=a, k=b' },
  body: Buffer.from('abc'),
});

describe('a request', () => {
  test('is a POST with the endpoint’s path and query octet for octet, and these header fields alone', async () => {
    let seen: Pick<IncomingMessage, 'method' | 'url' | 'rawHeaders'> | undefined;
    const port = await serve((incoming, response) => {
      seen = incoming;
      response.writeHead(201, { Location: '/m/1' }).end();
    });
    const target = "/p/%7e/a//b/%2F;x='1'?token=%2b+=&&q";
    expect(await connect().post(request(port, target))).toEqual({ type: 'answer', status: 201 });
    expect(seen).toMatchObject({ method: 'POST', url: target });
    expect(seen?.rawHeaders.filter((_field, index) => index % 2 === 0).sort()).toEqual([
      'Authorization',
      'Connection',
      'Content-Length',
      'Host',
      'TTL',
    ]);
  });

  test('carries the body whole', async () => {
    const port = await serve(async (incoming, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk);
      response.writeHead(Buffer.concat(chunks).toString() === 'abc' ? 201 : 400).end();
    });
    expect(await connect().post(request(port))).toMatchObject({ status: 201 });
  });

  test.each([
    ['', '/'],
    ['?q=1', '/?q=1'],
  ])('to an endpoint with the path and query %j asks for %j', async (target, expected) => {
    const port = await serve(({ url }, response) => response.writeHead(url === expected ? 201 : 400).end());
    expect(await connect().post(request(port, target))).toMatchObject({ status: 201 });
  });

  test('uses the connection of the one before', async () => {
    const ports = new Set<number | undefined>();
    const port = await serve(({ socket }, response) => {
      ports.add(socket.remotePort);
      response.writeHead(201).end('{}');
    });
    const transport = connect();
    await transport.post(request(port));
    await transport.post(request(port));
    expect(ports.size).toBe(1);
  });

  test('that HTTP cannot express fails and does not throw', async () => {
    const transport = connect();
    const impossible = { type: 'failure', reason: 'request-impossible' };
    expect(await transport.post(request(1, '/a b'))).toEqual(impossible);
    expect(await transport.post({ ...request(1), endpoint: 'nonsense' })).toEqual(impossible);
    expect(await transport.post({ ...request(1), headers: { TTL: '1\n2' } })).toEqual(impossible);
  });
});

describe('an answer', () => {
  test('tells its status and Retry-After, and nothing of its body', async () => {
    const port = await serve((_, response) => response.writeHead(429, { 'Retry-After': '30' }).end('secret'));
    expect(await connect().post(request(port))).toEqual({ type: 'answer', status: 429, retryAfter: '30' });
  });

  test('that redirects is not followed', async () => {
    let requests = 0;
    const port = await serve((_, response) => {
      requests++;
      response.writeHead(307, { Location: `https://${host}:${port}/other` }).end();
    });
    const transport = connect();
    expect(await transport.post(request(port))).toEqual({ type: 'answer', status: 307 });
    await transport.post(request(port));
    expect(requests).toBe(2);
  });

  test('that never comes ends with the timeout', async () => {
    const port = await serve(() => {});
    const transport = connect({ requestTimeout: 30 });
    expect(await transport.post(request(port))).toEqual({ type: 'failure', reason: 'timeout' });
  });

  test('whose body never ends is cut off, and its status counts', async () => {
    let closed: Promise<unknown> | undefined;
    const port = await serve(({ socket }, response) => {
      closed = new Promise((resolve) => socket.once('close', resolve));
      response.writeHead(201);
      const flood = () => {
        while (response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', flood);
      flood();
    });
    expect(await connect().post(request(port))).toEqual({ type: 'answer', status: 201 });
    await closed;
  });

  test('whose body stalls is cut off by the timeout, and its status counts', async () => {
    const port = await serve((_, response) => response.writeHead(404).write('{'));
    const transport = connect({ requestTimeout: 30 });
    expect(await transport.post(request(port))).toEqual({ type: 'answer', status: 404 });
  });

  test('that breaks off within the body has its status', async () => {
    const port = await serve((_, response) => {
      response.writeHead(500, { 'Content-Length': '10' });
      response.write('{', () => response.destroy());
    });
    expect(await connect().post(request(port))).toEqual({ type: 'answer', status: 500 });
  });

  test('with huge header fields is refused', async () => {
    const port = await serve((_, response) =>
      response.writeHead(201, { 'X-Flood': 'x'.repeat(10_000) }).end(),
    );
    expect(await connect().post(request(port))).toEqual({ type: 'failure', reason: 'malformed-answer' });
  });

  test('that is not HTTP is refused', async () => {
    const port = await serve(({ socket }) => socket.end('SSH-2.0-OpenSSH\r\n\r\n'));
    expect(await connect().post(request(port))).toEqual({ type: 'failure', reason: 'malformed-answer' });
  });
});

describe('a connection', () => {
  const reset = { type: 'failure', reason: 'connection-failed' };

  test('that is reset is a failure', async () => {
    const port = await serve(({ socket }) => socket.destroy());
    expect(await connect().post(request(port))).toEqual(reset);
  });

  test('that is refused is a failure', async () => {
    const server = net.createServer();
    const port = await listen(server);
    server.close();
    expect(await connect().post(request(port))).toEqual(reset);
  });

  test('that switches protocols is a failure', async () => {
    const port = await serve(({ socket }) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    });
    expect(await connect({ requestTimeout: 1000 }).post(request(port))).toEqual(reset);
  });

  test('without TLS is a failure', async () => {
    const port = await listen(net.createServer((socket) => socket.end('HTTP/1.1 201 Created\r\n\r\n')));
    expect(await connect().post(request(port))).toEqual({ type: 'failure', reason: 'tls-failed' });
  });

  test('with a certificate nobody vouches for gets no request', async () => {
    let requests = 0;
    const port = await serve((_, response) => {
      requests++;
      response.writeHead(201).end();
    }, otherIdentity);
    expect(await connect().post(request(port))).toEqual({ type: 'failure', reason: 'tls-failed' });
    expect(await connect({ ca: undefined }).post(request(port))).toMatchObject({ reason: 'tls-failed' });
    expect(requests).toBe(0);
  });

  test('with a certificate for another name gets no request', async () => {
    const port = await serve((_, response) => response.writeHead(201).end(), otherIdentity);
    const transport = connect({ ca: otherIdentity.cert });
    expect(await transport.post(request(port))).toEqual({ type: 'failure', reason: 'tls-failed' });
    expect(await transport.post(request(port, '/p', 'other.example'))).toMatchObject({ status: 201 });
  });

  test('is refused without the environment being able to allow it', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    // Node warns of the variable.
    const warning = vi.spyOn(process, 'emitWarning').mockReturnValue();
    cleanups.push(() => {
      vi.unstubAllEnvs();
      warning.mockRestore();
    });
    const port = await serve((_, response) => response.writeHead(201).end(), otherIdentity);
    expect(await connect().post(request(port))).toEqual({ type: 'failure', reason: 'tls-failed' });
  });
});

describe('the address rules', () => {
  const rules = (allowedHosts: readonly string[] = []): Partial<TransportOptions> => ({
    checkAddress: (address, name) => checkAddress(address, name, { allowedHosts }),
  });
  const refused = { type: 'failure', reason: 'address-refused' };

  async function countConnections(): Promise<{ port: number; connections: () => number }> {
    let connections = 0;
    const server = https.createServer(identity, (_, response) => response.writeHead(201).end());
    server.on('connection', () => connections++);
    return { port: await listen(server), connections: () => connections };
  }

  test('hold for what a name resolves to at the time of the request', async () => {
    const { port, connections } = await countConnections();
    expect(await connect(rules()).post(request(port))).toEqual(refused);
    expect(connections()).toBe(0);
  });

  test('hold for every address of a name', async () => {
    const { port, connections } = await countConnections();
    const lookup: LookupFunction = (_name, _options, callback) =>
      callback(null, [
        { address: '192.0.32.7', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ]);
    expect(await connect({ ...rules(), lookup }).post(request(port))).toEqual(refused);
    expect(connections()).toBe(0);
  });

  test('hold for the address that is connected to: the name is resolved once', async () => {
    const { port } = await countConnections();
    const answers = ['127.0.0.1', '10.0.0.1'];
    const checked: string[] = [];
    const transport = connect({
      checkAddress: (address) => {
        checked.push(address);
        return { ok: address === '127.0.0.1' };
      },
      lookup: (_name, _options, callback) => callback(null, answers.shift() ?? '10.0.0.2', 4),
    });
    expect(await transport.post(request(port))).toMatchObject({ status: 201 });
    expect(checked).toEqual(['127.0.0.1']);
  });

  test('hold for address literals', async () => {
    const { port, connections } = await countConnections();
    const transport = connect(rules());
    expect(await transport.post(request(port, '/', '127.0.0.1'))).toEqual(refused);
    expect(await transport.post(request(port, '/', '[::1]'))).toEqual(refused);
    expect(await transport.post(request(port, '/', '[::ffff:127.0.0.1]'))).toEqual(refused);
    expect(connections()).toBe(0);
  });

  test('leave out the hosts an operator allows', async () => {
    const { port } = await countConnections();
    const transport = connect(rules([host, '127.0.0.1']));
    expect(await transport.post(request(port))).toMatchObject({ status: 201 });
    expect(await transport.post(request(port, '/', '127.0.0.1'))).toMatchObject({ status: 201 });
  });

  test('a name that does not resolve, or to nothing, is a failure', async () => {
    const unresolved = { type: 'failure', reason: 'name-not-resolved' };
    const error = Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
    const failing = connect({ lookup: (_name, _options, callback) => callback(error, []) });
    expect(await failing.post(request(1))).toEqual(unresolved);
    const empty = connect({ lookup: (_name, _options, callback) => callback(null, []) });
    expect(await empty.post(request(1))).toEqual(unresolved);
  });
});

describe('closing', () => {
  test('ends what is in flight after the grace, and nothing starts any more', async () => {
    let begun: () => void = () => {};
    const beginning = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const port = await serve(() => begun());
    const transport = connect();
    const result = transport.post(request(port));
    await beginning;
    await transport.close();
    const closed = { type: 'failure', reason: 'closed' };
    expect(await result).toEqual(closed);
    expect(await transport.post(request(port))).toEqual(closed);
  });

  test('lets what is in flight end by itself', async () => {
    let begun: (response: ServerResponse) => void = () => {};
    const beginning = new Promise<ServerResponse>((resolve) => {
      begun = resolve;
    });
    const port = await serve((_, response) => begun(response));
    const transport = connect({ closeGrace: 10_000 });
    const result = transport.post(request(port));
    const response = await beginning;
    const closed = transport.close();
    response.writeHead(201).end();
    await closed;
    expect(await result).toEqual({ type: 'answer', status: 201 });
  });
});
