import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Authority, type Certified, createAuthority } from '../certificate/certificate.js';
import { createRecorder, type Recorder } from '../transcript/transcript.js';
import type { RawStream } from './actor.js';
import { openRawSession, openRawStream } from './raw-stream.js';
import { registerInBand } from './registration.js';
import { createScriptedServer, type Script, type ScriptedServer } from './testing/scripted-server.js';

const domain = 'capulet.example';
const credentials = { localpart: 'juliet', domain, password: 'secret' };
const HEADER = `<?xml version='1.0'?><stream:stream xmlns="jabber:client" xmlns:stream="http://etherx.jabber.org/streams" to="${domain}" version="1.0">`;
let authority: Authority;
let certified: Certified;
let recorder: Recorder;
const servers: ScriptedServer[] = [];
const streams: RawStream[] = [];

beforeAll(async () => {
  authority = await createAuthority();
  certified = await authority.certify([domain]);
});

beforeEach(() => {
  recorder = createRecorder('raw/test', () => 0);
});

afterEach(async () => {
  for (const stream of streams.splice(0)) stream.destroy();
  for (const server of servers.splice(0)) {
    await Promise.all(
      [...server.connections].map((socket) => new Promise((resolve) => socket.once('close', resolve))),
    );
    await server.close();
  }
});

async function serve(script?: Script): Promise<ScriptedServer> {
  const server = await createScriptedServer({ tls: 'starttls', ...certified, ca: authority.pem }, script);
  servers.push(server);
  return server;
}

async function raw(server: ScriptedServer, tls: boolean, patience = 2000): Promise<RawStream> {
  const stream = await openRawStream(
    { address: server.address, name: 'mallory/raw', recorder, patience, domain },
    { tls },
  );
  streams.push(stream);
  return stream;
}

async function session(server: ScriptedServer, patience = 2000): Promise<RawStream> {
  const stream = await openRawSession(
    { address: server.address, name: 'juliet/raw', recorder, patience },
    credentials,
    'raw',
  );
  streams.push(stream);
  return stream;
}

describe('a raw stream', () => {
  test.each([
    [false, 'starttls'],
    [true, 'PLAIN'],
  ])('carries octets as they are (TLS: %s)', async (tls, offered) => {
    const stream = await raw(await serve(), tls);
    await stream.send(HEADER.slice(0, 30));
    await stream.send(new TextEncoder().encode(HEADER.slice(30)));
    expect(await stream.read('features', /<\/stream:features>/)).toContain(offered);
    const ended = stream.end();
    await stream.send('</stream:stream>');
    expect(await ended).toMatch(/^<stream:stream.*<\/stream:stream>$/s);
    expect(await stream.end()).toBe(await ended);
    expect(
      recorder.transcript.entries.some(
        (entry) => entry.kind === 'stanza' && entry.direction === 'sent' && entry.xml === HEADER.slice(30),
      ),
    ).toBe(true);
  });

  test('gives what came up to the match, and the rest to the next who reads', async () => {
    const stream = await session(
      await serve((_, peer, element) => {
        if (element?.is('message') === true) peer.send('<one/><two/><three/>');
        return element?.is('message');
      }),
    );
    await stream.send('<message/>');
    expect(await stream.read('one', /<one\/>/)).toBe('<one/>');
    expect(await stream.read('three', /<three\/>/g)).toBe('<two/><three/>');
  });

  test('says in the fault what was waited for', async () => {
    const stream = await raw(await serve(), false, 40);
    await expect(stream.read('answer to nothing', /x/)).rejects.toMatchObject({
      code: 'silence',
      message: 'mallory/raw: no answer to nothing within 40 ms',
    });
  });

  test('tells a lost connection, with what came last', async () => {
    const server = await serve((step, peer) => {
      if (step !== 'header') return;
      peer.send('<oops/>');
      peer.socket.end();
      return true;
    });
    const stream = await raw(server, false);
    const reading = stream.read('features', /features/);
    await stream.send(HEADER);
    await expect(reading).rejects.toMatchObject({ code: 'connection-lost' });
    await expect(reading).rejects.toThrow(/<oops\/>/);
    expect(await stream.end()).toBe('<oops/>');
    await expect(stream.send('<a/>')).rejects.toMatchObject({ code: 'connection-lost' });
  });

  test('keeps no more than its limit', async () => {
    const server = await serve((step, peer) => {
      if (step === 'header') peer.send('x'.repeat(2 ** 20 + 1));
      return step === 'header';
    });
    const stream = await raw(server, false);
    const reading = stream.read('features', /features/);
    await stream.send(HEADER);
    await expect(reading).rejects.toMatchObject({ code: 'flood' });
    await expect(stream.end()).rejects.toMatchObject({ code: 'flood' });
  });
});

describe('a raw session', () => {
  test('is bound, and sends what no client would', async () => {
    const server = await serve((_, peer, element) => {
      if (element?.is('nonsense') === true) peer.send(`<echo>${element.getText()}</echo>`);
      return element?.is('nonsense');
    });
    const stream = await session(server);
    expect(server.received.some((one) => one.getChild('bind')?.getChildText('resource') === 'raw')).toBe(
      true,
    );
    await stream.send('<nonsense>&#');
    await stream.send('x41;</nonsense>');
    expect(await stream.read('echo', /<\/echo>/)).toBe('<echo>A</echo>');
    expect(JSON.stringify(recorder.transcript)).not.toContain(
      Buffer.from('\0juliet\0secret').toString('base64'),
    );
  });

  test('that is refused leaves nothing open', async () => {
    const server = await serve((step, peer) => {
      if (step === 'bind') peer.send('<iq type="error" id="bind"><error type="cancel"/></iq>');
      return step === 'bind';
    });
    await expect(session(server)).rejects.toMatchObject({ code: 'refused' });
  });
});

describe('in-band registration', () => {
  test('creates the account with its password', async () => {
    const server = await serve();
    expect(await registerInBand(server.address, domain, 'new', 's<&>t', 2000)).toEqual({
      localpart: 'new',
      domain,
      password: 's<&>t',
    });
    const query = server.received.find((one) => one.is('iq'))?.getChild('query', 'jabber:iq:register');
    expect(query?.getChildText('username')).toBe('new');
    expect(query?.getChildText('password')).toBe('s<&>t');
  });

  test('tells why the server refused it', async () => {
    const server = await serve((_, peer, element) => {
      if (element === undefined) return;
      peer.send(
        `<iq type="error" id="${element.attrs.id}"><error type="cancel"><conflict xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error></iq>`,
      );
      return true;
    });
    await expect(registerInBand(server.address, domain, 'old', 'secret', 2000)).rejects.toMatchObject({
      code: 'provisioning-refused',
      message: 'registration of old@capulet.example: the server refused it: conflict',
    });
  });

  test('takes a stream error for a refusal', async () => {
    const server = await serve((_, peer, element) => {
      if (element === undefined) return;
      peer.send('<stream:error><not-authorized xmlns="urn:ietf:params:xml:ns:xmpp-streams"/></stream:error>');
      return true;
    });
    await expect(registerInBand(server.address, domain, 'new', 'secret', 2000)).rejects.toMatchObject({
      code: 'provisioning-refused',
      message: /not-authorized/,
    });
  });
});
