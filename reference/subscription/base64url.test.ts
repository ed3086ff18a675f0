import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBase64url } from './base64url.js';

describe('decodeBase64url', () => {
  test('gives the octets back, whether padded or not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (octets) => {
        const text = Buffer.from(octets).toString('base64url');
        const padded = text.padEnd(Math.ceil(text.length / 4) * 4, '=');
        expect(decodeBase64url(text)).toEqual(octets);
        expect(decodeBase64url(padded)).toEqual(octets);
      }),
    );
  });

  test('takes no second spelling of the same octets', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\w-]{0,12}={0,2}$/), (text) => {
        const octets = decodeBase64url(text);
        if (octets) expect(Buffer.from(octets).toString('base64url')).toBe(text.replace(/=*$/, ''));
      }),
    );
  });

  test.each([
    ['the standard alphabet', '-_+/'],
    ['a blank inside', 'AA AA'],
    ['a line break inside', 'AAAA\nAAAA'],
    ['surrounding white space', ' AAAA'],
    ['a line break at the end', 'AAAA\n'],
    ['a length no encoder produces', 'AAAAA'],
    ['a last digit with surplus bits after one octet', 'AB'],
    ['a last digit with surplus bits after two octets', 'AAB'],
    ['incomplete padding', 'AA='],
    ['too much padding', 'AAA=='],
    ['padding of a whole group', 'AAAA===='],
    ['padding inside', 'AA==AAAA'],
    ['digits of another script', 'AAAÄ'],
  ])('refuses %s', (_, text) => {
    expect(decodeBase64url(text)).toBeUndefined();
  });

  test('reads a text as large as a stanza may be', () => {
    expect(decodeBase64url('A'.repeat(1 << 20))?.length).toBe(786_432);
  });
});
