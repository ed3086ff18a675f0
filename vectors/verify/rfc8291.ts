import { createECDH, createHmac, hkdfSync } from 'node:crypto';
import { openWithNoble } from '../../harness/judge/open-with-noble.js';
import { openWithWebCrypto } from '../../harness/judge/open-with-webcrypto.js';
import type { Opening } from '../../harness/judge/opening.js';
import { isPoint } from '../../harness/judge/token.js';
import type { UserAgentKeys } from '../../harness/judge/user-agent-keys.js';
import { judgeCoding } from '../../harness/judge/wire-coding.js';
import { encrypt } from '../../reference/encryption/webpush-encryption.js';
import type {
  BodyExpected,
  BodyInput,
  MessageExpected,
  MessageInput,
  RecipientExpected,
  RecipientInput,
} from '../kinds.js';
import { attempt, base64url, type Opinion, type Opinions, octets } from './opinion.js';
import { examine, verdictOn } from './request.js';

/** The reference encrypts, both openers open, and node:crypto takes every step on the way. */
export const messages: Opinions<MessageInput, MessageExpected> = async ({ input, expected }) => {
  const { plaintext, padding } = input;
  const content = octets(plaintext);
  const body = attempt(() =>
    base64url(
      encrypt(
        content,
        { p256dh: octets(input.p256dh), auth: octets(input.auth) },
        {
          salt: octets(input.salt),
          ephemeralKey: octets(input.asPrivate),
          padTo: content.length + 1 + padding,
        },
      ),
    ),
  );
  const { result: _, body: __, ...steps } = expected;
  return [
    { by: 'reference', expected: expected.body, actual: body },
    { by: 'node:crypto', expected: steps, actual: attempt(() => stepsOf(input)) },
    ...(await openings({ ...input, body: expected.body }, { plaintext, padding })),
  ];
};

/** What the example of RFC 8291 prints, derived step by step. */
function stepsOf(input: MessageInput) {
  const sender = createECDH('prime256v1');
  sender.setPrivateKey(octets(input.asPrivate));
  const asPublic = sender.getPublicKey();
  const p256dh = Buffer.from(input.p256dh, 'base64url');
  const sharedSecret = sender.computeSecret(p256dh);
  const hmac = (key: Uint8Array, data: Uint8Array) => createHmac('sha256', key).update(data).digest();
  const keyInfo = Buffer.concat([Buffer.from('WebPush: info\0'), p256dh, asPublic]);
  const ikm = Buffer.from(hkdfSync('sha256', sharedSecret, octets(input.auth), keyInfo, 32));
  const salt = octets(input.salt);
  const content = (info: string, length: number) => Buffer.from(hkdfSync('sha256', ikm, salt, info, length));
  return {
    asPublic: base64url(asPublic),
    sharedSecret: base64url(sharedSecret),
    prkKey: base64url(hmac(octets(input.auth), sharedSecret)),
    keyInfo: base64url(keyInfo),
    ikm: base64url(ikm),
    prk: base64url(hmac(salt, ikm)),
    cek: base64url(content('Content-Encoding: aes128gcm\0', 16)),
    nonce: base64url(content('Content-Encoding: nonce\0', 12)),
  };
}

/** What both openers of the judge agree on, and which sentence the judge finds broken. */
export const bodies: Opinions<BodyInput, BodyExpected> = async ({ input, expected, requirement }) => {
  const examined = await examine({
    endpoint: 'https://push.example.net/p',
    headers: [['Content-Encoding', 'aes128gcm']],
    body: input.body,
    at: 0,
    keys: { p256dh: input.p256dh, auth: input.auth, privateKey: input.uaPrivate },
  });
  const { opened } = examined;
  const verdict = verdictOn(judgeCoding(examined, {}), requirement, expected.result);
  const by = '@noble, WebCrypto';
  if (expected.result === 'invalid')
    return [{ by, expected: { opens: expected.opens }, actual: { opens: opened.ok } }, verdict];
  const { plaintext, padding } = expected;
  const actual = opened.ok
    ? { plaintext: base64url(opened.plaintext), padding: opened.padding }
    : opened.reason;
  return [{ by, expected: { plaintext, padding }, actual }, verdict];
};

/** What both openers get out of a body, each by itself. */
async function openings(
  input: BodyInput,
  expected: { readonly plaintext: string; readonly padding: number },
): Promise<readonly Opinion[]> {
  const keys: UserAgentKeys = {
    publicKey: octets(input.p256dh),
    privateKey: octets(input.uaPrivate),
    auth: octets(input.auth),
  };
  const body = octets(input.body);
  const said = (opening: Opening) =>
    opening.ok
      ? { plaintext: base64url(opening.plaintext), padding: opening.padding }
      : `it fails at its ${opening.stage}`;
  return [
    { by: '@noble', expected, actual: said(openWithNoble(body, keys)) },
    { by: 'WebCrypto', expected, actual: said(await openWithWebCrypto(body, keys)) },
  ];
}

/** Whether the reference would write to these keys, and whether the judge takes them for keys. */
export const recipients: Opinions<RecipientInput, RecipientExpected> = ({ input, expected }) => {
  const [p256dh, auth] = [octets(input.p256dh), octets(input.auth)];
  const plaintext = new Uint8Array(input.plaintextOctets).fill(0x61);
  const wanted = expected.result === 'valid' ? expected.bodyOctets : 'refused';
  const fits = isPoint(p256dh) && auth.length === 16 && 86 + input.plaintextOctets + 1 + 16 <= 4096;
  return [
    { by: 'reference', expected: wanted, actual: attempt(() => encrypt(plaintext, { p256dh, auth }).length) },
    { by: 'judge', expected: wanted, actual: fits ? 86 + input.plaintextOctets + 1 + 16 : 'refused' },
  ];
};
