import { everyHours, keyAsked, oneMessage, shortWhile } from '../scene/plays.js';
import { type WireCase, wireCase } from '../scene/wire.js';

/** A token lives for a day at most, so each of these needs a new one: an octet that happens to be zero has chances. */
const eightTokens = everyHours(24.1, 7);

/** The Authorization field, its key, and the token's outside: RFC 8292 §3, RFC 7515 and RFC 7518. */
const rows: readonly WireCase[] = [
  {
    id: 'authorization',
    title: 'a request has one Authorization field, with the scheme vapid',
    requirements: ['rfc8292.authorization'],
    play: oneMessage,
  },
  {
    id: 'not-proxy-authorization',
    title: 'nothing is sent in Proxy-Authorization',
    requirements: ['rfc8292.not-proxy-authorization'],
    play: oneMessage,
  },
  {
    id: 'parameters',
    title: 'the parameters t and k are there, once each',
    requirements: ['rfc8292.parameters'],
    play: oneMessage,
  },
  {
    id: 'unquoted-parameters',
    title: 'the parameters are without quotation marks',
    requirements: ['receivers.unquoted-parameters'],
    play: oneMessage,
  },
  {
    id: 'key',
    title: 'the parameter k is a point of P-256, uncompressed, in base64url without padding',
    requirements: ['rfc8292.key-form', 'rfc8292.signing-key'],
    play: oneMessage,
  },
  {
    id: 'separate-keys',
    title: 'the key that signs is not the key of any encryption',
    requirements: ['rfc8292.separate-keys'],
    play: shortWhile,
  },
  {
    id: 'restricted-key',
    title: 'a message is signed with the key that the subscription is restricted to',
    requirements: ['rfc8292.restricted-key'],
    play: keyAsked,
  },
  {
    id: 'es256',
    title: 'the token says that it is signed with ES256',
    requirements: ['rfc8292.es256'],
    play: oneMessage,
  },
  {
    id: 'signature',
    title: 'the signature of a token has 64 octets and verifies',
    requirements: ['rfc7518.signature-octets', 'rfc8292.signature'],
    play: oneMessage,
  },
  {
    id: 'signatures',
    title: 'the signatures of eight tokens have 64 octets each and verify',
    requirements: ['rfc7518.signature-octets', 'rfc8292.signature'],
    play: eightTokens,
  },
  {
    id: 'token-parts',
    title: 'the token has three parts, all in base64url without padding',
    requirements: ['rfc7515.compact', 'rfc7515.base64url'],
    play: oneMessage,
  },
  {
    id: 'token-header',
    title: 'the header of the token is a JSON object with each member once',
    requirements: ['rfc7515.header', 'rfc7515.unique-members'],
    play: oneMessage,
  },
  {
    id: 'critical',
    title: 'the token asks for no extension',
    requirements: ['rfc7515.critical'],
    play: oneMessage,
  },
  {
    id: 'token-reuse',
    title: 'two devices and three messages get along with one token',
    requirements: ['rfc8292.token-reuse'],
    play: shortWhile,
  },
];

export const cases = rows.map((row) => wireCase('vapid', row));
