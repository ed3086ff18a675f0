import type { RequirementId } from '../../../suites/requirements/catalogue.js';
import type { KeyExpected, KeyInput } from '../../kinds.js';
import { type Draft, negative, positive } from '../assemble.js';
import { base64url, join, type KeyPair, keyPairFor, octets } from '../message.js';
import { jwsEs256 } from '../published.js';
import { search } from '../seed.js';
import { jwkOf, offCurve } from '../token.js';

type KeyDraft = Draft<KeyInput, KeyExpected>;

const keyOf = (key: KeyPair): KeyInput => ({ jwk: jwkOf(key) });
export const right = keyPairFor('application server');
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

export const keys: readonly KeyDraft[] = [
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
