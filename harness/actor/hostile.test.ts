import { createServer } from 'node:net';
import xml from '@xmpp/xml';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Authority, type Certified, createAuthority } from '../certificate/certificate.js';
import type { TargetFaultCode } from '../target/fault.js';
import { createRecorder } from '../transcript/transcript.js';
import type { ConnectOptions, XmppAddress } from './actor.js';
import { connectActor } from './client.js';
import {
  createScriptedServer,
  type Peer,
  type Script,
  type ScriptedServer,
  type Step,
} from './testing/scripted-server.js';

const { setTimeout: start, clearTimeout: stop } = globalThis;
/** Those that have neither run nor been cleared. */
const timers = new Set<unknown>();
let authority: Authority;
let certified: Certified;
const servers: ScriptedServer[] = [];

beforeAll(async () => {
  authority = await createAuthority();
  certified = await authority.certify(['capulet.example']);
});

beforeEach(() => {
  timers.clear();
  vi.stubGlobal('setTimeout', (run: () => void, milliseconds: number) => {
    const timer = start(() => {
      timers.delete(timer);
      run();
    }, milliseconds);
    timers.add(timer);
    return timer;
  });
  vi.stubGlobal('clearTimeout', (timer: NodeJS.Timeout) => {
    timers.delete(timer);
    stop(timer);
  });
});

afterEach(async () => {
  vi.unstubAllGlobals();
  for (const server of servers.splice(0)) await server.close();
});

async function serve(
  script: Script,
  options: { readonly tls?: 'direct' | 'websocket'; readonly names?: string[] } = {},
) {
  const certificate = options.names === undefined ? certified : await authority.certify(options.names);
  const server = await createScriptedServer(
    { tls: options.tls ?? 'starttls', ...certificate, ca: authority.pem },
    script,
  );
  servers.push(server);
  return server;
}

async function connect(address: XmppAddress, options: Partial<ConnectOptions> = {}, patience = 4000) {
  const credentials = { localpart: 'juliet', domain: 'capulet.example', password: 'secret' };
  const recorder = createRecorder('hostile', () => 0);
  return connectActor(
    { address, credentials, name: 'juliet/phone', recorder, patience },
    { resource: 'phone', ...options },
  );
}

const at =
  (where: Step, act: (peer: Peer) => void): Script =>
  (step, peer) => {
    if (step !== where) return;
    act(peer);
    return true;
  };
/** Sends a piece again and again for as long as anybody reads. */
const endless = (first: string, piece: string) => (peer: Peer) => {
  peer.send(first);
  const more = () => {
    while (!peer.socket.destroyed && peer.socket.write(piece));
  };
  peer.socket.on('drain', more);
  more();
};
const KIB = 'x'.repeat(65_536);
const HEADER = '<stream:stream xmlns="jabber:client" xmlns:stream="http://etherx.jabber.org/streams">';
const silent = (peer: Peer) => void peer.socket.resume();
const hangUp = (peer: Peer) => void peer.socket.resume().end();
const reset = (peer: Peer) => peer.socket.resetAndDestroy();

interface Hostility {
  readonly what: string;
  readonly script: Script;
  readonly code: TargetFaultCode;
  readonly message?: RegExp;
  readonly tls?: 'direct' | 'websocket';
  readonly options?: Partial<ConnectOptions>;
}

const steps: readonly Step[] = [
  'accepted',
  'header',
  'starttls',
  'secured',
  'secure-header',
  'auth',
  'authenticated-header',
  'bind',
  'element',
];
const hostilities: readonly Hostility[] = [
  ...steps.map(
    (step): Hostility => ({ what: `says nothing at ${step}`, script: at(step, silent), code: 'silence' }),
  ),
  ...steps.map(
    (step): Hostility => ({ what: `closes at ${step}`, script: at(step, hangUp), code: 'connection-lost' }),
  ),
  ...(['header', 'secure-header', 'bind'] as const).map(
    (step): Hostility => ({
      what: `sends a stream error at ${step}`,
      script: at(step, (peer) =>
        peer.send(
          `${step === 'bind' ? '' : HEADER}<stream:error><policy-violation xmlns="urn:ietf:params:xml:ns:xmpp-streams"/></stream:error></stream:stream>`,
        ),
      ),
      code: step === 'header' ? 'refused' : 'connection-lost',
      message: /policy-violation/,
    }),
  ),
  { what: 'resets', script: at('auth', reset), code: 'connection-lost' },
  {
    what: 'speaks HTTP',
    script: at('header', (peer) => peer.send('HTTP/1.1 400 Bad Request\r\n\r\n')),
    code: 'garbage',
  },
  {
    what: 'sends noise',
    script: at('header', (peer) => peer.send(Uint8Array.of(0xff, 0xfe, 0, 1))),
    code: 'garbage',
  },
  {
    what: 'sends noise for TLS',
    script: at('starttls', (peer) => {
      peer.socket.removeAllListeners('data').once('data', () => peer.send('noise'));
      peer.send('<proceed xmlns="urn:ietf:params:xml:ns:xmpp-tls"/>');
    }),
    code: 'garbage',
  },
  {
    what: 'is no TLS server',
    tls: 'direct',
    script: at('accepted', (peer) => {
      peer.socket.resume();
      peer.send('220 mail ready\r\n');
    }),
    code: 'garbage',
  },
  {
    what: 'mixes text behind <proceed/>',
    script: at('starttls', (peer) => {
      peer.send('<proceed xmlns="urn:ietf:params:xml:ns:xmpp-tls"/><injected/>');
    }),
    code: 'garbage',
  },
  {
    what: 'offers no STARTTLS',
    script: at('header', (peer) => peer.send(`${HEADER}<stream:features/>`)),
    code: 'refused',
    message: /STARTTLS/,
  },
  { what: 'sends broken XML', script: at('element', (peer) => peer.send('<message></iq>')), code: 'garbage' },
  {
    what: 'sends an unknown entity',
    script: at('element', (peer) => peer.send('<message>&nbsp;</message>')),
    code: 'garbage',
  },
  {
    what: 'sends a document type',
    script: at('secure-header', (peer) => peer.send(`<!DOCTYPE a [<!ENTITY b "c">]>${HEADER}`)),
    code: 'garbage',
  },
  {
    what: 'sends an unbound prefix',
    script: at('element', (peer) => peer.send('<a:message/>')),
    code: 'garbage',
  },
  {
    what: 'ends a root that never began',
    script: at('secure-header', (peer) => peer.send('</stream:stream>')),
    code: 'garbage',
  },
  {
    what: 'sends a stream header without end',
    script: at('secure-header', endless('<stream:stream a="', KIB)),
    code: 'flood',
  },
  {
    what: 'sends a header in the clear without end',
    script: at('header', endless('<stream:stream a="', KIB)),
    code: 'flood',
  },
  {
    what: 'sends a stanza without end',
    script: at('element', endless('<message><body>', KIB)),
    code: 'flood',
    message: /1048576 octets/,
  },
  {
    what: 'sends a WebSocket message without end',
    tls: 'websocket',
    options: { transport: 'websocket' },
    script: at('element', (peer) => peer.send(`<message>${KIB.repeat(17)}</message>`)),
    code: 'flood',
  },
  {
    what: 'nests without end',
    script: at('element', endless('<message/>', '<a>'.repeat(100))),
    code: 'flood',
    message: /deeper than 256/,
  },
  {
    what: 'sends stanzas without end',
    script: at('element', endless('<message/>', `<message>${KIB}</message>`)),
    code: 'flood',
    message: /16777216 octets/,
  },
  {
    what: 'refuses the password',
    script: at('auth', (peer) =>
      peer.send('<failure xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><not-authorized/></failure>'),
    ),
    code: 'authentication-refused',
    message: /refused PLAIN: not-authorized/,
  },
  {
    what: 'does not offer PLAIN',
    script: at('secure-header', (peer) =>
      peer.send(
        `${HEADER}<stream:features><mechanisms xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><mechanism>OTHER</mechanism></mechanisms></stream:features>`,
      ),
    ),
    code: 'authentication-refused',
    message: /offers OTHER, not PLAIN/,
  },
  {
    what: 'wants a thousand million rounds of SCRAM',
    options: { mechanism: 'SCRAM-SHA-1' },
    script: at('auth', (peer) =>
      peer.send(
        `<challenge xmlns="urn:ietf:params:xml:ns:xmpp-sasl">${btoa('r=a,s=YQ==,i=1000000000')}</challenge>`,
      ),
    ),
    code: 'flood',
  },
  {
    what: 'sends a SCRAM challenge that is no base64',
    options: { mechanism: 'SCRAM-SHA-1' },
    script: at('auth', (peer) =>
      peer.send('<challenge xmlns="urn:ietf:params:xml:ns:xmpp-sasl">!</challenge>'),
    ),
    code: 'garbage',
  },
  {
    what: 'binds nothing',
    script: at('bind', (peer) => peer.send('<iq type="result" id="juliet-phone-1"/>')),
    code: 'refused',
  },
];

describe('a server that', () => {
  test.each(hostilities)('$what is reported as $code', async ({ script, code, message, tls, options }) => {
    const server = await serve(script, tls === undefined ? {} : { tls });
    const failure = connect(server.address, options, code === 'silence' ? 30 : 4000);
    await expect(failure).rejects.toMatchObject({ name: 'TargetFault', code });
    if (message !== undefined) await expect(failure).rejects.toThrow(message);
    await Promise.all(
      [...server.connections].map((socket) => new Promise((resolve) => socket.once('close', resolve))),
    );
    expect(timers.size).toBe(0);
  });

  test('does not listen is reported as connection-refused', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const bound = server.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
    await new Promise((resolve) => server.close(resolve));
    await expect(connect({ host: '127.0.0.1', port, tls: 'direct' })).rejects.toMatchObject({
      code: 'connection-refused',
    });
  });

  test.each(['direct', 'websocket', undefined] as const)(
    'shows a certificate for another name is not trusted (%s)',
    async (tls) => {
      const server = await serve(() => undefined, {
        names: ['montague.example'],
        ...(tls === undefined ? {} : { tls }),
      });
      await expect(
        connect(server.address, tls === 'websocket' ? { transport: 'websocket' } : {}),
      ).rejects.toMatchObject({ code: 'certificate-refused' });
    },
  );

  test.each(['direct', 'websocket', undefined] as const)(
    'shows a certificate by another authority is not trusted (%s)',
    async (tls) => {
      const server = await serve(() => undefined, tls === undefined ? {} : { tls });
      const ca = (await createAuthority()).pem;
      await expect(
        connect({ ...server.address, ca }, tls === 'websocket' ? { transport: 'websocket' } : {}),
      ).rejects.toMatchObject({ code: 'certificate-refused' });
      const { ca: _, ...withoutAuthority } = server.address;
      await expect(
        connect(withoutAuthority, tls === 'websocket' ? { transport: 'websocket' } : {}),
      ).rejects.toMatchObject({ code: 'certificate-refused' });
    },
  );

  test('sends a stanza of a hundred million octets is cut off long before', async () => {
    let peer: Peer | undefined;
    const server = await serve((step, other) => {
      if (step !== 'bind') return;
      peer = other;
      endless('<message>', KIB)(other);
      return true;
    });
    await expect(connect(server.address)).rejects.toMatchObject({ code: 'flood' });
    expect(peer?.socket.bytesWritten).toBeLessThan(20_000_000);
  });

  test('does not end the stream when asked to is reported as silence, and nothing stays open', async () => {
    const server = await serve((step, peer) => {
      if (step === 'bind') peer.socket.removeAllListeners('data').resume();
      return undefined;
    });
    const actor = await connect(server.address, { presence: 'none' }, 200);
    await expect(actor.close()).rejects.toMatchObject({ code: 'silence' });
    await Promise.all(
      [...server.connections].map((socket) => new Promise((resolve) => socket.once('close', resolve))),
    );
  });

  test('reads nothing ends a send with silence', async () => {
    const server = await serve((step, peer) => {
      if (step === 'bind') peer.socket.pause();
      return undefined;
    });
    const actor = await connect(server.address, { presence: 'none' }, 300);
    const body = xml('message', {}, KIB.repeat(64));
    await expect(Promise.all([actor.send(body), actor.send(body), actor.send(body)])).rejects.toMatchObject({
      code: 'silence',
    });
    await actor.lose();
  });
});
