import { connect as connectTcp } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import {
  createRawClient,
  DOMAIN,
  FEATURES,
  greet,
  header,
  logIn,
  OTHER_DOMAIN,
  plainAuth,
  type RawClient,
  rawTcp,
  rawTls,
  STARTTLS,
  startServer,
  streamErrorOf,
  type TestServer,
} from './stream.fixture.js';

const running: TestServer[] = [];
async function start(limits?: Parameters<typeof startServer>[0]): Promise<TestServer> {
  const server = await startServer(limits);
  running.push(server);
  return server;
}
afterEach(async () => {
  await Promise.all(running.splice(0).map(({ listeners }) => listeners.close()));
});

describe('stream header (RFC 6120 §4.7)', () => {
  test('is answered with domain, version and a new id for every stream', async () => {
    const server = await start();
    const answers = await Promise.all([greet(rawTcp(server)), greet(rawTls(server))]);
    const ids = answers.map((answer) => /<stream:stream[^>]* id="([^"]+)"/.exec(answer)?.[1]);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^[\w-]{22}$/);
    for (const answer of answers)
      expect(answer).toMatch(
        /^<\?xml version='1.0'\?><stream:stream [^>]*from="a.example"[^>]*version="1.0"/,
      );
  });

  test('names each virtual host, whatever the case', async () => {
    const client = rawTls(await start());
    client.write(header(`to='B.Example' from='juliet@b.example'`));
    const answer = await client.read(FEATURES);
    expect(answer).toContain(`from="${OTHER_DOMAIN}"`);
    expect(answer).toContain('to="juliet@b.example"');
  });

  test.each([
    ['an unknown host', header(`to='c.example'`), 'host-unknown'],
    ['no host', header(''), 'host-unknown'],
    [
      'another stream namespace',
      header().replace('http://etherx.jabber.org/streams', 'urn:x'),
      'invalid-namespace',
    ],
    ['another content namespace', header().replace('jabber:client', 'jabber:server'), 'invalid-namespace'],
    ['no content namespace', header().replace(`xmlns='jabber:client'`, ''), 'invalid-namespace'],
    ['another element', header().replace('stream:stream', 'stream:features'), 'bad-format'],
    [
      'no version',
      header().replace(`stream' version='1.0'`, `stream'`).replace(` version='1.0' to`, ' to'),
      'unsupported-version',
    ],
    ['version 0.9', header().replace(`version='1.0' to`, `version='0.9' to`), 'unsupported-version'],
  ])('%s ends the stream with $2', async (_, text, condition) => {
    const client = rawTcp(await start());
    client.write(text);
    expect(await streamErrorOf(client)).toBe(condition);
  });
});

describe('what cannot be read ends the stream, before and after authentication', () => {
  test.each([
    ['mismatched tags', '<a></b>', 'not-well-formed'],
    ['a comment', '<!-- -->', 'restricted-xml'],
    ['a processing instruction', '<?a b?>', 'restricted-xml'],
    ['an entity reference', '<message>&nbsp;</message>', 'restricted-xml'],
    ['a document type declaration', '<!DOCTYPE a>', 'restricted-xml'],
    ['invalid UTF-8', Buffer.from('<a>\xff', 'latin1'), 'unsupported-encoding'],
    ['text between stanzas', 'hello <a/>', 'bad-format'],
    ['10 000 nested elements', '<a>'.repeat(10_000), 'policy-violation'],
  ] as const)('%s: $2', async (_, input, condition) => {
    const server = await start();
    const before = rawTcp(server);
    await greet(before);
    before.write(input);
    expect(await streamErrorOf(before)).toBe(condition);
    const after = await logIn(server);
    after.write(input);
    expect(await streamErrorOf(after)).toBe(condition);
    expect(server.sessions.ends).toEqual(['lost']);
  });

  test('a document type declaration before the stream: restricted-xml', async () => {
    const client = rawTcp(await start());
    client.write(`<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b "c">]>${header()}`);
    expect(await streamErrorOf(client)).toBe('restricted-xml');
  });

  test('a stanza of 100 MB ends the stream when the limit is passed, and is not kept', async () => {
    const server = await start();
    const client = await logIn(server);
    const before = process.memoryUsage.rss();
    client.write('<message><body>');
    const megabyte = Buffer.alloc(1024 * 1024, 'x');
    let sent = 0;
    const pour = () => {
      while (sent < 100 && !client.socket.destroyed && client.socket.writable) {
        sent++;
        if (!client.socket.write(megabyte)) return void client.socket.once('drain', pour);
      }
    };
    pour();
    expect(await client.read(/<\/stream:stream>/)).toContain('<policy-violation');
    expect(sent).toBeLessThan(100);
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1024 * 1024);
    client.destroy();
  });

  test('white space keeps the connection alive and means nothing', async () => {
    const server = await start();
    const client = await logIn(server);
    client.write('  \n \t ');
    client.write(`<iq type='get' id='1'/>`);
    expect(await client.read(/<iq[^>]*>/)).toBe('<iq type="result" id="1"/>');
    client.destroy();
  });
});

describe('a whole login', () => {
  test('succeeds octet by octet', async () => {
    const server = await start();
    const client = rawTcp(server);
    const trickle = (text: string) => {
      for (const octet of Buffer.from(text)) client.write(Uint8Array.of(octet));
    };
    trickle(header());
    await client.read(FEATURES);
    trickle(STARTTLS);
    await client.read(/<proceed[^>]*>/);
    client.startTls();
    trickle(header());
    await client.read(FEATURES);
    trickle(plainAuth('juliet', 'secret'));
    await client.read(/<success[^>]*>/);
    trickle(header(`to='a.example' xml:lang='cs'`));
    expect(await client.read(FEATURES)).toContain(
      '<bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></stream:features>',
    );
    trickle(`<message><body>příliš € 𐍈</body></message><iq type='get' id='1'/>`);
    await client.read(/<iq/);
    expect(server.sessions.elements[0]?.getChildText('body')).toBe('příliš € 𐍈');
    expect(server.sessions.streams[0]).toMatchObject({ localpart: 'juliet', domain: DOMAIN, lang: 'cs' });
    trickle('</stream:stream>');
    expect(await client.closed()).toMatch(/<\/stream:stream>$/);
    expect(server.sessions.ends).toEqual(['closed']);
  });

  test('answers in order what a client sends without waiting', async () => {
    const server = await start();
    const client = rawTls(server);
    client.write(
      `${header()}${plainAuth('juliet', 'secret')}${header()}<iq type='get' id='1'/><iq type='get' id='2'/></stream:stream>`,
    );
    const answer = await client.closed();
    expect(answer).toMatch(/<mechanisms.*<success.*<bind.*id="1".*id="2".*<\/stream:stream>$/s);
  });
});

describe('the end of a stream', () => {
  test('is closed when the client closes it, lost when the connection breaks off or the client reports an error', async () => {
    const server = await start();
    const { sessions } = server;
    (await logIn(server)).write('</stream:stream>');
    await sessions.until(() => sessions.ends.length === 1);
    (await logIn(server)).destroy();
    await sessions.until(() => sessions.ends.length === 2);
    (await logIn(server)).socket.end();
    await sessions.until(() => sessions.ends.length === 3);
    (await logIn(server)).write(
      `<stream:error><reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>`,
    );
    await sessions.until(() => sessions.ends.length === 4);
    expect(sessions.ends).toEqual(['closed', 'lost', 'lost', 'lost']);
  });

  test('the session layer ends it once, with an error and an application condition if it likes', async () => {
    const server = await start();
    const first = await logIn(server);
    const second = await logIn(server);
    server.sessions.streams[0]?.close('conflict');
    server.sessions.streams[0]?.close();
    expect(server.sessions.ends).toEqual(['lost']);
    expect(await streamErrorOf(first)).toBe('conflict');
    server.sessions.streams[1]?.close();
    expect(server.sessions.ends).toEqual(['lost', 'closed']);
    expect(await second.closed()).toBe('</stream:stream>');
  });

  test('what is sent after it goes nowhere, and what still arrives is not handed on', async () => {
    const server = await start();
    const client = await logIn(server);
    client.write(`<message id='last'/></stream:stream><message id='late'/>`);
    await client.closed();
    const stream = server.sessions.streams[0];
    const [element] = server.sessions.elements;
    if (element) stream?.send(element);
    expect(server.sessions.elements.map(({ attrs }) => attrs.id)).toEqual(['last']);
  });

  test('an error of the session layer is reported and ends that stream only', async () => {
    const server = await start();
    const victim = await logIn(server);
    const other = await logIn(server);
    victim.write('<throw/>');
    expect(await streamErrorOf(victim)).toBe('internal-server-error');
    expect(server.sessions.errors).toEqual([new Error('thrown by the session layer')]);
    other.write(`<iq type='get' id='1'/>`);
    await other.read(/<iq/);
  });

  test('comes with system-shutdown when the server stops, and no socket is left', async () => {
    const server = await startServer();
    const clients = [rawTcp(server), await logIn(server), await logIn(server)];
    await clients[0]?.read(/^/);
    await greet(clients[0] as RawClient);
    const idle = rawTcp(server);
    await new Promise((resolve) => idle.socket.once('connect', resolve));
    await server.listeners.close();
    for (const client of clients) expect(await streamErrorOf(client)).toBe('system-shutdown');
    expect(server.sessions.ends).toEqual(['lost', 'lost']);
  });

  test('leaves no timer behind', async () => {
    const server = await startServer();
    (await logIn(server)).write('</stream:stream>');
    (await logIn(server)).destroy();
    await greet(rawTcp(server));
    await server.listeners.close();
    await server.noTimers();
  });

  test('of the server does not wait for a client that keeps its side open', async () => {
    // Time stands still: whoever waited for it would wait for ever.
    const server = await startServer({ systemNow: () => 0 });
    const client = createRawClient(connectTcp({ port: server.listeners.ports.tcp, allowHalfOpen: true }));
    await greet(client);
    await server.listeners.close();
    await client.read(/<system-shutdown.*<\/stream:stream>/);
    client.destroy();
  });

  test('a client that does not read is given up', async () => {
    const server = await start();
    const client = await logIn(server);
    client.socket.pause();
    const stream = server.sessions.streams[0];
    client.write('<message/>');
    await server.sessions.until(() => server.sessions.elements.length === 1);
    const [element] = server.sessions.elements;
    if (!stream || !element) throw new Error('no stream');
    element.t('x'.repeat(1024 * 1024));
    for (let sent = 0; sent < 64 && server.sessions.ends.length === 0; sent++) {
      stream.send(element);
      await new Promise(setImmediate);
    }
    await server.sessions.until(() => server.sessions.ends.length === 1);
    expect(server.sessions.ends).toEqual(['lost']);
    client.destroy();
  });
});

describe('limits on connections', () => {
  test('one too many is told resource-constraint; a place that becomes free is given away', async () => {
    const server = await start({ limits: { connections: 2 } });
    const first = rawTcp(server);
    await greet(first);
    const second = await logIn(server);
    const third = rawTcp(server);
    third.write(header());
    expect(await streamErrorOf(third)).toBe('resource-constraint');
    expect(await rawTls(server).closed()).toBe('');
    second.write('</stream:stream>');
    await second.closed();
    await greet(rawTcp(server));
  });

  test('silence at any step ends with connection-timeout, and a bound resource ends the limit', async () => {
    const server = await start({ limits: { negotiationTime: 60_000 } });
    const silent = rawTcp(server);
    await new Promise((resolve) => silent.socket.once('connect', resolve));
    const greeted = rawTcp(server);
    await greet(greeted);
    const secured = rawTls(server);
    await greet(secured);
    const unbound = await logIn(server);
    const bound = await logIn(server);
    bound.write(`<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>`);
    await bound.read(/<\/iq>/);
    server.clock.advance(59_000);
    unbound.write(`<iq type='get' id='1'/>`);
    await unbound.read(/<iq[^>]*>/);
    server.clock.advance(1000);
    for (const client of [silent, greeted, secured, unbound])
      expect(await streamErrorOf(client)).toBe('connection-timeout');
    server.clock.advance(600_000);
    bound.write(`<iq type='get' id='2'/>`);
    await bound.read(/id="2"/);
  });

  test('a TLS handshake that is never finished is given up', async () => {
    const server = await start();
    const { directTls = 0, websocket = 0 } = server.listeners.ports;
    const stalled = [directTls, websocket].map((port) => createRawClient(connectTcp({ port })));
    await Promise.all(stalled.map(({ socket }) => new Promise((resolve) => socket.once('connect', resolve))));
    await greet(rawTls(server));
    server.clock.advance(30_000);
    server.clock.advance(2000);
    for (const client of stalled) await client.closed();
  });
});
