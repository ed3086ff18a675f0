import xml, { type Element } from '@xmpp/xml';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Authority, type Certified, createAuthority } from '../certificate/certificate.js';
import { createRecorder, type Recorder } from '../transcript/transcript.js';
import type { Actor, ConnectOptions } from './actor.js';
import { connectActor } from './client.js';
import {
  createScriptedServer,
  type Peer,
  type Script,
  type ScriptedServer,
} from './testing/scripted-server.js';

const SM = 'urn:xmpp:sm:3';
const open: { close(): Promise<void> }[] = [];
let authority: Authority;
let certified: Certified;
let recorder: Recorder;

beforeAll(async () => {
  authority = await createAuthority();
  certified = await authority.certify(['capulet.example']);
});

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function serve(
  script?: Script,
  tls: 'starttls' | 'direct' | 'websocket' = 'starttls',
): Promise<ScriptedServer> {
  const server = await createScriptedServer({ tls, ...certified, ca: authority.pem }, script);
  open.push(server);
  return server;
}

/** Stands in for a server that lets sessions be resumed, as far as one client can see it. */
function resumable(resumed: (peer: Peer, resume: Element) => void, then?: Script): Script {
  return (step, peer, element) => {
    if (element?.is('enable', SM)) peer.send(`<enabled xmlns="${SM}" id="s1" resume="true"/>`);
    else if (element?.is('resume', SM)) resumed(peer, element);
    else return then?.(step, peer, element);
    return true;
  };
}

async function connect(
  server: ScriptedServer,
  options: Partial<ConnectOptions> = {},
  patience = 1000,
  password = 'secret',
): Promise<Actor> {
  recorder = createRecorder('actor/test', () => 0);
  const credentials = { localpart: 'juliet', domain: 'capulet.example', password };
  const actor = await connectActor(
    { address: server.address, credentials, name: 'juliet/phone', recorder, patience },
    { resource: 'phone', ...options },
  );
  open.push(actor);
  return actor;
}

const texts = (direction: 'sent' | 'received') =>
  recorder.transcript.entries.flatMap((entry) =>
    entry.kind === 'stanza' && entry.direction === direction ? [entry.xml] : [],
  );
const events = () =>
  recorder.transcript.entries.flatMap((entry) => (entry.kind === 'stream' ? [entry.event] : []));

/** Resolves when the server has seen the end of every connection. */
async function serverSideClosed(server: ScriptedServer): Promise<void> {
  await Promise.all(
    [...server.connections].map((socket) => new Promise((resolve) => socket.once('close', resolve))),
  );
}

describe('logging in', () => {
  test.each(['starttls', 'direct', 'websocket'] as const)('works over %s', async (tls) => {
    const server = await serve(undefined, tls);
    const actor = await connect(server, tls === 'websocket' ? { transport: 'websocket' } : {});
    expect(actor.fullJid).toBe('juliet@capulet.example/phone');
    expect(actor.bareJid).toBe('juliet@capulet.example');
    await actor.close();
    expect(events()).toEqual(['connected', 'closed']);
  });

  test('sends presence with the priority asked for, or none', async () => {
    const server = await serve();
    await connect(server, { presence: -1 });
    await connect(server, { presence: 'none' });
    await connect(server);
    const presences = server.received.filter((one) => one.is('presence'));
    expect(presences.map((one) => one.getChildText('priority'))).toEqual(['-1', null]);
  });

  test('has its presence known when it is connected, unless that is not to be waited for', async () => {
    const server = await serve();
    const pings = () => server.received.filter((one) => one.getChild('ping', 'urn:xmpp:ping') !== undefined);
    await connect(server, { awaitPresence: false });
    expect(pings()).toHaveLength(0);
    await connect(server);
    expect(pings()).toHaveLength(1);
  });

  test('enables carbons when asked, and fails when the server does not', async () => {
    const server = await serve((step, peer, element) => {
      if (step !== 'element' || element?.getChild('enable', 'urn:xmpp:carbons:2') === undefined) return;
      peer.send(
        `<iq type="error" id="${element.attrs.id}"><error type="cancel"><forbidden xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error></iq>`,
      );
      return true;
    });
    await expect(connect(server, { carbons: true })).rejects.toMatchObject({
      code: 'refused',
      message: 'juliet/phone: the server refused carbons: forbidden',
    });
  });

  test('takes a password of any characters', async () => {
    const passwords: string[] = [];
    const server = await serve((step, peer, element) => {
      if (step !== 'auth') return;
      passwords.push(
        Buffer.from(element?.getText() ?? '', 'base64')
          .toString()
          .split('\0')[2] ?? '',
      );
      peer.send('<failure xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><not-authorized/></failure>');
      return true;
    });
    await expect(connect(server, {}, 1000, 'pässwörd 🔑')).rejects.toMatchObject({
      code: 'authentication-refused',
    });
    expect(passwords).toEqual(['pässwörd 🔑']);
  });

  test('leaves no secret in the transcript', async () => {
    const server = await serve();
    await connect(server);
    const auth = texts('sent').find((text) => text.startsWith('<auth'));
    expect(auth).toBe('<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="PLAIN">…</auth>');
    const secret = Buffer.from('\0juliet\0secret').toString('base64');
    expect(JSON.stringify(recorder.transcript)).not.toContain(secret);
  });

  test('is recorded from the stream header on, in the order of the wire', async () => {
    const server = await serve();
    await connect(server, { presence: 'none' });
    const names = recorder.transcript.entries.map((entry) =>
      entry.kind === 'stanza' ? `${entry.direction} ${/<([a-z:]+)[^?]*>/.exec(entry.xml)?.[1]}` : entry.kind,
    );
    expect(names).toEqual([
      'sent stream:stream',
      'received stream:features',
      'sent starttls',
      'received proceed',
      'sent stream:stream',
      'received stream:stream',
      'received stream:features',
      'sent auth',
      'received success',
      'sent stream:stream',
      'received stream:stream',
      'received stream:features',
      'sent iq',
      'received iq',
      'stream',
    ]);
  });
});

describe('an actor', () => {
  test('gives results and errors of a request alike, and adds an id', async () => {
    const server = await serve((_, peer, element) => {
      if (element?.getChild('query', 'nonsense') === undefined) return;
      peer.send(`<iq type="error" id="${element.attrs.id}"><error type="cancel"/></iq>`);
      return true;
    });
    const actor = await connect(server);
    const refused = await actor.request(xml('iq', { type: 'get' }, xml('query', { xmlns: 'nonsense' })));
    expect(refused.attrs.type).toBe('error');
    const given = await actor.request(
      xml('iq', { type: 'get', id: 'own' }, xml('query', { xmlns: 'other' })),
    );
    expect(given.attrs).toMatchObject({ type: 'result', id: 'own' });
  });

  test('receives stanzas past and future, each once', async () => {
    const server = await serve((_, peer, element) => {
      if (element?.is('message') !== true) return;
      element.attrs.id = '1';
      peer.send(`${element}<message id="2"/>`);
      return true;
    });
    const actor = await connect(server);
    const future = actor.receive('any message', (stanza) => stanza.is('message'));
    await actor.send(xml('message', {}, xml('body', {}, 'grüß dich 🌹 <&>')));
    expect((await future).getChildText('body')).toBe('grüß dich 🌹 <&>');
    await actor.ping();
    const past = await actor.receive('any message', (stanza) => stanza.is('message'));
    expect(past.attrs.id).toBe('2');
    await actor.send(xml('message', {}, xml('body', {}, 'again')));
    await actor.ping();
    const third = await actor.receive('any message', (stanza) => stanza.is('message'));
    expect(third.getChildText('body')).toBe('again');
  });

  test('reports a predicate that throws as the mistake of its author', async () => {
    const server = await serve((_, peer, element) => {
      if (element?.is('message') === true) peer.send('<message/>');
      return element?.is('message');
    });
    const actor = await connect(server);
    const wait = actor.receive('message', () => {
      throw new RangeError('mistake');
    });
    await actor.send(xml('message'));
    await expect(wait).rejects.toThrow(RangeError);
    await actor.ping();
  });

  test('ends a wait with silence that says what was waited for', async () => {
    const actor = await connect(await serve(), {}, 60);
    await expect(actor.receive('message from romeo', () => false)).rejects.toMatchObject({
      code: 'silence',
      message: 'juliet/phone: no message from romeo within 60 ms',
    });
  });

  test("answers the server's ping, roster push and disco request, and refuses what it does not know", async () => {
    const asked = [
      '<iq type="get" id="s-1" from="capulet.example"><ping xmlns="urn:xmpp:ping"/></iq>',
      '<iq type="set" id="s-2"><query xmlns="jabber:iq:roster"><item jid="a@b"/></query></iq>',
      '<iq type="get" id="s-3"><query xmlns="http://jabber.org/protocol/disco#info"/></iq>',
      '<iq type="get" id="s-4"><query xmlns="jabber:iq:last"/></iq>',
    ];
    const answers = new Map<string, string>();
    const server = await serve((_, peer, element) => {
      if (element?.is('message') === true) peer.send(asked.join(''));
      else if (/^s-\d$/.test(element?.attrs.id)) {
        answers.set(element?.attrs.id, element?.attrs.type);
        if (answers.size === asked.length) peer.send('<message id="all"/>');
      } else return;
      return true;
    });
    const actor = await connect(server);
    await actor.send(xml('message'));
    await actor.receive('the message behind all answers', (stanza) => stanza.attrs.id === 'all');
    expect(Object.fromEntries(answers)).toEqual({
      's-1': 'result',
      's-2': 'result',
      's-3': 'result',
      's-4': 'error',
    });
  });

  test('tells that the server ended the stream, and with which error', async () => {
    const server = await serve((_, peer, element) => {
      if (element?.is('message') !== true) return;
      peer.send(
        '<stream:error><conflict xmlns="urn:ietf:params:xml:ns:xmpp-streams"/></stream:error></stream:stream>',
      );
      return true;
    });
    const actor = await connect(server);
    const wait = actor.receive('answer', () => false);
    const ended = actor.ended();
    await actor.send(xml('message'));
    expect(await ended).toBe('conflict');
    expect(await actor.ended()).toBe('conflict');
    await expect(wait).rejects.toMatchObject({
      code: 'connection-lost',
      message: 'juliet/phone: no answer: stream error conflict',
    });
    await expect(actor.send(xml('message'))).rejects.toMatchObject({ code: 'connection-lost' });
    await actor.close();
    expect(events()).toEqual(['connected', 'ended-by-server']);
  });

  test('leaves no connection behind when it is closed or lost', async () => {
    const server = await serve();
    const closed = await connect(server);
    const lost = await connect(server);
    await closed.close();
    await lost.lose();
    await closed.close();
    await lost.close();
    await serverSideClosed(server);
    await expect(lost.ping()).rejects.toMatchObject({ code: 'connection-lost' });
    expect(texts('sent')).not.toContain('</stream:stream>');
  });
});

describe('stream management', () => {
  test('is not used unless asked for', async () => {
    const server = await serve();
    await connect(server);
    expect(server.received.some((one) => one.getNS() === SM)).toBe(false);
  });

  test('answers requests for acknowledgement unless told not to, and catches up when told to again', async () => {
    const acknowledged: string[] = [];
    const server = await serve(
      resumable(
        () => {},
        (_, peer, element) => {
          if (element?.is('a', SM) === true) {
            acknowledged.push(element.attrs.h);
            peer.send('<message id="acknowledged"/>');
          } else if (element?.is('message') === true) {
            peer.send(`<message id="m"/><r xmlns="${SM}"/>`);
          } else return;
          return true;
        },
      ),
    );
    const actor = await connect(server, { streamManagement: 'enabled', presence: 'none' });
    await actor.send(xml('message'));
    await actor.receive('sign of the acknowledgement', (stanza) => stanza.attrs.id === 'acknowledged');
    expect(acknowledged).toEqual(['1']);
    actor.acknowledge(false);
    await actor.send(xml('message'));
    await actor.ping();
    expect(acknowledged).toEqual(['1']);
    actor.acknowledge(true);
    await actor.receive('sign of the acknowledgement', (stanza) => stanza.attrs.id === 'acknowledged');
    // Two messages, the sign of the first acknowledgement, and the answer to the ping.
    expect(acknowledged).toEqual(['1', '4']);
  });

  test('resumes with the number of stanzas received, and sends again what was not acknowledged', async () => {
    const resumes: Element[] = [];
    const server = await serve(
      resumable((peer, resume) => {
        resumes.push(resume);
        peer.send(`<resumed xmlns="${SM}" previd="s1" h="1"/><message id="kept"/>`);
      }),
    );
    const actor = await connect(server, { streamManagement: 'resumable', presence: 'none' });
    await actor.ping();
    await actor.send(xml('message', { id: 'unacknowledged' }));
    await actor.lose();
    await serverSideClosed(server);
    expect(await actor.resume()).toBe('resumed');
    expect(resumes.map((one) => one.attrs)).toEqual([{ xmlns: SM, h: '1', previd: 's1' }]);
    await actor.receive('kept message', (stanza) => stanza.attrs.id === 'kept');
    await actor.ping();
    const sent = server.received.filter((one) => one.attrs.id === 'unacknowledged');
    expect(sent).toHaveLength(2);
    expect(events()).toEqual(['connected', 'lost', 'resumed']);
    await actor.lose();
    await actor.resume();
    expect(resumes[1]?.attrs.h).toBe('3');
  });

  test('tells that the server no longer knows the session', async () => {
    const server = await serve(
      resumable((peer) =>
        peer.send(
          `<failed xmlns="${SM}"><item-not-found xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></failed>`,
        ),
      ),
    );
    const actor = await connect(server, { streamManagement: 'resumable' });
    await actor.lose();
    expect(await actor.resume()).toBe('refused');
    expect(recorder.transcript.entries).toContainEqual(
      expect.objectContaining({ event: 'resume-refused', detail: 'item-not-found' }),
    );
    await serverSideClosed(server);
  });

  test('without resumption is a refusal when resumption was asked for', async () => {
    const server = await serve((_, peer, element) => {
      if (element?.is('enable', SM) === true) peer.send(`<enabled xmlns="${SM}"/>`);
      return element?.is('enable', SM);
    });
    await expect(connect(server, { streamManagement: 'resumable' })).rejects.toMatchObject({
      code: 'refused',
    });
    await connect(server, { streamManagement: 'enabled' });
  });
});
