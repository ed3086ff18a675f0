import { everyHours, internationalHost, oneMessage, twoOrigins } from '../scene/plays.js';
import { type WireCase, wireCase } from '../scene/wire.js';

/** Past the end of any token, in steps within its life. */
const overOneDay = everyHours(6.05, 4);

/** What a token claims: RFC 8292 §2 and RFC 7519. */
const rows: readonly WireCase[] = [
  {
    id: 'claims',
    title: 'the claims are a JSON object with each claim once',
    requirements: ['rfc7519.claims', 'rfc7519.unique-claims'],
    play: oneMessage,
  },
  {
    id: 'audience',
    title: 'the audience is the origin of the push resource, port included',
    requirements: ['rfc8292.audience'],
    play: oneMessage,
  },
  {
    id: 'audience-of-each-origin',
    title: 'of two push services each is named as the audience of its own token',
    requirements: ['rfc8292.audience'],
    play: twoOrigins,
  },
  {
    id: 'audience-is-string',
    title: 'the audience is a string or several, and better one',
    requirements: ['rfc7519.audience-form', 'receivers.audience-string'],
    play: oneMessage,
  },
  {
    id: 'audience-of-international-host',
    title: 'the audience of a push resource at an internationalised host is its origin, in the ASCII form',
    requirements: ['rfc8292.audience', 'receivers.audience-ascii'],
    play: internationalHost,
  },
  {
    id: 'expiry',
    title: 'the token has an expiry time, a number of seconds',
    requirements: ['rfc8292.expiry-present', 'rfc7519.expiry-number'],
    play: oneMessage,
  },
  {
    id: 'expiry-integer',
    title: 'the expiry time is a whole number',
    requirements: ['receivers.expiry-integer'],
    play: oneMessage,
  },
  {
    id: 'expiry-within-a-day',
    title: 'the token has not expired, and will have after 24 hours',
    requirements: ['rfc8292.expiry-future', 'rfc8292.expiry-limit'],
    play: oneMessage,
  },
  {
    id: 'expiry-renewed',
    title: 'no token has expired or outlasts 24 hours, all through a day and past it',
    requirements: ['rfc8292.expiry-future', 'rfc8292.expiry-limit'],
    play: overOneDay,
  },
  {
    id: 'expiry-margin',
    title: 'the expiry time leaves room for a wrong clock',
    requirements: ['receivers.expiry-margin'],
    play: oneMessage,
  },
  {
    id: 'subject-form',
    title: 'the subject is a mailto: or https: URI',
    requirements: ['rfc8292.subject-form'],
    play: oneMessage,
  },
  {
    id: 'subject-present',
    title: 'the token names a subject',
    requirements: ['receivers.subject-present'],
    play: oneMessage,
  },
  {
    id: 'subject-reachable',
    title: 'the subject is at a host of the Internet',
    requirements: ['receivers.subject-reachable'],
    play: oneMessage,
  },
];

export const cases = rows.map((row) => wireCase('vapid', row));
