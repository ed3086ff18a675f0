import { request } from 'node:https';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { certificate, header, plainAuth, startServer, type TestServer } from './stream.fixture.js';

const running: TestServer[] = [];
async function start(limits?: Parameters<typeof startServer>[0]): Promise<TestServer> {
  const server = await startServer(limits);
  running.push(server);
  return server;
}
afterEach(async () => {
  await Promise.all(running.splice(0).map(({ listeners }) => listeners.close()));
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
