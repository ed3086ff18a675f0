import { createHash, createHmac, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createEvidence } from './examine.js';
import type { Finding } from './finding.js';
import {
  authorization,
  type Browser,
  browser,
  defaultKey,
  type Forgery,
  forge,
  gcm,
  hkdf,
  keyOfPoint,
  seal,
  senderKeys,
  signingKey,
  transcriptOf,
  withoutCounter,
} from './forge.js';
import { judgeRequest, judgeRequests, on, type WireContext, wireRequirements } from './wire.js';

const context: WireContext = { applicationServerKey: defaultKey.k, jids: ['juliet@example.org'] };

const examined = async (forgery: Forgery) => {
  const transcript = transcriptOf(forgery.to.entry, forge(forgery));
  const evidence = await createEvidence(transcript, { isSentinel: () => false });
  const [request] = evidence.allRequests;
  if (!request) throw new Error('no request');
  return request;
};

/** The requirements broken by a request that differs from a good one in what is given. */
async function broken(change: Omit<Forgery, 'to'>, to: Browser = browser()): Promise<readonly string[]> {
  const findings = judgeRequest(await examined({ to, ...change }), context);
  return findings.filter(({ met }) => !met).map(({ requirement }) => requirement);
}

const nul = Buffer.alloc(1);
const label = Buffer.from('WebPush: info');
const delimited = (plaintext: Buffer, tail: readonly number[]) =>
  Buffer.concat([plaintext, Buffer.from(tail)]);
const ikmWith =
  (change: (secret: Buffer, auth: Buffer) => readonly [secret: Buffer, salt: Buffer]) =>
  (secret: Buffer, auth: Buffer, info: Buffer) => {
    const [ikm, salt] = change(secret, auth);
    return hkdf('sha256', ikm, salt, info, 32);
  };
const compressed = (point: Buffer) =>
  Buffer.concat([Buffer.from([2 + ((point.at(-1) ?? 0) & 1)]), point.subarray(1, 33)]);
const offCurve = (point: Buffer) => delimited(point.subarray(0, 64), [(point.at(-1) ?? 0) ^ 1]);

/** Seals in records of this size (RFC 8188 §2). */
const inRecords = (size: number) => (key: Buffer, nonce: Buffer, record: Buffer) => {
  const data = record.subarray(0, -1);
  const pieces: Buffer[] = [];
  for (let at = 0, number = 0; at < data.length; at += size - 17, number += 1) {
    const last = at + size - 17 >= data.length;
    const own = Buffer.from(nonce);
    own.writeUInt32BE((own.readUInt32BE(8) ^ number) >>> 0, 8);
    pieces.push(gcm(key, own, delimited(data.subarray(at, at + size - 17), [last ? 2 : 1])));
  }
  return Buffer.concat(pieces);
};

describe('A request that is right in everything', () => {
  test('is found to be, on every sentence that one request can show', async () => {
    const findings = judgeRequests([await examined({ to: browser() })], context);
    expect(findings.filter(({ met }) => !met)).toEqual([]);
    expect(findings.map(({ requirement }) => requirement).sort()).toEqual([...wireRequirements].sort());
  });

  test.each<[string, Omit<Forgery, 'to'>]>([
    ['a high S', {}],
    ['padding', { sealing: { record: (text) => delimited(text, [2, 0, 0, 0]) } }],
    ['a scheme in capitals', { vapid: { field: (t, k) => `VAPID k=${k} ,t=${t}` } }],
    ['further parameters', { vapid: { field: (t, k) => `vapid realm=x, t=${t}, k=${k}, u=1` } }],
    ['no typ in the header', { vapid: { header: { alg: 'ES256' } } }],
    ['an https sub', { vapid: { claims: { sub: 'https://example.org/contact' } } }],
    ['every optional field', { fields: { urgency: 'very-low', topic: 'A'.repeat(32) } }],
    ['a huge TTL', { fields: { ttl: '99999999999999' } }],
    ['TTL 0', { fields: { ttl: '0' } }],
    ['a body of 4095 octets', { sealing: { plaintext: Buffer.alloc(3992, 'x') } }],
    ['an absolute request target', { request: { target: 'https://push.example:8443/push/x' } }],
  ])('stays so with %s', async (_, change) => {
    // Half of all signatures have a high S, so that some are sure to be tried.
    const tries = _ === 'a high S' ? 8 : 1;
    for (let count = 0; count < tries; count += 1) {
      expect(await broken(change, browser('juliet/phone', { path: '/push/x' }))).toEqual([]);
    }
  });

  test('may name an internationalised origin in Unicode, with a note that ASCII is safer', async () => {
    const to = browser('juliet/phone', { origin: 'https://xn--bcher-kva.example' });
    expect(await broken({}, to)).toEqual([]);
    expect(await broken({ vapid: { claims: { aud: 'https://bücher.example' } } }, to)).toEqual([
      'receivers.audience-ascii',
    ]);
  });

  test('may come without a body when the caller says so', async () => {
    const request = await examined({
      to: browser(),
      body: Buffer.alloc(0),
      fields: { 'content-encoding': undefined },
    });
    const failing = (bodyOptional: boolean) =>
      judgeRequest(request, { bodyOptional }).filter(({ met }) => !met).length;
    expect([failing(true), failing(false)]).toEqual([0, 2]);
  });
});

type Defect = readonly [defect: string, expected: readonly string[], change: Omit<Forgery, 'to'>];

const points: readonly Defect[] = [
  [
    'the key id is a compressed point',
    ['rfc8291.opens', 'rfc8291.keyid'],
    { sealing: { keyid: compressed } },
  ],
  [
    'the key id is SPKI in DER',
    ['rfc8291.opens', 'rfc8291.keyid'],
    { sealing: { keyid: (point) => keyOfPoint(point).export({ format: 'der', type: 'spki' }) } },
  ],
  [
    'the key id is PEM',
    ['rfc8291.opens', 'rfc8291.keyid'],
    {
      sealing: {
        keyid: (point) => Buffer.from(String(keyOfPoint(point).export({ format: 'pem', type: 'spki' }))),
      },
    },
  ],
  [
    'the key id lacks its 0x04',
    ['rfc8291.opens', 'rfc8291.keyid'],
    { sealing: { keyid: (point) => point.subarray(1) } },
  ],
  ['the key id is empty', ['rfc8291.opens', 'rfc8291.keyid'], { sealing: { keyid: () => Buffer.alloc(0) } }],
  [
    "the key id is the text 'p256dh'",
    ['rfc8291.opens', 'rfc8291.keyid'],
    { sealing: { keyid: () => Buffer.from('p256dh') } },
  ],
  [
    'the key id is in hexadecimal',
    ['rfc8291.opens', 'rfc8291.keyid'],
    { sealing: { keyid: (point) => Buffer.from(point.toString('hex')) } },
  ],
  [
    'the key id is a hybrid point',
    ['rfc8291.opens', 'rfc8291.keyid'],
    {
      sealing: {
        keyid: (point) => Buffer.concat([Buffer.from([6 + ((point.at(-1) ?? 0) & 1)]), point.subarray(1)]),
      },
    },
  ],
  ['the key id is off the curve', ['rfc8291.opens', 'rfc8291.keyid'], { sealing: { keyid: offCurve } }],
];

const derivation: readonly Defect[] = [
  [
    "the sender's key comes first in the info",
    ['rfc8291.opens', 'rfc8291.key-derivation'],
    { sealing: { info: (ua, as) => Buffer.concat([label, nul, as, ua]) } },
  ],
  [
    'the NUL of the info is missing',
    ['rfc8291.opens', 'rfc8291.key-derivation'],
    { sealing: { info: (ua, as) => Buffer.concat([label, ua, as]) } },
  ],
  [
    'the NUL of the info is there twice',
    ['rfc8291.opens', 'rfc8291.key-derivation'],
    { sealing: { info: (ua, as) => Buffer.concat([label, nul, nul, ua, as]) } },
  ],
  [
    'the secret is hashed',
    ['rfc8291.opens', 'rfc8291.key-derivation'],
    { sealing: { secret: (x) => createHash('sha256').update(x).digest() } },
  ],
  [
    'auth and secret are swapped',
    ['rfc8291.opens', 'rfc8291.key-derivation'],
    { sealing: { ikm: ikmWith((secret, auth) => [auth, secret]) } },
  ],
  [
    'auth stays base64url text',
    ['rfc8291.opens', 'rfc8291.key-derivation'],
    { sealing: { ikm: ikmWith((secret, auth) => [secret, Buffer.from(auth.toString('base64url'))]) } },
  ],
  [
    'auth stays base64 text',
    ['rfc8291.opens', 'rfc8291.key-derivation'],
    { sealing: { ikm: ikmWith((secret, auth) => [secret, Buffer.from(auth.toString('base64'))]) } },
  ],
  [
    'auth is cut to 12 octets',
    ['rfc8291.opens', 'rfc8291.key-derivation'],
    { sealing: { ikm: ikmWith((secret, auth) => [secret, auth.subarray(0, 12)]) } },
  ],
  [
    'auth is left out',
    ['rfc8291.opens', 'rfc8291.key-derivation'],
    { sealing: { ikm: ikmWith((secret) => [secret, Buffer.alloc(0)]) } },
  ],
  [
    'the first HKDF is left out',
    ['rfc8291.opens', 'rfc8291.key-derivation'],
    { sealing: { ikm: (secret) => secret } },
  ],
  [
    'the first HKDF is only extracted',
    ['rfc8291.opens', 'rfc8291.key-derivation'],
    { sealing: { ikm: (secret, auth) => createHmac('sha256', auth).update(secret).digest() } },
  ],
  [
    'the first HKDF expands without 0x01',
    ['rfc8291.opens', 'rfc8291.key-derivation'],
    { sealing: { ikm: (secret, auth, info) => withoutCounter(secret, auth, info, 32) } },
  ],
  [
    'the key info is that of aesgcm',
    ['rfc8291.opens', 'rfc8188.content-key'],
    { sealing: { cek: (ikm, salt) => hkdf('sha256', ikm, salt, 'Content-Encoding: aesgcm\0', 16) } },
  ],
  [
    'the key info lacks its NUL',
    ['rfc8291.opens', 'rfc8188.content-key'],
    { sealing: { cek: (ikm, salt) => hkdf('sha256', ikm, salt, 'Content-Encoding: aes128gcm', 16) } },
  ],
  ['HKDF uses SHA-1', ['rfc8291.opens', 'rfc8188.content-key'], { sealing: { hash: 'sha1' } }],
  ['HKDF uses SHA-512', ['rfc8291.opens', 'rfc8188.content-key'], { sealing: { hash: 'sha512' } }],
  [
    'the second HKDF expands without 0x01',
    ['rfc8291.opens', 'rfc8188.content-key'],
    {
      sealing: {
        cek: (ikm, salt) => withoutCounter(ikm, salt, 'Content-Encoding: aes128gcm\0', 16),
        nonce: (ikm, salt) => withoutCounter(ikm, salt, 'Content-Encoding: nonce\0', 12),
      },
    },
  ],
  [
    'the key is one of AES-256',
    ['rfc8291.opens', 'rfc8188.content-key'],
    { sealing: { cek: (ikm, salt) => hkdf('sha256', ikm, salt, 'Content-Encoding: aes128gcm\0', 32) } },
  ],
  [
    'the nonce info lacks its NUL',
    ['rfc8291.opens', 'rfc8188.nonce'],
    { sealing: { nonce: (ikm, salt) => hkdf('sha256', ikm, salt, 'Content-Encoding: nonce', 12) } },
  ],
  ['the nonce is zero', ['rfc8291.opens', 'rfc8188.nonce'], { sealing: { nonce: () => Buffer.alloc(12) } }],
  [
    'the nonce is a counter from 1',
    ['rfc8291.opens', 'rfc8188.nonce'],
    { sealing: { nonce: () => Buffer.from('000000000000000000000001', 'hex') } },
  ],
  ['the nonce is random', ['rfc8291.opens'], { sealing: { nonce: () => randomBytes(12) } }],
  [
    'the tag is missing',
    ['rfc8291.opens', 'rfc8188.tag'],
    { sealing: { seal: (...all) => gcm(...(all.slice(0, 3) as [Buffer, Buffer, Buffer])).subarray(0, -16) } },
  ],
  [
    'the tag comes first',
    ['rfc8291.opens', 'rfc8188.tag'],
    {
      sealing: {
        seal: (key, nonce, record) => {
          const sealed = gcm(key, nonce, record);
          return Buffer.concat([sealed.subarray(-16), sealed.subarray(0, -16)]);
        },
      },
    },
  ],
  [
    'the tag is cut to 12 octets',
    ['rfc8291.opens', 'rfc8188.tag'],
    { sealing: { seal: (key, nonce, record) => gcm(key, nonce, record).subarray(0, -4) } },
  ],
  ['the header is authenticated too', ['rfc8291.opens', 'rfc8188.tag'], { sealing: { seal: gcm } }],
];

const records: readonly Defect[] = [
  ['no delimiter', ['rfc8291.opens', 'rfc8188.delimiter'], { sealing: { record: (text) => text } }],
  [
    'the delimiter 0x01',
    ['rfc8291.opens', 'rfc8188.delimiter'],
    { sealing: { record: (text) => delimited(text, [1]) } },
  ],
  [
    'padding as in aesgcm',
    ['rfc8291.opens', 'rfc8188.delimiter'],
    { sealing: { record: (text) => Buffer.concat([nul, nul, text]) } },
  ],
  [
    'a record of zeros',
    ['rfc8291.opens', 'rfc8188.delimiter'],
    { sealing: { record: () => Buffer.alloc(40) } },
  ],
  ['an empty record', ['rfc8291.opens', 'rfc8188.delimiter'], { sealing: { record: () => Buffer.alloc(0) } }],
  [
    'padding that is not zero',
    ['rfc8291.opens', 'rfc8188.padding'],
    { sealing: { record: (text) => delimited(text, [2, 0, 7, 0]) } },
  ],
  [
    'two records',
    ['rfc8291.opens', 'rfc8291.single-record', 'receivers.record-size-4096'],
    { sealing: { recordSize: 40, seal: inRecords(40) } },
  ],
  [
    'a record size equal to the record',
    ['rfc8291.record-size', 'receivers.record-size-4096'],
    { sealing: { recordSize: 52 } },
  ],
  [
    'a record size of the plaintext',
    ['rfc8291.record-size', 'receivers.record-size-4096'],
    { sealing: { recordSize: 35 } },
  ],
  [
    'a record size of 17',
    ['rfc8188.record-size', 'rfc8291.record-size', 'receivers.record-size-4096'],
    { sealing: { recordSize: 17 } },
  ],
  [
    'a record size of 0',
    ['rfc8188.record-size', 'rfc8291.record-size', 'receivers.record-size-4096'],
    { sealing: { recordSize: 0 } },
  ],
  [
    'a record size with its octets turned',
    ['receivers.record-size-4096'],
    { sealing: { recordSize: 0x00100000 } },
  ],
  [
    'a record size of 0xFFFFFFFF',
    ['receivers.record-size-4096', 'receivers.record-size-signed'],
    { sealing: { recordSize: 0xffffffff } },
  ],
  [
    'a body in base64',
    ['rfc8291.opens', 'rfc8188.header'],
    { sealing: { body: (body) => Buffer.from(body.toString('base64')) } },
  ],
  [
    'a body in hexadecimal',
    ['rfc8291.opens', 'rfc8188.header'],
    { sealing: { body: (body) => Buffer.from(body.toString('hex')) } },
  ],
  [
    'a body in plain JSON',
    ['rfc8030.end-to-end', 'rfc8291.opens', 'rfc8188.header'],
    { body: Buffer.from('{"body":"New Message!"}') },
  ],
  ['a body of 20 octets', ['rfc8291.opens', 'rfc8188.header'], { body: Buffer.alloc(20, 0xff) }],
  [
    'a body that ends in its key id',
    ['rfc8291.opens', 'rfc8188.header'],
    { sealing: { body: (body) => body.subarray(0, 60) } },
  ],
  [
    'a body of 4097 octets',
    ['rfc8291.body-4096', 'receivers.small-body'],
    { sealing: { plaintext: Buffer.alloc(3994, 'x') } },
  ],
  [
    'a body of 4096 octets',
    ['receivers.small-body'],
    {
      sealing: {
        record: (text) => Buffer.concat([text, Buffer.from([2]), Buffer.alloc(3993 - text.length)]),
      },
    },
  ],
  ['an empty plaintext', ['receivers.nonempty-plaintext'], { sealing: { plaintext: Buffer.alloc(0) } }],
  ['no body', ['rfc8291.opens'], { body: Buffer.alloc(0) }],
];

const http: readonly Defect[] = [
  ['no Content-Encoding', ['rfc8291.content-coding'], { fields: { 'content-encoding': undefined } }],
  ['the coding aesgcm', ['rfc8291.content-coding'], { fields: { 'content-encoding': 'aesgcm' } }],
  ['two codings', ['rfc8291.content-coding'], { fields: { 'content-encoding': 'aes128gcm, gzip' } }],
  [
    'two Content-Encoding fields',
    ['rfc8291.content-coding'],
    { fields: { 'content-encoding': ['aes128gcm', 'aes128gcm'] } },
  ],
  ['no TTL', ['rfc8030.ttl-present'], { fields: { ttl: undefined } }],
  ...['-1', '1.5', 'NaN', '10abc', '', '60s', '1e3', '+5', '1,2'].map(
    (ttl): Defect => [`the TTL "${ttl}"`, ['rfc8030.ttl-digits'], { fields: { ttl } }],
  ),
  ['two TTL fields', ['rfc8030.ttl-digits'], { fields: { ttl: ['60', '60'] } }],
  ['the Urgency urgent', ['rfc8030.urgency-value'], { fields: { urgency: 'urgent' } }],
  ['the Urgency High', ['rfc8030.urgency-value'], { fields: { urgency: 'High' } }],
  ['two values of Urgency', ['rfc8030.urgency-single'], { fields: { urgency: 'low, high' } }],
  ['two Urgency fields', ['rfc8030.urgency-single'], { fields: { urgency: ['low', 'low'] } }],
  ...['A'.repeat(33), 'YWI=', 'a+b', 'a/b', 'a.b', ''].map(
    (topic): Defect => [`the Topic "${topic}"`, ['rfc8030.topic-form'], { fields: { topic } }],
  ),
  ['a Topic with a name in it', ['rfc8030.topic-private'], { fields: { topic: 'chat-Juliet' } }],
  [
    'a Topic that is a hash of a JID',
    ['rfc8030.topic-private'],
    { fields: { topic: createHash('sha256').update('juliet@example.org').digest('base64url').slice(0, 32) } },
  ],
  ['PUT', ['rfc8030.post'], { request: { method: 'PUT' } }],
  ['a Content-Type of JSON', ['rfc8188.content-type'], { fields: { 'content-type': 'application/json' } }],
  ['another authority', ['rfc8030.push-resource'], { request: { authority: 'push.example' } }],
  ['a request that broke off', ['rfc8030.whole-request'], { request: { complete: false } }],
  [
    'a Proxy-Authorization',
    ['rfc8292.not-proxy-authorization'],
    { fields: { 'proxy-authorization': 'vapid t=a, k=b' } },
  ],
];

const pair = senderKeys();
const hours = (count: number) => Math.floor(Date.UTC(2026, 0, 2, 3, 4, 5) / 1000) + count * 3600;
const k = (change: (point: Buffer) => string): NonNullable<Forgery['vapid']> => ({
  field: (t, key) => `vapid t=${t}, k=${change(Buffer.from(key, 'base64url'))}`,
});
const aud = (value: unknown) => ({ vapid: { claims: { aud: value } } });
const exp = (value: unknown) => ({ vapid: { claims: { exp: value } } });
const sub = (value: unknown) => ({ vapid: { claims: { sub: value } } });

const identification: readonly Defect[] = [
  ['no Authorization', ['rfc8292.authorization'], { fields: { authorization: undefined } }],
  [
    'two Authorization fields',
    ['rfc8292.authorization'],
    { fields: { authorization: [authorization('https://push.example:8443'), 'Basic x'] } },
  ],
  ['the scheme Bearer', ['rfc8292.authorization'], { vapid: { field: (t) => `Bearer ${t}` } }],
  ['the scheme WebPush', ['rfc8292.authorization'], { vapid: { field: (t) => `WebPush ${t}` } }],
  [
    'no comma',
    ['rfc8292.authorization', 'rfc8292.parameters'],
    { vapid: { field: (t, key) => `vapid t=${t} k=${key}` } },
  ],
  [
    'a semicolon for the comma',
    ['rfc8292.authorization', 'rfc8292.parameters'],
    { vapid: { field: (t, key) => `vapid t=${t};k=${key}` } },
  ],
  ['no k', ['rfc8292.parameters'], { vapid: { field: (t) => `vapid t=${t}` } }],
  ['no t', ['rfc8292.parameters'], { vapid: { field: (_, key) => `vapid k=${key}` } }],
  ['t twice', ['rfc8292.parameters'], { vapid: { field: (t, key) => `vapid t=${t}, t=${t}, k=${key}` } }],
  [
    'quotation marks',
    ['receivers.unquoted-parameters'],
    { vapid: { field: (t, key) => `vapid t="${t}", k="${key}"` } },
  ],
  ['k with padding', ['rfc8292.key-form'], { vapid: k((point) => `${point.toString('base64url')}=`) }],
  [
    'k in hexadecimal',
    ['rfc8292.key-form', 'rfc8292.restricted-key'],
    { vapid: k((point) => point.toString('hex')) },
  ],
  [
    'k as SPKI',
    ['rfc8292.key-form', 'rfc8292.restricted-key'],
    { vapid: k((point) => keyOfPoint(point).export({ format: 'der', type: 'spki' }).toString('base64url')) },
  ],
  [
    'k compressed',
    ['rfc8292.key-form', 'rfc8292.restricted-key'],
    { vapid: k((point) => compressed(point).toString('base64url')) },
  ],
  [
    'k of 64 octets',
    ['rfc8292.key-form', 'rfc8292.restricted-key'],
    { vapid: k((point) => point.subarray(1).toString('base64url')) },
  ],
  [
    'k off the curve',
    ['rfc8292.signing-key', 'rfc8292.restricted-key'],
    { vapid: k((point) => offCurve(point).toString('base64url')) },
  ],
  ['k of another key', ['rfc8292.restricted-key', 'rfc8292.signature'], { vapid: k(() => signingKey().k) }],
  [
    'the signature of another key',
    ['rfc8292.signature'],
    { vapid: { key: { privateKey: signingKey().privateKey, k: defaultKey.k } } },
  ],
  [
    'one key for signing and encrypting',
    ['rfc8292.separate-keys', 'rfc8292.restricted-key'],
    { sealing: { sender: pair }, vapid: { key: signingKey(pair) } },
  ],
  ['the algorithm RS256', ['rfc8292.es256'], { vapid: { header: { typ: 'JWT', alg: 'RS256' } } }],
  ['no algorithm', ['rfc8292.es256'], { vapid: { header: { typ: 'JWT' } } }],
  ['a header that is a list', ['rfc7515.header'], { vapid: { header: '[]' } }],
  ['alg twice', ['rfc7515.unique-members'], { vapid: { header: '{"alg":"ES256","alg":"ES256"}' } }],
  ['a critical extension', ['rfc7515.critical'], { vapid: { header: { alg: 'ES256', crit: ['exp'] } } }],
  ['a signature in DER', ['rfc7518.signature-octets'], { vapid: { encoding: 'der' } }],
  [
    'a signature of 63 octets',
    ['rfc7518.signature-octets'],
    {
      vapid: {
        token: (token) => {
          const [a, b, c] = token.split('.');
          return `${a}.${b}.${Buffer.from(c ?? '', 'base64url')
            .subarray(1)
            .toString('base64url')}`;
        },
      },
    },
  ],
  [
    'a signature that was changed',
    ['rfc8292.signature'],
    {
      vapid: {
        token: (token) => {
          const [a, b, c] = token.split('.');
          const octets = Buffer.from(c ?? '', 'base64url');
          octets[40] = (octets[40] ?? 0) ^ 1;
          return `${a}.${b}.${octets.toString('base64url')}`;
        },
      },
    },
  ],
  ['a token with padding', ['rfc7515.base64url'], { vapid: { token: (token) => `${token}==` } }],
  [
    'a token of two parts',
    ['rfc7515.compact'],
    { vapid: { token: (token) => token.split('.').slice(0, 2).join('.') } },
  ],
  [
    'a token without a signature',
    ['rfc7515.base64url', 'rfc7518.signature-octets'],
    { vapid: { token: (token) => token.replace(/[^.]*$/, '') } },
  ],
  ['claims that are no JSON', ['rfc7519.claims'], { vapid: { claimsText: 'aud=x' } }],
  [
    'a claim twice',
    ['rfc7519.unique-claims'],
    {
      vapid: {
        claimsText: `{"aud":"https://push.example:8443","exp":${hours(1)},"exp":${hours(1)},"sub":"mailto:a@example.org"}`,
      },
    },
  ],
  ["the application's own origin as aud", ['rfc8292.audience'], aud('https://example.org')],
  ['aud with a path', ['rfc8292.audience'], aud('https://push.example:8443/push')],
  ['aud with a slash', ['rfc8292.audience'], aud('https://push.example:8443/')],
  ['aud without its port', ['rfc8292.audience'], aud('https://push.example')],
  ['aud without its scheme', ['rfc8292.audience'], aud('push.example:8443')],
  ['no aud', ['rfc8292.audience'], aud(undefined)],
  ['aud as a number', ['rfc7519.audience-form'], aud(7)],
  ['aud as an array', ['receivers.audience-string'], aud(['https://push.example:8443'])],
  ['exp in milliseconds', ['rfc8292.expiry-limit'], exp(hours(1) * 1000)],
  ['exp as text', ['rfc7519.expiry-number'], exp(String(hours(1)))],
  ['no exp', ['rfc8292.expiry-present'], exp(undefined)],
  ['exp in the past', ['rfc8292.expiry-future'], exp(hours(-1))],
  ['exp after 25 hours', ['rfc8292.expiry-limit'], exp(hours(25))],
  ['exp after exactly 24 hours', ['receivers.expiry-margin'], exp(hours(24))],
  ['exp with a fraction', ['receivers.expiry-integer'], exp(hours(1) + 0.5)],
  ['no sub', ['receivers.subject-present'], sub(undefined)],
  ['sub as a bare address', ['rfc8292.subject-form'], sub('admin@example.org')],
  ['sub with a blank', ['rfc8292.subject-form'], sub('mailto: admin@example.org')],
  ['sub as a JID', ['rfc8292.subject-form'], sub('xmpp:example.org')],
  ['sub at localhost', ['receivers.subject-reachable'], sub('mailto:admin@localhost')],
  ['sub at .invalid', ['receivers.subject-reachable'], sub('https://host.invalid/')],
];

const sorted = (ids: readonly string[]) => [...ids].sort();

describe('One defect in a good request breaks the sentence it is about, and no other:', () => {
  test.each([...points, ...derivation, ...records, ...http, ...identification])(
    '%s',
    async (_, expected, change) => {
      expect(sorted(await broken(change))).toEqual(sorted(expected));
    },
  );

  test('the leading zero of the shared secret is dropped', async () => {
    const to = browser();
    let sender = senderKeys();
    while (sender.computeSecret(to.publicKey)[0] !== 0) sender = senderKeys();
    const sealing = { sender, secret: (x: Buffer) => x.subarray(1) };
    expect(sorted(await broken({ sealing: { sender } }, to))).toEqual([]);
    expect(sorted(await broken({ sealing }, to))).toEqual(['rfc8291.key-derivation', 'rfc8291.opens']);
  });

  test('aud keeps the default port', async () => {
    const to = browser('juliet/phone', { origin: 'https://push.example' });
    expect(await broken({}, to)).toEqual([]);
    expect(await broken({ vapid: { claims: { aud: 'https://push.example:443' } } }, to)).toEqual([
      'rfc8292.audience',
    ]);
  });

  test('the endpoint is plain http', async () => {
    const to = browser('juliet/phone', { origin: 'http://push.example' });
    expect(await broken({}, to)).toEqual(['rfc8030.https']);
    const findings = judgeRequest(await examined({ to }), { httpAllowed: true });
    expect(findings.filter(({ met }) => !met)).toEqual([]);
  });

  test('the query of the endpoint is lost', async () => {
    const to = browser('juliet/phone', { path: '/push/x?token=a%2fb' });
    expect(await broken({}, to)).toEqual([]);
    expect(await broken({ request: { target: '/push/x' } }, to)).toEqual(['rfc8030.push-resource']);
  });
});

/** What is random in a finding, such as keys and signatures, out of the way. */
const withoutChance = (text: string) =>
  text
    .replace(/[A-Za-z0-9_+/-]{40,}=*|[A-Za-z0-9_-]{20,}/g, '…')
    .replace(/\b(?:6[89]|7[0-2])(?= octets)/g, '70');

/** Findings as a reader of a report gets them. */
const worded = (findings: readonly Finding[]) =>
  findings
    .map(
      ({ requirement, met, expected, actual }) =>
        `${met ? 'kept' : 'broken'} ${requirement}\n  ${withoutChance(`expected ${expected}\n  actual   ${actual}`)}\n`,
    )
    .join('');

test('What is said of a good request and of each defect is as the file has it that was read through', async () => {
  const good = worded(judgeRequests([await examined({ to: browser() })], context));
  const sections = [`a good request\n${good}`];
  for (const [defect, , change] of [...points, ...derivation, ...records, ...http, ...identification]) {
    const findings = judgeRequest(await examined({ to: browser(), ...change }), context);
    sections.push(`${withoutChance(defect)}\n${worded(findings.filter(({ met }) => !met))}`);
  }
  await expect(sections.join('\n')).toMatchFileSnapshot('golden/wire-findings.txt');
}, 30_000);

describe('Several requests show', () => {
  const to = browser();
  const sequence = async (...changes: readonly Omit<Forgery, 'to'>[]) => {
    const requests = changes.map((change) => forge({ to, ...change }));
    const evidence = await createEvidence(transcriptOf(to.entry, ...requests), { isSentinel: () => false });
    const findings = judgeRequests(evidence.requests(), context).filter(({ met }) => !met);
    return findings.map(({ requirement }) => requirement);
  };
  const sender = senderKeys();
  const salt = randomBytes(16);
  const sameToken = forge({ to }).headers.find(([name]) => name === 'authorization')?.[1];
  const same = { fields: { authorization: sameToken } };

  test('nothing wrong when keys and salts change and the token stays', async () => {
    expect(await sequence(same, same, same)).toEqual([]);
  });

  test('a key pair used twice', async () => {
    expect(await sequence({ ...same, sealing: { sender } }, { ...same, sealing: { sender } })).toEqual([
      'rfc8291.ephemeral-key',
    ]);
  });

  test('a salt used twice, which is worse with the same keys', async () => {
    expect(await sequence({ ...same, sealing: { salt } }, { ...same, sealing: { salt } })).toEqual([
      'rfc8188.salt-random',
    ]);
    const both = { ...same, sealing: { salt, sender } };
    const other = { ...same, sealing: { salt, sender, plaintext: Buffer.from('{}') } };
    expect(await sequence(both, other)).toEqual([
      'rfc8188.salt-unique',
      'rfc8188.salt-random',
      'rfc8291.ephemeral-key',
    ]);
  });

  test('a salt of zeros', async () => {
    expect(await sequence({ ...same, sealing: { salt: Buffer.alloc(16) } })).toEqual(['rfc8188.salt-random']);
  });

  test('no new message in one that is sent again', async () => {
    const body = seal(to);
    expect(await sequence({ ...same, body }, { ...same, body })).toEqual([]);
  });

  test('a new token for every request, unless the old one is nearly over', async () => {
    expect(await sequence({}, {})).toEqual(['rfc8292.token-reuse']);
    expect(await sequence({ vapid: { claims: { exp: hours(0) + 30 } } }, {})).toEqual([]);
  });
});

test('A case gets the findings on the sentences it names', async () => {
  const findings = judgeRequest(await examined({ to: browser() }), context);
  expect(on(findings, ['rfc8030.post']).map(({ requirement }) => requirement)).toEqual(['rfc8030.post']);
});
