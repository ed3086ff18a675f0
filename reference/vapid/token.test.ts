import { createPublicKey, verify } from 'node:crypto';
import { p256 } from '@noble/curves/nist.js';
import { describe, expect, test } from 'vitest';
import { exampleToken, tokens } from '../vectors.fixture.js';
import { type ApplicationServerKey, generateKey } from './key.js';
import { audience, createAuthorization, createToken, SubjectError } from './token.js';

const octets = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'));
const json = (text = ''): unknown => JSON.parse(Buffer.from(text, 'base64url').toString());

/** What a push service does with t and k (RFC 8292 §2, §3). */
function read(t: string, k: string) {
  const [header = '', claims = '', signature = ''] = t.split('.');
  const message = new Uint8Array(Buffer.from(`${header}.${claims}`));
  return {
    header: json(header),
    claims: json(claims),
    signatureOctets: octets(signature).length,
    // JWS has no low-S rule (RFC 7518 §3.4).
    valid: p256.verify(octets(signature), message, octets(k), { lowS: false }),
  };
}

const key = generateKey();
const claims = { aud: 'https://push.example.net', exp: 1_893_456_000, sub: 'mailto:push@example.com' };
const endpoint = 'https://push.example.net/p/1';

describe('a token', () => {
  test('reads like the example of RFC 8292 §2.4, whose signature verifies', () => {
    const { t, k } = exampleToken;
    const example = read(t, k);
    expect(example.valid).toBe(true);
    expect(example.claims).toEqual(exampleToken.claims);

    const { exp } = exampleToken.claims;
    const [aud, sub] = ['https://push.example.net', 'mailto:push@example.com'];
    const ours = createToken(key, { aud, exp, sub });
    expect(ours.split('.').slice(0, 2)).toEqual(t.split('.').slice(0, 2));
    expect(read(ours, key.publicKey)).toEqual(example);
  });

  test('states audience, expiry and contact, and nothing else', () => {
    expect(read(createToken(key, claims), key.publicKey)).toEqual({
      header: { typ: 'JWT', alg: 'ES256' },
      claims,
      signatureOctets: 64,
      valid: true,
    });
    const more = { ...claims, jid: 'juliet@capulet.example' };
    expect(read(createToken(key, more), key.publicKey).claims).toEqual(claims);
  });

  test('keeps 32 octets each for r and s when one starts with zero', () => {
    const publicKey = createPublicKey(key.privateKey);
    const seen = { r: false, s: false };
    // Each is met in one of 256 signatures; that 20 000 miss one does not happen.
    for (let exp = 0; exp < 20_000 && !(seen.r && seen.s); exp++) {
      const [header, payload, signature = ''] = createToken(key, { ...claims, exp }).split('.');
      const rs = octets(signature);
      expect(rs.length).toBe(64);
      if (rs[0] !== 0 && rs[32] !== 0) continue;
      seen.r ||= rs[0] === 0;
      seen.s ||= rs[32] === 0;
      const input = Buffer.from(`${header}.${payload}`);
      expect(verify('sha256', input, { key: publicKey, dsaEncoding: 'ieee-p1363' }, rs)).toBe(true);
    }
    expect(seen).toEqual({ r: true, s: true });
  });

  test.each(tokens)('is pinned: $title', ({ t, k }) => {
    expect(read(t, k)).toMatchObject({ signatureOctets: 64, valid: true });
  });
});

describe('the audience', () => {
  test.each([
    ['https://push.example.net/p/abc?x=1', 'https://push.example.net'],
    ['https://push.example.net', 'https://push.example.net'],
    ['https://push.example.net:443/p', 'https://push.example.net'],
    ['https://push.example.net:8443/p', 'https://push.example.net:8443'],
    ['https://Push.Example.NET/P', 'https://push.example.net'],
    ['https://[2606:4700::1]:8443/p', 'https://[2606:4700::1]:8443'],
  ])('of %s is %s', (endpoint, origin) => {
    expect(audience(endpoint)).toBe(origin);
  });
});

describe('the Authorization field', () => {
  const hour = 3_600_000;
  const start = Date.UTC(2026, 0, 1, 0, 0, 0, 999);
  const parts = (field: string) =>
    /^vapid t=([\w-]+\.[\w-]+\.[\w-]+), k=([\w-]+)$/.exec(field)?.slice(1) ?? [];
  const expiry = (field: string, k: ApplicationServerKey = key) =>
    read(parts(field)[0] ?? '', k.publicKey).claims;

  test('is vapid with t and k, the token for the origin and 12 hours', () => {
    const field = createAuthorization('https://example.net/contact')(endpoint, key, start);
    const [t = '', k = ''] = parts(field);
    expect(k).toBe(key.publicKey);
    expect(read(t, k)).toMatchObject({
      valid: true,
      claims: {
        aud: 'https://push.example.net',
        exp: Math.floor(start / 1000) + 12 * 3600,
        sub: 'https://example.net/contact',
      },
    });
  });

  test('stays the same for every endpoint of an origin for 10 hours, then is renewed', () => {
    const authorization = createAuthorization(claims.sub);
    const first = authorization(endpoint, key, start);
    expect(authorization('https://push.example.net:443/p/2', key, start + 10 * hour - 1)).toBe(first);
    const second = authorization(endpoint, key, start + 10 * hour);
    expect(second).not.toBe(first);
    expect(expiry(second)).toMatchObject({ exp: Math.floor(start / 1000) + 22 * 3600 });
    expect(authorization(endpoint, key, start + 20 * hour - 1)).toBe(second);
  });

  test('never goes to another origin or with another key', () => {
    const authorization = createAuthorization(claims.sub);
    const other = generateKey();
    authorization(endpoint, key, start);
    const elsewhere = authorization('https://push.example.net:8443/p', key, start);
    expect(expiry(elsewhere)).toMatchObject({ aud: 'https://push.example.net:8443' });
    const [t = '', k = ''] = parts(authorization(endpoint, other, start));
    expect([k, read(t, k).valid]).toEqual([other.publicKey, true]);
  });

  test('is renewed when the clock was set back, so that it is not valid for more than 24 hours', () => {
    const authorization = createAuthorization(claims.sub);
    authorization(endpoint, key, start);
    const earlier = start - 20 * hour;
    expect(expiry(authorization(endpoint, key, earlier))).toMatchObject({
      exp: Math.floor(earlier / 1000) + 12 * 3600,
    });
  });

  test('is kept for 1000 origins at most, since clients choose them', () => {
    const authorization = createAuthorization(claims.sub);
    const first = authorization(endpoint, key, start);
    for (let i = 0; i < 999; i++) authorization(`https://${i}.example/p`, key, start);
    expect(authorization(endpoint, key, start)).toBe(first);
    authorization('https://one-more.example/p', key, start);
    expect(authorization(endpoint, key, start)).not.toBe(first);
  });

  test.each([
    '',
    'push@example.net',
    'mailto:',
    'mailto:push',
    'mailto: push@example.net',
    'mailto:push@example.net\n',
    'xmpp:push@example.net',
    'http://example.net',
    'https://',
    'https://example.net/ ',
  ])('is refused for the subject %j', (subject) => {
    expect(() => createAuthorization(subject)).toThrow(SubjectError);
  });
});
