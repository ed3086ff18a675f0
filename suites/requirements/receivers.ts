import { may, type Sentence, section, should } from './sentence.js';

/** What no standard asks for, but push services and browsers in use do: without it a legal message may not arrive. */
const document = 'Receivers in use';

export const receivers = [
  ...section(
    document,
    'Message',
    may(
      'receivers.record-size-4096',
      'The record size MAY be 4096: there are receivers for every other value that do not take it.',
    ),
    should(
      'receivers.record-size-signed',
      'The record size SHOULD be below 2147483648, for Firefox reads it with a sign.',
    ),
    should(
      'receivers.nonempty-plaintext',
      'The plaintext SHOULD NOT be empty, for Chromium drops such a message.',
    ),
    may(
      'receivers.small-body',
      'The body MAY stay below 4096 octets: bridges to mobile systems take less than push services do.',
    ),
  ),
  ...section(
    document,
    'Identification',
    should(
      'receivers.unquoted-parameters',
      "The parameters 't' and 'k' SHOULD NOT be in quotation marks, for Mozilla's push service reads them as part of the value.",
    ),
    should(
      'receivers.expiry-integer',
      "The claim 'exp' SHOULD be a whole number, for Mozilla's push service takes no other.",
    ),
    should(
      'receivers.expiry-margin',
      "The claim 'exp' SHOULD stay some minutes below 24 hours, for clocks differ.",
    ),
    should(
      'receivers.audience-string',
      "The claim 'aud' SHOULD be a single string, for Mozilla's push service takes no array.",
    ),
    should(
      'receivers.audience-ascii',
      "The claim 'aud' SHOULD have the host in its ASCII form, for receivers compare that.",
    ),
    should(
      'receivers.subject-present',
      "The token SHOULD have the claim 'sub', for Apple's push service refuses one without.",
    ),
    should(
      'receivers.subject-reachable',
      "The claim 'sub' SHOULD be at a host of the Internet, for Apple's push service refuses localhost and .invalid.",
    ),
  ),
];

type IdOf<S> = S extends Sentence<infer Id> ? Id : never;
export type ReceiversRequirement = IdOf<(typeof receivers)[number]>;
