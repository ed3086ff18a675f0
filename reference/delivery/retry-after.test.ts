import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRetryAfter } from './retry-after.js';

const now = Date.UTC(2026, 10, 22, 12, 0, 0);

describe('Retry-After', () => {
  test('counts seconds', () => {
    expect(parseRetryAfter('120', now)).toBe(120_000);
    expect(parseRetryAfter('0', now)).toBe(0);
    expect(parseRetryAfter(' 7 ', now)).toBe(7000);
  });

  test('takes all three forms of a date, relative to now', () => {
    expect(parseRetryAfter('Sun, 22 Nov 2026 12:01:30 GMT', now)).toBe(90_000);
    expect(parseRetryAfter('Sunday, 22-Nov-26 12:01:30 GMT', now)).toBe(90_000);
    expect(parseRetryAfter('Sun Nov 22 12:01:30 2026', now)).toBe(90_000);
    expect(parseRetryAfter('Tue Dec  1 12:00:00 2026', now)).toBe(9 * 86_400_000);
  });

  test('a date that has passed means now', () => {
    expect(parseRetryAfter('Sun, 06 Nov 1994 08:49:37 GMT', now)).toBe(0);
  });

  test('a two-digit year more than 50 years ahead lies in the past century', () => {
    expect(parseRetryAfter('Sunday, 06-Nov-94 08:49:37 GMT', now)).toBe(0);
    expect(parseRetryAfter('Sunday, 22-Nov-76 12:00:00 GMT', now)).toBe(Date.UTC(2076, 10, 22, 12) - now);
  });

  test('every time has the same meaning in all three forms', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 * 365 * 86_400 }), (seconds) => {
        const date = new Date(now + seconds * 1000).toUTCString();
        const [, day = '', month = '', year = '', time = ''] = date.split(' ');
        const forms = [
          date,
          `Monday, ${day}-${month}-${year.slice(2)} ${time} GMT`,
          `Mon ${month} ${day.replace(/^0/, ' ')} ${time} ${year}`,
        ];
        for (const form of forms) expect(parseRetryAfter(form, now)).toBe(seconds * 1000);
      }),
    );
  });

  test.each([
    '',
    '-1',
    '1.5',
    '10abc',
    '0x10',
    'soon',
    '1, 2',
    'Sun, 22 Nov 2026 12:01:30',
    'Sun, 22 Nov 2026 12:01:30 CET',
    'Sun, 32 Nov 2026 12:01:30 GMT',
    'Sun, 22 Nov 2026 24:01:30 GMT',
    'sun, 22 nov 2026 12:01:30 gmt',
    '2026-11-22T12:01:30Z',
  ])('%j is neither', (field) => {
    expect(parseRetryAfter(field, now)).toBeUndefined();
  });
});
