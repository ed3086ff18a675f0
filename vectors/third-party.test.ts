import { createECDH, createPublicKey } from 'node:crypto';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import rfc8188 from './rfc8188.json' with { type: 'json' };
import rfc8291 from './rfc8291.json' with { type: 'json' };
import rfc8292 from './rfc8292.json' with { type: 'json' };

/** What `web-push` encrypts and signs with: by other people than the kit, and than the libraries it uses. */
const require = createRequire(createRequire(import.meta.url).resolve('web-push'));

interface EceParameters {
  readonly version: 'aes128gcm';
  readonly key?: Buffer;
  readonly privateKey?: ReturnType<typeof createECDH>;
  readonly dh?: Buffer;
  readonly authSecret?: Buffer;
  readonly salt?: Buffer;
  readonly rs?: number;
  readonly pad?: number;
}
const ece: {
  readonly encrypt: (plaintext: Buffer, parameters: EceParameters) => Buffer;
  readonly decrypt: (body: Buffer, parameters: EceParameters) => Buffer;
} = require('http_ece');
const jws: { readonly verify: (token: string, algorithm: string, key: string) => boolean } = require('jws');

const octets = (text: string) => Buffer.from(text, 'base64url');
const text = (value: Uint8Array) => Buffer.from(value).toString('base64url');
function keyOf(privateKey: string) {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(octets(privateKey));
  return ecdh;
}
const attempt = <T>(act: () => T) => {
  try {
    return act();
  } catch {
    return 'refused';
  }
};

describe('http_ece', () => {
  test.each(rfc8291.groups.messages.tests)('opens a message: $title', ({ input, expected }) => {
    const opened = ece.decrypt(octets(expected.body), {
      version: 'aes128gcm',
      privateKey: keyOf(input.uaPrivate),
      authSecret: octets(input.auth),
    });
    expect(text(opened)).toBe(input.plaintext);
  });

  test.each(rfc8291.groups.messages.tests.filter(({ input }) => input.padding === 0))(
    'makes the same body: $title',
    ({ input, expected }) => {
      const body = ece.encrypt(octets(input.plaintext), {
        version: 'aes128gcm',
        privateKey: keyOf(input.asPrivate),
        dh: octets(input.p256dh),
        authSecret: octets(input.auth),
        salt: octets(input.salt),
      });
      expect(text(body)).toBe(expected.body);
    },
  );

  /**
   * It takes what RFC 8291 does not, several records and other forms of a point, and what is no content at all: a body that
   * ends before its first record, which no sender makes and RFC 8188 §4.2 calls truncated.
   */
  const lax = new Set([
    'rfc8291/two-records',
    'rfc8291/keyid-compressed',
    'rfc8291/keyid-hybrid',
    'rfc8291/cut-after-header',
    'rfc8188/no-record',
    'rfc8188/key-id-cut',
  ]);
  test.each(
    rfc8291.groups.bodies.tests.filter(({ id, expected }) => !lax.has(id) && expected.opens !== true),
  )('agrees on the body $id', ({ input, expected }) => {
    const opened = attempt(() =>
      text(
        ece.decrypt(octets(input.body), {
          version: 'aes128gcm',
          privateKey: keyOf(input.uaPrivate),
          authSecret: octets(input.auth),
        }),
      ),
    );
    expect(opened).toBe(expected.plaintext ?? 'refused');
  });

  test.each(rfc8188.groups.contents.tests.filter(({ id }) => !lax.has(id)))(
    'agrees on the content $id',
    ({ input, expected }) => {
      const decoded = attempt(() =>
        text(ece.decrypt(octets(input.body), { version: 'aes128gcm', key: octets(input.ikm) })),
      );
      expect(decoded).toBe(expected.plaintext ?? 'refused');
    },
  );
});

test.each(
  rfc8292.groups.requests.tests.filter(
    ({ expected, requirement }) => expected.result === 'valid' || requirement === 'rfc8292.signature',
  ),
)('jws agrees on the signature of $id', ({ input, expected }) => {
  const field = input.authorization[0] ?? '';
  const [t = '', k = ''] = [/\bt=([\w.-]+)/, /\bk=([\w-]+)/].map((form) => form.exec(field)?.[1] ?? '');
  const [x, y] = [octets(k).subarray(1, 33), octets(k).subarray(33)].map(text);
  const jwk = { kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '' };
  const key = createPublicKey({ format: 'jwk', key: jwk }).export({ format: 'pem', type: 'spki' });
  expect(attempt(() => jws.verify(t, 'ES256', String(key)))).toBe(expected.result === 'valid');
});
