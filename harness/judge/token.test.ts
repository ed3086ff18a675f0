import { webcrypto } from 'node:crypto';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { authorization, browser, defaultKey } from './forge.js';
import { isPoint, partText, readVapid } from './token.js';

const origin = 'https://push.example';
const part = (text: string | Buffer) => Buffer.from(text).toString('base64url');
const key = defaultKey.k;

describe('A token', () => {
  test('is read with its key, whatever else is in the field', async () => {
    const field = authorization(origin, { field: (t, k) => `VAPID realm=x, k=${k}, t=${t}` });
    const vapid = await readVapid(['Basic t=a, k=b', field, 'vapid t=c, k=d']);
    expect(vapid).toMatchObject({
      fields: ['Basic t=a, k=b', field, 'vapid t=c, k=d'],
      key,
      header: { typ: 'JWT', alg: 'ES256' },
      claims: { aud: origin, sub: 'mailto:admin@example.org' },
      signatureOctets: 64,
      verified: true,
    });
    expect(field.endsWith(`t=${vapid.token}`)).toBe(true);
  });

  test('is not there without a field of the scheme', async () => {
    expect(await readVapid([])).toStrictEqual({ fields: [] });
    expect(await readVapid(['Basic t=a, k=b'])).toStrictEqual({ fields: ['Basic t=a, k=b'] });
  });

  test.each([
    ['a list', '[]'],
    ['null', 'null'],
    ['a number', '7'],
    ['no JSON', 'alg'],
    ['nothing', ''],
    ['no text', Buffer.from([0x7b, 0xff, 0x7d])],
  ])('has neither header nor claims where they are %s', async (_, text) => {
    const vapid = await readVapid([`vapid t=${part(text)}.${part(text)}.AAAA, k=${key}`]);
    expect('header' in vapid || 'claims' in vapid).toBe(false);
    expect(vapid).toMatchObject({ signatureOctets: 3, verified: false });
  });

  test('has a header and claims of its own, though they are written in another base64', async () => {
    const padded = Buffer.from('{"a":"?>"}').toString('base64');
    const vapid = await readVapid([`vapid t=${part('{"b":1}')}.${padded}`]);
    expect(vapid).toMatchObject({ header: { b: 1 }, claims: { a: '?>' } });
    expect('signatureOctets' in vapid || 'key' in vapid || 'verified' in vapid).toBe(false);
  });

  test.each([
    ['a signature in another base64', (t: string) => `vapid t=${t}=, k=${key}`],
    ['no key', (t: string) => `vapid t=${t}`],
    ['a key in another base64', (t: string) => `vapid t=${t}, k=${key}=`],
    ['a key that is no point', (t: string) => `vapid t=${t}, k=${part(Buffer.alloc(65, 4))}`],
    ['four parts', (t: string) => `vapid t=${t}.AAAA, k=${key}`],
    ['two parts', (t: string) => `vapid t=${t.split('.').slice(0, 2).join('.')}, k=${key}`],
  ])('is not verified with %s', async (_, field) => {
    const vapid = await readVapid([authorization(origin, { field })]);
    expect('verified' in vapid).toBe(false);
  });

  test('does not verify with a signature of another length, or another text', async () => {
    expect((await readVapid([authorization(origin, { encoding: 'der' })])).verified).toBe(false);
    const changed = authorization(origin, {
      token: (token) => token.replace(/\..*\./, `.${part('{"aud":"x"}')}.`),
    });
    expect((await readVapid([changed])).verified).toBe(false);
  });
});

describe('What has been verified', () => {
  afterEach(() => void vi.restoreAllMocks());
  const field = () => authorization(origin);

  test('is not verified again for a token and a key that are the same', async () => {
    const verify = vi.spyOn(webcrypto.subtle, 'verify');
    const again = field();
    await readVapid([again]);
    await readVapid([again]);
    expect(verify).toHaveBeenCalledTimes(1);
    await readVapid([field()]);
    expect(verify).toHaveBeenCalledTimes(2);
  });

  test('is forgotten when 256 others have come, and no sooner', async () => {
    const verify = vi.spyOn(webcrypto.subtle, 'verify');
    let number = 0;
    const others = async (count: number) => {
      for (let seen = 0; seen < count; seen += 1) {
        number += 1;
        await readVapid([`vapid t=e30.${part(`{"jti":${number}}`)}.AAAA, k=${key}`]);
      }
    };
    const first = field();
    await readVapid([first]);
    await others(255);
    await readVapid([first]);
    expect(verify).toHaveBeenCalledTimes(1);
    await others(1);
    await readVapid([first]);
    expect(verify).toHaveBeenCalledTimes(2);
  });

  test.each([
    [true, 'valid to @noble and invalid to WebCrypto'],
    [false, 'invalid to @noble and valid to WebCrypto'],
  ])('by one implementation only is a fault of the kit: %s', async (valid, who) => {
    vi.spyOn(webcrypto.subtle, 'verify').mockResolvedValue(!valid);
    const k = valid ? key : browser().entry.p256dh;
    const one = authorization(origin, { field: (t) => `vapid t=${t}, k=${k}` });
    const signed = /t=([^.]*\.[^.]*)/.exec(one)?.[1];
    await expect(readVapid([one])).rejects.toMatchObject({
      code: 'judges-disagree',
      message: `the token ${signed}… is ${who}`,
    });
  });
});

test('A point is 65 octets from 0x04 on that lie on P-256', () => {
  const point = new Uint8Array(Buffer.from(key, 'base64url'));
  const parity = (point.at(-1) ?? 0) & 1;
  expect(isPoint(point)).toBe(true);
  expect(isPoint(point.with(64, (point.at(-1) ?? 0) ^ 1))).toBe(false);
  expect(isPoint(point.with(0, 6 + parity))).toBe(false);
  expect(isPoint(point.slice(0, 33).with(0, 2 + parity))).toBe(false);
  expect(isPoint(point.slice(1))).toBe(false);
  expect(isPoint(new Uint8Array())).toBe(false);
});

test('A part of a token is text in UTF-8, from any base64', () => {
  expect(partText(part('{"ü":1}'))).toBe('{"ü":1}');
  expect(partText('Pz4/Pg==')).toBe('?>?>');
  expect(partText(part(Buffer.from([0xff])))).toBe(undefined);
  expect(partText(undefined)).toBe('');
});
