import { positive } from '../assemble.js';
import { vapid as published } from '../published.js';
import { search } from '../seed.js';
import { part, signatureOf, tokenHeader } from '../token.js';
import { right } from './keys.js';
import {
  claimsIn,
  claimsText,
  endpoint,
  fieldOf,
  identified,
  input,
  k,
  NOW,
  type RequestDraft,
  rightClaims,
  rightToken,
} from './request.js';

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

export const good: readonly RequestDraft[] = [
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
