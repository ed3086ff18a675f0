import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutToOctets, wellFormed } from './text.js';

const octets = (text: string) => Buffer.byteLength(text);
const anyText = fc.string({ unit: 'binary' }).map(wellFormed);
/** Rich in what a careless cut tears apart: families, flags, skin tones, combining marks, line ends. */
const clusterText = fc
  .array(fc.constantFrom('a', 'ß', '漢', 'e\u0301', '👍🏽', '👩‍👩‍👧', '🇩🇪', '\r\n', '\u0301', '🏽', 'क्षि'), {
    maxLength: 30,
  })
  .map((pieces) => pieces.join(''));

describe('cutting a text', () => {
  test('a text that fits stays as it is', () => {
    expect(cutToOctets('grüß', 6)).toBe('grüß');
  });

  test('the limit counts octets of UTF-8, not characters', () => {
    expect(cutToOctets('ßßßß', 5)).toBe('ßß');
  });

  test('what a reader sees as one character is never torn apart', () => {
    expect(cutToOctets('ab👩‍👩‍👧', 12)).toBe('ab');
    expect(cutToOctets('aaaa🏽', 4)).toBe('aaa');
  });

  test('a single cluster longer than the limit is cut between code points', () => {
    expect(cutToOctets(`e${'\u0301'.repeat(50)}`, 10)).toBe(`e${'\u0301'.repeat(4)}`);
    expect(cutToOctets('👩‍👩‍👧', 5)).toBe('👩');
  });

  test('nothing fits into nothing', () => {
    expect(cutToOctets('a', 0)).toBe('');
    expect(cutToOctets('a', -3)).toBe('');
  });

  test('every cut is a beginning of the text, within the limit, and valid UTF-8', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, clusterText), fc.nat(80), (text, limit) => {
        const cut = cutToOctets(text, limit);
        expect(text.startsWith(cut)).toBe(true);
        expect(octets(cut)).toBeLessThanOrEqual(limit);
        expect(wellFormed(cut)).toBe(cut);
      }),
    );
  });

  test('the cut falls on the last cluster boundary that fits', () => {
    const clusters = new Intl.Segmenter('en', { granularity: 'grapheme' });
    fc.assert(
      fc.property(clusterText, fc.nat(80), (text, limit) => {
        const ends = Array.from(clusters.segment(text), ({ index, segment }) => index + segment.length);
        const fitting = ends.filter((end) => octets(text.slice(0, end)) <= limit);
        fc.pre(fitting.length > 0);
        expect(cutToOctets(text, limit).length).toBe(fitting.at(-1));
      }),
    );
  });
});

describe('well-formed text', () => {
  test('a lone surrogate becomes the replacement character', () => {
    expect(wellFormed('a\ud83db')).toBe('a\ufffdb');
  });
});
