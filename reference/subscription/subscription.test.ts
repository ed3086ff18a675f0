import { ECDH } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { messages, exampleMessage as vector } from '../vectors.fixture.js';
import { parseSubscription, type SubscriptionText } from './subscription.js';

const valid: SubscriptionText = {
  endpoint: 'https://push.example.net/p/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV',
  p256dh: vector.p256dh,
  auth: vector.auth,
};
const p256dh = Buffer.from(vector.p256dh, 'base64url');
const auth = Buffer.from(vector.auth, 'base64url');
const parse = (change: Partial<SubscriptionText>) =>
  parseSubscription({ ...valid, ...change }, { allowedHosts: [] });
const text = (octets: Uint8Array) => Buffer.from(octets).toString('base64url');
const spki = Buffer.concat([
  Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex'),
  p256dh,
]);

describe('a subscription as the browser serialises it', () => {
  test('is read: the endpoint octet for octet, 65 and 16 octets of keys', () => {
    expect(parse({})).toEqual({
      ok: true,
      subscription: { endpoint: valid.endpoint, p256dh: new Uint8Array(p256dh), auth: new Uint8Array(auth) },
    });
  });

  test('may have padded keys', () => {
    expect(parse({ p256dh: `${valid.p256dh}=`, auth: `${valid.auth}==` })).toEqual(parse({}));
  });

  test('keeps the letters and port of the endpoint as they were', () => {
    const endpoint = 'HTTPS://Push.Example.NET:443/w/?token=%2f';
    expect(parse({ endpoint })).toMatchObject({ ok: true, subscription: { endpoint } });
  });

  test.each(messages)('is read: $title', ({ p256dh }) => {
    expect(parse({ p256dh }).ok).toBe(true);
  });
});

const offCurve = Buffer.from(p256dh);
offCurve[64] = (offCurve[64] ?? 0) ^ 1;
const hybrid = Buffer.from(p256dh);
hybrid[0] = 0x06 | ((p256dh[64] ?? 0) & 1);
/** X is the field's prime, which is 0 once more (SEC 1 §2.3.4 wants it below). */
const prime = Buffer.from('ffffffff00000001000000000000000000000000ffffffffffffffffffffffff', 'hex');
const yOfZero = Buffer.from(
  ECDH.convertKey(Buffer.concat([Buffer.of(2), Buffer.alloc(32)]), 'prime256v1') as Buffer,
).subarray(33);

describe.each([
  ['p256dh', 'empty', '', 'bad-request', 'empty'],
  ['p256dh', 'not base64url', `${vector.p256dh.slice(0, -1)}!`, 'bad-request', 'not base64url'],
  ['p256dh', 'interrupted by a blank', vector.p256dh.replace('V', ' V'), 'bad-request', 'not base64url'],
  [
    'p256dh',
    'in the standard alphabet',
    p256dh.toString('base64'),
    'bad-request',
    'standard base64 alphabet',
  ],
  ['p256dh', 'hexadecimal', p256dh.toString('hex'), 'not-acceptable', 'looks like hexadecimal'],
  [
    'p256dh',
    'upper-case hexadecimal',
    p256dh.toString('hex').toUpperCase(),
    'not-acceptable',
    'looks like hexadecimal',
  ],
  ['p256dh', 'an SPKI structure', text(spki), 'not-acceptable', 'looks like an SPKI structure'],
  [
    'p256dh',
    'an SPKI structure in the standard alphabet',
    spki.toString('base64'),
    'not-acceptable',
    'looks like an SPKI',
  ],
  [
    'p256dh',
    'a compressed point',
    text(ECDH.convertKey(p256dh, 'prime256v1', undefined, undefined, 'compressed') as Buffer),
    'not-acceptable',
    '33 octets',
  ],
  ['p256dh', 'a point without its first octet', text(p256dh.subarray(1)), 'not-acceptable', '64 octets'],
  [
    'p256dh',
    'a point with an octet too many',
    text(Buffer.concat([p256dh, Buffer.of(0)])),
    'not-acceptable',
    '66 octets',
  ],
  ['p256dh', 'a hybrid point', text(hybrid), 'not-acceptable', 'uncompressed'],
  ['p256dh', 'off the curve', text(offCurve), 'not-acceptable', 'curve'],
  ['p256dh', 'zero', text(Buffer.concat([Buffer.of(4), Buffer.alloc(64)])), 'not-acceptable', 'curve'],
  [
    'p256dh',
    'a coordinate beyond the field',
    text(Buffer.concat([Buffer.of(4), prime, yOfZero])),
    'not-acceptable',
    'curve',
  ],
  ['auth', 'empty', '', 'bad-request', 'empty'],
  ['auth', 'not base64url', `${vector.auth}=`, 'bad-request', 'not base64url'],
  ['auth', 'not canonical', `${vector.auth.slice(0, -1)}h`, 'bad-request', 'not base64url'],
  ['auth', 'hexadecimal', auth.toString('hex'), 'not-acceptable', 'looks like hexadecimal'],
  ['auth', '15 octets', text(auth.subarray(1)), 'not-acceptable', '15 octets'],
  ['auth', '17 octets', text(Buffer.concat([auth, auth.subarray(0, 1)])), 'not-acceptable', '17 octets'],
  ['auth', '32 octets', text(Buffer.concat([auth, auth])), 'not-acceptable', '32 octets'],
] as const)('%s that is %s', (field, _, value, condition, words) => {
  test(`is refused with ${condition}`, () => {
    expect(parse({ [field]: value })).toMatchObject({
      ok: false,
      condition,
      field,
      text: expect.stringContaining(words),
    });
  });
});

test('a refused endpoint is told with its field', () => {
  expect(parse({ endpoint: 'http://push.example.net/p' })).toMatchObject({
    condition: 'not-acceptable',
    field: 'endpoint',
  });
  expect(parse({ endpoint: 'push' })).toMatchObject({ condition: 'bad-request', field: 'endpoint' });
});

test('the address policy reaches the endpoint', () => {
  const local = { ...valid, endpoint: 'https://127.0.0.1:8443/p' };
  expect(parseSubscription(local, { allowedHosts: [] }).ok).toBe(false);
  expect(parseSubscription(local, { allowedHosts: ['127.0.0.1'] }).ok).toBe(true);
});

test('no text repeats a key', () => {
  for (const value of [auth.toString('hex'), `${vector.auth}=`, text(auth.subarray(1))])
    expect(parse({ auth: value })).not.toMatchObject({ text: expect.stringContaining(value.slice(0, 12)) });
});
