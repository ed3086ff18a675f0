import { createServer as createHttps } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { Element } from '@xmpp/xml';
import { WebSocketServer } from 'ws';
import type { XmppAddress } from '../actor.js';
import { createReader } from '../reader.js';

/**
 * Where a conversation stands: `accepted` (TCP), `header` (in the clear), `starttls`, `secured` (TLS is up), `secure-header`,
 * `auth`, `authenticated-header`, `bind`, and `element` for all that follows.
 */
export type Step =
  | 'accepted'
  | 'header'
  | 'starttls'
  | 'secured'
  | 'secure-header'
  | 'auth'
  | 'authenticated-header'
  | 'bind'
  | 'element';

/** The server's side of one connection. */
export interface Peer {
  readonly socket: Socket;
  send(text: string | Uint8Array): void;
  /** Answers an IQ with an empty result. */
  answer(iq: Element): void;
}

/** Called at every step; `true` when the script has done what is to be done in place of the usual answer. */
export type Script = (step: Step, peer: Peer, element?: Element) => boolean | undefined;

export interface ScriptedServer {
  readonly address: XmppAddress;
  /** Open connections. */
  readonly connections: ReadonlySet<Socket>;
  /** Everything received, as elements. */
  readonly received: readonly Element[];
  close(): Promise<void>;
}

export interface ScriptedServerOptions {
  readonly tls: 'starttls' | 'direct' | 'websocket';
  readonly key: string;
  readonly cert: string;
  /** The authority the client is to trust. */
  readonly ca: string;
}

const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
const STREAM = `<stream:stream xmlns="jabber:client" xmlns:stream="http://etherx.jabber.org/streams" version="1.0" id="s" from="capulet.example">`;
const FEATURES = {
  header: '<starttls xmlns="urn:ietf:params:xml:ns:xmpp-tls"/>',
  'secure-header': `<mechanisms xmlns="${SASL}"><mechanism>SCRAM-SHA-1</mechanism><mechanism>PLAIN</mechanism></mechanisms>`,
  'authenticated-header': '<bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/><sm xmlns="urn:xmpp:sm:3"/>',
} as const;

/** An XMPP server that lets anybody in whose password is `secret`, answers every IQ with a result, and follows a script where it has one. */
export async function createScriptedServer(
  { tls, key, cert, ca }: ScriptedServerOptions,
  script: Script = () => undefined,
): Promise<ScriptedServer> {
  const connections = new Set<Socket>();
  const received: Element[] = [];
  const secureContext = createSecureContext({ key, cert });

  const track = (socket: Socket) => {
    connections.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => connections.delete(socket));
  };

  /** Carries one stream after another over a channel; gives what takes the client's text. */
  const converse = (
    socket: Socket,
    framing: 'stream' | 'framed',
    write: (text: string | Uint8Array) => void,
    start: keyof typeof FEATURES,
    upgrade: () => void,
  ): ((text: string) => void) => {
    const peer: Peer = {
      socket,
      send: write,
      answer: (iq) => write(`<iq xmlns="jabber:client" type="result" id="${iq.attrs.id}"/>`),
    };
    const usual = (step: Step, act: () => void, element?: Element) => {
      if (script(step, peer, element) !== true) act();
    };
    let step = start;
    const begin = () =>
      createReader(framing, {
        opened() {
          usual(step, () => {
            if (framing === 'stream') write(`${STREAM}<stream:features>${FEATURES[step]}</stream:features>`);
            else {
              write('<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" version="1.0"/>');
              write(
                `<stream:features xmlns:stream="http://etherx.jabber.org/streams">${FEATURES[step]}</stream:features>`,
              );
            }
          });
        },
        element(element) {
          received.push(element);
          if (element.is('starttls')) usual('starttls', upgrade);
          else if (element.is('auth', SASL)) usual('auth', () => authenticate(element), element);
          else if (element.is('iq') && element.getChild('bind')) {
            const resource = element.getChild('bind')?.getChildText('resource');
            usual('bind', () =>
              write(
                `<iq xmlns="jabber:client" type="result" id="${element.attrs.id}"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"><jid>juliet@capulet.example/${resource}</jid></bind></iq>`,
              ),
            );
          } else {
            usual(
              'element',
              () => {
                if (element.is('iq') && ['get', 'set'].includes(element.attrs.type)) peer.answer(element);
              },
              element,
            );
          }
        },
        closed() {
          write(
            framing === 'stream'
              ? '</stream:stream>'
              : '<close xmlns="urn:ietf:params:xml:ns:xmpp-framing"/>',
          );
          socket.end();
        },
        failed: () => socket.destroy(),
      });
    const authenticate = (element: Element) => {
      const [, , password] = Buffer.from(element.getText(), 'base64').toString().split('\0');
      if (password?.endsWith('secret')) {
        step = 'authenticated-header';
        reader = begin();
        write(`<success xmlns="${SASL}"/>`);
      } else write(`<failure xmlns="${SASL}"><not-authorized/></failure>`);
    };
    let reader = begin();
    return (text) => reader.read(text);
  };

  const secure = (socket: Socket) => {
    const encrypted = new TLSSocket(socket, { isServer: true, secureContext });
    track(encrypted);
    const peer: Peer = { socket: encrypted, send: (text) => encrypted.write(text), answer() {} };
    const take = converse(encrypted, 'stream', peer.send, 'secure-header', () => {});
    encrypted.once('secure', () => {
      if (script('secured', peer) !== true) encrypted.on('data', (data) => take(data.toString()));
    });
  };

  const server: Server =
    tls === 'websocket'
      ? createHttps({ key, cert })
      : createServer({ noDelay: true }, (socket) => {
          track(socket);
          const peer: Peer = { socket, send: (text) => socket.write(text), answer() {} };
          if (script('accepted', peer) === true) return;
          if (tls === 'direct') {
            secure(socket);
            return;
          }
          const take = converse(socket, 'stream', peer.send, 'header', () => {
            socket.removeAllListeners('data');
            socket.write('<proceed xmlns="urn:ietf:params:xml:ns:xmpp-tls"/>');
            secure(socket);
          });
          socket.on('data', (data) => take(data.toString()));
        });
  if (tls === 'websocket') {
    server.on('connection', track);
    new WebSocketServer({ server: server as never, path: '/xmpp-websocket' }).on(
      'connection',
      (socket, request) => {
        const take = converse(
          request.socket,
          'framed',
          (text) => socket.send(text.toString()),
          'secure-header',
          () => {},
        );
        socket.on('error', () => {});
        socket.on('message', (data) => take(data.toString()));
      },
    );
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  return {
    address: {
      host: '127.0.0.1',
      port,
      tls: tls === 'direct' ? 'direct' : 'starttls',
      ca,
      ...(tls === 'websocket' ? { websocket: `wss://capulet.example:${port}/xmpp-websocket` } : {}),
    },
    connections,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of connections) socket.destroy();
      }),
  };
}
