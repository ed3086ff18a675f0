import { describe, expect, test } from 'vitest';
import type { Catalogue } from '../../case/requirement.js';
import { authorization, browser, freshKeys, seal, signingKey } from '../../judge/forge.js';
import { exampleOf, readSource, specSource } from '../testing/spec.fixture.js';
import { checkPayloads, checkPushes } from './requests.js';
import { checkSubscriptions } from './subscriptions.js';

const to = browser('example/browser', { origin: 'https://push.example', path: '/p/1' });
const { p256dh, auth, privateKey, endpoint } = to.entry;
const key = signingKey();
const other = signingKey();
const payload = {
  v: 1,
  account: 'juliet@capulet.example',
  kind: 'message',
  from: 'romeo@montague.example',
  time: '2026-01-02T03:04:05Z',
};
const body = seal(to, { plaintext: Buffer.from(JSON.stringify(payload)) });
const vapid = (changes: Parameters<typeof authorization>[1] = {}) =>
  authorization('https://push.example', { key, field: (t, k) => `vapid\n  t=${t},\n  k=${k}`, ...changes });

/** Everything a document on Web Push shows, in one piece and in order. */
const parts = [
  exampleOf(
    `<iq type='result' id='d1' from='juliet@capulet.example' to='juliet@capulet.example/b'>
<query xmlns='http://jabber.org/protocol/disco#info'><x xmlns='jabber:x:data' type='result'>
<field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/webpush#public-key</value></field>
<field var='webpush#public-key'><value>${key.k}</value></field></x></query></iq>`,
  ),
  exampleOf(
    `{ "endpoint": "${endpoint}", "keys": { "p256dh": "${p256dh}", "auth": "${auth}" },\n"d": "${privateKey}" }`,
  ),
  exampleOf(`<iq type='set' id='e1' from='juliet@capulet.example/b'><enable xmlns='urn:xmpp:webpush:0'>
<endpoint>${endpoint}</endpoint>
<auth>${auth}</auth>
<p256dh>${p256dh}</p256dh></enable></iq>`),
  exampleOf(
    `POST /p/1 HTTP/1.1\nHost: push.example\nTTL: 60\nUrgency: high\nTopic: abc\nContent-Encoding: aes128gcm\nContent-Length: ${body.length}\nAuthorization: ${vapid()}\n\n${body.toString('base64url').replace(/.{72}/g, '$&\n')}`,
  ),
  exampleOf(JSON.stringify(payload, undefined, 2)),
];
const whole = parts.join('\n');

/** Every sentence binds; what it says does not matter here. */
const catalogue: Catalogue = new Proxy(new Map(), {
  get: () => (id: string) => ({ id, level: 'MUST', sentence: id, document: 'RFC', section: '1' }),
});

async function findingsOf(source: string): Promise<readonly string[]> {
  const document = readSource(specSource(source));
  const pushes = await checkPushes(document, catalogue);
  return [...checkSubscriptions(document), ...checkPayloads(document), ...pushes]
    .filter(({ message }) => !/\(RFC §1, receivers\./.test(message))
    .map(({ line, column, level, rule, message }) => `${line}:${column} ${level} ${rule} ${message}`);
}

function placeOf(source: string, text: string): string {
  const lines = specSource(source).slice(0, specSource(source).lastIndexOf(text)).split('\n');
  return `${lines.length}:${(lines.at(-1)?.length ?? 0) + 1}`;
}

test('A document in order has no finding', async () => {
  expect(await findingsOf(whole)).toEqual([]);
});

test('A token is as old as it says: an example ages with what is in it', async () => {
  const issued = { iat: 1_700_000_000, exp: 1_700_000_000 + 3600 };
  expect(await findingsOf(token({ claims: issued })(whole))).toEqual([]);
  const stale = { iat: 1_700_000_000, exp: 1_700_000_000 + 90_000 };
  expect((await findingsOf(token({ claims: stale })(whole))).join()).toContain('rfc8292.expiry-limit');
});

const hex = Buffer.from(p256dh, 'base64url').toString('hex');
const spki = Buffer.concat([
  Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex'),
  Buffer.from(key.k, 'base64url'),
]).toString('base64url');
const offCurve = Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 1)]).toString('base64url');
const stranger = freshKeys();
const sealed = body.toString('base64url').replace(/.{72}/g, '$&\n');
const without = (text: string) => seal(to, { plaintext: Buffer.from(text) }).toString('base64url');
const token = (changes: Parameters<typeof authorization>[1]) => (source: string) =>
  source.replace(/vapid\n[\s\S]*?k=\S+/, () => vapid(changes));
const swap = (from: string, into: string) => (source: string) => source.replace(from, () => into);
const last = (from: string, into: string) => (source: string) => {
  const at = source.lastIndexOf(from);
  return source.slice(0, at) + into + source.slice(at + from.length);
};
/** The beginning of what replaced the token, or the key. */
const following = (text: string) => (source: string) =>
  source.slice(source.indexOf(text) + text.length).slice(0, 300);

describe('A slip is found in its place', () => {
  test.each<[string, (source: string) => string, string | ((source: string) => string), string]>([
    [
      'a p256dh in hexadecimal',
      last(`<p256dh>${p256dh}`, `<p256dh>${hex}`),
      hex,
      'error webpush/key p256dh is hexadecimal',
    ],
    [
      'a published key as SubjectPublicKeyInfo',
      swap(`<value>${key.k}`, `<value>${spki}`),
      spki,
      'error webpush/key the application server key is a SubjectPublicKeyInfo',
    ],
    [
      'a p256dh beside the curve',
      last(`<p256dh>${p256dh}`, `<p256dh>${offCurve}`),
      offCurve,
      'error webpush/key p256dh is no uncompressed point',
    ],
    [
      'an auth with padding',
      last(`<auth>${auth}`, `<auth>${auth}==`),
      `${auth}==`,
      'error webpush/key auth is not base64url without padding',
    ],
    [
      'an auth of 15 octets',
      last(`<auth>${auth}`, `<auth>${auth.slice(0, 20)}`),
      `${auth.slice(0, 20)}</auth>`,
      'error webpush/key auth has 15 octets',
    ],
    [
      'a broken p256dh beside its private half',
      swap(`"p256dh": "${p256dh}"`, `"p256dh": "${offCurve}"`),
      offCurve,
      'error webpush/key p256dh is no uncompressed point',
    ],
    [
      'a private key of somebody else',
      swap(privateKey, stranger.privateKey),
      stranger.privateKey,
      'error webpush/key d is not the private half',
    ],
    [
      'another auth for the same endpoint',
      last(`<auth>${auth}`, `<auth>${stranger.auth}`),
      stranger.auth,
      'warning webpush/value auth of this endpoint is another one',
    ],
    [
      'an endpoint without https',
      last(`<endpoint>${endpoint}`, '<endpoint>http://push.example/p/1'),
      'http://push.example/p/1',
      'error webpush/endpoint "http://push.example/p/1" is no https URL',
    ],
    [
      'a TTL that is no number',
      swap('TTL: 60', 'TTL: one minute'),
      'one minute',
      'error webpush/request expected one TTL field of digits',
    ],
    [
      'an Urgency that is none',
      swap('Urgency: high', 'Urgency: urgent'),
      'urgent',
      'error webpush/request expected very-low',
    ],
    [
      'a Topic that is too long',
      swap('Topic: abc', `Topic: ${'a'.repeat(33)}`),
      'a'.repeat(33),
      'error webpush/request expected 1 to 32 characters',
    ],
    [
      'a Topic that tells the account',
      swap('Topic: abc', 'Topic: juliet-x'),
      'juliet-x',
      'error webpush/request expected a Topic that cannot be derived',
    ],
    [
      'a coding of a draft',
      swap('aes128gcm', 'aesgcm'),
      'aesgcm',
      'error webpush/request expected one Content-Encoding field: aes128gcm',
    ],
    [
      'a field of a draft',
      swap('TTL: 60', 'Crypto-Key: dh=a\nTTL: 60'),
      'Crypto-Key',
      'error webpush/request Crypto-Key is of drafts',
    ],
    [
      'a length that is not the body’s',
      swap(`Length: ${body.length}`, 'Length: 7'),
      '7\nAuth',
      `error webpush/request the body has ${body.length} octets`,
    ],
    [
      'a key that is not published',
      token({ key: other }),
      other.k,
      'error webpush/request expected the advertised key',
    ],
    [
      'a token signed by another key',
      token({ key: other, field: (t) => `vapid\n  t=${t},\n  k=${key.k}` }),
      following('  t='),
      'error webpush/request expected a signature that verifies with k',
    ],
    [
      'an audience with a path',
      token({ claims: { aud: endpoint } }),
      following('  t='),
      'error webpush/request expected aud https://push.example, found',
    ],
    [
      'a token without expiry',
      token({ claims: { exp: undefined } }),
      following('  t='),
      'error webpush/request expected the claim exp',
    ],
    [
      'a token of two days',
      token({ claims: { iat: 1_700_000_000, exp: 1_700_172_800 } }),
      following('  t='),
      'error webpush/request expected an exp at most 86400',
    ],
    [
      'a subject that is no URI',
      token({ claims: { sub: 'admin@example.org' } }),
      following('  t='),
      'error webpush/request expected sub as a mailto: or https: URI',
    ],
    [
      'a body for somebody else',
      swap(
        sealed,
        seal({ publicKey: Buffer.from(stranger.p256dh, 'base64url'), auth: to.auth }).toString('base64url'),
      ),
      (source) => source.slice(source.indexOf('\n\n') + 2).slice(0, 99),
      'error webpush/request expected a message that opens',
    ],
    [
      'a body that holds what nobody shows',
      swap(sealed, without('{"v":1}')),
      (source) => source.slice(source.indexOf('\n\n') + 2).slice(0, 99),
      'error webpush/payload the body holds {"v":1}, which no example shows',
    ],
    [
      'a body in hexadecimal with blanks and signs',
      swap(sealed, '0x+/='),
      '0x+/=',
      'error webpush/request the body is not in base64url',
    ],
    [
      'an account with a resource',
      last('"juliet@capulet.example"', '"juliet@capulet.example/b"'),
      '"juliet@capulet.example/b"',
      'error webpush/payload "account" is',
    ],
    [
      'a kind that is none',
      swap('"kind": "message"', '"kind": "msg"'),
      '"msg"',
      'error webpush/payload "kind" is "msg", expected "message"',
    ],
    [
      'a time that does not exist',
      swap('2026-01-02T03:04:05Z', '2026-13-02T03:04:05Z'),
      '"2026-13',
      'error webpush/payload "time" is',
    ],
    [
      'a member that nobody knows',
      swap('"kind": "message"', '"kind": "message",\n  "constructor": 1'),
      '1,\n  "from"',
      'warning webpush/payload there is no member "constructor"',
    ],
  ])('%s', async (_, change, place, finding) => {
    const source = change(whole);
    expect(source).not.toBe(whole);
    const findings = await findingsOf(source);
    const found = findings.find((line) => line.includes(finding));
    expect(found, findings.join('\n')).toBeDefined();
    const text = typeof place === 'string' ? place : place(source);
    expect(found?.split(' ', 1)[0]).toBe(placeOf(source, text));
  });
});

test('A token is judged at the Date of its example, not at the time of the check', async () => {
  const dated = (date: string) => whole.replace('TTL: 60', `Date: ${date}\nTTL: 60`);
  expect(await findingsOf(dated('Fri, 02 Jan 2026 10:00:00 GMT'))).toEqual([]);
  expect(await findingsOf(dated('Sat, 03 Jan 2026 10:00:00 GMT'))).toEqual([
    expect.stringContaining('expected an exp after the request'),
  ]);
});

test('Two published keys are those of before and after a change', async () => {
  const [disco = ''] = parts;
  const findings = await findingsOf(`${disco.replace(key.k, other.k)}\n${whole}`);
  expect(findings).toEqual([
    expect.stringContaining('warning webpush/value the application server key is another'),
  ]);
});
