import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { Ajv } from 'ajv';
import { afterAll, describe, expect, test } from 'vitest';
import webPush from 'web-push';
import type { RequestLine } from '../harness/cli/push-service-line.js';
import { readSchema } from '../harness/kit/kit.js';
import { cli, start } from './cli.fixture.js';

interface SubscriptionLine {
  readonly endpoint: string;
  readonly expirationTime: null;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

const folder = mkdtempSync(join(tmpdir(), 'push-service-'));
afterAll(() => rmSync(folder, { recursive: true }));

const validate = new Ajv({ strict: true, allowUnionTypes: true, strictRequired: false }).compile<RequestLine>(
  readSchema('push-service-request'),
);

let files = 0;

/** Starts the service; `next` gives its next line, checked against the schema. */
async function open(...options: readonly string[]) {
  const caFile = join(folder, `ca-${files++}.pem`);
  const running = start('push-service', '--ca-file', caFile, ...options);
  let line = 0;
  const read = async () => {
    const [, text = ''] = await running.printed('stdout', new RegExp(`^(?:.*\\n){${line++}}(.*)\\n`));
    return JSON.parse(text);
  };
  const subscription: SubscriptionLine = await read();
  const ca = readFileSync(caFile, 'utf8');
  const next = async (): Promise<RequestLine> => {
    const request = await read();
    expect(validate(request), JSON.stringify([request, validate.errors])).toBe(true);
    return request;
  };
  return { ...running, subscription, ca, next };
}

/** Sends octets over TLS and gives all that comes back until the service ends the connection. */
function converse(endpoint: string, ca: string, octets: string | Uint8Array): Promise<string> {
  const { port } = new URL(endpoint);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect({ port: Number(port), host: '127.0.0.1', servername: 'localhost', ca });
    socket.setEncoding('latin1').on('data', (text: string) => {
      answer += text;
      // A peer that keeps the connection has said all when the head of its answer has come.
      if (answer.includes('\r\n\r\n')) socket.destroy();
    });
    // What is still to be written may meet a closed door, once the answer is there.
    socket.on('error', (error) => answer === '' && reject(error)).on('close', () => resolve(answer));
    socket.write(octets);
  });
}

const requirements = ({ findings }: RequestLine) => findings.map(({ requirement }) => requirement);

const vapidDetails = { subject: 'mailto:operator@example.org', ...webPush.generateVAPIDKeys() };

describe('The push service for any sender', { timeout: 20_000 }, () => {
  test('opens what web-push sends, answers as told, and stops after the last request', async () => {
    const { subscription, ca, next, ended } = await open('--answer', '429', '410', '--count', '5');
    expect(Object.keys(subscription)).toEqual(['endpoint', 'expirationTime', 'keys']);
    const agent = new Agent({ ca, keepAlive: false });
    const send = (payload: string | Buffer | undefined, options: webPush.RequestOptions = {}) =>
      webPush
        .sendNotification(subscription, payload, { vapidDetails, agent, ...options })
        .then(({ statusCode }) => statusCode)
        .catch((error: webPush.WebPushError) => error.statusCode);

    expect(await send('{"title":"Grüße"}')).toBe(429);
    expect(await next()).toMatchObject({
      seq: 1,
      method: 'POST',
      status: 429,
      opened: true,
      plaintext: '{"title":"Grüße"}',
      json: { title: 'Grüße' },
      claims: { sub: 'mailto:operator@example.org', aud: new URL(subscription.endpoint).origin },
      findings: [],
    });
    expect(await send(Buffer.from([0xff, 0x00]))).toBe(410);
    const binary = await next();
    expect(binary).toMatchObject({ status: 410, opened: true, plaintextBase64url: '_wA' });
    // web-push makes a new token for every message.
    expect(requirements(binary)).toEqual(['rfc8292.token-reuse']);

    expect(await send(undefined)).toBe(201);
    expect(await next()).toMatchObject({ octets: 0, opened: false, reason: 'the request has no body' });

    const other = webPush.generateVAPIDKeys();
    await send('x', { vapidDetails: { ...vapidDetails, ...other } });
    const [finding] = (await next()).findings;
    expect(finding).toMatchObject({
      requirement: 'rfc8292.restricted-key',
      level: 'MUST',
      source: 'RFC 8292 §4.2',
      expected: `the key of the first request ${vapidDetails.publicKey}`,
    });

    await send('y', { contentEncoding: 'aesgcm' });
    const draft = await next();
    expect(draft).toMatchObject({ opened: false });
    expect(requirements(draft)).toContain('rfc8291.content-coding');

    const { code, stderr, leftovers } = await ended;
    expect({ code, leftovers }).toEqual({ code: 1, leftovers: [] });
    expect(stderr).toMatch(/5 requests, 3 opened; broken sentences:\n {2}MUST /);
  });

  test('outlives whatever is sent, and tells of it', async () => {
    const { subscription, ca, next, child, ended } = await open();
    const { host, pathname } = new URL(subscription.endpoint);
    const say = (octets: string | Uint8Array) => converse(subscription.endpoint, ca, octets);

    expect(await say(`POST ${pathname} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 0\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 400 /,
    );
    const bare = await next();
    expect(bare).toMatchObject({ status: 400, octets: 0, opened: false });
    expect(requirements(bare)).toEqual(expect.arrayContaining(['rfc8030.ttl-present']));

    const head = (length: number) =>
      `POST ${pathname} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${length}\r\n\r\n`;
    const huge = Buffer.concat([Buffer.from(head(100_000_000)), Buffer.alloc(100_000_000)]);
    expect(await say(huge)).toMatch(/^HTTP\/1\.1 413 /);
    expect(await next()).toMatchObject({ status: 413, octets: 65_536, opened: false });

    expect(
      await say(`POST ${pathname} HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`),
    ).toMatch(/^HTTP\/1\.1 400 /);
    const broken = await next();
    expect(broken).toMatchObject({ status: 400, opened: false });
    expect(requirements(broken)).toContain('rfc8030.whole-request');

    expect(await say(`GET /elsewhere HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 404 /);
    expect(await next()).toMatchObject({ method: 'GET', target: '/elsewhere', status: 404, opened: false });

    await say('no HTTP at all\r\n\r\n');
    await say(`POST ${pathname} HTTP/1.1\r\nHost: ${host}\r\nTTL: 1\r\nContent-Length: 0\r\n\r\n`);
    expect(await next()).toMatchObject({ seq: 5, status: 201 });

    child.kill('SIGINT');
    const { code, leftovers, peak, stderr } = await ended;
    expect({ code, leftovers }).toEqual({ code: 1, leftovers: [] });
    expect(stderr).toContain('5 requests, 0 opened');
    expect(stderr).toContain('no HTTP');
    expect(peak).toBeLessThan(200);
    await expect(say('')).rejects.toThrow('ECONNREFUSED');
  });

  test('ends with success at Ctrl-C when every MUST was kept, and removes the authority it wrote for itself', async () => {
    const { child, printed, ended } = start('push-service');
    const [, file = ''] = await printed('stderr', /NODE_EXTRA_CA_CERTS=(\S+)/);
    expect(existsSync(file)).toBe(true);
    child.kill('SIGINT');
    const { code, stderr, leftovers } = await ended;
    expect({ code, leftovers }).toEqual({ code: 0, leftovers: [] });
    expect(stderr).toContain('0 requests, 0 opened; no sentence was broken');
    expect(existsSync(file)).toBe(false);
  });

  test('holds the sender to the key it is given', async () => {
    const other = webPush.generateVAPIDKeys();
    const { subscription, ca, next, ended } = await open('--key', other.publicKey, '--count', '1');
    const agent = new Agent({ ca });
    await webPush.sendNotification(subscription, 'x', { vapidDetails, agent });
    expect((await next()).findings).toMatchObject([
      { requirement: 'rfc8292.restricted-key', expected: `the advertised key ${other.publicKey}` },
    ]);
    expect((await ended).code).toBe(1);
  });

  test('says in one line that its port is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const { code, stdout, stderr, leftovers } = await cli('push-service', '--port', String(port));
    await new Promise((resolve) => server.close(resolve));
    expect({ code, stdout, leftovers }).toEqual({ code: 2, stdout: '', leftovers: [] });
    expect(stderr).toBe(
      `webpush-conformance: the push service cannot listen on 127.0.0.1 port ${port}: another process listens there; choose another port\n`,
    );
  });
});
