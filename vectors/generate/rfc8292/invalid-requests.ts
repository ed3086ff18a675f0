import type { RequirementId } from '../../../suites/requirements/catalogue.js';
import type { IdentificationInput } from '../../kinds.js';
import { negative } from '../assemble.js';
import { base64url, join, keyPairFor, octets } from '../message.js';
import {
  compressed,
  hybrid,
  inDer,
  offCurve,
  part,
  signatureOf,
  spki,
  tokenHeader,
  tokenOf,
} from '../token.js';
import { right } from './keys.js';
import {
  claimsText,
  endpoint,
  fieldOf,
  HALF_DAY,
  input,
  k,
  NOW,
  type RequestDraft,
  rightToken,
} from './request.js';

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
const withSignature = (value: Uint8Array) => withToken(`${head}.${claims}.${base64url(value)}`);
const rs = octets(signature);
const other = keyPairFor('another application server');

export const claimFaults: readonly RequestDraft[] = (
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

export const tokenFaults: readonly RequestDraft[] = [
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

export const fieldFaults: readonly RequestDraft[] = [
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

export const keyFaults: readonly RequestDraft[] = [
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
