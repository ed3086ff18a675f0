import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodePayload, PLAINTEXT_LIMIT } from './payload.js';

/** What has broken cuts before: lone surrogates, text from right to left, NUL, joined emoji, what JSON escapes. */
const hostile = fc
  .array(
    fc.constantFrom(
      '\ud83d',
      '\ude00',
      '\u0000',
      '\u202e',
      '\u200f',
      'שלום',
      'مرحبا',
      '👩‍❤️‍💋‍👨',
      '🏴󠁧󠁢󠁳󠁣󠁴󠁿',
      '\u200d',
      '\ufe0f',
      'e\u0301\u0302',
      '"',
      '\\',
      '\u2028',
      'a',
    ),
    { minLength: 1, maxLength: 60 },
  )
  .chain((pieces) => fc.integer({ min: 1, max: 40 }).map((times) => pieces.join('').repeat(times)));

test('A hostile text is cut to a beginning of itself in valid UTF-8, within the limit', () => {
  fc.assert(
    fc.property(hostile, fc.integer({ min: 200, max: PLAINTEXT_LIMIT }), (body, limit) => {
      const others = {
        v: 1,
        account: 'juliet@capulet.example',
        kind: 'message',
        type: 'chat',
        time: '2026-11-22T12:00:00.000Z',
      } as const;
      const plaintext = encodePayload({ ...others, body }, limit);
      expect(plaintext.length).toBeLessThanOrEqual(limit);
      const { body: kept = '', ...rest } = JSON.parse(
        new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plaintext),
      );
      expect(rest).toEqual(others);
      expect(Buffer.from(body).toString().startsWith(kept)).toBe(true);
    }),
    { numRuns: 200 },
  );
});
