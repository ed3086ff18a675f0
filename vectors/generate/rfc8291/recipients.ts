import type { RequirementId } from '../../../suites/requirements/catalogue.js';
import type { RecipientExpected, RecipientInput } from '../../kinds.js';
import { type Draft, negative, positive } from '../assemble.js';
import { base64url, join } from '../message.js';
import { webPushEncryption as published } from '../published.js';
import { compressed, hybrid, offCurve } from '../token.js';
import { nul, reader } from './body.js';

const recipient = (changes: Partial<RecipientInput> = {}): RecipientInput => ({
  p256dh: published.uaPublic,
  auth: published.authSecret,
  plaintextOctets: 3993,
  ...changes,
});
const refused = (
  name: string,
  fault: string,
  requirement: RequirementId,
  changes: Partial<RecipientInput>,
): Draft<RecipientInput, RecipientExpected> =>
  negative(name, 'recipient', fault, requirement, recipient(changes), { result: 'invalid' });

export const recipients: readonly Draft<RecipientInput, RecipientExpected>[] = [
  positive('recipient', 'keys and a plaintext that fit', recipient(), { result: 'valid', bodyOctets: 4096 }),
  refused('recipient-3994', 'the plaintext has 3994 octets', 'rfc8291.body-4096', { plaintextOctets: 3994 }),
  refused('recipient-off-curve', 'p256dh is no point of the curve', 'rfc8291.public-key-valid', {
    p256dh: base64url(offCurve(reader.publicKey)),
  }),
  refused('recipient-compressed', 'p256dh is a compressed point', 'rfc8291.public-key-valid', {
    p256dh: base64url(compressed(reader.publicKey)),
  }),
  refused('recipient-hybrid', 'p256dh is a hybrid point', 'rfc8291.public-key-valid', {
    p256dh: base64url(hybrid(reader.publicKey)),
  }),
  refused('recipient-zero', 'p256dh is 0x04 and zeros', 'rfc8291.public-key-valid', {
    p256dh: base64url(Uint8Array.of(4, ...new Uint8Array(64))),
  }),
  refused('recipient-auth-15', 'auth has 15 octets', 'rfc8291.auth-length', {
    auth: base64url(reader.auth.subarray(1)),
  }),
  refused('recipient-auth-17', 'auth has 17 octets', 'rfc8291.auth-length', {
    auth: base64url(join(reader.auth, nul)),
  }),
];
