import xml from '@xmpp/xml';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Actor, ConnectOptions, RawStream, XmppAddress } from '../harness/actor/actor.js';
import { connectActor } from '../harness/actor/client.js';
import { openRawSession } from '../harness/actor/raw-stream.js';
import { registerInBand } from '../harness/actor/registration.js';
import { createAuthority } from '../harness/certificate/certificate.js';
import { createRecorder, type Recorder } from '../harness/transcript/transcript.js';
import { createServer, type XmppServer } from '../reference/server/server.js';

const domain = 'capulet.example';
let server: XmppServer;
let ca: string;
let recorder: Recorder;
const actors: Actor[] = [];

beforeAll(async () => {
  const authority = await createAuthority();
  ca = authority.pem;
  server = await createServer({
    domains: [domain],
    tls: await authority.certify([domain]),
    listen: { tcp: 0, directTls: 0, loopback: 0, websocket: 0 },
  });
  for (const localpart of ['juliet', 'romeo']) await server.createAccount(domain, localpart, 'secret');
});

beforeEach(() => {
  recorder = createRecorder('reference', () => 0);
});

afterEach(async () => {
  await Promise.all(actors.splice(0).map((actor) => actor.close()));
});

afterAll(() => server.close());

function address(tls: XmppAddress['tls'] = 'starttls'): XmppAddress {
  const { host, ports } = server;
  const port = { starttls: ports.tcp, direct: ports.directTls, none: ports.loopback }[tls];
  return { host, port: port ?? 0, tls, ca, websocket: `wss://${domain}:${ports.websocket}/xmpp-websocket` };
}

async function connect(
  name: string,
  options: Partial<ConnectOptions> = {},
  tls?: XmppAddress['tls'],
  password = 'secret',
): Promise<Actor> {
  const [localpart = '', resource = ''] = name.split('/');
  const actor = await connectActor(
    { address: address(tls), credentials: { localpart, domain, password }, name, recorder, patience: 4000 },
    { resource, ...options },
  );
  actors.push(actor);
  return actor;
}

describe('against the reference server, an actor', () => {
  test.each<[string, Partial<ConnectOptions>, XmppAddress['tls']]>([
    ['STARTTLS', {}, 'starttls'],
    ['direct TLS', {}, 'direct'],
    ['loopback', {}, 'none'],
    ['WebSocket', { transport: 'websocket' }, 'starttls'],
    ['SCRAM-SHA-1', { mechanism: 'SCRAM-SHA-1' }, 'starttls'],
  ])('logs in and exchanges messages over %s', async (_, options, tls) => {
    const juliet = await connect('juliet/phone', { ...options, carbons: true }, tls);
    const romeo = await connect('romeo/orchard', options, tls);
    expect(juliet.fullJid).toBe(`juliet@${domain}/phone`);
    const body = 'Wherefore 🌹 <art> & thou?';
    await romeo.send(xml('message', { to: juliet.bareJid, type: 'chat' }, xml('body', {}, body)));
    const message = await juliet.receive('message', (stanza) => stanza.getChild('body') !== undefined);
    expect(message.getChildText('body')).toBe(body);
    expect(message.attrs.from).toBe(romeo.fullJid);
  });

  test.each(['PLAIN', 'SCRAM-SHA-1'] as const)('is refused with a wrong password (%s)', async (mechanism) => {
    await expect(connect('juliet/phone', { mechanism }, 'starttls', 'wrong')).rejects.toMatchObject({
      code: 'authentication-refused',
    });
  });

  test('loses its connection and resumes with what came meanwhile', async () => {
    const juliet = await connect('juliet/phone', { streamManagement: 'resumable' });
    const romeo = await connect('romeo/orchard');
    await juliet.lose();
    await romeo.send(xml('message', { to: juliet.fullJid, type: 'chat' }, xml('body', {}, 'in the tunnel')));
    await romeo.ping();
    expect(await juliet.resume()).toBe('resumed');
    const kept = await juliet.receive('message', (stanza) => stanza.getChild('body') !== undefined);
    expect(kept.getChildText('body')).toBe('in the tunnel');
    await juliet.ping();
    await juliet.setActive(false);
    await juliet.ping();
  });

  test('hears that the server ended its stream', async () => {
    const first = await connect('juliet/phone');
    const ended = first.ended();
    const stream: RawStream = await openRawSession(
      { address: address(), name: 'juliet/raw', recorder, patience: 4000 },
      { localpart: 'juliet', domain, password: 'secret' },
      'phone',
    );
    expect(await ended).toBe('conflict');
    stream.destroy();
  });

  test('whose account was registered in band can log in, unless it exists or registration is closed', async () => {
    const registered = registerInBand(address(), domain, 'nurse', 'secret', 4000);
    await expect(registered).resolves.toEqual({ localpart: 'nurse', domain, password: 'secret' });
    await connect('nurse/phone');
    await expect(registerInBand(address(), domain, 'nurse', 'secret', 4000)).rejects.toMatchObject({
      code: 'provisioning-refused',
    });
  });
});
