import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkAddress, checkEndpoint } from './endpoint.js';

const policy = { allowedHosts: [] };
const condition = (endpoint: string, allowedHosts: readonly string[] = []) => {
  const result = checkEndpoint(endpoint, { allowedHosts });
  return result.ok ? 'ok' : result.condition;
};

describe('an endpoint is accepted', () => {
  test.each([
    'https://push.example.net/p/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV',
    'https://updates.push.services.mozilla.com/wpush/v2/gAAAAABk-_~.!$&()*,;=:@',
    'https://fcm.googleapis.com/fcm/send/cT0:APA91b',
    'https://wns2-par02p.notify.windows.com/w/?token=BQYAAAC%2fa%2b%3d%3d',
    'https://push.example.net:8443/p',
    'https://push.example.net:443/p',
    'https://push.example.net',
    'https://push.example.net?p=1',
    'https://push.example.net//p//',
    'https://push.example.net./p',
    'HTTPS://Push.Example.NET/P',
    'https://xn--mnchen-3ya.example/p',
    'https://1.1.1.1/p',
    'https://[2606:4700:4700::1111]/p',
  ])('%s', (endpoint) => {
    expect(checkEndpoint(endpoint, policy)).toEqual({ ok: true });
  });

  test('up to 2048 octets, not one more', () => {
    const endpoint = 'https://push.example.net/'.padEnd(2048, 'a');
    expect(condition(endpoint)).toBe('ok');
    expect(condition(`${endpoint}a`)).toBe('not-acceptable');
  });
});

describe('text that is no URL is a bad request', () => {
  test.each([
    ['nothing', ''],
    ['a relative reference', '/p/abc'],
    ['a reference without scheme', '//push.example.net/p'],
    ['a host and path', 'push.example.net/p'],
    ['no slashes', 'https:push.example.net/p'],
    ['one slash', 'https:/push.example.net/p'],
    ['no host', 'https:///p'],
    ['no host but a port', 'https://:443/p'],
    ['backslashes', 'https:\\\\push.example.net\\p'],
    ['a backslash after the host', 'https://push.example.net\\@127.0.0.1/'],
    ['a tab in the host', 'https://push.exa\tmple.net/p'],
    ['a line break in the path', 'https://push.example.net/p\n'],
    ['a blank in front', ' https://push.example.net/p'],
    ['a blank inside', 'https://push.example.net/a b'],
    ['characters beyond ASCII in the host', 'https://münchen.example/p'],
    ['full-width digits', 'https://１２７.0.0.1/'],
    ['characters beyond ASCII in the path', 'https://push.example.net/ä'],
    ['a port out of range', 'https://push.example.net:65536/p'],
    ['a port that is no number', 'https://push.example.net:https/p'],
    ['an IPv6 literal that is none', 'https://[::g]/'],
    ['an IPv6 literal with a zone', 'https://[fe80::1%25eth0]/'],
    ['an IPv4 literal out of range', 'https://256.0.0.1/'],
    ['an empty label', 'https://push..example.net/p'],
    ['only a dot', 'https://./p'],
    ['invalid Punycode', 'https://xn--a/p'],
  ])('%s', (_, endpoint) => {
    expect(condition(endpoint)).toBe('bad-request');
  });
});

describe('a URL that is refused is not acceptable', () => {
  test.each([
    ['plain HTTP', 'http://push.example.net/p'],
    ['another scheme', 'ftp://push.example.net/p'],
    ['a URI without authority', 'mailto:push@example.net'],
    ['user and password', 'https://user:secret@push.example.net/p'],
    ['a user', 'https://user@push.example.net/p'],
    ['empty user information', 'https://@push.example.net/p'],
    ['a fragment', 'https://push.example.net/p#key'],
    ['an empty fragment', 'https://push.example.net/p#'],
    ['an empty port', 'https://push.example.net:/p'],
    ['port 0', 'https://push.example.net:0/p'],
    ['a port with leading zeros', 'https://push.example.net:08443/p'],
    ['dot segments', 'https://push.example.net/a/../b'],
    ['encoded dot segments', 'https://push.example.net/%2e%2e/b'],
    ['a quotation mark', 'https://push.example.net/"'],
    ['an apostrophe in the query', "https://push.example.net/?'"],
    ['a percent-encoded host', 'https://%70ush.example.net/p'],
  ])('%s', (_, endpoint) => {
    expect(condition(endpoint)).toBe('not-acceptable');
  });
});

test.each([
  ['https://user@push.example.net/p', 'user information'],
  ['https://push.example.net/p#', 'a fragment'],
  ['http://push.example.net/p', 'another scheme'],
  ['https://2130706433/', 'normal form'],
])('the text about %s names %s', (endpoint, fault) => {
  expect(checkEndpoint(endpoint, policy)).toMatchObject({ text: expect.stringContaining(fault) });
});

/** Every way of writing these as an endpoint's host is refused, whatever a URL parser would make of it. */
const hosts = {
  loopback: ['127.0.0.1', '127.255.0.9', '[::1]', 'localhost', 'LocalHost', 'localhost.', 'push.localhost'],
  'loopback in disguise': [
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '0177.0.0.1',
    '127.1',
    '127.0.0.1.',
    '%31%32%37.0.0.1',
    '[0:0:0:0:0:0:0:1]',
    '[::0001]',
    '[::127.0.0.1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    '[::ffff:0:7f00:1]',
    '[64:ff9b:1::7f00:1]',
  ],
  unspecified: ['0.0.0.0', '0.1.2.3', '0', '[::]', '[::ffff:0:0]'],
  private: [
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '[fc00::1]',
    '[fd12::1]',
    '[::ffff:a00:1]',
    '[64:ff9b::a00:1]',
    '[2002:c0a8:101::]',
  ],
  'link-local': ['169.254.169.254', '[fe80::1]', '[febf::1]', '[::ffff:a9fe:a9fe]'],
  'site-local': ['[fec0::1]'],
  'carrier-grade NAT': ['100.64.0.1', '100.127.255.255'],
  multicast: ['224.0.0.1', '239.255.255.255', '[ff02::1]'],
  broadcast: ['255.255.255.255'],
  reserved: ['240.0.0.1', '192.0.0.1', '[1::1]', '[4000::1]', '[100::1]', '[5f00::1]'],
  documentation: ['192.0.2.1', '198.51.100.1', '203.0.113.1', '[2001:db8::1]', '[3fff::1]'],
  benchmarking: ['198.18.0.1', '198.19.255.255', '[2001:2::1]'],
  tunnels: ['[2001::1]', '192.88.99.1'],
};

describe('a host outside the public internet is not acceptable', () => {
  test.each(Object.entries(hosts))('%s', (_, texts) => {
    for (const host of texts) {
      expect([host, condition(`https://${host}/p`)]).toEqual([host, 'not-acceptable']);
      expect([host, condition(`https://${host}:8443`)]).toEqual([host, 'not-acceptable']);
    }
  });

  test.each([
    'https://172.15.255.255/',
    'https://172.32.0.1/',
    'https://100.63.255.255/',
    'https://100.128.0.1/',
    'https://128.0.0.1/',
    'https://[::ffff:808:808]/',
    'https://[64:ff9b::808:808]/',
    'https://[2002:808:808::]/',
    'https://localhost.example/',
    'https://notlocalhost/',
  ])('its neighbour %s is fine', (endpoint) => {
    expect(condition(endpoint)).toBe('ok');
  });

  test('the text names the kind of address', () => {
    expect(checkEndpoint('https://[::ffff:7f00:1]/', policy)).toMatchObject({
      text: expect.stringContaining('a loopback address'),
    });
  });
});

describe('an allowed host', () => {
  test.each([
    ['127.0.0.1', 'https://127.0.0.1:8443/p'],
    ['localhost', 'https://LOCALHOST:8443/p'],
    ['Push.Localhost', 'https://push.localhost/p'],
    ['::1', 'https://[::1]/p'],
    ['[::1]', 'https://[::1]/p'],
  ])('%s is exempt from the address rules', (allowed, endpoint) => {
    expect(condition(endpoint)).toBe('not-acceptable');
    expect(condition(endpoint, [allowed])).toBe('ok');
  });

  test('is exempt from no other rule', () => {
    expect(condition('http://127.0.0.1/p', ['127.0.0.1'])).toBe('not-acceptable');
    expect(condition('https://user@127.0.0.1/p', ['127.0.0.1'])).toBe('not-acceptable');
    expect(condition('https://127.1/p', ['127.0.0.1', '127.1'])).toBe('not-acceptable');
  });

  test('says nothing about other hosts', () => {
    expect(condition('https://127.0.0.2/p', ['127.0.0.1'])).toBe('not-acceptable');
    expect(condition('https://a.push.localhost/p', ['push.localhost'])).toBe('not-acceptable');
  });
});

describe('an address that a host resolves to', () => {
  const check = (address: string, host: string, allowedHosts: readonly string[] = []) =>
    checkAddress(address, host, { allowedHosts }).ok;

  test.each([
    '127.0.0.1',
    '::1',
    '10.1.2.3',
    '169.254.169.254',
    '::ffff:10.0.0.1',
    'fe80::1%eth0',
    '64:ff9b::7f00:1',
    '::',
    '0177.0.0.1',
    '',
  ])('%s is refused', (address) => {
    expect(check(address, 'push.example.net')).toBe(false);
  });

  test.each(['1.1.1.1', '2606:4700:4700::1111', '::ffff:1.1.1.1'])('%s is accepted', (address) => {
    expect(check(address, 'push.example.net')).toBe(true);
  });

  test('may be any for an allowed name, and only for that', () => {
    expect(check('10.1.2.3', 'push.internal', ['Push.Internal'])).toBe(true);
    expect(check('10.1.2.3', 'other.internal', ['push.internal'])).toBe(false);
    expect(check('10.1.2.3', 'other.internal', ['10.1.2.3'])).toBe(false);
  });

  test('is judged like the same address as a literal', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(check(address, 'push.example.net')).toBe(condition(`https://${address}/`) === 'ok');
        expect(check(`::ffff:${address}`, 'push.example.net')).toBe(check(address, 'push.example.net'));
      }),
    );
  });
});

test('whatever is accepted is what a URL parser reads: same host, same path and query', () => {
  const part = fc.stringMatching(/^[\w./\\:@?#%\t -]{0,12}$/);
  let accepted = 0;
  fc.assert(
    fc.property(part, part, (host, path) => {
      const endpoint = `https://${host}a.example/${path}`;
      if (!checkEndpoint(endpoint, policy).ok) return;
      accepted++;
      const url = new URL(endpoint);
      const [, authority = '', rest = ''] = /^https:..([^/?]*)(.*)$/.exec(endpoint) ?? [];
      expect(url.href).toBe(`https://${authority.toLowerCase()}${rest.startsWith('/') ? rest : `/${rest}`}`);
      expect([url.username, url.password, url.hash]).toEqual(['', '', '']);
    }),
    { numRuns: 2000 },
  );
  expect(accepted).toBeGreaterThan(0);
});

test('no text repeats the endpoint, which is a secret', () => {
  for (const endpoint of [
    'http://push.example.net/s3cret',
    'https://127.0.0.1/s3cret',
    's3cret',
    'https://s3cret@a/',
  ])
    expect(checkEndpoint(endpoint, policy)).not.toMatchObject({ text: expect.stringContaining('s3cret') });
});
