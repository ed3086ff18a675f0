import { describe, expect, test } from 'vitest';
import type { Examined, Vapid } from './evidence.js';
import { browser, defaultKey, examinedFrom, keyOfPoint } from './forge.js';
import type { WireContext } from './wire.js';
import { judgeVapid, type vapidRequirements } from './wire-vapid.js';

type Requirement = (typeof vapidRequirements)[number];

const user = browser();
const endpoint = 'https://push.example:8443/push/x';
const origin = 'https://push.example:8443';
const now = 1_767_323_045;
const good: Examined = { ...examinedFrom(user), at: now * 1000, endpoint };

const judge = (vapid: Partial<Vapid>, context: WireContext = {}, change: Partial<Examined> = {}) =>
  judgeVapid({ ...good, ...change, vapid: { fields: [], ...vapid } }, context);
const on = (
  requirement: Requirement,
  vapid: Partial<Vapid>,
  context?: WireContext,
  change?: Partial<Examined>,
) => {
  const [finding, ...others] = judge(vapid, context, change).filter(
    (each) => each.requirement === requirement,
  );
  expect(others).toEqual([]);
  return finding && [finding.met, finding.actual];
};
const part = (text: string | Buffer) => Buffer.from(text).toString('base64url');

test('Of a request that does not say who sent it, only that is said', () => {
  expect(judge({}).map(({ requirement, met }) => [requirement, met])).toEqual([
    ['rfc8292.not-proxy-authorization', true],
    ['rfc8292.authorization', false],
  ]);
});

describe('The Authorization field', () => {
  test.each<[readonly string[], true | string]>([
    [['vapid t=a, k=b'], true],
    [['VAPID t=a, k=b'], true],
    [[], '0 Authorization fields'],
    [['vapid t=a, k=b', 'Basic x'], '2 Authorization fields'],
    [['Basic x'], 'the scheme Basic'],
    [['vapids t=a, k=b'], 'the scheme vapids'],
    [['vapid\tt=a, k=b'], 'scheme and parameters are not apart by spaces'],
  ])('is one with the scheme vapid: %j', (fields, actual) => {
    expect(on('rfc8292.authorization', { fields })).toEqual(
      actual === true ? [true, 'one field with the scheme vapid'] : [false, actual],
    );
  });

  test.each([
    ['vapid t=a, k=b', true, 't 1 times, k 1 times'],
    ['vapid k=b, u=c, T=a', true, 't 1 times, k 1 times'],
    ['vapid t=a', false, 't 1 times, k 0 times'],
    ['vapid k=b', false, 't 0 times, k 1 times'],
    ['vapid t=a, t=a, k=b', false, 't 2 times, k 1 times'],
    ['vapid t=a, k=b, k=b', false, 't 1 times, k 2 times'],
  ])('has t and k once each: %s', (field, met, actual) => {
    expect(on('rfc8292.parameters', { fields: [field] })).toEqual([met, actual]);
  });

  test.each([
    ['vapid t=a, k=b', true, 'none in quotation marks'],
    ['vapid t="a", k=b', false, 'in quotation marks: t'],
    ['vapid t="a", k="b"', false, 'in quotation marks: t, k'],
  ])('has no quotation marks: %s', (field, met, actual) => {
    expect(on('receivers.unquoted-parameters', { fields: [field] })).toEqual([met, actual]);
  });

  test('has no parameters of VAPID with another scheme', () => {
    expect(on('rfc8292.parameters', { fields: ['Basic t=a, k=b'] })).toBe(undefined);
    expect(on('receivers.unquoted-parameters', { fields: ['Basic t=a, k=b'] })).toBe(undefined);
  });

  test('is not one for proxies', () => {
    const request = { ...good.request, headers: [['Proxy-Authorization', 'vapid'] as const] };
    expect(on('rfc8292.not-proxy-authorization', {}, {}, { request })).toEqual([
      false,
      'Proxy-Authorization: vapid',
    ]);
    expect(on('rfc8292.not-proxy-authorization', {})).toEqual([true, 'no Proxy-Authorization']);
  });
});

describe('The key', () => {
  const point = Buffer.from(defaultKey.k, 'base64url');
  const spki = keyOfPoint(point).export({ format: 'der', type: 'spki' });
  const octets = (first: number, count: number) =>
    Buffer.concat([Buffer.from([first]), Buffer.alloc(count - 1)]).toString('base64url');

  test('is 65 octets from 0x04 on in base64url', () => {
    expect(on('rfc8292.key-form', { key: defaultKey.k })).toEqual([true, `k=${defaultKey.k}`]);
  });

  test.each([
    ['PEM', '-----BEGIN PUBLIC KEY-----'],
    ['a JSON Web Key', '{"kty":"EC"}'],
    ['a JSON Web Key', '["kty"]'],
    ['no base64url', 'a{"kty"'],
    ['65 octets in hexadecimal', point.toString('hex')],
    ['65 octets in hexadecimal', point.toString('hex').toUpperCase()],
    ['64 octets in hexadecimal', '0A'.repeat(64)],
    ['66 octets in hexadecimal', '0A'.repeat(66)],
    ['94 octets', '0A'.repeat(63)],
    ['100 octets', '0A'.repeat(67)],
    ['no base64url', `${'0A'.repeat(65)}.`],
    ['no base64url', `.${'0A'.repeat(65)}`],
    ['base64 with padding', `${defaultKey.k}=`],
    ['base64 with padding', 'a+b/cQ=='],
    ['no base64url', 'a=b'],
    ['the standard alphabet of base64', 'a+b_'],
    ['the standard alphabet of base64', 'a/b_'],
    ['no base64url', 'Y'],
    ['a SubjectPublicKeyInfo in DER', spki.toString('base64url')],
    ['91 octets', octets(0x31, 91)],
    ['92 octets', octets(0x30, 92)],
    ['a compressed point of 33 octets', octets(2, 33)],
    ['64 octets', octets(4, 64)],
    ['66 octets', octets(4, 66)],
    ['65 octets from 0x05 on', octets(5, 65)],
    ['0 octets', ''],
  ])('is %s: %s', (form, key) => {
    expect(on('rfc8292.key-form', { key })).toEqual([false, `${form}: k=${key}`]);
    // Whether it is on the curve is not asked then.
    expect(on('rfc8292.signing-key', { key })).toBe(undefined);
  });

  test('is a point of the curve', () => {
    expect(on('rfc8292.signing-key', { key: defaultKey.k })).toEqual([true, 'a point']);
    const off = octets(4, 65);
    expect(on('rfc8292.signing-key', { key: off })).toEqual([false, `no point: k=${off}`]);
  });

  test('is not the one that encrypts, however it is spelled', () => {
    const separate = (key: string) => {
      const coding = { salt: new Uint8Array(16), recordSize: 4096, keyid: new Uint8Array(point) };
      return on('rfc8292.separate-keys', { key }, {}, { coding });
    };
    const padded = point.toString('base64');
    expect(separate(padded)).toEqual([false, `k and the key id are both ${padded}`]);
    expect(separate(octets(4, 65))).toEqual([true, 'two keys']);
    expect(on('rfc8292.separate-keys', { key: defaultKey.k })).toBe(undefined);
  });

  test('is the one that was advertised, however it is spelled', () => {
    const context = { applicationServerKey: defaultKey.k };
    const padded = point.toString('base64');
    expect(on('rfc8292.restricted-key', { key: padded }, context)).toEqual([true, `k=${padded}`]);
    expect(on('rfc8292.restricted-key', { key: octets(4, 65) }, context)).toEqual([
      false,
      `k=${octets(4, 65)}`,
    ]);
    expect(on('rfc8292.restricted-key', { key: padded })).toBe(undefined);
    expect(judge({ key: padded }, context)).toContainEqual({
      requirement: 'rfc8292.restricted-key',
      met: true,
      expected: `the advertised key ${defaultKey.k}`,
      actual: `k=${padded}`,
      evidence: [1],
    });
  });
});

describe('A token', () => {
  const signature = Buffer.alloc(64, 1);
  const signed = (end: Buffer, verified?: boolean): Partial<Vapid> => ({
    token: `e30.e30.${part(end)}`,
    signatureOctets: end.length,
    ...(verified === undefined ? {} : { verified }),
  });

  test.each([
    ['a.b.c', true, '3 parts'],
    ['a.b', false, '2 parts'],
    ['a.b.c.d', false, '4 parts'],
    ['', false, '1 parts'],
  ])('has three parts: %s', (token, met, actual) => {
    expect(on('rfc7515.compact', { token })).toEqual([met, actual]);
  });

  test.each([
    ['e30.e30.AAAA', true, 'base64url'],
    ['e30=.e30.AAAA', false, 'not base64url: "e30="'],
    ['e30.e30.AAA+', false, 'not base64url: "AAA+"'],
    ['e30.e30.', false, 'not base64url: ""'],
    ['+.e30./', false, 'not base64url: "+"'],
  ])('is in base64url: %s', (token, met, actual) => {
    expect(on('rfc7515.base64url', { token })).toEqual([met, actual]);
  });

  describe('has a header', () => {
    const headed = (text: string): Partial<Vapid> => ({
      token: `${part(text)}.e30.`,
      header: JSON.parse(text),
    });

    test('that is a JSON object', () => {
      expect(on('rfc7515.header', headed('{"alg":"ES256"}'))).toEqual([true, '{"alg":"ES256"}']);
      expect(on('rfc7515.header', { token: `${part('[]')}.e30.` })).toEqual([false, '[]']);
      expect(on('rfc7515.header', { token: `${part(Buffer.from([0xff]))}.e30.` })).toEqual([false, '']);
    });

    test('without which nothing is said on its members', () => {
      for (const requirement of ['rfc8292.es256', 'rfc7515.unique-members', 'rfc7515.critical'] as const) {
        expect(on(requirement, { token: `${part('[]')}.e30.` })).toBe(undefined);
      }
    });

    test.each([
      ['{"alg":"ES256"}', true, 'alg "ES256"'],
      ['{"alg":"es256"}', false, 'alg "es256"'],
      ['{"alg":"none"}', false, 'alg "none"'],
      ['{}', false, 'alg undefined'],
    ])('that names ES256: %s', (text, met, actual) => {
      expect(on('rfc8292.es256', headed(text))).toEqual([met, actual]);
    });

    test('with no member twice', () => {
      const twice = '{"typ":"a","alg":"x","alg":"ES256"}';
      expect(on('rfc7515.unique-members', headed(twice))).toEqual([false, `"alg" twice in ${twice}`]);
      expect(on('rfc7515.unique-members', headed('{"typ":1,"alg":1}'))).toEqual([true, '{"typ":1,"alg":1}']);
    });

    test('with no extension that must be understood', () => {
      expect(on('rfc7515.critical', headed('{"crit":["x"]}'))).toEqual([false, '{"crit":["x"]}']);
      expect(on('rfc7515.critical', headed('{"cri":["x"]}'))).toEqual([true, '{"cri":["x"]}']);
    });
  });

  describe('has a signature', () => {
    const der = Buffer.concat([
      Buffer.from([0x30, 68, 2, 32]),
      signature.subarray(32),
      Buffer.from([2, 32]),
      signature.subarray(32),
    ]);

    test.each([
      [64, true, '64 octets', signature],
      [63, false, '63 octets', signature.subarray(1)],
      [65, false, '65 octets', Buffer.alloc(65)],
      [70, false, '70 octets, the DER form of ASN.1', der],
      [0, false, '0 octets', Buffer.alloc(0)],
    ])('of 64 octets: %i', (_, met, actual, end) => {
      expect(on('rfc7518.signature-octets', signed(end))).toEqual([met, actual]);
    });

    test('that verifies', () => {
      expect(on('rfc8292.signature', signed(signature, true))).toEqual([true, 'it verifies']);
      expect(on('rfc8292.signature', signed(signature, false))).toEqual([
        false,
        'it does not verify: header, claims, key or signature do not belong together',
      ]);
    });

    test('that is not asked to verify when it cannot', () => {
      expect(on('rfc8292.signature', signed(signature))).toBe(undefined);
      expect(on('rfc8292.signature', signed(der, false))).toBe(undefined);
      expect(on('rfc7518.signature-octets', { token: 'e30.e30.+' })).toBe(undefined);
    });
  });

  describe('has claims', () => {
    test('that are a JSON object', () => {
      expect(on('rfc7519.claims', { token: 'e30.e30.', claims: {} })).toEqual([true, '{}']);
      expect(on('rfc7519.claims', { token: `e30.${part('7')}.` })).toEqual([false, '7']);
      expect(on('rfc7519.claims', { token: 'e30' })).toEqual([false, '']);
    });

    test('without which nothing is said on them', () => {
      for (const requirement of [
        'rfc7519.unique-claims',
        'rfc8292.expiry-present',
        'rfc8292.audience',
      ] as const) {
        expect(on(requirement, { token: `e30.${part('7')}.` })).toBe(undefined);
      }
    });

    test('none of them twice', () => {
      const of = (text: string) => on('rfc7519.unique-claims', { token: `e30.${part(text)}.`, claims: {} });
      expect(of('{"exp":1,"aud":2,"exp":3}')).toEqual([false, '"exp" twice in {"exp":1,"aud":2,"exp":3}']);
      expect(of('{"exp":1,"aud":{"exp":3}}')).toEqual([true, '{"exp":1,"aud":{"exp":3}}']);
    });
  });
});

const claiming = (claims: Readonly<Record<string, unknown>>): Partial<Vapid> => ({
  token: 'e30.e30.',
  claims,
});

describe('exp', () => {
  const exp = (requirement: Requirement, value: unknown) => on(requirement, claiming({ exp: value }));
  const day = 86_400;

  test('is there, as a number', () => {
    expect(exp('rfc8292.expiry-present', now)).toEqual([true, `exp ${now}`]);
    expect(exp('rfc8292.expiry-present', undefined)).toEqual([false, 'exp undefined']);
    expect(exp('rfc7519.expiry-number', undefined)).toBe(undefined);
    expect(exp('rfc7519.expiry-number', '7')).toEqual([false, 'exp "7"']);
    expect(exp('rfc7519.expiry-number', null)).toEqual([false, 'exp null']);
    expect(exp('rfc8292.expiry-future', '7')).toBe(undefined);
    expect(exp('rfc7519.expiry-number', 7)).toEqual([true, 'exp 7']);
  });

  test.each([
    [-1, ['rfc8292.expiry-future'], '1 seconds before'],
    [0, ['rfc8292.expiry-future'], '0 seconds after'],
    [1, [], '1 seconds after'],
    [0.6, ['receivers.expiry-integer'], '1 seconds after'],
    [day - 300, [], '86100 seconds after'],
    [day - 299, ['receivers.expiry-margin'], '86101 seconds after'],
    [day, ['receivers.expiry-margin'], '86400 seconds after'],
    [day + 1, ['rfc8292.expiry-limit'], '86401 seconds after'],
  ])('%f seconds after the request breaks %j', (left, requirements, when) => {
    const findings = judge(claiming({ exp: now + left, aud: origin, sub: 'mailto:a@b.example' }));
    const named = findings.filter(({ requirement }) => requirement.includes('expiry-'));
    expect(named.flatMap(({ requirement, met }) => (met ? [] : [requirement]))).toEqual(requirements);
    expect(exp('rfc8292.expiry-limit', now + left)?.[1]).toBe(`exp ${now + left}, ${when} the request`);
  });

  test('is said to look like milliseconds when it does', () => {
    const hint = ' (it looks like milliseconds)';
    const hinted = (seconds: number) =>
      String(exp('rfc8292.expiry-limit', (now + seconds) * 1000)?.[1]).endsWith(hint);
    expect([0, 2 * day - 1, 2 * day, -2 * day + 1, -2 * day].map(hinted)).toEqual([
      true,
      true,
      false,
      true,
      false,
    ]);
  });
});

describe('aud', () => {
  const aud = (requirement: Requirement, value: unknown, at: string = endpoint) =>
    on(requirement, claiming({ aud: value }), {}, { endpoint: at });

  test('is a string or an array of strings', () => {
    expect(aud('rfc7519.audience-form', origin)).toEqual([true, `aud "${origin}"`]);
    expect(aud('rfc7519.audience-form', [origin, 'x'])).toEqual([true, `aud ["${origin}","x"]`]);
    for (const value of [7, null, [], [7], [origin, 7]]) {
      expect(aud('rfc7519.audience-form', value)).toEqual([false, `aud ${JSON.stringify(value)}`]);
      expect(aud('receivers.audience-string', value)).toBe(undefined);
      expect(aud('rfc8292.audience', value)).toBe(undefined);
    }
  });

  test('is better a single string', () => {
    expect(aud('receivers.audience-string', origin)).toEqual([true, `aud "${origin}"`]);
    expect(aud('receivers.audience-string', [origin])).toEqual([false, `aud ["${origin}"]`]);
  });

  test.each([[origin], [['https://other.example', origin]]])('is the origin of the endpoint: %j', (value) => {
    expect(aud('rfc8292.audience', value)).toEqual([true, `aud ${JSON.stringify(value)}`]);
  });

  test.each([
    [undefined, ''],
    [`${origin}/`, ': the origin has no slash at its end'],
    [`${origin}/push`, ': the origin has no path'],
    ['push.example:8443', ': the scheme is missing'],
    ['push.example', ': the scheme is missing'],
    ['https://push.example', ': the port is missing'],
    ['https://push.exampl', ': another origin'],
    ['https://example.org', ': another origin'],
    [`${origin}:443`, ': the default port is left out'],
    [`${origin}:80`, ': the default port is left out'],
    [`x${origin}/`, ': another origin'],
  ])('is not the origin of the endpoint: %s', (value, why) => {
    expect(aud('rfc8292.audience', value)).toEqual([false, `aud ${JSON.stringify(value)}${why}`]);
    expect(aud('receivers.audience-ascii', value)).toBe(undefined);
  });

  test('that is missing is not also malformed', () => {
    expect(aud('rfc7519.audience-form', undefined)).toBe(undefined);
    expect(aud('receivers.audience-string', undefined)).toBe(undefined);
  });

  test('may have its host in Unicode, better in ASCII (RFC 6454 §6)', () => {
    const at = 'https://xn--bcher-kva.example:8443/x';
    const [ascii, unicode] = ['https://xn--bcher-kva.example:8443', 'https://bücher.example:8443'];
    expect(aud('rfc8292.audience', ascii, at)?.[0]).toBe(true);
    expect(aud('rfc8292.audience', unicode, at)?.[0]).toBe(true);
    expect(aud('receivers.audience-ascii', ascii, at)).toEqual([true, `aud "${ascii}"`]);
    expect(aud('receivers.audience-ascii', unicode, at)).toEqual([false, `aud "${unicode}"`]);
    expect(aud('rfc8292.audience', 'https://bücher.example', 'https://xn--bcher-kva.example/x')?.[0]).toBe(
      true,
    );
  });

  test.each([
    [endpoint, `aud ${origin}`],
    ['https://xn--bcher-kva.example/x', 'aud https://bücher.example or https://xn--bcher-kva.example'],
    ['https://[::1]:8443/x', 'aud https://[::1]:8443'],
    ['https://127.0.0.1/x', 'aud https://127.0.0.1'],
  ])('of %s is expected to be: %s', (at, expected) => {
    const findings = judge(claiming({ aud: 'x' }), {}, { endpoint: at });
    expect(findings.find(({ requirement }) => requirement === 'rfc8292.audience')?.expected).toBe(expected);
  });

  test('of a stray is not known', () => {
    const { endpoint: _, ...stray } = good;
    const findings = judgeVapid({ ...stray, vapid: { fields: [], ...claiming({ aud: origin }) } }, {});
    expect(findings.map(({ requirement }) => requirement)).toContain('rfc7519.audience-form');
    expect(findings.map(({ requirement }) => requirement)).not.toContain('rfc8292.audience');
  });
});

describe('sub', () => {
  const sub = (requirement: Requirement, value: unknown) => on(requirement, claiming({ sub: value }));

  test.each([
    'mailto:a@b.example',
    'MAILTO:a@b.example',
    'https://b.example',
    'https://b.example/contact?a#b',
    'https://b.example:8443',
  ])('is a mailto: or https: URI: %s', (value) => {
    expect(sub('rfc8292.subject-form', value)).toEqual([true, `sub "${value}"`]);
  });

  test.each([
    'a@b.example',
    'mailto:',
    'mailto:a',
    'mailto:@b.example',
    'mailto:a@',
    'mailto:a@b@c.example',
    'mailto:<a@b.example>',
    'mailto:a@b.example>',
    'mailto: a@b.example',
    'mailto:a@b.example ',
    ' mailto:a@b.example',
    'http://b.example',
    'https:///contact',
    'https://?a',
    'https://b.example/a b',
    'xmpp:b.example',
    ['mailto:a@b.example'],
    '',
    7,
    null,
  ])('is none: %j', (value) => {
    expect(sub('rfc8292.subject-form', value)).toEqual([false, `sub ${JSON.stringify(value)}`]);
  });

  test('may be missing, but should not', () => {
    expect(sub('rfc8292.subject-form', undefined)).toEqual([true, 'no sub']);
    expect(sub('receivers.subject-reachable', undefined)).toEqual([true, 'no sub']);
    expect(sub('receivers.subject-present', undefined)).toEqual([false, 'no sub']);
    expect(sub('receivers.subject-present', 'x')).toEqual([true, 'sub "x"']);
  });

  test.each([
    ['mailto:a@b.example', true],
    ['https://b.example/', true],
    ['mailto:a@b', false],
    ['https://b/x.y', false],
    ['https://b:8443/', false],
    ['https://b?x.y', false],
    ['https://b#x.y', false],
    ['mailto:<a@b>.', false],
    ['mailto:a@localhost', false],
    ['mailto:a@LOCALHOST', false],
    ['mailto:a@mail.localhost', false],
    ['mailto:a@b.invalid', false],
    ['mailto:a@b.INVALID.', false],
    ['mailto:a@invalid.', false],
    ['mailto:a@b.xinvalid', true],
    ['mailto:a@invalid.example', true],
    ['mailto:a@localhost.example', true],
    ['nobody', true],
    [['mailto:a@localhost'], true],
    [7, true],
  ])('is at a host of the Internet, if it has one: %j', (value, met) => {
    expect(sub('receivers.subject-reachable', value)?.[0]).toBe(met);
  });
});
