import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import xml from '@xmpp/xml';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Actor, ConnectOptions } from '../harness/actor/actor.js';
import { connectActor } from '../harness/actor/client.js';
import { registerInBand } from '../harness/actor/registration.js';
import { conditionOf } from '../harness/actor/session.js';
import { type Authority, createAuthority } from '../harness/certificate/certificate.js';
import { type PushService, startPushService } from '../harness/push-service/push-service.js';
import type { Subscription } from '../harness/push-service/subscription.js';
import { createRecorder, type Recorder } from '../harness/transcript/transcript.js';
import { advertisedKey, discoInfo, enable } from '../suites/scene/webpush.js';
import { type Running, start } from './cli.fixture.js';
import { domains, findProsody, type Prosody, startProsody } from './prosody.fixture.js';

const [domain, withoutArchive, withoutStorage] = domains;
/** An image may have to be built first. */
const command = await findProsody();
const reason = command ? '' : ' (skipped: neither a Prosody nor a container engine is here)';

/** More than the ten seconds after which Prosody gives an answer up, and the pause before it tries again. */
const patience = 45_000;

let authority: Authority;
let service: PushService;
let recorder: Recorder;
let prosody: Prosody;
let sidecar: Running | undefined;
const folder = mkdtempSync(join(tmpdir(), 'prosody-sidecar-'));
const actors: Actor[] = [];

beforeAll(async () => {
  if (!command) return;
  authority = await createAuthority();
  writeFileSync(join(folder, 'ca.pem'), authority.pem);
  recorder = createRecorder('prosody', Date.now);
  service = await startPushService({ authority });
  prosody = await startProsody(command, authority);
}, patience);

afterEach(async () => {
  await Promise.all(actors.splice(0).map((actor) => actor.close().catch(() => {})));
});

afterAll(async () => {
  if (command) {
    await killSidecar();
    await prosody.stop();
    await service.close();
  }
  rmSync(folder, { recursive: true });
}, patience);

/** Resolves when Prosody has found it on these hosts; one where nothing happens looks for it twice a minute only. */
async function startSidecar(...hosts: readonly string[]): Promise<void> {
  const found = Promise.all(
    hosts.map((name) => prosody.logged(new RegExp(`${name}:webpush_sidecar.*Web Push by the sidecar`))),
  );
  const { port, secretFile } = prosody.sidecar;
  const place = ['--listen', `127.0.0.1:${port}`, '--data', join(folder, 'data')];
  // Without merging, nothing that is told twice looks as if it had been told once.
  const push = ['--batch-window', '0', '--allow-host', 'localhost', '--ca-file', join(folder, 'ca.pem')];
  sidecar = start('sidecar', '--domain', ...domains, '--secret-file', secretFile, ...place, ...push);
  await found;
}

/** As a power cut does. */
async function killSidecar(): Promise<void> {
  sidecar?.child.kill('SIGKILL');
  await sidecar?.ended;
}

const resumable = { streamManagement: 'resumable', carbons: true } as const;

let accounts = 0;

/** A client of an account that nobody else has. */
async function newcomer(
  localpart: string,
  options: Partial<ConnectOptions> = {},
  host: string = domain,
): Promise<Actor> {
  accounts += 1;
  const name = `${localpart}-${accounts}`;
  await registerInBand(prosody.address, host, name, 'secret', patience);
  return connect(`${name}@${host}/web`, options);
}

async function connect(fullJid: string, options: Partial<ConnectOptions> = {}): Promise<Actor> {
  const [name = '', host = '', resource = ''] = fullJid.split(/[@/]/);
  const credentials = { localpart: name, domain: host, password: 'secret' };
  const actor = await connectActor(
    { address: prosody.address, credentials, name, recorder, patience },
    { resource, ...options },
  );
  actors.push(actor);
  return actor;
}

const subscribe = (name: string): Subscription =>
  service.subscribe({
    name,
    recorder,
    case: 'prosody',
    endpointUrl: (path) => `https://localhost:${service.port}${path}`,
  });

async function enabled(actor: Actor, subscription = subscribe(actor.name)): Promise<Subscription> {
  const answer = await actor.request(enable('e', subscription));
  expect(answer.attrs.type, answer.toString()).toBe('result');
  return subscription;
}

/** Resolves when so many pushes have come in all. */
const pushed = (subscription: Subscription, count: number): Promise<void> =>
  new Promise((resolve) => {
    const look = () => {
      if (subscription.requests.length < count) return;
      stop();
      resolve();
    };
    const stop = recorder.listen(() => queueMicrotask(look));
    look();
  });

/** Resolves when a push is out that was due after all that the sender's messages were to cause. */
async function fence(sender: Actor): Promise<void> {
  const witness = await newcomer('witness');
  const subscription = await enabled(witness);
  await witness.close();
  await sender.send(chat(witness.bareJid, 'Hark'));
  await pushed(subscription, 1);
}

const chat = (to: string, text: string) => xml('message', { to, type: 'chat' }, xml('body', {}, text));

const hears = (actor: Actor, text: string) =>
  actor.receive(text, (stanza) => stanza.getChildText('body') === text);

const keyShown = async (actor: Actor) =>
  advertisedKey(await actor.request(discoInfo('d', actor.bareJid))) !== undefined;

describe.skipIf(!command)(`Prosody whose sidecar${reason}`, { timeout: patience }, () => {
  test('is not there has no Web Push to offer, asks clients to come again, and delivers as ever', async () => {
    const juliet = await newcomer('juliet');
    const romeo = await newcomer('romeo');
    expect(await keyShown(juliet)).toBe(false);
    const refused = await juliet.request(enable('e', subscribe('juliet')));
    expect(refused.getChild('error')?.attrs.type).toBe('wait');
    expect(conditionOf(refused)).toBe('internal-server-error');
    await romeo.send(chat(juliet.bareJid, 'Good night'));
    await hears(juliet, 'Good night');
  });

  test('comes later has it from then on, also for sessions that are there already', async () => {
    const juliet = await newcomer('juliet');
    await startSidecar(...domains);
    expect(await keyShown(juliet)).toBe(true);
    const subscription = await enabled(juliet);
    await juliet.close();
    const romeo = await newcomer('romeo');
    await romeo.send(chat(juliet.bareJid, 'Good night'));
    await pushed(subscription, 1);
  });
});

describe.skipIf(!command)(`Prosody with a sidecar${reason}`, { timeout: patience }, () => {
  test('takes a message for one, archived or not, when a session that was told of it is replaced', async () => {
    const juliet = await newcomer('juliet', resumable, withoutArchive);
    const romeo = await newcomer('romeo');
    const subscription = await enabled(juliet);
    await juliet.lose();
    await romeo.send(chat(juliet.fullJid, 'Once'));
    await pushed(subscription, 1);
    // The old session leaves the message to offline storage, which hands it to the new one.
    const again = await connect(juliet.fullJid);
    await hears(again, 'Once');
    await fence(romeo);
    expect(subscription.requests).toHaveLength(1);
  });

  test('takes a message for one that waits for two sessions of one browser', async () => {
    const juliet = await newcomer('juliet', resumable, withoutArchive);
    const tab = await connect(`${juliet.bareJid}/tab`, resumable);
    const romeo = await newcomer('romeo');
    const subscription = await enabled(tab, await enabled(juliet));
    await Promise.all([juliet.lose(), tab.lose()]);
    await romeo.send(chat(juliet.fullJid, 'Once'));
    await pushed(subscription, 1);
    await fence(romeo);
    expect(subscription.requests).toHaveLength(1);
  });

  test('takes a carbon that was not acknowledged for the message that was told when it was archived', async () => {
    const juliet = await newcomer('juliet', resumable);
    const phone = await connect(`${juliet.bareJid}/phone`);
    const tab = await connect(`${juliet.bareJid}/tab`, resumable);
    const romeo = await newcomer('romeo');
    const subscription = await enabled(phone);
    await phone.close();
    tab.acknowledge(false);
    await romeo.send(chat(juliet.fullJid, 'Once'));
    await tab.receive('a carbon', (stanza) => stanza.getChild('received') !== undefined);
    await pushed(subscription, 1);
    // The same browser, now that its user looks: what it does not acknowledge would be pushed when it is lost.
    await enabled(tab, subscription);
    await tab.lose();
    await fence(romeo);
    expect(subscription.requests).toHaveLength(1);
  });

  test('pushes what a session that cannot be resumed has not acknowledged', async () => {
    const juliet = await newcomer('juliet', { streamManagement: 'enabled' });
    const romeo = await newcomer('romeo');
    const subscription = await enabled(juliet);
    juliet.acknowledge(false);
    await romeo.send(chat(juliet.fullJid, 'Heard of'));
    await hears(juliet, 'Heard of');
    await juliet.lose();
    await pushed(subscription, 1);
  });

  test('does not push what goes back to its sender', async () => {
    const juliet = await newcomer('juliet', resumable, withoutStorage);
    const romeo = await newcomer('romeo');
    const subscription = await enabled(juliet);
    await juliet.close();
    await romeo.send(chat(juliet.bareJid, 'In vain'));
    await romeo.receive('an error', (stanza) => stanza.attrs.type === 'error');
    await fence(romeo);
    expect(subscription.requests).toHaveLength(0);
  });

  test('shows the key to the owner of an account and to none of its contacts', async () => {
    const juliet = await newcomer('juliet');
    const romeo = await newcomer('romeo');
    // Consents go to who has asked for the roster.
    await romeo.request(xml('iq', { type: 'get' }, xml('query', { xmlns: 'jabber:iq:roster' })));
    await romeo.send(xml('presence', { to: juliet.bareJid, type: 'subscribe' }));
    await juliet.receive('the request', ({ attrs }) => attrs.type === 'subscribe');
    await juliet.send(xml('presence', { to: romeo.bareJid, type: 'subscribed' }));
    await romeo.receive('the consent', ({ attrs }) => attrs.type === 'subscribed');
    const [shown, kept] = [
      await juliet.request(discoInfo('d', juliet.bareJid)),
      await romeo.request(discoInfo('d', juliet.bareJid)),
    ];
    expect(kept.attrs.type).toBe('result');
    expect([shown, kept].map(advertisedKey)).toEqual([expect.any(String), undefined]);
    expect(kept.toString()).not.toContain('webpush');
  });
});

describe.skipIf(!command)(`Prosody whose sidecar${reason}`, { timeout: patience }, () => {
  test('is killed delivers meanwhile, and pushes what it missed when it is back, and nothing twice', async () => {
    const juliet = await newcomer('juliet', { streamManagement: 'resumable' });
    const nurse = await newcomer('nurse', { streamManagement: 'resumable' });
    const romeo = await newcomer('romeo');
    const [atJuliet, atNurse] = [await enabled(juliet), await enabled(nurse)];
    await nurse.lose();
    await romeo.send(chat(nurse.fullJid, 'Told before'));
    await pushed(atNurse, 1);
    await killSidecar();

    // Juliet's session lives on: it shows the message itself, also to a sidecar that has never heard of it.
    await romeo.send(chat(juliet.bareJid, 'Shown by herself'));
    await hears(juliet, 'Shown by herself');
    await juliet.ping();
    await romeo.send(chat(nurse.fullJid, 'Told afterwards'));
    await romeo.ping();
    const down = await juliet.request(enable('again', subscribe('juliet')));
    expect(down.getChild('error')?.attrs.type).toBe('wait');

    await startSidecar(domain);
    await pushed(atNurse, 2);
    await romeo.send(chat(juliet.bareJid, 'Shown as well'));
    await hears(juliet, 'Shown as well');
    await juliet.lose();
    await romeo.send(chat(juliet.fullJid, 'Told at last'));
    await pushed(atJuliet, 1);
    expect(await nurse.resume()).toBe('resumed');
    await hears(nurse, 'Told afterwards');
    await nurse.close();
    await fence(romeo);
    expect([atJuliet.requests.length, atNurse.requests.length]).toEqual([1, 2]);
  });

  test('does not answer delays no message, and a client is not left without an answer', async () => {
    const juliet = await newcomer('juliet');
    const romeo = await newcomer('romeo');
    expect(await keyShown(juliet)).toBe(true);
    sidecar?.child.kill('SIGSTOP');
    try {
      const answer = juliet.request(enable('e', subscribe('juliet')));
      await romeo.send(chat(juliet.bareJid, 'Good night'));
      await hears(juliet, 'Good night');
      expect((await answer).getChild('error')?.attrs.type).toBe('wait');
      expect(await keyShown(juliet)).toBe(false);
    } finally {
      sidecar?.child.kill('SIGCONT');
    }
    const subscription = subscribe('juliet');
    await expect
      .poll(async () => (await juliet.request(enable('e', subscription))).attrs.type, { timeout: patience })
      .toBe('result');
  });

  test('was away for more than is kept begins anew, and knows of accounts that were deleted', async () => {
    const juliet = await newcomer('juliet', { streamManagement: 'resumable' });
    const tybalt = await newcomer('tybalt');
    const romeo = await newcomer('romeo');
    const [atJuliet, atTybalt] = [await enabled(juliet), await enabled(tybalt)];
    // Each session that hibernates is told of each message.
    const paris = await newcomer('paris', resumable);
    const others = ['a', 'b', 'c', 'd'].map((name) => connect(`${paris.bareJid}/${name}`, resumable));
    for (const session of [paris, ...(await Promise.all(others))]) await session.lose();
    await killSidecar();
    await tybalt.send(
      xml('iq', { type: 'set', id: 'x' }, xml('query', { xmlns: 'jabber:iq:register' }, xml('remove'))),
    );
    await tybalt.ended();
    for (let count = 0; count < 8; count++) await romeo.send(chat(paris.bareJid, 'o'.repeat(200_000)));
    await romeo.ping();

    const given = prosody.logged(/\d+ events were given up/);
    await startSidecar(domain);
    await given;
    await registerInBand(prosody.address, domain, tybalt.bareJid.split('@')[0] ?? '', 'secret', patience);
    await romeo.send(chat(tybalt.bareJid, 'To another of that name'));
    await juliet.lose();
    await romeo.send(chat(juliet.fullJid, 'Told'));
    await pushed(atJuliet, 1);
    await fence(romeo);
    expect([atJuliet.requests.length, atTybalt.requests.length]).toEqual([1, 0]);
  });
});
