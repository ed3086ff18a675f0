import { excluded, must, mustNot, type Sentence, section } from './sentence.js';

/** What VAPID stands on: JSON Web Signature, JSON Web Algorithms, JSON Web Token. */
export const jose = [
  ...section(
    'RFC 7515',
    '2',
    must(
      'rfc7515.base64url',
      'Every part of a token MUST be base64url without padding, blanks or line breaks.',
    ),
  ),
  ...section(
    'RFC 7515',
    '4',
    must('rfc7515.header', 'The header of a token MUST be a JSON object in UTF-8.'),
    mustNot('rfc7515.unique-members', 'A member of the header MUST NOT appear twice.'),
  ),
  ...section(
    'RFC 7515',
    '4.1.11',
    mustNot(
      'rfc7515.critical',
      "A token MUST NOT name extensions in 'crit' that its receiver need not know; VAPID has none.",
    ),
  ),
  ...section(
    'RFC 7515',
    '7.1',
    must('rfc7515.compact', 'A token MUST be header, claims and signature, separated by two dots.'),
  ),
  ...section(
    'RFC 7518',
    '3.4',
    must(
      'rfc7518.signature-octets',
      'The signature MUST be R and S, each in 32 octets, big-endian, leading zeros included.',
    ),
  ),
  ...section(
    'RFC 7518',
    '6.2',
    excluded(
      must('rfc7518.key-octets', 'The members x, y and d of a key MUST have 32 octets each.'),
      'no JSON Web Key crosses a wire',
    ),
  ),
  ...section(
    'RFC 7519',
    '2',
    must('rfc7519.expiry-number', "The claim 'exp' MUST be a JSON number of seconds since 1970."),
  ),
  ...section(
    'RFC 7519',
    '4',
    must('rfc7519.claims', 'The claims of a token MUST be a JSON object in UTF-8.'),
    mustNot('rfc7519.unique-claims', 'A claim MUST NOT appear twice.'),
  ),
  ...section(
    'RFC 7519',
    '4.1.3',
    must('rfc7519.audience-form', "The claim 'aud' MUST be a string or an array of strings."),
  ),
];

type IdOf<S> = S extends Sentence<infer Id> ? Id : never;
export type JoseRequirement = IdOf<(typeof jose)[number]>;
