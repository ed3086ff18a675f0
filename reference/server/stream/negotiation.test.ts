import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { connect as connectTcp } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import {
  DOMAIN,
  FEATURES,
  greet,
  header,
  OTHER_DOMAIN,
  plainAuth,
  type RawClient,
  rawLoopback,
  rawTcp,
  rawTls,
  STARTTLS,
  startServer,
  streamErrorOf,
  type TestServer,
} from './stream.fixture.js';

const SASL = `xmlns='urn:ietf:params:xml:ns:xmpp-sasl'`;

const running: TestServer[] = [];
async function start(options?: Parameters<typeof startServer>[0]): Promise<TestServer> {
  const server = await startServer(options);
  running.push(server);
  return server;
}
afterEach(async () => {
  await Promise.all(running.splice(0).map(({ listeners }) => listeners.close()));
});

describe('The loopback port', () => {
  test('offers authentication at once, and no TLS', async () => {
    const client = rawLoopback(await start());
    const features = await greet(client);
    expect(features).toContain('<mechanism>PLAIN</mechanism>');
    expect(features).not.toContain('starttls');
    client.write(plainAuth('juliet', 'secret'));
    await client.read(/<success[^>]*>/);
  });

  test('refuses STARTTLS', async () => {
    const client = rawLoopback(await start());
    await greet(client);
    client.write(STARTTLS);
    expect(await client.closed()).toContain('<failure xmlns="urn:ietf:params:xml:ns:xmpp-tls"/>');
  });

  test('takes clients of this machine alone, wherever the others come from', async () => {
    const { listeners } = await start({ listen: { host: '0.0.0.0', loopback: 0 } });
    expect(listeners.host).toBe('0.0.0.0');
    // All of 127.0.0.0/8 is this machine, but only what listens on every address answers on the second of it.
    const reaches = (port = 0) =>
      new Promise<boolean>((resolve) => {
        const socket = connectTcp({ port, host: '127.0.0.2' });
        socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
        socket.once('connect', () => socket.destroy());
      });
    expect(await reaches(listeners.ports.tcp)).toBe(true);
    expect(await reaches(listeners.ports.loopback)).toBe(false);
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
