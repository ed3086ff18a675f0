import xml, { type Element } from '@xmpp/xml';
import { type EnableFields, enable } from '../scene/webpush.js';
import { badRequest, enableId, notAcceptable, refused } from './template.js';

const hex = (text: string) => Buffer.from(text, 'base64url').toString('hex');
const octets = (text: string) => Buffer.from(text, 'base64url');
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');

/** The algorithm's name and the curve's, before the point of a P-256 key (RFC 5480 §2). */
const spkiPrefix = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex');

/** The same X with another Y: no point of the curve has it but its negation. */
function offTheCurve(p256dh: string): string {
  const point = octets(p256dh);
  point[64] = (point[64] ?? 0) ^ 1;
  return text(point);
}

/** The same point in the 33 octets of SEC 1 §2.3.3. */
function compressed(p256dh: string): string {
  const point = octets(p256dh);
  return text(Buffer.concat([Buffer.from([2 + ((point[64] ?? 0) & 1)]), point.subarray(1, 33)]));
}

/** The same point in the hybrid form of X9.62, which some libraries take for an uncompressed one. */
function hybrid(p256dh: string): string {
  const point = octets(p256dh);
  point[0] = 6 + ((point[64] ?? 0) & 1);
  return text(point);
}

/** A key that is right but for its encoding in the standard alphabet, in which it has a plus sign and a slash. */
const inStandardAlphabet =
  'BKwNVdurHQLodnw4px8+Nxec46mctytL00QWHjNo/YnvEoVU2HZOy29fh9yUprrEhjTIQJ/LzPDxcnwR7jBkT70';

const without = (child: string, fields: EnableFields): Element => {
  const iq = enable(enableId, fields);
  iq.getChild('enable')?.remove(child);
  return iq;
};

const twice = (child: 'endpoint' | 'auth' | 'p256dh', fields: EnableFields): Element => {
  const iq = enable(enableId, fields);
  iq.getChild('enable')?.append(xml(child, {}, fields[child]));
  return iq;
};

const children = ['endpoint', 'auth', 'p256dh'] as const;

const missing = children.map((child) =>
  refused({
    id: `without-${child}`,
    title: `an enable without ${child} is refused`,
    requirements: ['enable.missing-child'],
    fault: `there is no ${child}`,
    request: (fields) => without(child, fields),
    judge: badRequest('enable.missing-child'),
  }),
);

const empty = children.map((child) =>
  refused({
    id: `empty-${child}`,
    title: `an enable with an empty ${child} is refused`,
    requirements: ['enable.empty-child'],
    fault: `${child} is empty`,
    request: (fields) => enable(enableId, { ...fields, [child]: '' }),
    judge: badRequest('enable.empty-child'),
  }),
);

const doubled = children.map((child) =>
  refused({
    id: `two-${child}`,
    title: `an enable with a second ${child} is refused`,
    requirements: ['enable.duplicate-child'],
    fault: `there are two of ${child}`,
    request: (fields) => twice(child, fields),
    judge: badRequest('enable.duplicate-child'),
  }),
);

const keys = [
  refused({
    id: 'auth-not-base64url',
    title: 'an auth with a character outside the alphabet is refused',
    requirements: ['enable.encoding'],
    fault: 'auth has an exclamation mark',
    request: ({ auth, ...rest }) => enable(enableId, { ...rest, auth: `!${auth.slice(1)}` }),
    judge: badRequest('enable.encoding'),
  }),
  refused({
    id: 'p256dh-not-base64url',
    title: 'a p256dh with a blank inside is refused',
    requirements: ['enable.encoding'],
    fault: 'p256dh has a blank inside',
    request: ({ p256dh, ...rest }) =>
      enable(enableId, { ...rest, p256dh: `${p256dh.slice(0, 40)} ${p256dh.slice(40)}` }),
    judge: badRequest('enable.encoding'),
  }),
  refused({
    id: 'p256dh-compressed',
    title: 'a p256dh of 33 octets is refused',
    requirements: ['enable.p256dh-length', 'enable.not-acceptable'],
    fault: 'p256dh is a compressed point',
    request: ({ p256dh, ...rest }) => enable(enableId, { ...rest, p256dh: compressed(p256dh) }),
    judge: notAcceptable('enable.p256dh-length'),
  }),
  refused({
    id: 'p256dh-hybrid',
    title: 'a p256dh whose first octet is 0x06 or 0x07 is refused',
    requirements: ['enable.p256dh-length', 'enable.not-acceptable'],
    fault: 'p256dh is a hybrid point',
    request: ({ p256dh, ...rest }) => enable(enableId, { ...rest, p256dh: hybrid(p256dh) }),
    judge: notAcceptable('enable.p256dh-length'),
  }),
  refused({
    id: 'p256dh-without-04',
    title: 'a p256dh of 64 octets is refused',
    requirements: ['enable.p256dh-length', 'enable.not-acceptable'],
    fault: 'the first octet of p256dh is missing',
    request: ({ p256dh, ...rest }) => enable(enableId, { ...rest, p256dh: text(octets(p256dh).subarray(1)) }),
    judge: notAcceptable('enable.p256dh-length'),
  }),
  refused({
    id: 'p256dh-off-curve',
    title: 'a p256dh that is no point on the curve is refused',
    requirements: ['enable.p256dh-on-curve', 'enable.not-acceptable'],
    fault: 'one bit of Y is wrong',
    request: ({ p256dh, ...rest }) => enable(enableId, { ...rest, p256dh: offTheCurve(p256dh) }),
    judge: notAcceptable('enable.p256dh-on-curve'),
  }),
  refused({
    id: 'p256dh-hexadecimal',
    title: 'a p256dh in hexadecimal is refused',
    requirements: ['enable.2019-values'],
    fault: 'p256dh is written in hexadecimal',
    request: ({ p256dh, ...rest }) => enable(enableId, { ...rest, p256dh: hex(p256dh) }),
  }),
  refused({
    id: 'auth-hexadecimal',
    title: 'an auth in hexadecimal is refused',
    requirements: ['enable.2019-values'],
    fault: 'auth is written in hexadecimal',
    request: ({ auth, ...rest }) => enable(enableId, { ...rest, auth: hex(auth) }),
  }),
  refused({
    id: 'p256dh-spki',
    title: 'a p256dh wrapped in a SubjectPublicKeyInfo structure is refused',
    requirements: ['enable.2019-values'],
    fault: 'p256dh is a SubjectPublicKeyInfo structure',
    request: ({ p256dh, ...rest }) =>
      enable(enableId, { ...rest, p256dh: text(Buffer.concat([spkiPrefix, octets(p256dh)])) }),
  }),
  refused({
    id: 'p256dh-standard-alphabet',
    title: 'a p256dh in the standard base64 alphabet is refused',
    requirements: ['enable.standard-alphabet'],
    fault: 'p256dh has a plus sign or a slash',
    request: (fields) => enable(enableId, { ...fields, p256dh: inStandardAlphabet }),
  }),
];

const authLengths = [15, 32, 17, 12].map((length) =>
  refused({
    id: `auth-of-${length}-octets`,
    title: `an auth of ${length} octets is refused`,
    requirements: ['enable.auth-length', 'enable.not-acceptable'],
    fault: `auth has ${length} octets`,
    request: ({ auth, ...rest }) =>
      enable(enableId, {
        ...rest,
        auth: text(Buffer.concat([octets(auth), octets(auth)]).subarray(0, length)),
      }),
    judge: notAcceptable('enable.auth-length'),
  }),
);

const noUrls = (
  [
    ['endpoint-relative', 'is relative', '/push/1'],
    ['endpoint-not-a-url', 'is a word', 'juliet'],
    ['endpoint-without-host', 'has no host', 'https:///push/1'],
  ] as const
).map(([id, fault, endpoint]) =>
  refused({
    id,
    title: `an endpoint that ${fault} is refused`,
    requirements: ['enable.endpoint-absolute'],
    fault: `the endpoint ${fault}`,
    request: (fields) => enable(enableId, { ...fields, endpoint }),
  }),
);

const urls = (
  [
    [
      'endpoint-http',
      'enable.endpoint-https',
      'has the scheme http',
      (url: string) => url.replace('https:', 'http:'),
    ],
    [
      'endpoint-userinfo',
      'enable.endpoint-userinfo',
      'has a userinfo component',
      (url: string) => url.replace('https://', 'https://juliet:secret@'),
    ],
    ['endpoint-fragment', 'enable.endpoint-fragment', 'has a fragment', (url: string) => `${url}#auth`],
    [
      'endpoint-too-long',
      'enable.endpoint-too-long',
      'has 100,000 octets',
      (url: string) => `${url}?token=`.padEnd(100_000, 'x'),
    ],
    [
      'endpoint-ftp',
      'enable.endpoint-https',
      'has the scheme ftp',
      (url: string) => url.replace('https:', 'ftp:'),
    ],
  ] as const
).map(([id, requirement, fault, endpoint]) =>
  refused({
    id,
    title: `an endpoint that ${fault} is refused`,
    requirements: [requirement, 'enable.not-acceptable'],
    fault: `the endpoint ${fault}`,
    request: (fields) => enable(enableId, { ...fields, endpoint: endpoint(fields.endpoint) }),
    judge: notAcceptable(requirement),
  }),
);

const addresses = (
  [
    ['loopback', '127.0.0.1'],
    ['private-10', '10.1.2.3'],
    ['link-local', '169.254.169.254'],
    ['mapped-loopback', '[::ffff:127.0.0.1]'],
    ['loopback-decimal', '2130706433'],
    ['localhost', 'localhost'],
    ['loopback-other', '127.255.0.9'],
    ['loopback-hexadecimal', '0x7f.1'],
    ['loopback-v6', '[::1]'],
    ['private-172', '172.16.0.1'],
    ['private-192', '192.168.1.1'],
    ['link-local-v6', '[fe80::1]'],
    ['unique-local-v6', '[fd00::1]'],
    ['unspecified', '0.0.0.0'],
    ['unspecified-v6', '[::]'],
    ['mapped-private', '[::ffff:c0a8:101]'],
  ] as const
).map(([name, host]) =>
  refused({
    id: `address-${name}`,
    title: `an endpoint on ${host} is refused`,
    requirements: ['enable.endpoint-address', 'enable.not-acceptable'],
    fault: `the host is ${host}`,
    request: (fields) => {
      const { port, pathname } = new URL(fields.endpoint);
      return enable(enableId, { ...fields, endpoint: `https://${host}:${port}${pathname}` });
    },
    judge: notAcceptable('enable.endpoint-address'),
  }),
);

const requests = [
  refused({
    id: 'get',
    title: 'an enable in an IQ of type get is refused',
    requirements: ['enable.get'],
    fault: "the IQ has the type 'get'",
    request(fields) {
      const iq = enable(enableId, fields);
      iq.attrs.type = 'get';
      return iq;
    },
  }),
  refused({
    id: 'other-namespace',
    title: 'an enable in another namespace is not taken for one',
    requirements: ['enable.namespace'],
    fault: "the namespace is 'urn:xmpp:webpush:1'",
    request(fields) {
      const iq = enable(enableId, fields);
      const element = iq.getChild('enable');
      if (element) element.attrs.xmlns = 'urn:xmpp:webpush:1';
      return iq;
    },
  }),
  refused({
    id: 'children-in-other-namespace',
    title: 'children in another namespace are not taken for those of an enable',
    requirements: ['enable.namespace'],
    fault: 'auth is in another namespace',
    request(fields) {
      const iq = enable(enableId, fields);
      const auth = iq.getChild('enable')?.getChild('auth');
      if (auth) auth.attrs.xmlns = 'urn:example:other';
      return iq;
    },
  }),
];

export const cases = [
  ...missing,
  ...empty,
  ...doubled,
  ...keys,
  ...authLengths,
  ...noUrls,
  ...urls,
  ...addresses,
  ...requests,
];
