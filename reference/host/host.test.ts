import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import xml, { type Element } from '@xmpp/xml';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createClock } from '../clock/clock.js';
import { generateKey } from '../vapid/key.js';
import { createBrowser, type TestBrowser } from './browser.fixture.js';
import { createPushHost, type PushHostOptions } from './host.js';
import { startPushService, type TestPushService } from './push-service.fixture.js';

const ROMEO = 'romeo@montague.example';
const WEBPUSH = 'urn:xmpp:webpush:0';

let browser: TestBrowser;
let service: TestPushService;
beforeAll(async () => {
  browser = await createBrowser();
});
beforeEach(async () => {
  service = await startPushService();
});

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await service.close();
});

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'push-host-'));
  folders.push(folder);
  return folder;
}

function createHost(options: Partial<PushHostOptions> = {}, push: Partial<PushHostOptions['push']> = {}) {
  const clock = createClock();
  const replies: Element[] = [];
  const problems: Error[] = [];
  const host = createPushHost({
    domain: 'montague.example',
    clock,
    push: {
      enabled: true,
      maxDevices: 5,
      importantBody: 'New Message!',
      batchWindow: 1000,
      subject: 'mailto:operator@montague.example',
      allowedHosts: [service.host],
      ca: service.ca,
      lookup: service.lookup,
      requestTimeout: 10_000,
      ...push,
    },
    reply: (_session, stanza) => replies.push(stanza),
    onProblem: (problem) => problems.push(problem),
    ...options,
  });
  cleanups.push(() => host.close());
  let sent = 0;
  return {
    ...host,
    clock,
    replies,
    problems,
    enable(path = '/p/1') {
      const stanza = xml(
        'iq',
        { type: 'set', id: 'e' },
        xml(
          'enable',
          { xmlns: WEBPUSH },
          xml('endpoint', {}, `https://${service.host}:${service.port}${path}`),
          xml('auth', {}, browser.auth),
          xml('p256dh', {}, browser.p256dh),
        ),
      );
      host.handle({ type: 'iq', session: 's', account: ROMEO, stanza });
      return replies.at(-1)?.attrs.type;
    },
    disable() {
      const stanza = xml('iq', { type: 'set', id: 'x' }, xml('disable', { xmlns: WEBPUSH, all: 'true' }));
      host.handle({ type: 'iq', session: 's', account: ROMEO, stanza });
      return replies.at(-1)?.attrs.type;
    },
    endSession: () => host.handle({ type: 'session-ended', session: 's' }),
    /** Stores a message offline and lets the batch window pass. */
    message() {
      const stanza = xml(
        'message',
        { from: 'juliet@capulet.example/balcony', to: ROMEO, type: 'chat' },
        xml('body', {}, 'Wherefore art thou?'),
      );
      host.handle({ type: 'stored-offline', account: ROMEO, message: { id: `m${++sent}`, stanza } });
      clock.advance(1000);
    },
    key: () =>
      host
        .disco()
        ?.form.getChildren('field')
        .find((field) => field.attrs.var === 'webpush#public-key')
        ?.getChildText('value'),
  };
}

/** The key with which the request was signed, as it says. */
function keyOf(headers: NodeJS.Dict<string | string[]>): string | undefined {
  return /\bk=([\w-]+)/.exec(String(headers.authorization))?.[1];
}

test('a message stored offline becomes one POST, signed with the advertised key, that the browser opens', async () => {
  const host = createHost();
  expect(host.enable()).toBe('result');
  host.endSession();
  host.message();
  await service.arrived(1);
  await host.close();
  expect(service.received).toHaveLength(1);
  const [push] = service.received;
  expect(push?.path).toBe('/p/1');
  expect(push?.headers).toMatchObject({ 'content-encoding': 'aes128gcm', ttl: '172800' });
  expect(keyOf(push?.headers ?? {})).toBe(host.key());
  expect(await browser.open(push?.body ?? new Uint8Array())).toMatchObject({
    v: 1,
    account: ROMEO,
    kind: 'message',
    from: 'juliet@capulet.example',
    body: 'New Message!',
  });
  expect(host.problems).toEqual([]);
});

test('410 removes the registration for good', async () => {
  const dataDirectory = createFolder();
  service.status = 410;
  const before = createHost({ dataDirectory });
  before.enable('/p/gone');
  before.endSession();
  before.message();
  await service.arrived(1);
  await before.close();

  const after = createHost({ dataDirectory });
  after.enable('/p/there');
  after.endSession();
  after.message();
  await service.arrived(2);
  await after.close();
  expect(service.received.map((push) => push.path)).toEqual(['/p/gone', '/p/there']);
});

test('a resume or a disable drops the push that waits for its batch window', async () => {
  const host = createHost();
  const stanza = xml('message', { from: 'a@b.example/c', type: 'chat' }, xml('body', {}, 'Hi'));
  host.enable();
  host.handle({ type: 'hibernation-started', session: 's', unacked: [{ id: 'resumed', stanza }] });
  host.handle({ type: 'resumed', session: 's' });
  host.clock.advance(1000);
  host.handle({ type: 'hibernation-started', session: 's', unacked: [{ id: 'disabled', stanza }] });
  host.disable();
  host.clock.advance(1000);
  host.enable('/p/2');
  host.endSession();
  host.message();
  await service.arrived(1);
  await host.close();
  expect(service.received.map((push) => push.path)).toEqual(['/p/2']);
});

test('an endpoint whose name leads to a private address gets no request', async () => {
  const host = createHost({}, { allowedHosts: [] });
  expect(host.enable()).toBe('result');
  host.endSession();
  host.message();
  await host.close();
  expect(service.received).toEqual([]);
});

test('disco shows feature and form, and nothing when push is off', () => {
  const host = createHost();
  expect(host.disco()?.features).toEqual([WEBPUSH]);
  expect(Buffer.from(host.key() ?? '', 'base64url')).toHaveLength(65);
  const off = createHost({}, { enabled: false });
  expect(off.disco()).toBeUndefined();
  expect(off.enable()).toBe('error');
  expect(off.disable()).toBe('result');
});

test('after a restart key and registrations are there again, for their owner only', async () => {
  const dataDirectory = createFolder();
  const before = createHost({ dataDirectory });
  before.enable();
  const key = before.key();
  await before.close();

  const after = createHost({ dataDirectory });
  expect(after.key()).toBe(key);
  after.message();
  await service.arrived(1);
  expect(keyOf(service.received[0]?.headers ?? {})).toBe(key);
  expect(statSync(join(dataDirectory, 'push-montague.example')).mode & 0o077).toBe(0);
});

test('each domain in a data directory has its own key', () => {
  const dataDirectory = createFolder();
  const hosts = ['montague.example', 'capulet.example'].map((domain) =>
    createHost({ dataDirectory, domain }),
  );
  expect(new Set(hosts.map((host) => host.key())).size).toBe(2);
});

test('after a change of key a registration is pushed with the key it was made with', async () => {
  const host = createHost();
  host.enable();
  host.endSession();
  const old = host.key();
  host.rotateKey();
  expect(host.key()).not.toBe(old);
  host.message();
  await service.arrived(1);
  expect(keyOf(service.received[0]?.headers ?? {})).toBe(old);
});

test('a reply that cannot be delivered and a key that is lost are problems, told without secrets, and the host goes on', async () => {
  const dataDirectory = createFolder();
  const before = createHost({ dataDirectory });
  before.enable('/p/secret');
  await before.close();
  const file = join(dataDirectory, 'push-montague.example', 'application-server-keys.json');
  const { kty, crv, x, y, d } = generateKey().privateKey.export({ format: 'jwk' });
  writeFileSync(file, JSON.stringify({ keys: [{ kty, crv, x, y, d }] }));

  const host = createHost({
    dataDirectory,
    reply: () => {
      throw new Error('the session is gone');
    },
  });
  host.message();
  expect(host.problems).toMatchObject([{ code: 'unknown-application-server-key' }]);
  host.enable('/p/secret');
  expect(host.problems.at(-1)?.message).toBe('the session is gone');
  const told = host.problems.map(String).join();
  for (const secret of [
    '/p/secret',
    browser.auth,
    browser.p256dh,
    JSON.parse(readFileSync(file, 'utf8')).keys[0].d,
  ])
    expect(told).not.toContain(secret);
  host.endSession();
  host.message();
  await service.arrived(1);
});

test('a closed host takes no events and may be closed again', async () => {
  const host = createHost();
  host.enable();
  await host.close();
  expect(host.enable()).toBe('result');
  expect(host.replies).toHaveLength(1);
  await host.close();
  expect(host.problems).toEqual([]);
});
