import { describe, expect, test } from 'vitest';
import { saslprep } from './saslprep.js';

describe('SASLprep (RFC 4013 §3)', () => {
  test.each([
    ['I\u00adX', 'IX'],
    ['user', 'user'],
    ['USER', 'USER'],
    ['\u00aa', 'a'],
    ['\u2168', 'IX'],
    ['a\u00a0b', 'a b'],
  ])('%j becomes %j', (text, prepared) => {
    expect(saslprep(text)).toBe(prepared);
  });

  test.each(['\u0007', 'a\u0000', '\ue000', '\u200e', '\ufffd', '\ud800', '', '\u00ad'])(
    '%j is refused',
    (text) => {
      expect(saslprep(text)).toBeUndefined();
    },
  );
});
