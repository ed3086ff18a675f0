import tls from 'node:tls';
import { client as createXmppClient, xml } from '@xmpp/client';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { certificate, DOMAIN, startServer, type TestServer } from './stream.fixture.js';

// The library has no option for a trust anchor: TLS is given one by default here, and so is the global WebSocket, which
// Node 20 lacks.
const connect = tls.connect;
const trusting = { ca: certificate.cert };
let server: TestServer;

beforeAll(() => {
  tls.connect = ((options: tls.ConnectionOptions) =>
    connect({ servername: DOMAIN, ...trusting, ...options })) as typeof tls.connect;
  Object.assign(globalThis, {
    WebSocket: class extends WebSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols, trusting satisfies ClientOptions);
      }
    },
  });
});
afterAll(() => {
  tls.connect = connect;
  Reflect.deleteProperty(globalThis, 'WebSocket');
});
afterEach(() => server.listeners.close());

const services = {
  STARTTLS: ({ listeners }: TestServer) => `xmpp://127.0.0.1:${listeners.ports.tcp}`,
  'direct TLS': ({ listeners }: TestServer) => `xmpps://127.0.0.1:${listeners.ports.directTls}`,
  WebSocket: ({ listeners }: TestServer) => `wss://127.0.0.1:${listeners.ports.websocket}/xmpp-websocket`,
};

test.each(
  Object.entries(services).flatMap(([transport, service]) =>
    ['SCRAM-SHA-1', 'PLAIN'].map((mechanism) => ({ transport, mechanism, service })),
  ),
)(
  '@xmpp/client logs in with $mechanism over $transport, talks and leaves',
  async ({ mechanism, service }) => {
    server = await startServer();
    let offered: string[] = [];
    const client = createXmppClient({
      service: service(server),
      domain: DOMAIN,
      credentials: async (authenticate, mechanisms) => {
        offered = mechanisms;
        await authenticate({ username: 'juliet', password: 'secret' }, mechanism, xml('user-agent'));
      },
    });
    const errors: Error[] = [];
    client.on('error', (error) => errors.push(error));
    const address = await client.start();
    expect(String(address)).toBe(`juliet@${DOMAIN}/r`);
    expect(offered).toEqual(['SCRAM-SHA-1', 'PLAIN']);
    const answer = await client.iqCaller.request(xml('iq', { type: 'get' }, xml('ping', 'urn:xmpp:ping')));
    expect(answer.attrs.type).toBe('result');
    await client.stop();
    expect(errors).toEqual([]);
    expect(server.sessions.ends).toEqual(['closed']);
  },
);
