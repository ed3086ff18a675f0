import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRateLimit } from './rate-limit.js';

describe('the rate limit of an account', () => {
  test('lets a burst through, then one request per interval', () => {
    const limit = createRateLimit(200, 3);
    for (let sent = 0; sent < 3; sent++) {
      expect(limit.wait('a', 1000)).toBe(0);
      limit.count('a', 1000);
    }
    expect(limit.wait('a', 1000)).toBe(200);
    expect(limit.wait('a', 1150)).toBe(50);
    expect(limit.wait('a', 1200)).toBe(0);
  });

  test('is one account’s own', () => {
    const limit = createRateLimit(200, 1);
    limit.count('a', 0);
    expect(limit.wait('b', 0)).toBe(0);
  });

  test('a pause brings back the burst and no more', () => {
    const limit = createRateLimit(200, 2);
    for (const at of [0, 0, 10_000, 10_000]) limit.count('a', at);
    expect(limit.wait('a', 10_000)).toBe(200);
  });

  test('whoever waits as long as told never exceeds the rate', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { maxLength: 60 }), (pauses) => {
        const limit = createRateLimit(200, 5);
        let now = 0;
        const sent: number[] = [];
        for (const pause of pauses) {
          now += pause;
          now += limit.wait('a', now);
          limit.count('a', now);
          sent.push(now);
        }
        for (const [index, at] of sent.entries()) {
          const within = sent.slice(index).filter((later) => later < at + 1000).length;
          expect(within).toBeLessThanOrEqual(5 + 5);
        }
      }),
    );
  });
});
