import { type EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { client as createClient } from '@xmpp/client';
import xml, { type Element } from '@xmpp/xml';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createBrowser } from '../host/browser.fixture.js';
import { startPushService } from '../host/push-service.fixture.js';
import type { ServerOptions } from './options.js';
import { createServer, type XmppServer } from './server.js';
import { certificate } from './stream/stream.fixture.js';

const A = 'a.example';
const B = 'b.example';
const cleanUp: (() => Promise<void> | void)[] = [];

// The library has no option for a certificate authority; the certificate is verified all the same.
const connectTls = tls.connect;
beforeAll(() => {
  vi.spyOn(tls, 'connect').mockImplementation(((options: tls.ConnectionOptions) =>
    connectTls(
      options.ca ? options : { ...options, ca: certificate.cert, servername: A },
    )) as typeof tls.connect);
});
afterAll(() => {
  vi.restoreAllMocks();
});
afterEach(async () => {
  for (const task of cleanUp.splice(0).reverse()) await task();
});

async function start(options: Partial<ServerOptions> = {}): Promise<XmppServer> {
  const server = await createServer({
    domains: [A, B],
    tls: certificate,
    listen: { directTls: 0 },
    ...options,
  });
  cleanUp.push(() => server.close());
  for (const [domain, localpart] of [
    [A, 'romeo'],
    [A, 'juliet'],
    [B, 'romeo'],
  ] as const)
    await server.createAccount(domain, localpart, 'secret').catch((error: { code?: string }) => {
      if (error.code !== 'exists') throw error;
    });
  return server;
}

/** An unmodified client, and what it received. */
async function logIn(server: XmppServer, address: string, resource: string) {
  const [username = '', domain = ''] = address.split('@');
  const entity = createClient({
    service: `xmpp://127.0.0.1:${server.ports.tcp}`,
    domain,
    // The library's SCRAM costs it a quarter of a second; the streams' own tests have it.
    credentials: (authenticate) => authenticate({ username, password: 'secret' }, 'PLAIN', xml('user-agent')),
    resource,
  });
  const stanzas: Element[] = [];
  const waiting = new Set<() => void>();
  const changed = () => {
    for (const check of waiting) check();
  };
  entity.on('error', () => {});
  entity.on('stanza', (stanza: Element) => {
    stanzas.push(stanza);
    changed();
  });
  const session = {
    entity,
    stanzas,
    /** Resolves with the first stanza that matches, received already or not; it is taken away. */
    next: (matches: (stanza: Element) => boolean) =>
      new Promise<Element>((resolve) => {
        const check = () => {
          const found = stanzas.find(matches);
          if (!found) return;
          waiting.delete(check);
          stanzas.splice(stanzas.indexOf(found), 1);
          resolve(found);
        };
        waiting.add(check);
        check();
      }),
    message: (body: string) => session.next((stanza) => stanza.getChildText('body') === body),
    /** Everything sent before was handled by the server when this resolves. */
    fence: () => entity.iqCaller.get(xml('ping', 'urn:xmpp:ping')),
    say: (to: string, body: string, type = 'chat') =>
      entity.send(xml('message', { to, type, id: `m-${body}` }, xml('body', {}, body))),
    stop: async () => {
      entity.reconnect.stop();
      await entity.stop();
    },
  };
  cleanUp.push(() => session.stop().catch(() => {}));
  await entity.start();
  await entity.send(xml('presence'));
  await session.fence();
  return session;
}

describe('a server that stock clients use', () => {
  test('two clients chat, on one virtual host and across', async () => {
    const server = await start();
    const romeo = await logIn(server, `romeo@${A}`, 'home');
    const juliet = await logIn(server, `juliet@${A}`, 'balcony');
    const other = await logIn(server, `romeo@${B}`, 'home');
    await romeo.say(`juliet@${A}`, 'to-juliet');
    expect((await juliet.message('to-juliet')).attrs.from).toBe(`romeo@${A}/home`);
    await juliet.say(`romeo@${B}`, 'to-other');
    expect((await other.message('to-other')).attrs.to).toBe(`romeo@${B}`);
    await romeo.fence();
    expect(romeo.stanzas.filter((stanza) => stanza.is('message'))).toEqual([]);
  });

  test('an account sees the push feature and key of its own host', async () => {
    const server = await start();
    const keys = await Promise.all(
      [A, B].map(async (domain) => {
        const romeo = await logIn(server, `romeo@${domain}`, 'home');
        const info = await romeo.entity.iqCaller.get(xml('query', 'http://jabber.org/protocol/disco#info'));
        expect(info.getChildByAttr('var', 'urn:xmpp:webpush:0')).toBeDefined();
        return info
          .getChild('x', 'jabber:x:data')
          ?.getChildByAttr('var', 'webpush#public-key')
          ?.getChildText('value');
      }),
    );
    expect(keys).toEqual([server.applicationServerKey(A), server.applicationServerKey(B)]);
    expect(new Set(keys).size).toBe(2);
  });

  test('a client that resumes gets what was sent while its connection was lost', async () => {
    const server = await start();
    const romeo = await logIn(server, `romeo@${A}`, 'home');
    const juliet = await logIn(server, `juliet@${A}`, 'balcony');
    // The library's types leave out that it emits.
    const management = juliet.entity.streamManagement as unknown as EventEmitter;
    const resumed = once(management, 'resumed');
    juliet.entity.reconnect.delay = 0;
    (juliet.entity as unknown as { socket: { socket: { destroy(): void } } }).socket.socket.destroy();
    await romeo.say(`juliet@${A}`, 'meanwhile');
    await romeo.fence();
    await resumed;
    expect(await juliet.message('meanwhile')).toBeDefined();
    await juliet.fence();
    expect(juliet.stanzas.filter((stanza) => stanza.is('message'))).toEqual([]);
  });

  test('messages for nobody wait for the next login', async () => {
    const server = await start();
    const romeo = await logIn(server, `romeo@${A}`, 'home');
    await romeo.say(`juliet@${A}`, 'later');
    await romeo.fence();
    const juliet = await logIn(server, `juliet@${A}`, 'balcony');
    expect((await juliet.message('later')).getChild('delay', 'urn:xmpp:delay')).toBeDefined();
  });

  test('carbons, archive, inactive clients and block lists work together', async () => {
    const server = await start();
    const romeo = await logIn(server, `romeo@${A}`, 'home');
    const desk = await logIn(server, `juliet@${A}`, 'desk');
    const phone = await logIn(server, `juliet@${A}`, 'phone');
    await phone.entity.iqCaller.set(xml('enable', 'urn:xmpp:carbons:2'));
    await romeo.say(`juliet@${A}/desk`, 'copied');
    const carbon = await phone.next((stanza) => stanza.getChild('received') !== undefined);
    expect(carbon.attrs.from).toBe(`juliet@${A}`);

    const answer = await desk.entity.iqCaller.request(
      xml('iq', { type: 'set' }, xml('query', { xmlns: 'urn:xmpp:mam:2', queryid: 'q' })),
    );
    expect(answer.getChild('fin')?.attrs.complete).toBe('true');
    const result = await desk.next((stanza) => stanza.getChild('result') !== undefined);
    expect(result.getChild('result')?.getChild('forwarded')?.getChild('message')?.getChildText('body')).toBe(
      'copied',
    );

    await desk.entity.send(xml('inactive', 'urn:xmpp:csi:0'));
    await desk.fence();
    await romeo.entity.send(
      xml(
        'message',
        { to: `juliet@${A}/desk`, type: 'chat' },
        xml('composing', 'http://jabber.org/protocol/chatstates'),
      ),
    );
    await romeo.fence();
    const composing = (stanza: Element) => stanza.getChild('composing') !== undefined;
    expect(desk.stanzas.some(composing)).toBe(false);
    await desk.entity.send(xml('active', 'urn:xmpp:csi:0'));
    await desk.next(composing);

    await desk.entity.iqCaller.set(xml('block', 'urn:xmpp:blocking', xml('item', { jid: `romeo@${A}` })));
    await romeo.say(`juliet@${A}`, 'blocked');
    const refusal = await romeo.next((stanza) => stanza.attrs.type === 'error');
    expect(refusal.getChild('error')?.getChild('service-unavailable')).toBeDefined();
  });

  test('clients of two hosts meet in a room', async () => {
    const server = await start();
    const room = `garden@${server.roomsDomain}`;
    const romeo = await logIn(server, `romeo@${B}`, 'home');
    const juliet = await logIn(server, `juliet@${A}`, 'balcony');
    for (const [who, nick] of [
      [romeo, 'Romeo'],
      [juliet, 'Juliet'],
    ] as const) {
      await who.entity.send(
        xml('presence', { to: `${room}/${nick}` }, xml('x', 'http://jabber.org/protocol/muc')),
      );
      await who.next((stanza) => stanza.attrs.from === `${room}/${nick}`);
    }
    await romeo.say(room, 'good-night', 'groupchat');
    expect((await juliet.message('good-night')).attrs.from).toBe(`${room}/Romeo`);
    expect((await romeo.message('good-night')).attrs.from).toBe(`${room}/Romeo`);
  });

  test('a deleted account is logged out and cannot come back', async () => {
    const server = await start();
    const juliet = await logIn(server, `juliet@${A}`, 'balcony');
    const gone = new Promise((resolve) => juliet.entity.on('disconnect', resolve));
    juliet.entity.reconnect.stop();
    expect(server.deleteAccount(A, 'juliet')).toBe(true);
    await gone;
    await expect(logIn(server, `juliet@${A}`, 'again')).rejects.toThrow(/not-authorized/);
  });
});

test('a message for a client that is away becomes one push, and none once the client is back', async () => {
  const service = await startPushService();
  cleanUp.push(() => service.close());
  const browser = await createBrowser();
  const server = await start({
    push: { allowedHosts: [service.host], ca: service.ca, lookup: service.lookup, batchWindow: 5 },
  });
  const romeo = await logIn(server, `romeo@${A}`, 'home');
  const juliet = await logIn(server, `juliet@${A}`, 'balcony');
  const answer = await juliet.entity.iqCaller.request(
    xml(
      'iq',
      { type: 'set' },
      xml(
        'enable',
        'urn:xmpp:webpush:0',
        xml('endpoint', {}, `https://${service.host}:${service.port}/p`),
        xml('auth', {}, browser.auth),
        xml('p256dh', {}, browser.p256dh),
      ),
    ),
  );
  expect(answer.attrs.type).toBe('result');
  await juliet.stop();
  await romeo.say(`juliet@${A}`, 'missed');
  await service.arrived(1);
  const back = await logIn(server, `juliet@${A}`, 'balcony');
  const missed = await back.message('missed');
  // The library does not count the results of its requests, so it leaves without acknowledging the message, which is
  // stored again and must not be pushed again.
  await back.stop();
  // A second push, so that one for anything before would have come.
  await romeo.say(`juliet@${A}`, 'fence');
  await service.arrived(2);
  expect(service.received).toHaveLength(2);
  expect(await browser.open(service.received[0]?.body ?? Buffer.of())).toMatchObject({
    account: `juliet@${A}`,
    from: `romeo@${A}`,
    id: missed.getChild('stanza-id', 'urn:xmpp:sid:0')?.attrs.id,
  });
});

describe('a server with a data directory', () => {
  test('keeps accounts, messages, archive, roster and key over a restart', async () => {
    const dataDirectory = mkdtempSync(join(tmpdir(), 'webpush-server-'));
    cleanUp.push(() => rmSync(dataDirectory, { recursive: true }));
    const first = await start({ dataDirectory });
    const romeo = await logIn(first, `romeo@${A}`, 'home');
    await romeo.entity.iqCaller.set(
      xml('query', 'jabber:iq:roster', xml('item', { jid: `juliet@${A}`, name: 'J' })),
    );
    await romeo.say(`juliet@${A}`, 'kept');
    await romeo.fence();
    await romeo.stop();
    const key = first.applicationServerKey(A);
    await first.close();

    const second = await createServer({ domains: [A, B], tls: certificate, dataDirectory });
    cleanUp.push(() => second.close());
    expect(second.applicationServerKey(A)).toBe(key);
    const juliet = await logIn(second, `juliet@${A}`, 'balcony');
    expect(await juliet.message('kept')).toBeDefined();
    const again = await logIn(second, `romeo@${A}`, 'home');
    const roster = await again.entity.iqCaller.get(xml('query', 'jabber:iq:roster'));
    expect(roster.getChild('item')?.attrs).toMatchObject({ jid: `juliet@${A}`, name: 'J' });
    const answer = await again.entity.iqCaller.request(
      xml('iq', { type: 'set' }, xml('query', 'urn:xmpp:mam:2')),
    );
    expect(answer.getChild('fin')?.getChild('set')?.getChildText('count')).toBe('1');
  });

  test('stores what a client had not acknowledged when the server was stopped', async () => {
    const dataDirectory = mkdtempSync(join(tmpdir(), 'webpush-server-'));
    cleanUp.push(() => rmSync(dataDirectory, { recursive: true }));
    const first = await start({ dataDirectory });
    const romeo = await logIn(first, `romeo@${A}`, 'home');
    const juliet = await logIn(first, `juliet@${A}`, 'balcony');
    juliet.entity.reconnect.stop();
    const lost = new Promise((resolve) => juliet.entity.on('disconnect', resolve));
    (juliet.entity as unknown as { socket: { socket: { destroy(): void } } }).socket.socket.destroy();
    await lost;
    await romeo.say(`juliet@${A}`, 'unacknowledged');
    await romeo.fence();
    await romeo.stop();
    await first.close();
    const second = await createServer({ domains: [A, B], tls: certificate, dataDirectory });
    cleanUp.push(() => second.close());
    const next = await logIn(second, `juliet@${A}`, 'next');
    expect(await next.message('unacknowledged')).toBeDefined();
  });
});

describe('starting and stopping', () => {
  test.each([
    [{ domains: ['not a domain'] as const }, /domains: "not a domain"/],
    [{ domains: [A, 'A.EXAMPLE'] as const }, /once/],
    [{ roomsDomain: B }, /roomsDomain/],
  ])('%j is refused', async (options, message) => {
    await expect(createServer({ domains: [A, B], tls: certificate, ...options })).rejects.toThrow(message);
  });

  test('an account of a domain that is not served, or that exists, is refused with a code', async () => {
    const server = await start();
    await expect(server.createAccount('c.example', 'x', 'y')).rejects.toMatchObject({ code: 'unknown' });
    await expect(server.createAccount(A, 'a@b', 'y')).rejects.toMatchObject({ code: 'bad-localpart' });
    await expect(server.createAccount(A, 'romeo', 'y')).rejects.toMatchObject({ code: 'exists' });
    await expect(server.setPassword(A, 'nobody', 'y')).rejects.toMatchObject({ code: 'unknown' });
    expect(server.deleteAccount(A, 'nobody')).toBe(false);
  });

  test('closing ends the streams with system-shutdown and frees the ports, twice without harm', async () => {
    const server = await start();
    const romeo = await logIn(server, `romeo@${A}`, 'home');
    romeo.entity.reconnect.stop();
    const reason = new Promise<Error>((resolve) => romeo.entity.on('error', resolve));
    const { tcp } = server.ports;
    await Promise.all([server.close(), server.close()]);
    expect(await reason).toMatchObject({ condition: 'system-shutdown' });
    const next = await start({ listen: { tcp } });
    expect(next.ports.tcp).toBe(tcp);
  });

  test('a port in use is an error that leaves nothing open', async () => {
    const server = await start();
    await expect(
      createServer({ domains: [A], tls: certificate, listen: { tcp: server.ports.tcp } }),
    ).rejects.toThrow(/EADDRINUSE/);
  });
});
