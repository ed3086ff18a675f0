import type { RequirementId } from '../../../suites/requirements/catalogue.js';
import type { IdentificationExpected, IdentificationInput } from '../../kinds.js';
import { type Draft, positive } from '../assemble.js';
import { base64url } from '../message.js';
import { webPushEncryption } from '../published.js';
import { tokenHeader, tokenOf } from '../token.js';
import { right } from './keys.js';

export type RequestDraft = Draft<IdentificationInput, IdentificationExpected>;

export const endpoint = 'https://push.example.net/p/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV';
export const NOW = 1_893_412_800;
export const HALF_DAY = 43_200;
export const k = base64url(right.publicKey);

interface Claims {
  readonly aud?: unknown;
  readonly exp?: unknown;
  readonly sub?: unknown;
  readonly [claim: string]: unknown;
}

export const rightClaims: Claims = {
  aud: 'https://push.example.net',
  exp: NOW + HALF_DAY,
  sub: 'mailto:operator@example.net',
};
export const claimsText = (changes: Claims = {}) => JSON.stringify({ ...rightClaims, ...changes });
export const rightToken = tokenOf(tokenHeader, claimsText(), right);
export const fieldOf = (t: string, key: string = k) => `vapid t=${t}, k=${key}`;

export function input(changes: Partial<IdentificationInput> = {}): IdentificationInput {
  return {
    authorization: [fieldOf(rightToken)],
    endpoint,
    now: NOW,
    applicationServerKey: k,
    keyId: webPushEncryption.asPublic,
    ...changes,
  };
}

export const claimsIn = (text: string) =>
  JSON.parse(text) as { readonly aud: unknown; readonly exp: unknown };

/** A request that is identified rightly, from the text of its claims. */
export function identified(
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
