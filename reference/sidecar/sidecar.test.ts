import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createClock } from '../clock/clock.js';
import { createBrowser, type TestBrowser } from '../host/browser.fixture.js';
import { startPushService, type TestPushService } from '../host/push-service.fixture.js';
import { BODY_OCTETS } from './door.js';
import { chat, createScriptedServer } from './server.fixture.js';
import { type SidecarOptions, startSidecar } from './sidecar.js';

const ROMEO = 'romeo@montague.example';
const DOMAIN = 'montague.example';
const SECRET = 'with-love-s-light-wings';

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
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sidecar-'));
  folders.push(folder);
  return folder;
}

/** A sidecar whose batch window passes when the test says so, and the XMPP server beside it. */
async function createPair(options: Partial<SidecarOptions> = {}) {
  const clock = createClock();
  const problems: string[] = [];
  const sidecar = await startSidecar({
    domains: [DOMAIN, 'capulet.example'],
    secret: SECRET,
    listen: { host: '127.0.0.1', port: 0 },
    clock,
    push: { allowedHosts: [service.host], ca: service.ca, lookup: service.lookup },
    onProblem: ({ message }, domain) => problems.push(`${domain ?? ''}: ${message}`),
    ...options,
  });
  cleanups.push(() => sidecar.close());
  const server = createScriptedServer(sidecar.port, SECRET, DOMAIN);
  return {
    sidecar,
    problems,
    ...server,
    passWindow: () => clock.advance(1000),
    endpoint: (name: string) => `https://${service.host}:${service.port}/${name}`,
    enable: (session: string, name = 'phone', account = ROMEO) => {
      const subscription =
        `<endpoint>https://${service.host}:${service.port}/${name}</endpoint>` +
        `<auth>${browser.auth}</auth><p256dh>${browser.p256dh}</p256dh>`;
      const stanza =
        `<iq xmlns='jabber:client' type='set' id='e1' from='${account}/web'>` +
        `<enable xmlns='urn:xmpp:webpush:0'>${subscription}</enable></iq>`;
      return server.tell({ type: 'iq', session, account, stanza });
    },
  };
}

const paths = () => service.received.map(({ path }) => path);

const schema = new Ajv({ discriminator: true }).addSchema(
  JSON.parse(readFileSync(new URL('../../schemas/sidecar.schema.json', import.meta.url), 'utf8')),
  'sidecar',
);

function expectIs(definition: string, value: unknown) {
  expect(schema.validate(`sidecar#/definitions/${definition}`, value), JSON.stringify(schema.errors)).toBe(
    true,
  );
}

describe('The door', () => {
  test.each([
    ['without a secret', ''],
    ['with another one', 'Bearer with-love-s-heavy-wings'],
    ['with the right one and another scheme', `Basic ${SECRET}`],
  ])('lets nobody in %s', async (_, authorization) => {
    const { post, problems, tell, open } = await createPair();
    await open();
    const refused = await post('/open', { domain: DOMAIN, sessions: [] }, { authorization });
    expect(refused).toMatchObject({ status: 401, body: { error: 'unauthorized' } });
    expectIs('refusal', refused.body);
    expect(problems.join()).not.toContain('wings');
    // The link that was open still is.
    await tell();
  });

  test.each([
    ['another path', '/', 'POST'],
    ['another method', '/open', 'PUT'],
  ])('names what there is for %s', async (_, path, method) => {
    const { post } = await createPair();
    expect(await post(path, {}, { method })).toMatchObject({
      status: 404,
      body: { message: 'POST to /open or /events' },
    });
  });

  const session = { session: 's', account: ROMEO, hibernated: false };
  const open = (sessions: unknown) => ['/open', { domain: DOMAIN, sessions }] as const;
  const events = (...told: unknown[]) => ['/events', { link: 'l', batch: 1, events: told }] as const;

  test.each([
    ['is not JSON', '/open', '{"domain": ', 'the body is not JSON'],
    ['is no object', '/open', '[]', 'the body must be object'],
    ['lacks a member', '/open', { domain: DOMAIN }, "the body must have required property 'sessions'"],
    ['has one too many', ...open([{ ...session, jid: ROMEO }]), '/sessions/0 has an unknown member "jid"'],
    [
      'has a value of another kind',
      ...open([{ ...session, hibernated: 1 }]),
      '/sessions/0/hibernated must be boolean',
    ],
    [
      'has no bare JID',
      ...open([{ ...session, account: `${ROMEO}/web` }]),
      '/sessions/0/account must match pattern "^[^@/]+@[^@/]+$"',
    ],
    [
      'has an account of another domain',
      ...open([session, { ...session, account: 'juliet@capulet.example' }]),
      '/sessions/1/account is on another domain than montague.example',
    ],
    [
      'has an event that is none',
      ...events({ type: 'session-ended', session: 's' }, { type: 'session-lost' }),
      '/events/1 value of tag "type" must be in oneOf',
    ],
    [
      'has an event without type',
      ...events({ session: 's' }),
      "/events/0 must have required property 'type'",
    ],
    [
      'has an event that lacks a member',
      ...events({ type: 'iq', session: 's', account: ROMEO }),
      "/events/0 must have required property 'stanza'",
    ],
    [
      'has a batch that is no number',
      '/events',
      { link: 'l', batch: '1', events: [] },
      '/batch must be integer',
    ],
  ] as const)('refuses a body that %s, and names the place', async (_, path, body, message) => {
    const { post } = await createPair();
    const refused = await post(path, body);
    expect(refused).toEqual({ status: 400, body: { error: 'bad-request', message } });
  });

  test('refuses a domain that is not its own, and names those that are', async () => {
    const { post } = await createPair();
    expect(await post('/open', { domain: 'verona.example', sessions: [] })).toEqual({
      status: 404,
      body: {
        error: 'unknown-domain',
        message: 'verona.example is not among the domains of this sidecar: montague.example, capulet.example',
      },
    });
  });

  test('refuses an event on an account of another domain, and handles none of its batch', async () => {
    const { post, open, enable, tell, passWindow } = await createPair();
    const { link } = await open();
    await enable('s');
    const stranger = { type: 'stored-offline', account: 'juliet@capulet.example', message: chat('m') };
    const batch = { link, batch: 2, events: [{ type: 'account-deleted', account: ROMEO }, stranger] };
    expect(await post('/events', batch)).toMatchObject({
      status: 400,
      body: { message: '/events/1/account is on another domain than montague.example' },
    });
    await tell(
      { type: 'session-ended', session: 's' },
      { type: 'stored-offline', account: ROMEO, message: chat('1') },
    );
    passWindow();
    await service.arrived(1);
  });

  test.each([
    ['by its length', { 'content-length': BODY_OCTETS + 1 }, 0],
    ['by its octets', {}, BODY_OCTETS + 1],
  ])('refuses a body that is too long %s, without keeping it', async (_, headers, octets) => {
    const { sidecar, open } = await createPair();
    const sent = request({
      port: sidecar.port,
      path: '/open',
      method: 'POST',
      headers: { authorization: `Bearer ${SECRET}`, ...headers },
    });
    const status = new Promise((resolve) => {
      sent.on('response', ({ statusCode }) => resolve(statusCode)).on('error', () => {});
    });
    sent.flushHeaders();
    if (octets > 0) sent.write(Buffer.alloc(octets, ' '));
    expect(await status).toBe(413);
    sent.destroy();
    await open();
  });
});

test('A request that never ends does not keep the door open', async () => {
  const { sidecar } = await createPair();
  const headers = { authorization: `Bearer ${SECRET}` };
  const sent = request({ port: sidecar.port, path: '/open', method: 'POST', headers });
  const cut = new Promise((resolve) => sent.on('error', resolve));
  sent.write('{');
  await new Promise((resolve) => sent.on('socket', (socket) => socket.on('connect', resolve)));
  await sidecar.close();
  await cut;
});

describe('What an XMPP server tells', () => {
  test('becomes answers to clients and pushes, in the form of the schema', async () => {
    const { open, enable, tell, passWindow, endpoint, problems } = await createPair();
    const opened = await open();
    expectIs('opened', opened);
    expect(opened.disco?.features).toEqual(['urn:xmpp:webpush:0']);
    const enabled = await enable('s');
    expectIs('answer', enabled);
    expect(enabled.replies).toEqual([
      {
        session: 's',
        endpoint: endpoint('phone'),
        stanza: `<iq type="result" xmlns="jabber:client" id="e1" to="${ROMEO}/web"/>`,
      },
    ]);
    await tell(
      { type: 'session-ended', session: 's' },
      { type: 'stored-offline', account: ROMEO, message: chat('1') },
    );
    passWindow();
    await service.arrived(1);
    expect(await browser.open(service.received[0]?.body ?? new Uint8Array())).toMatchObject({
      account: ROMEO,
      from: 'juliet@capulet.example',
    });
    expect(problems).toEqual([]);
  });

  test('is handled once, however often it comes, and answered alike', async () => {
    const { open, tell, tellAgain, enable, passWindow, sidecar } = await createPair();
    await open();
    const enabled = await enable('s');
    expect(await tellAgain()).toEqual(enabled);
    await tell({ type: 'session-ended', session: 's' });
    // The ids differ: were it handled again, it would be another message.
    await tell({ type: 'stored-offline', account: ROMEO, message: chat('1') });
    await tellAgain({ type: 'stored-offline', account: ROMEO, message: chat('2') });
    passWindow();
    await sidecar.close();
    expect(paths()).toEqual(['/phone']);
  });

  test.each([
    ['of a link that is not open', { name: 'another' }, 'unknown-link'],
    ['that leaves one out', { number: 2 }, 'out-of-order'],
  ])(
    'is refused when it comes in a batch %s',
    async (_, { name, number = 1 }: { name?: string; number?: number }, error) => {
      const { open, post } = await createPair();
      const { link } = await open();
      const refused = await post('/events', { link: name ?? link, batch: number, events: [] });
      expect(refused).toMatchObject({ status: 409, body: { error } });
      expectIs('refusal', refused.body);
    },
  );

  test('by a link that was followed by another is refused', async () => {
    const { open, post } = await createPair();
    const { link } = await open();
    await open();
    expect(await post('/events', { link, batch: 1, events: [] })).toMatchObject({ status: 409 });
  });

  test('may be unreadable, which is a problem, and the rest is handled', async () => {
    const { open, enable, tell, passWindow, problems } = await createPair();
    await open();
    await enable('s');
    const unreadable = { id: '1', stanza: '<message xmlns="jabber:client"><body>Farewell</message>' };
    await tell(
      { type: 'session-ended', session: 's' },
      { type: 'stored-offline', account: ROMEO, message: unreadable },
      { type: 'stored-offline', account: ROMEO, message: chat('2') },
    );
    passWindow();
    await service.arrived(1);
    expect(problems).toEqual([
      'montague.example: an event of type stored-offline cannot be read: unexpected close tag.',
    ]);
  });

  test('of one domain changes nothing on another', async () => {
    const { open, enable, tell, passWindow, sidecar } = await createPair();
    await open();
    await enable('s');
    const other = createScriptedServer(sidecar.port, SECRET, 'capulet.example');
    await other.open();
    await other.tell({ type: 'session-ended', session: 's' });
    await tell({ type: 'archived', account: ROMEO, direction: 'incoming', message: chat('live') });
    await tell(
      { type: 'session-ended', session: 's' },
      { type: 'stored-offline', account: ROMEO, message: chat('1') },
    );
    passWindow();
    await sidecar.close();
    expect(service.received).toHaveLength(1);
  });
});

describe('A sidecar that was started again', () => {
  /** A registration is there, from a sidecar that is gone. */
  async function startAgain() {
    const dataDirectory = createFolder();
    const before = await createPair({ dataDirectory });
    const { disco } = await before.open();
    await before.enable('s');
    await before.sidecar.close();
    return { ...(await createPair({ dataDirectory })), discoBefore: disco };
  }

  test('has the keys and registrations of before', async () => {
    const { open, tell, passWindow, discoBefore } = await startAgain();
    expect((await open()).disco).toEqual(discoBefore);
    await tell({ type: 'stored-offline', account: ROMEO, message: chat('1') });
    passWindow();
    await service.arrived(1);
  });

  test('takes a session that is announced with its endpoint for bound to it', async () => {
    const { open, tell, passWindow, endpoint, sidecar } = await startAgain();
    await open([{ session: 's', account: ROMEO, hibernated: false, endpoint: endpoint('phone') }]);
    await tell({ type: 'archived', account: ROMEO, direction: 'incoming', message: chat('1') });
    passWindow();
    await sidecar.close();
    expect(paths()).toEqual([]);
  });

  test('takes one that is announced without for unbound', async () => {
    const { open, tell, passWindow } = await startAgain();
    await open([{ session: 's', account: ROMEO, hibernated: false }]);
    await tell({ type: 'archived', account: ROMEO, direction: 'incoming', message: chat('1') });
    passWindow();
    await service.arrived(1);
  });

  test('does not bind a session to a registration that is gone', async () => {
    const { open, tell, enable, passWindow, endpoint } = await startAgain();
    await open([{ session: 's', account: ROMEO, hibernated: false, endpoint: endpoint('lost') }]);
    const { replies } = await tell({
      type: 'iq',
      session: 's',
      account: ROMEO,
      stanza: `<iq xmlns='jabber:client' type='set' id='d'><disable xmlns='urn:xmpp:webpush:0'/></iq>`,
    });
    expect(replies[0]?.endpoint).toBeUndefined();
    await enable('t', 'lost');
    await tell(
      { type: 'session-ended', session: 't' },
      { type: 'stored-offline', account: ROMEO, message: chat('1') },
    );
    passWindow();
    await service.arrived(2);
    expect(paths().toSorted()).toEqual(['/lost', '/phone']);
  });

  test('pushes what is queued for a session that hibernated meanwhile, unless it is resumed first', async () => {
    const { open, tell, passWindow, endpoint, sidecar } = await startAgain();
    await open([{ session: 's', account: ROMEO, hibernated: true, endpoint: endpoint('phone') }]);
    await tell({ type: 'hibernation-queued', session: 's', message: chat('1') });
    passWindow();
    await service.arrived(1);
    await tell(
      { type: 'hibernation-queued', session: 's', message: chat('2') },
      { type: 'resumed', session: 's' },
    );
    passWindow();
    await sidecar.close();
    expect(paths()).toEqual(['/phone']);
  });
});

describe('A new link', () => {
  test('ends the sessions that it does not name', async () => {
    const { open, enable, tell, passWindow } = await createPair();
    await open();
    await enable('s');
    await open();
    await tell({ type: 'archived', account: ROMEO, direction: 'incoming', message: chat('1') });
    passWindow();
    await service.arrived(1);
  });

  test('leaves those that it names as they are', async () => {
    const { open, enable, tell, passWindow, endpoint, sidecar } = await createPair();
    const state = { session: 's', account: ROMEO, endpoint: endpoint('phone') };
    await open();
    await enable('s');
    await tell({ type: 'hibernation-started', session: 's', unacked: [chat('1')] });
    await open([{ ...state, hibernated: true }]);
    // The resumption delivers what was pushed for before the new link.
    await open([{ ...state, hibernated: false }]);
    await tell({ type: 'archived', account: ROMEO, direction: 'incoming', message: chat('2') });
    passWindow();
    await sidecar.close();
    expect(paths()).toEqual([]);
  });
});

describe('A sidecar does not start', () => {
  const inFile = () => {
    const file = join(createFolder(), 'file');
    writeFileSync(file, '');
    return { dataDirectory: join(file, 'data') };
  };
  test.each([
    [
      'on an address that others reach',
      () => ({ listen: { host: '0.0.0.0', port: 0 } }),
      '0.0.0.0 is no loopback address',
    ],
    ['on a name', () => ({ listen: { host: 'localhost', port: 0 } }), 'localhost is no loopback address'],
    [
      'with a secret that can be guessed',
      () => ({ secret: 'fifteen letters' }),
      'the secret has fewer than 16 characters',
    ],
    ['for an address', () => ({ domains: [ROMEO] }), '"romeo@montague.example" is no domain'],
    [
      'for a domain twice',
      () => ({ domains: [DOMAIN, DOMAIN] }),
      'the domain montague.example is named twice',
    ],
    ['where it cannot write', inFile, 'cannot read the application server keys in'],
    ['with a subject that is no URI', () => ({ push: { subject: 'operator' } }), 'operator'],
  ])('%s', async (_, options, message) => {
    await expect(createPair(options())).rejects.toThrow(message);
  });

  test('on a port that is taken, and lets go of its data', async () => {
    const { sidecar } = await createPair();
    const dataDirectory = createFolder();
    const listen = { host: '127.0.0.1', port: sidecar.port };
    await expect(createPair({ dataDirectory, listen })).rejects.toThrow(
      `cannot listen on 127.0.0.1:${sidecar.port}: something else listens there`,
    );
    await createPair({ dataDirectory });
  });
});

test('A new key is shown with the next answer, of its domain alone', async () => {
  const { open, tell, sidecar } = await createPair();
  const { disco } = await open();
  const other = createScriptedServer(sidecar.port, SECRET, 'capulet.example');
  const untouched = await other.open();
  sidecar.rotateKey(DOMAIN);
  expect((await tell()).disco).not.toEqual(disco);
  expect((await other.tell()).disco).toEqual(untouched.disco);
});

test('A sidecar that ends sends what is in flight first', async () => {
  const { open, enable, tell, passWindow, sidecar } = await createPair();
  await open();
  await enable('s');
  await tell(
    { type: 'session-ended', session: 's' },
    { type: 'stored-offline', account: ROMEO, message: chat('1') },
  );
  passWindow();
  await sidecar.close();
  expect(service.received).toHaveLength(1);
});
