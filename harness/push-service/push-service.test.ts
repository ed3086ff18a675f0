import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Authority, createAuthority } from '../certificate/certificate.js';
import { createRecorder, type Recorder, type RequestEntry } from '../transcript/transcript.js';
import { casePath, type PushService, type Stray, startPushService } from './push-service.js';
import type { Subscription } from './subscription.js';

let authority: Authority;
let service: PushService;
const strays: Stray[] = [];
let onStray: (stray: Stray) => void = () => {};

beforeAll(async () => {
  authority = await createAuthority();
  service = await startPushService({
    authority,
    limits: { requestTime: 150, requests: 20 },
    onStray: (stray) => {
      strays.push(stray);
      onStray(stray);
    },
  });
});
afterAll(() => service.close());

let cases = 0;
function open(query?: string): {
  subscription: Subscription;
  recorder: Recorder;
  path: string;
  caseId: string;
} {
  const caseId = `area/topic-${cases++}`;
  const recorder = createRecorder(caseId, () => 1234);
  const subscription = service.subscribe({
    name: 'juliet/phone',
    recorder,
    case: caseId,
    endpointUrl: (path) => `https://localhost:${service.port}${path}`,
    ...(query ? { query } : {}),
  });
  return {
    subscription,
    recorder,
    caseId,
    path: subscription.endpoint.slice(`https://localhost:${service.port}`.length),
  };
}

const requestsOf = (recorder: Recorder) =>
  recorder.transcript.entries.filter(
    (entry): entry is typeof entry & RequestEntry => entry.kind === 'request',
  );

const dial = () =>
  connectTls({
    port: service.port,
    host: '127.0.0.1',
    servername: 'localhost',
    ca: authority.pem,
    ALPNProtocols: ['http/1.1'],
  });

/** Writes octets over TLS and gives everything that comes back until `until` matches or the connection ends. */
function exchange(octets: string | Buffer, until = /\r\n\r\n/, socket: TLSSocket = dial()): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
      if (until.test(text)) socket.destroy();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      text += `<${error.code}>`;
    });
    socket.once('close', () => resolve(text));
    socket.write(octets);
  });
}

const post = (path: string, headers = 'TTL: 60\r\n', body = '') =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;

const statusOf = (text: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);

function overHttp2(
  path: string,
  headers: Record<string, string | string[]>,
  body: Buffer | string = '',
): Promise<number | string> {
  const session = connectHttp2(`https://localhost:${service.port}`, { ca: authority.pem });
  return new Promise<number | string>((resolve) => {
    session.on('error', (error) => resolve(error.message));
    const stream = session.request({ ':method': 'POST', ':path': path, ...headers });
    stream.on('response', (answer) => resolve(Number(answer[':status'])));
    stream.on('error', (error) => resolve(error.message));
    stream.end(body);
  }).finally(() => session.destroy());
}

const strayLike = (pattern: RegExp) =>
  new Promise<Stray>((resolve) => {
    const known = strays.find(({ reason }) => pattern.test(reason));
    if (known) return resolve(known);
    onStray = (stray) => pattern.test(stray.reason) && resolve(stray);
  });

describe('A subscription', () => {
  test('has an unguessable endpoint under the path of its case and is in the transcript with its keys', () => {
    const { subscription, recorder, path, caseId } = open();
    expect(path).toMatch(/^\/push\/area-topic-\d+\/[A-Za-z0-9_-]{22}$/);
    expect(path.startsWith(casePath(caseId))).toBe(true);
    expect(recorder.transcript.entries).toMatchObject([
      {
        kind: 'subscription',
        name: 'juliet/phone',
        endpoint: subscription.endpoint,
        auth: subscription.auth,
      },
    ]);
    expect(subscription.toJSON()).toEqual({
      endpoint: subscription.endpoint,
      expirationTime: null,
      keys: { p256dh: subscription.p256dh, auth: subscription.auth },
    });
    expect(Buffer.from(subscription.p256dh, 'base64url')).toHaveLength(65);
    expect(Buffer.from(subscription.auth, 'base64url')).toHaveLength(16);
  });

  test('has keys that begin with octets of zero when it is asked for such, also new ones', () => {
    const zeros = service.subscribe({
      name: 'juliet/phone',
      recorder: createRecorder('a/zeros', Date.now),
      case: 'a/zeros',
      endpointUrl: (path) => `https://localhost:${service.port}${path}`,
      leadingZeros: true,
    });
    const first = (text: string, index: number) => Buffer.from(text, 'base64url')[index];
    const { p256dh } = zeros;
    expect([first(p256dh, 0), first(p256dh, 1), first(zeros.auth, 0)]).toEqual([4, 0, 0]);
    zeros.rekey();
    expect(zeros.p256dh).not.toBe(p256dh);
    expect([first(zeros.p256dh, 1), first(zeros.auth, 0)]).toEqual([0, 0]);
  });

  test('keeps its endpoint and is recorded again when it gets new keys', () => {
    const { subscription, recorder } = open();
    const before = subscription.toJSON();
    subscription.rekey();
    expect(subscription.toJSON().endpoint).toBe(before.endpoint);
    expect(subscription.p256dh).not.toBe(before.keys.p256dh);
    expect(subscription.auth).not.toBe(before.keys.auth);
    expect(recorder.transcript.entries).toHaveLength(2);
  });
});

describe('A request is recorded exactly as it came', () => {
  test('over HTTP/1.1: target, order and case of header fields, repeated ones, octets of the body', async () => {
    const { subscription, recorder, path } = open('?token=BQ%2f%3D');
    const fields = 'TTL: 1\r\nAuthorization: a\r\nauthorization: b\r\nTTL: 2\r\n';
    const answer = await exchange(post(path, fields, '\u0000xyz'));
    expect(statusOf(answer)).toBe(400);
    const [entry] = requestsOf(recorder);
    expect(entry).toMatchObject({
      subscription: 'juliet/phone',
      at: 1234,
      answer: { type: 'status', status: 400 },
    });
    expect(entry?.request).toEqual({
      httpVersion: '1.1',
      method: 'POST',
      target: path,
      authority: 'localhost',
      headers: [
        ['Host', 'localhost'],
        ['TTL', '1'],
        ['Authorization', 'a'],
        ['authorization', 'b'],
        ['TTL', '2'],
        ['Content-Length', '4'],
      ],
      body: Buffer.from('\u0000xyz').toString('base64url'),
      complete: true,
    });
    expect(subscription.requests).toEqual([entry]);
  });

  test('over HTTP/2, repeated fields apart', async () => {
    const { recorder, path } = open();
    expect(await overHttp2(path, { ttl: ['1', '2'], 'x-a': 'b' }, 'zz')).toBe(400);
    expect(requestsOf(recorder)[0]?.request).toMatchObject({
      httpVersion: '2',
      target: path,
      authority: `localhost:${service.port}`,
      headers: [
        ['ttl', '1'],
        ['ttl', '2'],
        ['x-a', 'b'],
      ],
    });
  });

  test('also with a second Authorization over HTTP/2, which no client library sends', async () => {
    const { recorder, path } = open();
    const literal = (name: string, value: string) =>
      Buffer.concat([
        Buffer.from([0, name.length]),
        Buffer.from(name),
        Buffer.from([value.length]),
        Buffer.from(value),
      ]);
    const block = Buffer.concat([
      literal(':method', 'POST'),
      literal(':scheme', 'https'),
      literal(':path', path),
      literal(':authority', 'localhost'),
      literal('ttl', '5'),
      literal('authorization', 'one'),
      literal('authorization', 'two'),
    ]);
    const frame = (type: number, flags: number, stream: number, payload: Buffer) => {
      const head = Buffer.alloc(9);
      head.writeUIntBE(payload.length, 0, 3);
      head[3] = type;
      head[4] = flags;
      head.writeUInt32BE(stream, 5);
      return Buffer.concat([head, payload]);
    };
    const arrived = new Promise((resolve) => recorder.listen(resolve));
    const socket = connectTls({
      port: service.port,
      host: '127.0.0.1',
      ca: authority.pem,
      ALPNProtocols: ['h2'],
    });
    socket.on('error', () => {});
    socket.write(
      Buffer.concat([
        Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
        frame(4, 0, 0, Buffer.alloc(0)),
        frame(1, 5, 1, block),
      ]),
    );
    await arrived;
    socket.destroy();
    expect(requestsOf(recorder)[0]?.request.headers.slice(1)).toEqual([
      ['authorization', 'one'],
      ['authorization', 'two'],
    ]);
  });

  test('under an unknown path of a case without a subscription, and answered with 404', async () => {
    const { recorder, caseId, path } = open();
    expect(statusOf(await exchange(post(`${casePath(caseId)}nobody`)))).toBe(404);
    expect(statusOf(await exchange(post(`${path}?x`)))).toBe(404);
    const entries = requestsOf(recorder);
    expect(entries.map((entry) => entry.subscription)).toEqual([undefined, undefined]);
    expect(entries.map((entry) => entry.request.target)).toEqual([`${casePath(caseId)}nobody`, `${path}?x`]);
  });

  test('in absolute form, at the same subscription', async () => {
    const { recorder, path } = open();
    expect(statusOf(await exchange(post(`https://localhost:${service.port}${path}`)))).toBe(201);
    expect(requestsOf(recorder)[0]?.subscription).toBe('juliet/phone');
  });

  test('without a Host and in HTTP/1.0, for a strict server would hide them', async () => {
    const { recorder, path } = open();
    await exchange(`POST ${path} HTTP/1.0\r\nTTL: 1\r\nContent-Length: 0\r\n\r\n`);
    await exchange(`POST ${path} HTTP/1.1\r\nTTL: 1\r\nExpect: miracles\r\nContent-Length: 0\r\n\r\n`);
    expect(requestsOf(recorder).map(({ request }) => [request.httpVersion, request.authority])).toEqual([
      ['1.0', ''],
      ['1.1', ''],
    ]);
  });

  test('at no case when its path belongs to none', async () => {
    expect(statusOf(await exchange(post('/elsewhere')))).toBe(404);
    expect((await strayLike(/path of no case/)).request?.target).toBe('/elsewhere');
  });
});

describe('Without a script the answer is the one RFC 8030 demands', () => {
  test('201 with Location and TTL', async () => {
    const { subscription, path } = open();
    const answer = await exchange(post(path, 'TTL: 99999999999\r\nUrgency: high\r\nTopic: upd\r\n', 'x'));
    expect(statusOf(answer)).toBe(201);
    expect(answer.toLowerCase()).toContain(
      `location: ${new URL('/message/push/', subscription.endpoint).href}`,
    );
    expect(answer.toLowerCase()).toContain('ttl: 2147483648\r\n');
  });

  test.each([
    ['no TTL', '', 400],
    ['a negative TTL', 'TTL: -1\r\n', 400],
    ['a TTL with a unit', 'TTL: 10s\r\n', 400],
    ['an unknown Urgency', 'TTL: 1\r\nUrgency: urgent\r\n', 400],
    ['two Urgency fields', 'TTL: 1\r\nUrgency: low\r\nUrgency: low\r\n', 400],
    ['a Topic of 33 characters', `TTL: 1\r\nTopic: ${'x'.repeat(33)}\r\n`, 400],
    ['a Topic outside the alphabet', 'TTL: 1\r\nTopic: a=\r\n', 400],
    ['a Topic of 32 characters', `TTL: 1\r\nTopic: ${'x'.repeat(32)}\r\n`, 201],
  ])('%s: %#', async (_, headers, status) => {
    expect(statusOf(await exchange(post(open().path, headers)))).toBe(status);
  });

  test('413 above 4096 octets and not below; 405 for other methods', async () => {
    const { path } = open();
    expect(statusOf(await exchange(post(path, undefined, 'x'.repeat(4096))))).toBe(201);
    expect(statusOf(await exchange(post(path, undefined, 'x'.repeat(4097))))).toBe(413);
    expect(statusOf(await exchange(post(path).replace('POST', 'PUT')))).toBe(405);
  });
});

describe('A script decides', () => {
  test('status, headers and body, in order, and 201 after its end', async () => {
    const { subscription, recorder, path } = open();
    subscription.answer(
      { type: 'status', status: 429, headers: { 'Retry-After': '7' }, body: 'slow' },
      { type: 'status', status: 410 },
    );
    expect(await exchange(post(path), /slow/)).toMatch(/^HTTP\/1\.1 429[\s\S]*retry-after: 7[\s\S]*slow$/i);
    expect(statusOf(await exchange(post(path)))).toBe(410);
    expect(statusOf(await exchange(post(path)))).toBe(201);
    expect(requestsOf(recorder).map(({ answer }) => answer)).toMatchObject([
      { type: 'status', status: 429, headers: { 'retry-after': '7' } },
      { type: 'status', status: 410 },
      { type: 'status', status: 201 },
    ]);
  });

  test('a reset: of the connection over HTTP/1.1, of the stream over HTTP/2', async () => {
    const { subscription, path } = open();
    subscription.answer({ type: 'reset' }, { type: 'reset' });
    expect(await exchange(post(path))).toBe('<ECONNRESET>');
    expect(await overHttp2(path, { ttl: '1' })).toMatch(/INTERNAL_ERROR/);
  });

  test('an answer without end', async () => {
    const { subscription, path, recorder } = open();
    subscription.answer({ type: 'endless' });
    const answer = await exchange(post(path), /\.\r\n4000\r\n\./);
    expect(statusOf(answer)).toBe(201);
    expect(requestsOf(recorder)[0]?.answer).toEqual({ type: 'endless' });
  });

  test('silence, which ends when the service is closed', async () => {
    const other = await startPushService({ authority });
    const recorder = createRecorder('a/b', () => 0);
    const subscription = other.subscribe({
      name: 'juliet/phone',
      recorder,
      case: 'a/b',
      endpointUrl: (path) => `https://127.0.0.1:${other.port}${path}`,
    });
    subscription.answer({ type: 'hang' }, { type: 'endless' });
    const arrived = new Promise((resolve) => recorder.listen(resolve));
    const socket = connectTls({ port: other.port, host: '127.0.0.1', ca: authority.pem });
    const answer = exchange(post(new URL(subscription.endpoint).pathname), undefined, socket);
    await arrived;
    await other.close();
    expect(await answer).not.toContain('HTTP');
    expect(requestsOf(recorder)[0]?.answer).toEqual({ type: 'hang' });
  });
});

describe('Whatever a server does, the service lives on', () => {
  test('a body of 100 MB is refused with 413, and only its beginning is kept', async () => {
    const { recorder, path } = open();
    const socket = dial();
    const answer = exchange(
      `POST ${path} HTTP/1.1\r\nHost: x\r\nTTL: 1\r\nContent-Length: 104857600\r\n\r\n`,
      undefined,
      socket,
    );
    const piece = Buffer.alloc(1_048_576);
    for (let sent = 0; sent < 100 && !socket.destroyed; sent += 1) {
      if (!socket.write(piece)) await Promise.race([new Promise((go) => socket.once('drain', go)), answer]);
    }
    expect(statusOf(await answer)).toBe(413);
    const [entry] = requestsOf(recorder);
    expect(entry?.request.complete).toBe(false);
    expect(Buffer.from(entry?.request.body ?? '', 'base64url')).toHaveLength(65_536);
    expect(entry?.answer).toEqual({ type: 'status', status: 413 });
  });

  test('the same over HTTP/2', async () => {
    const { recorder, path } = open();
    expect(await overHttp2(path, { ttl: '1' }, Buffer.alloc(1_000_000))).toBe(413);
    expect(requestsOf(recorder)[0]?.request.complete).toBe(false);
  });

  test.each([
    ['two framings', (path: string) => post(path, 'Transfer-Encoding: chunked\r\n', 'abc')],
    ['a folded field', (path: string) => post(path, 'Authorization: a\r\n b\r\n')],
    [
      'a broken chunk',
      (path: string) => `POST ${path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
    ],
  ])('broken framing is refused with 400 and recorded as incomplete: %s', async (_, octets) => {
    const { recorder, path } = open();
    expect(statusOf(await exchange(octets(path)))).toBe(400);
    expect(requestsOf(recorder)).toMatchObject([
      { request: { method: 'POST', target: path, complete: false } },
    ]);
  });

  test('a body shorter than announced is recorded as incomplete when its connection ends', async () => {
    const { recorder, path } = open();
    const arrived = new Promise((resolve) => recorder.listen(resolve));
    dial().end(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc`);
    await arrived;
    expect(requestsOf(recorder)).toMatchObject([{ request: { body: 'YWJj', complete: false } }]);
  });

  test('a body that trickles is refused with 408, a head that does not come is cut off', async () => {
    const { recorder, path } = open();
    const trickling = exchange(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\na`);
    const silent = exchange(`POST ${path} HT`);
    expect(statusOf(await trickling)).toBe(408);
    expect(requestsOf(recorder)).toMatchObject([{ request: { complete: false }, answer: { status: 408 } }]);
    await strayLike(/no request in time/);
    expect(await silent).not.toContain('HTTP');
  });

  test('garbage in place of TLS, and plain HTTP, are told apart from requests', async () => {
    await new Promise((resolve) => {
      const socket = connectTcp(service.port, '127.0.0.1', () => socket.write('POST / HTTP/1.1\r\n\r\n'));
      socket
        .on('error', () => {})
        .on('close', resolve)
        .resume();
    });
    expect((await strayLike(/TLS failed/)).request).toBeUndefined();
    expect(statusOf(await exchange('garbage\r\n\r\n'))).toBe(400);
    await strayLike(/no HTTP/);
  });

  test('a flood of requests is recorded up to a limit, with a note', async () => {
    const { recorder, path } = open();
    const pipelined = post(path)
      .repeat(22)
      .replace(/Host: localhost\r\n(?![\s\S]*Host)/, 'Host: x\r\nConnection: close\r\n');
    const answers = await exchange(pipelined, /never/);
    expect(answers.match(/HTTP\/1\.1 201/g)).toHaveLength(20);
    expect(answers.match(/HTTP\/1\.1 429/g)).toHaveLength(2);
    expect(requestsOf(recorder)).toHaveLength(20);
    expect(recorder.transcript.entries.at(-1)).toMatchObject({ kind: 'mark' });
  });
});

test('Whoever listens to the recorder finds the request in its subscription already', async () => {
  const { subscription, recorder, path } = open();
  const counts: number[] = [];
  recorder.listen(() => counts.push(subscription.requests.length));
  await exchange(post(path));
  expect(counts).toEqual([1]);
});

test('A client that asks for any host name is shown a certificate for it', async () => {
  const socket = connectTls({
    port: service.port,
    host: '127.0.0.1',
    servername: 'push.example',
    ca: authority.pem,
    ALPNProtocols: ['http/1.1'],
  });
  expect(statusOf(await exchange(post(open().path), undefined, socket))).toBe(201);
});
