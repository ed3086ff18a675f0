import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backoff, readAnswer } from './answer.js';

const now = Date.UTC(2026, 10, 22, 12);
const typeOf = (status: number) => readAnswer({ type: 'answer', status }, now).type;

describe('reading an answer', () => {
  test('any 2xx is acceptance', () => {
    for (let status = 200; status < 300; status++) expect(typeOf(status)).toBe('accepted');
  });

  test('404 and 410 both mean that the subscription is gone', () => {
    expect([404, 410].map(typeOf)).toEqual(['gone', 'gone']);
  });

  test('refusals of the request, redirects among them, are refusals', () => {
    for (const status of [
      300, 301, 302, 303, 304, 307, 308, 400, 401, 402, 403, 405, 409, 411, 415, 422, 451,
    ])
      expect(typeOf(status)).toBe('refused');
  });

  test('413 is about the size and nothing else', () => {
    expect(typeOf(413)).toBe('too-large');
  });

  test('406 and 507 throttle as 429 does, because services use them so', () => {
    expect([406, 429, 507].map(typeOf)).toEqual(['throttled', 'throttled', 'throttled']);
  });

  test('server errors and what asks for the same request again are failures for now', () => {
    for (const status of [408, 425, 500, 501, 502, 503, 504, 508, 599]) expect(typeOf(status)).toBe('failed');
  });

  test('Retry-After is read where there is something to wait for', () => {
    expect(readAnswer({ type: 'answer', status: 429, retryAfter: '30' }, now)).toMatchObject({
      wait: 30_000,
    });
    const retryAfter = 'Sun, 22 Nov 2026 12:00:05 GMT';
    expect(readAnswer({ type: 'answer', status: 503, retryAfter }, now)).toMatchObject({ wait: 5000 });
    expect(readAnswer({ type: 'answer', status: 503, retryAfter: 'later' }, now)).not.toHaveProperty('wait');
  });

  test('a request that may not or cannot be made is not tried again, every other failure is one for now', () => {
    for (const reason of ['address-refused', 'request-impossible'] as const)
      expect(readAnswer({ type: 'failure', reason }, now)).toEqual({ type: 'futile', reason });
    for (const reason of [
      'name-not-resolved',
      'tls-failed',
      'connection-failed',
      'timeout',
      'malformed-answer',
    ] as const)
      expect(readAnswer({ type: 'failure', reason }, now)).toEqual({ type: 'failed', reason });
  });
});

describe('back-off', () => {
  const options = { first: 1000, factor: 4, cap: 600_000 };

  test('grows exponentially up to the cap', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7].map((failures) => backoff(failures, options, () => 0));
    expect(waits).toEqual([1000, 4000, 16_000, 64_000, 256_000, 600_000, 600_000]);
  });

  test('is at most a quarter longer, for any number of failures', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (failures, part) => {
          const least = backoff(failures, options, () => 0);
          const wait = backoff(failures, options, () => part);
          expect(wait).toBeGreaterThanOrEqual(least);
          expect(wait).toBeLessThanOrEqual(least * 1.25);
        },
      ),
    );
    expect(backoff(1, options, () => 0.8)).toBe(1200);
  });
});
