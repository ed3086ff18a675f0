import { expand } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { RequirementId } from '../../../suites/requirements/catalogue.js';
import type { BodyExpected, BodyInput } from '../../kinds.js';
import { type Draft, negative, positive } from '../assemble.js';
import {
  ascii,
  base64url,
  bodyOf,
  header,
  join,
  keyPair,
  type MessageInput,
  octets,
  type Slips,
  type UserAgent,
  utf8,
} from '../message.js';
import { webPushEncryption as published } from '../published.js';

export const watermelon = utf8('When I grow up, I want to be a watermelon');

export type BodyDraft = Draft<BodyInput, BodyExpected>;

export const reader: UserAgent = {
  ...keyPair(octets(published.uaPrivate)),
  auth: octets(published.authSecret),
};
export const writer = keyPair(octets(published.asPrivate));
export const base: MessageInput = {
  plaintext: watermelon,
  userAgent: reader,
  sender: writer,
  salt: octets(published.salt),
};
export const inputOf = (body: Uint8Array, keys: UserAgent = reader): BodyInput => ({
  p256dh: base64url(keys.publicKey),
  auth: base64url(keys.auth),
  uaPrivate: base64url(keys.privateKey),
  body: base64url(body),
});

export function opens(name: string, title: string, input: MessageInput): BodyDraft {
  const { padding = 0 } = input;
  return positive(name, title, inputOf(bodyOf(input), input.userAgent), {
    result: 'valid',
    plaintext: base64url(input.plaintext),
    padding,
  });
}

export function wrong(
  name: string,
  fault: string,
  requirement: RequirementId,
  body: Uint8Array,
  more: { readonly sibling?: string; readonly opens?: boolean } = {},
): BodyDraft {
  const { sibling = 'body', opens: readable = false } = more;
  return negative(name, sibling, fault, requirement, inputOf(body), { result: 'invalid', opens: readable });
}

export const right4096 = bodyOf(base);
export const sealedStart = 86;
export const sealedOctets = right4096.length - sealedStart;
export const slip = (slips: Slips) => bodyOf(base, slips);
export const replaceKeyId = (keyId: Uint8Array) =>
  join(header(base.salt, 4096, keyId), right4096.subarray(sealedStart));
export const withSize = (recordSize: number) => bodyOf({ ...base, recordSize });
export const label = ascii('WebPush: info');
export const nul = Uint8Array.of(0);
export const derive = (prk: Uint8Array, info: string, length: number) =>
  expand(sha256, prk, ascii(info), length);
