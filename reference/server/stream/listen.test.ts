import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { request } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  certificate,
  createRawClient,
  DOMAIN,
  header,
  logIn,
  OTHER_DOMAIN,
  plainAuth,
  type RawClient,
  rawTcp,
  rawTls,
  startServer,
  type TestServer,
} from './stream.fixture.js';

const SASL = `xmlns='urn:ietf:params:xml:ns:xmpp-sasl'`;
const STARTTLS = `<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`;
const FEATURES = /<\/stream:features>/;

const running: TestServer[] = [];
async function start(limits?: Parameters<typeof startServer>[0]): Promise<TestServer> {
  const server = await startServer(limits);
  running.push(server);
  return server;
}
afterEach(async () => {
  await Promise.all(running.splice(0).map(({ listeners }) => listeners.close()));
});

/** The condition of the stream error with which the server ended, after checking that it ended in due form. */
async function streamErrorOf(client: RawClient): Promise<string> {
  const rest = await client.closed();
  const match =
    /<stream:error[^>]*><([a-z-]+) xmlns="urn:ietf:params:xml:ns:xmpp-streams"\/>.*<\/stream:stream>$/s.exec(
      rest,
    );
  return match?.[1] ?? `no stream error in: ${rest}`;
}

async function greet(client: RawClient): Promise<string> {
  client.write(header());
  return client.read(FEATURES);
}

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

describe('STARTTLS (RFC 6120 §5)', () => {
  test('is all that is offered in the clear, and required', async () => {
    const features = await greet(rawTcp(await start()));
    expect(features).toContain(
      '<starttls xmlns="urn:ietf:params:xml:ns:xmpp-tls"><required/></starttls></stream:features>',
    );
    expect(features).not.toContain('mechanism');
  });

  test('authentication in the clear fails with encryption-required', async () => {
    const client = rawTcp(await start());
    await greet(client);
    client.write(plainAuth('juliet', 'secret'));
    expect(await client.read(/<\/failure>/)).toContain('<encryption-required/>');
  });

  test.each([`<iq type='get' id='1'><query xmlns='jabber:iq:register'/></iq>`, `<message to='a.example'/>`])(
    '%s in the clear ends the stream with not-authorized',
    async (stanza) => {
      const client = rawTcp(await start());
      await greet(client);
      client.write(stanza);
      expect(await streamErrorOf(client)).toBe('not-authorized');
    },
  );

  test('what stands behind it in the clear is never processed', async () => {
    const server = await start();
    const client = rawTcp(server);
    await greet(client);
    client.write(
      `${STARTTLS}${header()}<iq type='set' id='evil'><query xmlns='jabber:iq:register'><username>mallory</username><password>p</password></query></iq>`,
    );
    await client.read(/<proceed[^>]*>/);
    client.startTls();
    const features = await greet(client);
    expect(features).toContain('mechanisms');
    client.write(`<iq type='get' id='own'><query xmlns='jabber:iq:register'/></iq>`);
    const answer = await client.read(/<\/iq>/);
    expect(answer).toContain('id="own"');
    expect(answer).not.toContain('evil');
    expect(server.accounts.exists(DOMAIN, 'mallory')).toBe(false);
    client.destroy();
  });

  test('octets in the clear in place of the handshake end the connection', async () => {
    const server = await start();
    const client = rawTcp(server);
    await greet(client);
    client.write(STARTTLS);
    await client.read(/<proceed[^>]*>/);
    client.write(header());
    // TLS answers with an alert at most, never with XML.
    expect(await client.closed()).not.toContain('stream');
  });

  test('a second time fails and closes the stream', async () => {
    const client = rawTls(await start());
    await greet(client);
    client.write(STARTTLS);
    expect(await client.closed()).toBe('<failure xmlns="urn:ietf:params:xml:ns:xmpp-tls"/></stream:stream>');
  });

  test('direct TLS refuses another protocol (ALPN)', async () => {
    const client = rawTls(await start(), ['http/1.1']);
    expect(await client.closed()).toBe('');
  });
});

/** The client's side of RFC 5802, written down a second time. */
async function scramLogin(
  client: RawClient,
  hash: 'sha1' | 'sha256',
  username: string,
  password: string,
  authzid = '',
): Promise<string> {
  const gs2 = authzid ? `n,a=${authzid},` : 'n,,';
  const bare = `n=${username},r=client-nonce`;
  const encode = (text: string) => Buffer.from(text).toString('base64');
  client.write(
    `<auth ${SASL} mechanism='SCRAM-SHA-${hash === 'sha1' ? 1 : 256}'>${encode(gs2 + bare)}</auth>`,
  );
  const challenge = /<challenge[^>]*>([^<]*)</.exec(await client.read(/<\/challenge>/))?.[1] ?? '';
  const serverFirst = Buffer.from(challenge, 'base64').toString();
  const [, nonce = '', salt = '', iterations = ''] = /^r=([^,]+),s=([^,]+),i=(\d+)$/.exec(serverFirst) ?? [];
  const length = hash === 'sha1' ? 20 : 32;
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(iterations), length, hash);
  const hmac = (key: Buffer, text: string) => createHmac(hash, key).update(text).digest();
  const clientKey = hmac(salted, 'Client Key');
  const withoutProof = `c=${encode(gs2)},r=${nonce}`;
  const authMessage = `${bare},${serverFirst},${withoutProof}`;
  const signature = hmac(createHash(hash).update(clientKey).digest(), authMessage);
  const proof = Buffer.from(clientKey.map((octet, index) => octet ^ (signature[index] ?? 0))).toString(
    'base64',
  );
  client.write(`<response ${SASL}>${encode(`${withoutProof},p=${proof}`)}</response>`);
  const outcome = await client.read(/<\/(success|failure)>/);
  if (outcome.includes('<success'))
    expect(outcome).toContain(
      encode(`v=${hmac(hmac(salted, 'Server Key'), authMessage).toString('base64')}`),
    );
  return /<failure[^>]*><([a-z-]+)/.exec(outcome)?.[1] ?? 'success';
}

describe('SASL (RFC 6120 §6)', () => {
  test('offers SCRAM before PLAIN, and registration', async () => {
    const features = await greet(rawTls(await start()));
    expect([...features.matchAll(/<mechanism>([^<]+)/g)].map(([, name]) => name)).toEqual([
      'SCRAM-SHA-256',
      'SCRAM-SHA-1',
      'PLAIN',
    ]);
    expect(features).toContain('<register xmlns="http://jabber.org/features/iq-register"/>');
  });

  test.each(['sha1', 'sha256'] as const)('SCRAM with %s proves both sides', async (hash) => {
    const client = rawTls(await start());
    await greet(client);
    expect(await scramLogin(client, hash, 'juliet', 'wrong')).toBe('not-authorized');
    expect(await scramLogin(client, hash, 'romeo', 'secret')).toBe('not-authorized');
    expect(await scramLogin(client, hash, 'juliet', 'secret', 'romeo@a.example')).toBe('invalid-authzid');
    expect(await scramLogin(client, hash, 'Juliet', 'secret', 'juliet@a.example')).toBe('success');
    client.destroy();
  });

  test('PLAIN takes the right password of an account of this host', async () => {
    const server = await start();
    const client = rawTls(server);
    await greet(client);
    client.write(plainAuth('juliet', 'wrong'));
    expect(await client.read(/<\/failure>/)).toContain('not-authorized');
    client.write(plainAuth('romeo', 'secret'));
    expect(await client.read(/<\/failure>/)).toContain('not-authorized');
    client.write(plainAuth('juliet', 'secret', 'romeo@a.example'));
    expect(await client.read(/<\/failure>/)).toContain('invalid-authzid');
    client.write(plainAuth('juliet', 'secret', 'juliet@a.example'));
    expect(await client.read(/<success[^>]*>/)).toBe('<success xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>');
    const elsewhere = rawTls(server);
    elsewhere.write(header(`to='${OTHER_DOMAIN}'`));
    await elsewhere.read(FEATURES);
    elsewhere.write(plainAuth('juliet', 'secret'));
    expect(await elsewhere.read(/<\/failure>/)).toContain('not-authorized');
  });

  test('asks for the first response when there was none', async () => {
    const client = rawTls(await start());
    await greet(client);
    client.write(`<auth ${SASL} mechanism='PLAIN'/>`);
    expect(await client.read(/<challenge[^>]*>/)).toBe(
      '<challenge xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>',
    );
    client.write(`<response ${SASL}>${Buffer.from('\0juliet\0secret').toString('base64')}</response>`);
    await client.read(/<success/);
  });

  const b64 = (text: string) => Buffer.from(text).toString('base64');
  test.each([
    ['an unknown mechanism', `<auth ${SASL} mechanism='X-NO'/>`, 'invalid-mechanism'],
    ['no mechanism', `<auth ${SASL}/>`, 'invalid-mechanism'],
    ['what is not base64', `<auth ${SASL} mechanism='PLAIN'>?</auth>`, 'incorrect-encoding'],
    [
      'base64 with a stray character',
      `<auth ${SASL} mechanism='PLAIN'>AGE AGI=</auth>`,
      'incorrect-encoding',
    ],
    ['an empty response', `<auth ${SASL} mechanism='PLAIN'>=</auth>`, 'malformed-request'],
    ['PLAIN in two parts', `<auth ${SASL} mechanism='PLAIN'>${b64('a\0b')}</auth>`, 'malformed-request'],
    [
      'PLAIN in four parts',
      `<auth ${SASL} mechanism='PLAIN'>${b64('\0a\0b\0c')}</auth>`,
      'malformed-request',
    ],
    [
      'PLAIN that is not UTF-8',
      `<auth ${SASL} mechanism='PLAIN'>${Buffer.from([0, 0xff, 0, 0xff]).toString('base64')}</auth>`,
      'malformed-request',
    ],
    [
      'channel binding',
      `<auth ${SASL} mechanism='SCRAM-SHA-1'>${b64('p=tls-exporter,,n=juliet,r=x')}</auth>`,
      'malformed-request',
    ],
    ['a response without an attempt', `<response ${SASL}/>`, 'malformed-request'],
    ['an abort', `<abort ${SASL}/>`, 'aborted'],
    ['an abort during an attempt', `<auth ${SASL} mechanism='PLAIN'/><abort ${SASL}/>`, 'aborted'],
  ])('%s fails with $2, and another attempt is possible', async (_, text, condition) => {
    const client = rawTls(await start());
    await greet(client);
    client.write(text);
    expect(await client.read(/<\/failure>/)).toContain(
      `<failure xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><${condition}/>`,
    );
    client.write(plainAuth('juliet', 'secret'));
    await client.read(/<success/);
  });

  test('the fifth failure ends the stream', async () => {
    const client = rawTls(await start());
    await greet(client);
    for (let attempt = 0; attempt < 5; attempt++) client.write(plainAuth('juliet', `wrong ${attempt}`));
    client.write(plainAuth('juliet', 'secret'));
    for (let attempt = 0; attempt < 5; attempt++) await client.read(/<\/failure>/);
    expect(await streamErrorOf(client)).toBe('policy-violation');
  });

  test('a stanza before it ends the stream with not-authorized', async () => {
    const client = rawTls(await start());
    await greet(client);
    client.write(`<presence/>`);
    expect(await streamErrorOf(client)).toBe('not-authorized');
  });

  test('the stream after it stays with the host of the account', async () => {
    const client = rawTls(await start());
    await greet(client);
    client.write(plainAuth('juliet', 'secret'));
    await client.read(/<success[^>]*>/);
    client.write(header(`to='${OTHER_DOMAIN}'`));
    expect(await streamErrorOf(client)).toBe('policy-violation');
  });
});

describe('in-band registration (XEP-0077)', () => {
  const set = (children: string) =>
    `<iq type='set' id='s'><query xmlns='jabber:iq:register'>${children}</query></iq>`;
  const registration = (username: string, password: string) =>
    set(`<username>${username}</username><password>${password}</password>`);

  test('tells the fields, creates the account once, and lets it in', async () => {
    const server = await start();
    const client = rawTls(server);
    await greet(client);
    client.write(`<iq type='get' id='g' to='a.example'><query xmlns='jabber:iq:register'/></iq>`);
    expect(await client.read(/<\/iq>/)).toMatch(
      /^<iq type="result" from="a.example" id="g"><query xmlns="jabber:iq:register">.*<username\/><password\/><\/query>/,
    );
    client.write(registration('Romeo', 'pass'));
    expect(await client.read(/<iq[^>]*>/)).toBe('<iq type="result" from="a.example" id="s"/>');
    client.write(registration('romeo', 'other'));
    expect(await client.read(/<\/iq>/)).toContain(
      '<error type="cancel"><conflict xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/>',
    );
    client.write(plainAuth('romeo', 'pass'));
    await client.read(/<success/);
  });

  test.each([
    ['no password', set('<username>romeo</username>'), 'not-acceptable'],
    ['an empty password', registration('romeo', ''), 'not-acceptable'],
    ['no username', set('<password>p</password>'), 'not-acceptable'],
    ['an impossible username', registration('ro meo', 'p'), 'not-acceptable'],
    ['another domain in the username', registration('romeo@b.example', 'p'), 'not-acceptable'],
    ['removal', set('<remove/>'), 'registration-required'],
    ['no id', registration('romeo', 'p').replace(` id='s'`, ''), 'bad-request'],
  ])('refuses %s with $2', async (_, text, condition) => {
    const server = await start();
    const client = rawTls(server);
    await greet(client);
    client.write(text);
    expect(await client.read(/<\/iq>/)).toContain(`<${condition} xmlns`);
    expect(server.accounts.exists(DOMAIN, 'romeo')).toBe(false);
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

describe('WebSocket (RFC 7395)', () => {
  const OPEN = `<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='a.example' version='1.0'/>`;

  interface Frames {
    send(data: string | Buffer): void;
    /** The next message; rejects with the close code when there is none. */
    next(): Promise<string>;
    readonly protocol: string;
    /** Reads no more, not even a close. */
    pause(): void;
  }

  async function open(server: TestServer, path = '/xmpp-websocket', protocols = ['xmpp']): Promise<Frames> {
    const socket = new WebSocket(`wss://127.0.0.1:${server.listeners.ports.websocket}${path}`, protocols, {
      ca: certificate.cert,
    });
    const frames: string[] = [];
    let code: number | undefined;
    let wake = () => {};
    socket.on('message', (data) => {
      frames.push(String(data));
      wake();
    });
    socket.on('close', (status) => {
      code = status;
      wake();
    });
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return {
      protocol: socket.protocol,
      send: (data) => socket.send(data),
      pause: () => socket.pause(),
      async next() {
        for (;;) {
          const frame = frames.shift();
          if (frame !== undefined) return frame;
          if (code !== undefined) throw new Error(`closed ${code}`);
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      },
    };
  }

  async function login(server: TestServer): Promise<Frames> {
    const client = await open(server);
    client.send(OPEN);
    await client.next();
    await client.next();
    client.send(plainAuth('juliet', 'secret'));
    await client.next();
    client.send(OPEN);
    await client.next();
    await client.next();
    return client;
  }

  test('every message is one element that stands on its own', async () => {
    const server = await start();
    const client = await open(server, '/xmpp-websocket', ['other', 'xmpp']);
    expect(client.protocol).toBe('xmpp');
    client.send(OPEN);
    expect(await client.next()).toMatch(
      /^<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" from="a.example" id="[\w-]{22}" version="1.0" xml:lang="en"\/>$/,
    );
    expect(await client.next()).toMatch(
      /^<stream:features xmlns:stream="http:\/\/etherx.jabber.org\/streams"><mechanisms/,
    );
    client.send(plainAuth('juliet', 'secret'));
    expect(await client.next()).toBe('<success xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>');
    client.send(OPEN);
    expect(await client.next()).toMatch(/^<open /);
    expect(await client.next()).toContain('<bind ');
    client.send(`<iq xmlns='jabber:client' type='get' id='1'/>`);
    expect(await client.next()).toBe('<iq xmlns="jabber:client" type="result" id="1"/>');
    client.send(`<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>`);
    expect(await client.next()).toBe('<close xmlns="urn:ietf:params:xml:ns:xmpp-framing"/>');
    await expect(client.next()).rejects.toThrow('closed 1000');
    expect(server.sessions.ends).toEqual(['closed']);
  });

  test('answers in order what a client sends without waiting', async () => {
    const client = await open(await start());
    for (const message of [
      OPEN,
      plainAuth('juliet', 'secret'),
      OPEN,
      `<iq xmlns='jabber:client' type='get' id='1'/>`,
    ])
      client.send(message);
    const answers = [];
    for (let count = 0; count < 6; count++) answers.push(/^<([a-z:]+)/.exec(await client.next())?.[1]);
    expect(answers).toEqual(['open', 'stream:features', 'success', 'open', 'stream:features', 'iq']);
  });

  test.each([
    ['a binary message', Buffer.from('<a/>'), 'bad-format'],
    ['two elements', '<a/><b/>', 'not-well-formed'],
    ['half an element', '<a>', 'not-well-formed'],
    ['white space', ' ', 'bad-format'],
    ['a stream header', header(), 'not-well-formed'],
    ['a second <open/>', OPEN, 'bad-format'],
    ['a comment', '<!-- c -->', 'restricted-xml'],
    ['10 000 nested elements', '<a>'.repeat(10_000), 'policy-violation'],
    ['more than the limit', `<a>${'x'.repeat(300_000)}</a>`, 'policy-violation'],
  ])('%s ends the stream with $2', async (_, input, condition) => {
    const server = await start();
    const client = await login(server);
    client.send(input);
    expect(await client.next()).toContain(`<${condition} xmlns="urn:ietf:params:xml:ns:xmpp-streams"/>`);
    expect(await client.next()).toContain('<close ');
    await expect(client.next()).rejects.toThrow('closed 1000');
    expect(server.sessions.ends).toEqual(['lost']);
  });

  test.each([
    ['a stanza', '<iq/>', 'bad-format'],
    [
      'an <open/> in another namespace',
      `<open xmlns='urn:x' to='a.example' version='1.0'/>`,
      'invalid-namespace',
    ],
    ['an unknown host', OPEN.replace('a.example', 'c.example'), 'host-unknown'],
  ])('%s in place of <open/> ends the stream with $2', async (_, input, condition) => {
    const client = await open(await start());
    client.send(input);
    expect(await client.next()).toMatch(/^<open /);
    expect(await client.next()).toContain(`<${condition} xmlns`);
  });

  test('a message of more than twice the limit is refused before it is read', async () => {
    const server = await start({ limits: { stanzaOctets: 1000 } });
    const client = await login(server);
    client.send('x'.repeat(2001));
    await expect(client.next()).rejects.toThrow('closed 1009');
    expect(server.sessions.ends).toEqual(['lost']);
    const deaf = await login(server);
    deaf.pause();
    deaf.send('x'.repeat(2001));
    await server.sessions.until(() => server.sessions.ends.length === 2);
  });

  test('needs its path and its subprotocol', async () => {
    const server = await start();
    await expect(open(server, '/elsewhere')).rejects.toThrow('404');
    await expect(open(server, '/xmpp-websocket', ['other'])).rejects.toThrow('400');
    await expect(open(server, '/xmpp-websocket', [])).rejects.toThrow('400');
  });

  test('any other request is told where it is', async () => {
    const server = await start();
    const status = await new Promise((resolve, reject) => {
      const sent = request(
        { port: server.listeners.ports.websocket, host: '127.0.0.1', ca: certificate.cert },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      );
      sent.on('error', reject);
      sent.end();
    });
    expect(status).toBe(404);
  });

  test('the end of the server is told on it too', async () => {
    const server = await start();
    const client = await login(server);
    await server.listeners.close();
    expect(await client.next()).toContain('<system-shutdown ');
    expect(await client.next()).toContain('<close ');
  });
});
