import type { RequirementId } from '../../suites/requirements/catalogue.js';
import type { Condition, SubscriptionExpected, SubscriptionInput } from '../kinds.js';
import { assemble, type Draft, negative, positive } from './assemble.js';
import { base64url, join, keyPairFor, userAgentFor } from './message.js';
import { octetsFor, search } from './seed.js';
import { compressed, hybrid, offCurve, spki } from './token.js';

type SubscriptionDraft = Draft<SubscriptionInput, SubscriptionExpected>;

const ENDPOINT = 'https://push.example.net/p/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV';

/** Keys whose spelling in the standard alphabet has both its other digits, so that the two alphabets can be told apart. */
const browser = search(0, (counter) => {
  const keys = userAgentFor('subscription', counter);
  const spelled = [keys.publicKey, keys.auth].map(base64url);
  return spelled.every((text) => text.includes('-') && text.includes('_')) ? keys : undefined;
});
const p256dh = base64url(browser.publicKey);
const auth = base64url(browser.auth);
const standard = (value: Uint8Array, padded = false) =>
  padded ? Buffer.from(value).toString('base64') : Buffer.from(value).toString('base64').replace(/=+$/, '');
const hexadecimal = (value: Uint8Array) => Buffer.from(value).toString('hex');

const input = (changes: Partial<SubscriptionInput> = {}): SubscriptionInput => ({
  endpoint: ENDPOINT,
  p256dh,
  auth,
  ...changes,
});

function accepted(
  name: string,
  title: string,
  requirement: RequirementId,
  changes: Partial<SubscriptionInput> = {},
): SubscriptionDraft {
  return positive(name, title, input(changes), { result: 'valid' }, { requirement });
}

function refused(
  name: string,
  fault: string,
  requirement: RequirementId,
  conditions: readonly Condition[],
  changes: Partial<SubscriptionInput>,
  sibling = 'subscription',
): SubscriptionDraft {
  return negative(name, sibling, fault, requirement, input(changes), { result: 'invalid', conditions });
}

const MALFORMED = ['bad-request'] as const;
const UNACCEPTABLE = ['not-acceptable'] as const;
/** The text asks for a refusal and not for a condition. */
const ANY = ['any'] as const;

const good: readonly SubscriptionDraft[] = [
  accepted('subscription', 'what a browser gives', 'enable.result'),
  accepted('p256dh-padded', 'p256dh is padded', 'enable.padding', { p256dh: `${p256dh}=` }),
  accepted('auth-padded', 'auth is padded', 'enable.padding', { auth: `${auth}==` }),
  accepted('auth-zero', 'auth is all zeros, which are 16 octets as well', 'enable.auth-length', {
    auth: base64url(new Uint8Array(16)),
  }),
  ...(
    [
      ['x', 264],
      ['y', 311],
    ] as const
  ).map(([coordinate, from]) =>
    accepted(
      `p256dh-zero-${coordinate}`,
      `${coordinate} of p256dh starts with a zero octet`,
      'enable.p256dh-on-curve',
      {
        p256dh: base64url(leadingZero(coordinate, from)),
      },
    ),
  ),
  ...(
    [
      [
        'query',
        'a query with escapes, as WNS has it',
        'https://wns.example.net/w/?token=BQYAAAB%2bxY%2fq%3d',
      ],
      ['port', 'a port', 'https://push.example.net:8443/p/1'],
      ['port-443', 'the default port', 'https://push.example.net:443/p/1'],
      ['bare', 'no path', 'https://push.example.net'],
      ['punycode', 'an internationalised host in its ASCII form', 'https://xn--bcher-kva.example/p/1'],
      ['digits', 'a name that starts with digits', 'https://10.push.example.net/p/1'],
      [
        'localhost-label',
        'a name of which localhost is one label among others',
        'https://localhost.example.net/p/1',
      ],
      ['long', 'a length of 1000 octets', `${ENDPOINT}?token=`.padEnd(1000, 'x')],
      ['address-v4', 'a public address', 'https://8.8.8.8/p/1'],
      ['address-v6', 'a public IPv6 address', 'https://[2606:4700::1111]/p/1'],
      ['address-beside-private', 'an address just outside the private ones', 'https://172.32.0.1/p/1'],
      ['mapped-public', 'a public address mapped into IPv6', 'https://[::ffff:808:808]/p/1'],
    ] as const
  ).map(([name, title, endpoint]) =>
    accepted(
      `endpoint-${name}`,
      `an endpoint with ${title}`,
      name === 'long' ? 'enable.endpoint-long' : 'enable.result',
      { endpoint },
    ),
  ),
];

function leadingZero(coordinate: 'x' | 'y', from: number): Uint8Array {
  const offset = coordinate === 'x' ? 1 : 33;
  return search(from, (counter) => {
    const { publicKey } = keyPairFor(`leading zero ${coordinate}`, counter);
    return publicKey[offset] === 0 ? publicKey : undefined;
  });
}

const point = browser.publicKey;
const prime = Buffer.from('ffffffff00000001000000000000000000000000ffffffffffffffffffffffff', 'hex');

const p256dhFaults: readonly SubscriptionDraft[] = (
  [
    ['hexadecimal', 'is in hexadecimal', 'enable.2019-values', ANY, hexadecimal(point)],
    [
      'hexadecimal-upper',
      'is in upper-case hexadecimal',
      'enable.2019-values',
      ANY,
      hexadecimal(point).toUpperCase(),
    ],
    ['spki', 'is a SubjectPublicKeyInfo', 'enable.2019-values', ANY, base64url(spki(point))],
    [
      'spki-standard',
      'is a SubjectPublicKeyInfo in the standard alphabet',
      'enable.2019-values',
      ANY,
      standard(spki(point), true),
    ],
    ['standard', 'is in the standard alphabet', 'enable.standard-alphabet', ANY, standard(point)],
    [
      'standard-padded',
      'is in the standard alphabet with padding',
      'enable.standard-alphabet',
      ANY,
      standard(point, true),
    ],
    [
      'compressed',
      'is a compressed point',
      'enable.p256dh-length',
      UNACCEPTABLE,
      base64url(compressed(point)),
    ],
    ['hybrid', 'is a hybrid point', 'enable.p256dh-length', UNACCEPTABLE, base64url(hybrid(point))],
    [
      'without-04',
      'lacks its first octet',
      'enable.p256dh-length',
      UNACCEPTABLE,
      base64url(point.subarray(1)),
    ],
    ['64', 'lacks its last octet', 'enable.p256dh-length', UNACCEPTABLE, base64url(point.subarray(0, 64))],
    [
      '66',
      'has an octet too many',
      'enable.p256dh-length',
      UNACCEPTABLE,
      base64url(join(point, Uint8Array.of(0))),
    ],
    ['05', 'starts with 0x05', 'enable.p256dh-length', UNACCEPTABLE, base64url(point.with(0, 5))],
    [
      'off-curve',
      'is no point of the curve',
      'enable.p256dh-on-curve',
      UNACCEPTABLE,
      base64url(offCurve(point)),
    ],
    [
      'zero',
      'is 0x04 and zeros',
      'enable.p256dh-on-curve',
      UNACCEPTABLE,
      base64url(join(Uint8Array.of(4), new Uint8Array(64))),
    ],
    [
      'x-prime',
      'has the prime of the field for X',
      'enable.p256dh-on-curve',
      UNACCEPTABLE,
      base64url(join(Uint8Array.of(4), prime, point.subarray(33))),
    ],
    [
      'y-prime',
      'has the prime of the field for Y',
      'enable.p256dh-on-curve',
      UNACCEPTABLE,
      base64url(join(point.subarray(0, 33), prime)),
    ],
    [
      'swapped',
      'has Y before X',
      'enable.p256dh-on-curve',
      UNACCEPTABLE,
      base64url(join(Uint8Array.of(4), point.subarray(33), point.subarray(1, 33))),
    ],
    [
      'blank',
      'has a blank in it',
      'enable.encoding',
      MALFORMED,
      `${p256dh.slice(0, 40)} ${p256dh.slice(40)}`,
    ],
    [
      'exclamation',
      'has an exclamation mark in it',
      'enable.encoding',
      MALFORMED,
      `${p256dh.slice(0, 40)}!${p256dh.slice(41)}`,
    ],
    ['padded-twice', 'has a padding character too many', 'enable.encoding', MALFORMED, `${p256dh}==`],
  ] as const
).map(([name, what, requirement, conditions, value]) =>
  refused(`p256dh-${name}`, `p256dh ${what}`, requirement, conditions, { p256dh: value }),
);

const authFaults: readonly SubscriptionDraft[] = (
  [
    ['12', 'has 12 octets', 'enable.auth-length', UNACCEPTABLE, base64url(octetsFor('auth', 12))],
    ['15', 'has 15 octets', 'enable.auth-length', UNACCEPTABLE, base64url(browser.auth.subarray(1))],
    [
      '17',
      'has 17 octets',
      'enable.auth-length',
      UNACCEPTABLE,
      base64url(join(browser.auth, Uint8Array.of(0))),
    ],
    ['32', 'has 32 octets', 'enable.auth-length', UNACCEPTABLE, base64url(join(browser.auth, browser.auth))],
    ['hexadecimal', 'is in hexadecimal', 'enable.2019-values', ANY, hexadecimal(browser.auth)],
    ['standard', 'is in the standard alphabet', 'enable.standard-alphabet', ANY, standard(browser.auth)],
    ['blank', 'has a blank in it', 'enable.encoding', MALFORMED, `${auth.slice(0, 10)} ${auth.slice(10)}`],
    ['exclamation', 'has an exclamation mark in it', 'enable.encoding', MALFORMED, `!${auth.slice(1)}`],
    ['half-padded', 'has half of its padding', 'enable.encoding', MALFORMED, `${auth}=`],
    ['one-digit', 'is one character, which stands for no octet', 'enable.encoding', MALFORMED, 'A'],
  ] as const
).map(([name, what, requirement, conditions, value]) =>
  refused(`auth-${name}`, `auth ${what}`, requirement, conditions, { auth: value }),
);

const endpointFaults: readonly SubscriptionDraft[] = (
  [
    ['relative', 'is relative', 'enable.endpoint-absolute', ANY, '/p/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV'],
    ['word', 'is a word', 'enable.endpoint-absolute', ANY, 'juliet'],
    ['without-host', 'has no host', 'enable.endpoint-absolute', ANY, 'https:///p/1'],
    ['scheme-relative', 'has no scheme', 'enable.endpoint-absolute', ANY, ENDPOINT.replace('https:', '')],
    [
      'http',
      'has the scheme http',
      'enable.endpoint-https',
      UNACCEPTABLE,
      ENDPOINT.replace('https:', 'http:'),
    ],
    ['ftp', 'has the scheme ftp', 'enable.endpoint-https', UNACCEPTABLE, ENDPOINT.replace('https:', 'ftp:')],
    ['wss', 'has the scheme wss', 'enable.endpoint-https', UNACCEPTABLE, ENDPOINT.replace('https:', 'wss:')],
    ['javascript', 'has the scheme javascript', 'enable.endpoint-https', UNACCEPTABLE, 'javascript:alert(1)'],
    [
      'userinfo',
      'has a userinfo component',
      'enable.endpoint-userinfo',
      UNACCEPTABLE,
      ENDPOINT.replace('https://', 'https://juliet:secret@'),
    ],
    [
      'userinfo-empty',
      'has an empty userinfo component',
      'enable.endpoint-userinfo',
      UNACCEPTABLE,
      ENDPOINT.replace('https://', 'https://@'),
    ],
    ['fragment', 'has a fragment', 'enable.endpoint-fragment', UNACCEPTABLE, `${ENDPOINT}#auth`],
    ['fragment-empty', 'has an empty fragment', 'enable.endpoint-fragment', UNACCEPTABLE, `${ENDPOINT}#`],
    [
      'too-long',
      'has 100,000 octets',
      'enable.endpoint-too-long',
      UNACCEPTABLE,
      `${ENDPOINT}?token=`.padEnd(100_000, 'x'),
    ],
  ] as const
).map(([name, what, requirement, conditions, endpoint]) =>
  refused(`endpoint-${name}`, `the endpoint ${what}`, requirement, conditions, { endpoint }),
);

const addressFaults: readonly SubscriptionDraft[] = (
  [
    ['loopback', '127.0.0.1'],
    ['loopback-other', '127.255.0.9'],
    ['loopback-decimal', '2130706433'],
    ['loopback-hexadecimal', '0x7f.1'],
    ['loopback-octal', '0177.0.0.1'],
    ['loopback-short', '127.1'],
    ['loopback-v6', '[::1]'],
    ['loopback-v6-long', '[0:0:0:0:0:0:0:1]'],
    ['localhost', 'localhost'],
    ['private-10', '10.1.2.3'],
    ['private-172', '172.16.0.1'],
    ['private-172-last', '172.31.255.255'],
    ['private-192', '192.168.1.1'],
    ['link-local', '169.254.169.254'],
    ['link-local-v6', '[fe80::1]'],
    ['unique-local-v6', '[fd00::1]'],
    ['unique-local-v6-fc', '[fc00::1]'],
    ['unspecified', '0.0.0.0'],
    ['unspecified-v6', '[::]'],
    ['mapped-loopback', '[::ffff:127.0.0.1]'],
    ['mapped-loopback-hexadecimal', '[::ffff:7f00:1]'],
    ['mapped-private', '[::ffff:c0a8:101]'],
    ['mapped-link-local', '[::ffff:a9fe:a9fe]'],
  ] as const
).map(([name, host]) =>
  refused(`address-${name}`, `the host is ${host}`, 'enable.endpoint-address', UNACCEPTABLE, {
    endpoint: ENDPOINT.replace('push.example.net', host),
  }),
);

export const subscription = () =>
  assemble(
    'subscription',
    'Values of a subscription',
    [
      'subscriptions: the three texts of an enable, white space around them removed. A server with no exemptions accepts the valid ones; it refuses the others with one of the conditions, of type modify ("any": the text asks for an error and leaves which).',
      'not-acceptable is a SHOULD (enable.not-acceptable): another condition is a warning, accepting the value breaks the sentence named.',
    ],
    {
      subscriptions: {
        title: 'What is registered, and what is refused',
        tests: [...good, ...p256dhFaults, ...authFaults, ...endpointFaults, ...addressFaults],
      },
    },
  );
