import type { RequirementId } from '../../suites/requirements/catalogue.js';
import type {
  AudienceExpected,
  AudienceInput,
  IdentificationExpected,
  IdentificationInput,
  KeyExpected,
  KeyInput,
} from '../kinds.js';
import { assemble, type Draft, negative, positive } from './assemble.js';
import { base64url, join, type KeyPair, keyPairFor, octets } from './message.js';
import { jwsEs256, vapid as published, webPushEncryption } from './published.js';
import { search } from './seed.js';
import {
  compressed,
  hybrid,
  inDer,
  jwkOf,
  offCurve,
  part,
  signatureOf,
  spki,
  tokenHeader,
  tokenOf,
} from './token.js';

// Keys

type KeyDraft = Draft<KeyInput, KeyExpected>;

const keyOf = (key: KeyPair): KeyInput => ({ jwk: jwkOf(key) });
const right = keyPairFor('application server');
const leading = (label: string, from: number, isRare: (key: KeyPair) => boolean) =>
  search(from, (counter) => {
    const key = keyPairFor(label, counter);
    return isRare(key) ? key : undefined;
  });

function goodKey(name: string, title: string, key: KeyPair): KeyDraft {
  return positive(
    name,
    title,
    keyOf(key),
    { result: 'valid', k: base64url(key.publicKey) },
    { requirement: 'rfc8292.key-form' },
  );
}

const zeroD = leading('leading zero private key', 44, ({ privateKey }) => privateKey[0] === 0);
const zeroX = leading('leading zero x', 264, ({ publicKey }) => publicKey[1] === 0);
const zeroY = leading('leading zero y', 311, ({ publicKey }) => publicKey[33] === 0);

function badKey(
  name: string,
  sibling: string,
  fault: string,
  requirement: RequirementId,
  key: KeyPair,
  member: Partial<KeyInput['jwk']>,
): KeyDraft {
  return negative(
    name,
    sibling,
    fault,
    requirement,
    { jwk: { ...jwkOf(key), ...member } },
    { result: 'invalid' },
  );
}

const keys: readonly KeyDraft[] = [
  goodKey('key', 'a key pair', right),
  positive(
    'key-rfc7515',
    'the key of the example of RFC 7515',
    { jwk: jwsEs256.jwk },
    { result: 'valid', k: base64url(join(Uint8Array.of(4), octets(jwsEs256.jwk.x), octets(jwsEs256.jwk.y))) },
    { requirement: 'rfc8292.key-form', source: 'RFC 7515 Appendix A.3' },
  ),
  goodKey('key-zero-d', 'd starts with a zero octet', zeroD),
  goodKey('key-zero-x', 'x starts with a zero octet', zeroX),
  goodKey('key-zero-y', 'y starts with a zero octet', zeroY),
  badKey('key-d-31', 'key-zero-d', 'd lacks its leading zero octet', 'rfc7518.key-octets', zeroD, {
    d: base64url(zeroD.privateKey.subarray(1)),
  }),
  badKey('key-x-31', 'key-zero-x', 'x lacks its leading zero octet', 'rfc7518.key-octets', zeroX, {
    x: base64url(zeroX.publicKey.subarray(2, 33)),
  }),
  badKey('key-y-31', 'key-zero-y', 'y lacks its leading zero octet', 'rfc7518.key-octets', zeroY, {
    y: base64url(zeroY.publicKey.subarray(34)),
  }),
  badKey('key-d-33', 'key', 'd has a zero octet too many', 'rfc7518.key-octets', right, {
    d: base64url(join(Uint8Array.of(0), right.privateKey)),
  }),
  badKey('key-d-zero', 'key', 'd is zero', 'rfc8292.signing-key', right, {
    d: base64url(new Uint8Array(32)),
  }),
  badKey('key-d-other', 'key', 'd belongs to another public key', 'rfc8292.signing-key', right, {
    d: base64url(zeroD.privateKey),
  }),
  badKey('key-off-curve', 'key', 'x and y are no point of the curve', 'rfc8292.signing-key', right, {
    y: base64url(offCurve(right.publicKey).subarray(33)),
  }),
  badKey('key-curve', 'key', 'the curve is P-384', 'rfc8292.signing-key', right, { crv: 'P-384' }),
];

// Audiences

const audience = (
  name: string,
  title: string,
  endpoint: string,
  aud: string,
): Draft<AudienceInput, AudienceExpected> =>
  positive(name, title, { endpoint }, { result: 'valid', aud }, { requirement: 'rfc8292.audience' });

const audiences = [
  audience(
    'aud-path',
    'path and query are left out',
    'https://push.example.net/p/abc?x=1',
    'https://push.example.net',
  ),
  audience('aud-bare', 'an endpoint without a path', 'https://push.example.net', 'https://push.example.net'),
  audience(
    'aud-443',
    'the default port is left out',
    'https://push.example.net:443/p',
    'https://push.example.net',
  ),
  audience(
    'aud-8443',
    'another port stays',
    'https://push.example.net:8443/p',
    'https://push.example.net:8443',
  ),
  audience('aud-case', 'the host is in lower case', 'https://Push.Example.NET/P', 'https://push.example.net'),
  audience(
    'aud-ipv6',
    'an IPv6 address keeps its brackets',
    'https://[2606:4700::1]:8443/p',
    'https://[2606:4700::1]:8443',
  ),
  audience(
    'aud-punycode',
    'an internationalised host stays in its ASCII form',
    'https://xn--bcher-kva.example/p',
    'https://xn--bcher-kva.example',
  ),
];

// Requests

type RequestDraft = Draft<IdentificationInput, IdentificationExpected>;

const endpoint = 'https://push.example.net/p/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV';
const NOW = 1_893_412_800;
const HALF_DAY = 43_200;
const k = base64url(right.publicKey);

interface Claims {
  readonly aud?: unknown;
  readonly exp?: unknown;
  readonly sub?: unknown;
  readonly [claim: string]: unknown;
}

const rightClaims: Claims = {
  aud: 'https://push.example.net',
  exp: NOW + HALF_DAY,
  sub: 'mailto:operator@example.net',
};
const claimsText = (changes: Claims = {}) => JSON.stringify({ ...rightClaims, ...changes });
const rightToken = tokenOf(tokenHeader, claimsText(), right);
const fieldOf = (t: string, key: string = k) => `vapid t=${t}, k=${key}`;

function input(changes: Partial<IdentificationInput> = {}): IdentificationInput {
  return {
    authorization: [fieldOf(rightToken)],
    endpoint,
    now: NOW,
    applicationServerKey: k,
    keyId: webPushEncryption.asPublic,
    ...changes,
  };
}

const claimsIn = (text: string) => JSON.parse(text) as { readonly aud: unknown; readonly exp: unknown };

/** A request that is identified rightly, from the text of its claims. */
function identified(
  name: string,
  title: string,
  claims: string,
  changes: Partial<IdentificationInput> = {},
  requirement: RequirementId = 'rfc8292.signature',
): RequestDraft {
  const authorization = [fieldOf(tokenOf(tokenHeader, claims, right))];
  return positive(
    name,
    title,
    input({ authorization, ...changes }),
    { result: 'valid', claims: claimsIn(claims) },
    { requirement },
  );
}

/** A token whose signature is rare; `exp` counts the tries. */
function signed(
  name: string,
  title: string,
  from: number,
  isRare: (signature: Uint8Array) => boolean,
): RequestDraft {
  const claims = search(from, (counter) => {
    const text = JSON.stringify({ ...rightClaims, exp: 1_893_456_000 + counter });
    return isRare(signatureOf(`${part(tokenHeader)}.${part(text)}`, right.privateKey)) ? text : undefined;
  });
  return identified(name, title, claims, { now: NOW + from }, 'rfc7518.signature-octets');
}

const HALF_ORDER = 0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8n;
const isHigh = (signature: Uint8Array) =>
  BigInt(`0x${Buffer.from(signature.subarray(32)).toString('hex')}`) > HALF_ORDER;

const good: readonly RequestDraft[] = [
  identified('request', 'a request that is identified rightly', claimsText()),
  positive(
    'example',
    'the example of RFC 8292, when it was valid',
    input({
      authorization: [fieldOf(published.t, published.k)],
      endpoint: published.endpoint,
      now: 1_453_480_568,
      applicationServerKey: published.k,
    }),
    { result: 'valid', claims: claimsIn(published.derived.claims) },
    { requirement: 'rfc8292.signature', source: 'RFC 8292 §2.4' },
  ),
  signed('zero-r', 'r starts with a zero octet', 470, (signature) => signature[0] === 0),
  signed('zero-s', 's starts with a zero octet', 1214, (signature) => signature[32] === 0),
  signed(
    'zero-r-and-s',
    'r and s both start with a zero octet',
    108_906,
    (signature) => signature[0] === 0 && signature[32] === 0,
  ),
  signed('high-s', 's is in the upper half of the order of the group, which ES256 allows', 1, isHigh),
  signed('low-s', 's is in the lower half', 0, (signature) => !isHigh(signature)),
  identified(
    'exp-24-hours',
    'the token expires 24 hours after the request',
    claimsText({ exp: NOW + 86_400 }),
    {},
    'rfc8292.expiry-limit',
  ),
  identified(
    'exp-soon',
    'the token expires a minute after the request',
    claimsText({ exp: NOW + 60 }),
    {},
    'rfc8292.expiry-future',
  ),
  identified(
    'sub-https',
    'the contact is an https URI',
    claimsText({ sub: 'https://example.net/contact' }),
    {},
    'rfc8292.subject-form',
  ),
  identified(
    'sub-absent',
    'there is no contact, which the RFC allows and some receivers do not',
    claimsText({ sub: undefined }),
    {},
    'rfc8292.subject-form',
  ),
  identified(
    'aud-array',
    'aud is an array, which the RFC allows and some receivers do not',
    claimsText({ aud: ['https://push.example.net'] }),
    {},
    'rfc7519.audience-form',
  ),
  identified('further-claim', 'there is a further claim', claimsText({ iat: NOW }), {}, 'rfc7519.claims'),
  positive(
    'order',
    'k comes before t',
    input({ authorization: [`vapid k=${k}, t=${rightToken}`] }),
    { result: 'valid', claims: claimsIn(claimsText()) },
    { requirement: 'rfc8292.parameters' },
  ),
  positive(
    'scheme-case',
    'the scheme is in upper case',
    input({ authorization: [`VAPID t=${rightToken}, k=${k}`] }),
    { result: 'valid', claims: claimsIn(claimsText()) },
    { requirement: 'rfc8292.authorization' },
  ),
  positive(
    'without-blank',
    'no blank follows the comma',
    input({ authorization: [`vapid t=${rightToken},k=${k}`] }),
    { result: 'valid', claims: claimsIn(claimsText()) },
    { requirement: 'rfc8292.authorization' },
  ),
  positive(
    'unknown-parameter',
    'a parameter that nobody knows is ignored',
    input({ authorization: [`${fieldOf(rightToken)}, realm=push`] }),
    { result: 'valid', claims: claimsIn(claimsText()) },
    { requirement: 'rfc8292.parameters' },
  ),
  identified(
    'port',
    'another port than the default one is part of the audience',
    claimsText({ aud: 'https://push.example.net:8443' }),
    { endpoint: endpoint.replace('.net', '.net:8443') },
    'rfc8292.audience',
  ),
];

function wrong(
  name: string,
  fault: string,
  requirement: RequirementId,
  changes: Partial<IdentificationInput>,
  sibling = 'request',
): RequestDraft {
  const from = sibling === 'port' ? { endpoint: endpoint.replace('.net', '.net:8443') } : {};
  return negative(name, sibling, fault, requirement, input({ ...from, ...changes }), { result: 'invalid' });
}

const withField = (field: string) => ({ authorization: [field] });
const withToken = (token: string) => withField(fieldOf(token));
const withClaims = (text: string) => withToken(tokenOf(tokenHeader, text, right));
const withHeader = (text: string) => withToken(tokenOf(text, claimsText(), right));
const [head = '', claims = '', signature = ''] = rightToken.split('.');
const withSignature = (octetsOfIt: Uint8Array) => withToken(`${head}.${claims}.${base64url(octetsOfIt)}`);
const rs = octets(signature);
const other = keyPairFor('another application server');

const claimFaults: readonly RequestDraft[] = (
  [
    ['aud-missing', 'there is no aud', 'rfc8292.audience', { aud: undefined }],
    ['aud-path', 'aud has a path', 'rfc8292.audience', { aud: endpoint }],
    ['aud-slash', 'aud ends in a slash', 'rfc8292.audience', { aud: 'https://push.example.net/' }],
    [
      'aud-port-443',
      'aud names the default port',
      'rfc8292.audience',
      { aud: 'https://push.example.net:443' },
    ],
    ['aud-host', 'aud is the host alone', 'rfc8292.audience', { aud: 'push.example.net' }],
    ['aud-http', 'aud has the scheme http', 'rfc8292.audience', { aud: 'http://push.example.net' }],
    [
      'aud-own',
      "aud is the application server's own origin",
      'rfc8292.audience',
      { aud: 'https://xmpp.example.org' },
    ],
    ['aud-number', 'aud is a number', 'rfc7519.audience-form', { aud: 1 }],
    ['exp-missing', 'there is no exp', 'rfc8292.expiry-present', { exp: undefined }],
    [
      'exp-past',
      'the token expired an hour before the request',
      'rfc8292.expiry-future',
      { exp: NOW - 3600 },
    ],
    ['exp-now', 'the token expires with the request', 'rfc8292.expiry-future', { exp: NOW }],
    [
      'exp-24-hours-and-1',
      'the token expires 24 hours and a second after the request',
      'rfc8292.expiry-limit',
      { exp: NOW + 86_401 },
    ],
    ['exp-month', 'the token expires in 30 days', 'rfc8292.expiry-limit', { exp: NOW + 2_592_000 }],
    ['exp-milliseconds', 'exp is in milliseconds', 'rfc8292.expiry-limit', { exp: (NOW + HALF_DAY) * 1000 }],
    ['exp-text', 'exp is a text', 'rfc7519.expiry-number', { exp: String(NOW + HALF_DAY) }],
    [
      'exp-date',
      'exp is a date',
      'rfc7519.expiry-number',
      { exp: new Date((NOW + HALF_DAY) * 1000).toISOString() },
    ],
    [
      'exp-fraction',
      'exp has a fraction, which some receivers refuse',
      'receivers.expiry-integer',
      { exp: NOW + HALF_DAY + 0.5 },
    ],
    [
      'sub-address',
      'sub is an address without a scheme',
      'rfc8292.subject-form',
      { sub: 'operator@example.net' },
    ],
    [
      'sub-blank',
      'sub has a blank after mailto:',
      'rfc8292.subject-form',
      { sub: 'mailto: operator@example.net' },
    ],
    ['sub-xmpp', 'sub is an xmpp: URI', 'rfc8292.subject-form', { sub: 'xmpp:operator@example.net' }],
    [
      'sub-localhost',
      'sub is at localhost, which some receivers refuse',
      'receivers.subject-reachable',
      { sub: 'mailto:operator@localhost' },
    ],
  ] as const
).map(([name, fault, requirement, changes]) =>
  wrong(name.replace(/^aud-/, 'wrong-aud-'), fault, requirement, withClaims(claimsText(changes))),
);

const tokenFaults: readonly RequestDraft[] = [
  wrong('wrong-aud-without-port', 'aud lacks the port', 'rfc8292.audience', withClaims(claimsText()), 'port'),
  wrong('alg-none', 'alg is none', 'rfc8292.es256', withHeader('{"typ":"JWT","alg":"none"}')),
  wrong('alg-hs256', 'alg is HS256', 'rfc8292.es256', withHeader('{"typ":"JWT","alg":"HS256"}')),
  wrong('alg-es384', 'alg is ES384', 'rfc8292.es256', withHeader('{"typ":"JWT","alg":"ES384"}')),
  wrong('alg-lower-case', 'alg is in lower case', 'rfc8292.es256', withHeader('{"typ":"JWT","alg":"es256"}')),
  wrong('alg-missing', 'there is no alg', 'rfc8292.es256', withHeader('{"typ":"JWT"}')),
  wrong(
    'header-twice',
    'the header has alg twice',
    'rfc7515.unique-members',
    withHeader('{"typ":"JWT","alg":"ES256","alg":"ES256"}'),
  ),
  wrong(
    'header-crit',
    'the header has a critical extension',
    'rfc7515.critical',
    withHeader('{"typ":"JWT","alg":"ES256","crit":["exp"]}'),
  ),
  wrong('header-array', 'the header is an array', 'rfc7515.header', withHeader('["ES256"]')),
  wrong('header-no-json', 'the header is no JSON', 'rfc7515.header', withHeader('ES256')),
  wrong(
    'claims-twice',
    'aud is there twice',
    'rfc7519.unique-claims',
    withClaims(claimsText().replace('{', '{"aud":"https://push.example.net",')),
  ),
  wrong('claims-array', 'the claims are an array', 'rfc7519.claims', withClaims('[]')),
  wrong('claims-no-json', 'the claims are no JSON', 'rfc7519.claims', withClaims('aud')),
  wrong(
    'two-parts',
    'the signature is left out with its dot',
    'rfc7515.compact',
    withToken(`${head}.${claims}`),
  ),
  wrong('four-parts', 'a fourth part follows', 'rfc7515.compact', withToken(`${rightToken}.e30`)),
  wrong('part-padded', 'the signature is padded', 'rfc7515.base64url', withToken(`${rightToken}==`)),
  wrong(
    'part-standard',
    'the signature is in the standard alphabet',
    'rfc7515.base64url',
    withToken(`${head}.${claims}.${Buffer.from(rs).toString('base64').replace(/=+$/, '')}`),
  ),
  wrong('signature-der', 'the signature is in DER', 'rfc7518.signature-octets', withSignature(inDer(rs))),
  wrong(
    'signature-63',
    's lacks its last octet',
    'rfc7518.signature-octets',
    withSignature(rs.subarray(0, -1)),
  ),
  wrong(
    'signature-65',
    'the signature has an octet too many',
    'rfc7518.signature-octets',
    withSignature(join(rs, Uint8Array.of(0))),
  ),
  wrong('signature-empty', 'the signature is empty', 'rfc7515.base64url', withToken(`${head}.${claims}.`)),
  wrong(
    'signature-swapped',
    's stands before r',
    'rfc8292.signature',
    withSignature(join(rs.subarray(32), rs.subarray(0, 32))),
  ),
  wrong('signature-zero', 'r and s are zero', 'rfc8292.signature', withSignature(new Uint8Array(64))),
  wrong(
    'signature-r-zero',
    'r is zero',
    'rfc8292.signature',
    withSignature(join(new Uint8Array(32), rs.subarray(32))),
  ),
  wrong(
    'signature-ones',
    'r and s are not below the order of the group',
    'rfc8292.signature',
    withSignature(new Uint8Array(64).fill(0xff)),
  ),
  wrong(
    'signature-bit',
    'a bit of the signature is wrong',
    'rfc8292.signature',
    withSignature(rs.with(63, (rs[63] ?? 0) ^ 1)),
  ),
  wrong(
    'signature-other-text',
    'the signature is that of other claims',
    'rfc8292.signature',
    withSignature(signatureOf(`${head}.${part('{}')}`, right.privateKey)),
  ),
  wrong(
    'signature-without-header',
    'only the claims are signed',
    'rfc8292.signature',
    withSignature(signatureOf(claims, right.privateKey)),
  ),
  wrong(
    'signature-other-key',
    'the token is signed with another key than k',
    'rfc8292.signature',
    withSignature(signatureOf(`${head}.${claims}`, other.privateKey)),
  ),
];

const fieldFaults: readonly RequestDraft[] = [
  wrong('no-field', 'there is no Authorization field', 'rfc8292.authorization', { authorization: [] }),
  wrong('two-fields', 'there are two Authorization fields', 'rfc8292.authorization', {
    authorization: [fieldOf(rightToken), fieldOf(rightToken)],
  }),
  wrong(
    'scheme-webpush',
    'the scheme is WebPush, of an early draft',
    'rfc8292.authorization',
    withField(fieldOf(rightToken).replace('vapid', 'WebPush')),
  ),
  wrong(
    'scheme-bearer',
    'the scheme is Bearer',
    'rfc8292.authorization',
    withField(fieldOf(rightToken).replace('vapid', 'Bearer')),
  ),
  wrong(
    'semicolon',
    'the parameters are separated by a semicolon',
    'rfc8292.authorization',
    withField(fieldOf(rightToken).replace(', ', '; ')),
  ),
  wrong(
    'no-comma',
    'there is no comma between the parameters',
    'rfc8292.authorization',
    withField(fieldOf(rightToken).replace(', ', ' ')),
  ),
  wrong(
    'two-t',
    't is there twice',
    'rfc8292.parameters',
    withField(`${fieldOf(rightToken)}, t=${rightToken}`),
  ),
  wrong('two-k', 'k is there twice', 'rfc8292.parameters', withField(`${fieldOf(rightToken)}, k=${k}`)),
  wrong(
    'quoted',
    'the parameters are in quotation marks, which some receivers take for part of the value',
    'receivers.unquoted-parameters',
    withField(`vapid t="${rightToken}", k="${k}"`),
  ),
  wrong('no-k', 'there is no k', 'rfc8292.parameters', withField(`vapid t=${rightToken}`)),
  wrong('no-t', 'there is no t', 'rfc8292.parameters', withField(`vapid k=${k}`)),
];

const withKey = (key: string) => withField(fieldOf(rightToken, key));
const keyText = (value: Uint8Array) => withKey(base64url(value));

const keyFaults: readonly RequestDraft[] = [
  wrong('k-padded', 'k is padded', 'rfc8292.key-form', withKey(`${k}=`)),
  wrong(
    'k-hexadecimal',
    'k is in hexadecimal',
    'rfc8292.key-form',
    withKey(Buffer.from(right.publicKey).toString('hex')),
  ),
  wrong('k-spki', 'k is a SubjectPublicKeyInfo', 'rfc8292.key-form', keyText(spki(right.publicKey))),
  wrong('k-compressed', 'k is a compressed point', 'rfc8292.key-form', keyText(compressed(right.publicKey))),
  wrong('k-hybrid', 'k is a hybrid point', 'rfc8292.key-form', keyText(hybrid(right.publicKey))),
  wrong('k-without-04', 'k lacks the 0x04', 'rfc8292.key-form', keyText(right.publicKey.subarray(1))),
  wrong(
    'k-66',
    'k has an octet too many',
    'rfc8292.key-form',
    keyText(join(right.publicKey, Uint8Array.of(0))),
  ),
  wrong(
    'k-off-curve',
    'k is no point of the curve',
    'rfc8292.signing-key',
    keyText(offCurve(right.publicKey)),
  ),
  wrong('k-other', 'k is not the key that signed', 'rfc8292.signature', keyText(other.publicKey)),
  wrong('k-restricted', 'the subscription was made with another key', 'rfc8292.restricted-key', {
    applicationServerKey: base64url(other.publicKey),
  }),
  wrong('k-is-key-id', 'the key that signs also encrypts', 'rfc8292.separate-keys', { keyId: k }),
];

export const rfc8292 = () =>
  assemble(
    'rfc8292',
    'Voluntary application server identification (RFC 8292)',
    [
      'All octets are base64url without padding; times are seconds since 1970.',
      'keys: input.jwk is a private key as JSON Web Key; k is its public half as it goes into the field. An invalid one is not taken.',
      'audiences: the claim aud for an endpoint.',
      'requests: judge the Authorization fields of a request to the endpoint at the time now, to a subscription made with applicationServerKey, whose body has the key id keyId. Signatures of ECDSA are random, so senders compare claims, not tokens.',
      'Requirements with the prefix "receivers." are what push services in use ask for beyond the RFCs: an RFC alone would let them pass.',
    ],
    {
      keys: { title: 'Key pairs', tests: keys },
      audiences: { title: 'Origins of endpoints', tests: audiences },
      requests: {
        title: 'How a request is identified',
        tests: [...good, ...claimFaults, ...tokenFaults, ...fieldFaults, ...keyFaults],
      },
    },
  );
