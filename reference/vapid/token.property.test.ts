import fc from 'fast-check';
import { expect, test } from 'vitest';
import { generateKey } from './key.js';
import { createAuthorization } from './token.js';

const key = generateKey();

const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,10}[a-z0-9])?$/);
const port = fc.option(fc.integer({ min: 1, max: 65_535 }));

test('For any endpoint and time, the Authorization field keeps to the grammar of RFC 8292 §3 and RFC 7515 §7.1', () => {
  fc.assert(
    fc.property(
      fc.array(label, { minLength: 1, maxLength: 4 }),
      port,
      fc.webPath(),
      fc.integer({ min: 0, max: 4_102_444_800_000 }),
      (labels, at, path, now) => {
        const origin = new URL(`https://${labels.join('.')}${at === null ? '' : `:${at}`}`).origin;
        const field = createAuthorization('mailto:push@example.com')(`${origin}${path || '/'}`, key, now);
        const [, t = '', k] =
          /^vapid t=((?:[A-Za-z0-9_-]+\.){2}[A-Za-z0-9_-]{86}), k=([A-Za-z0-9_-]{87})$/.exec(field) ?? [];
        expect(k).toBe(key.publicKey);
        const claims = JSON.parse(Buffer.from(t.split('.')[1] ?? '', 'base64url').toString());
        expect(claims.aud).toBe(origin);
        expect(Number.isSafeInteger(claims.exp)).toBe(true);
        expect(claims.exp * 1000).toBeGreaterThan(now);
        expect(claims.exp * 1000).toBeLessThanOrEqual(now + 86_400_000);
      },
    ),
    { numRuns: 30 },
  );
});
