import { createECDH, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openWithNoble } from '../harness/judge/open-with-noble.js';
import { openWithWebCrypto } from '../harness/judge/open-with-webcrypto.js';
import { encrypt } from '../reference/encryption/webpush-encryption.js';

const ecdh = createECDH('prime256v1');
const publicKey = new Uint8Array(ecdh.generateKeys());
const privateKey = new Uint8Array(Buffer.alloc(32));
const scalar = ecdh.getPrivateKey();
privateKey.set(scalar, 32 - scalar.length);
const auth = new Uint8Array(randomBytes(16));
const keys = { publicKey, privateKey, auth };

const sealed = fc.uint8Array({ maxLength: 3900 }).chain((plaintext) =>
  fc.integer({ min: 0, max: 3993 - plaintext.length - 1 }).map((padding) => ({
    plaintext,
    padding,
    body: encrypt(plaintext, { p256dh: publicKey, auth }, { padTo: plaintext.length + 1 + padding }),
  })),
);

test('Both decryptors get the plaintext and its padding out of whatever the reference has sealed', async () => {
  await fc.assert(
    fc.asyncProperty(sealed, async ({ plaintext, padding, body }) => {
      const first = openWithNoble(body, keys);
      expect(first).toEqual({ ok: true, plaintext, padding });
      expect(await openWithWebCrypto(body, keys)).toEqual(first);
    }),
    { numRuns: 60 },
  );
});

test('Both decryptors refuse a body with one octet changed, cut off or added, at the same stage', async () => {
  const hurt = fc.tuple(
    sealed,
    fc.nat(),
    fc.integer({ min: 1, max: 255 }),
    fc.constantFrom('change', 'cut', 'add'),
  );
  await fc.assert(
    fc.asyncProperty(hurt, async ([{ body }, at, by, how]) => {
      // The record size (octets 16 to 19) opens nothing: of a single record it says nothing.
      const place = [...body.keys()].filter((index) => index < 16 || index > 19)[at % (body.length - 4)] ?? 0;
      const wrong =
        how === 'cut'
          ? body.subarray(0, body.length - 1)
          : new Uint8Array([...body, ...(how === 'add' ? [by] : [])]);
      if (how === 'change') wrong[place] = (wrong[place] ?? 0) ^ by;
      const first = openWithNoble(wrong, keys);
      expect(first.ok).toBe(false);
      expect(await openWithWebCrypto(wrong, keys)).toEqual(first);
    }),
    { numRuns: 120 },
  );
});
