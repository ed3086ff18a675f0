import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createScriptedServer, type Peer, type Script } from '../harness/actor/testing/scripted-server.js';
import { createAuthority } from '../harness/certificate/certificate.js';
import { cli } from './cli.fixture.js';

/** Milliseconds, as in the target file. */
const patience = 400;

let folder: string;
let certificate: { readonly key: string; readonly cert: string; readonly ca: string };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hostile-'));
  const authority = await createAuthority();
  certificate = { ...(await authority.certify(['capulet.example'])), ca: authority.pem };
  writeFileSync(join(folder, 'ca.pem'), authority.pem);
});

afterAll(() => rmSync(folder, { recursive: true }));

const isRegistration: (element: Parameters<Script>[2]) => boolean = (element) =>
  element?.getChild('query', 'jabber:iq:register') !== undefined;

/** Writes as much as is wanted, without end unless told, as fast as the peer reads. */
function pour(
  socket: Socket | Peer['socket'],
  first: string,
  more: string,
  octets = Number.POSITIVE_INFINITY,
) {
  let left = octets;
  const chunk = more.repeat(Math.ceil(65_536 / more.length));
  const write = () => {
    while (left > 0 && !socket.destroyed) {
      left -= chunk.length;
      if (!socket.write(chunk)) return;
    }
  };
  socket.on('drain', write);
  socket.write(first);
  write();
}

const header =
  "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' from='capulet.example' id='s'>";

interface Hostile {
  readonly port: number;
  /** When it was last reached. */
  readonly reached: () => number;
  close(): Promise<void>;
}

async function plain(meet: (socket: Socket) => void): Promise<Hostile> {
  const sockets = new Set<Socket>();
  let reached = performance.now();
  const server: Server = createServer((socket) => {
    reached = performance.now();
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    meet(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    reached: () => reached,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

async function scripted(script: Script): Promise<Hostile> {
  let reached = performance.now();
  const server = await createScriptedServer({ tls: 'starttls', ...certificate }, (step, peer, element) => {
    if (step === 'accepted') reached = performance.now();
    return script(step, peer, element);
  });
  return { port: server.address.port, reached: () => reached, close: server.close };
}

const hostile: readonly (readonly [string, () => Promise<Hostile>, RegExp])[] = [
  [
    'takes connections and says nothing',
    () => plain(() => {}),
    /no <proceed\/> to <starttls\/> within 400 ms/,
  ],
  [
    'speaks another protocol',
    () => plain((socket) => socket.write('220 mail.example ESMTP\r\n')),
    /no XMPP: text data outside of root node/,
  ],
  [
    'begins a stream and never ends it',
    () => plain((socket) => pour(socket, header, '<x xmlns="urn:example"/>')),
    /the server answered <x xmlns="urn:example"\/>/,
  ],
  [
    'nests elements without end',
    () => plain((socket) => pour(socket, header, '<x>')),
    /elements nested deeper than 256/,
  ],
  ['closes at once', () => plain((socket) => socket.end()), /the server closed the connection/],
  [
    'resets at once',
    () => plain((socket) => socket.resetAndDestroy()),
    /no TCP connection to|ECONNRESET|the connection was lost/,
  ],
  [
    'does not listen',
    async () => {
      const server = await plain(() => {});
      await server.close();
      // Nothing is ever reached, so there is nothing to measure from.
      return { ...server, reached: () => Number.POSITIVE_INFINITY, close: async () => {} };
    },
    /no TCP connection to 127\.0\.0\.1 port \d+: the connection was refused/,
  ],
  [
    'falls silent after STARTTLS',
    () => scripted((step) => step === 'secured'),
    /no stream features within 400 ms/,
  ],
  [
    'refuses in-band registration',
    () =>
      scripted((step, peer, element) => {
        if (step !== 'element' || !element || !isRegistration(element)) return undefined;
        peer.send(
          `<iq xmlns='jabber:client' type='error' id='${element.attrs.id}'><error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>`,
        );
        return true;
      }),
    /not-allowed/,
  ],
  [
    'refuses the login',
    () =>
      scripted((step, peer) => {
        if (step !== 'auth') return undefined;
        peer.send(`<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><temporary-auth-failure/></failure>`);
        return true;
      }),
    /temporary-auth-failure/,
  ],
  [
    'sends a stanza of 100 MB after the login',
    () =>
      scripted((step, peer, element) => {
        if (step !== 'element' || isRegistration(element)) return undefined;
        pour(peer.socket, "<message xmlns='jabber:client'><body>", 'x', 100_000_000);
        return true;
      }),
    /a stanza of more than 1048576 octets/,
  ],
  [
    'answers no ping after the login',
    () => scripted((step, _, element) => step === 'element' && !isRegistration(element)),
    /no answer to .* with <ping\/> within 400 ms/,
  ],
];

describe('A server that', { timeout: 20_000 }, () => {
  test.concurrent.each(hostile)(
    '%s gives one clear line, soon, and nothing else',
    async (name, open, line) => {
      const server = await open();
      const file = join(folder, `${name.replaceAll(/\W+/g, '-')}.json`);
      writeFileSync(
        file,
        JSON.stringify({
          host: '127.0.0.1',
          port: server.port,
          ca: 'ca.pem',
          domains: ['capulet.example'],
          patience,
          push: { host: 'localhost' },
        }),
      );
      const { code, stdout, stderr, peak, leftovers } = await cli('run', '--target', file);
      const took = performance.now() - server.reached();
      await server.close();
      expect({ code, stdout, leftovers }).toEqual({ code: 3, stdout: '', leftovers: [] });
      expect(stderr).toMatch(/^webpush-conformance: .*\n$/);
      expect(stderr).toMatch(line);
      expect(took).toBeLessThan(5 * patience);
      expect(peak).toBeLessThan(200);
    },
  );
});
