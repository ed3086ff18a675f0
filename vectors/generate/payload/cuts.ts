import type { CutExpected, CutInput } from '../../kinds.js';
import { type Draft, positive } from '../assemble.js';
import { utf8 } from '../message.js';

type CutDraft = Draft<CutInput, CutExpected>;

function cut(name: string, title: string, text: string, octets: number, expected: string): CutDraft {
  let at = 0;
  const ends = Array.from(text, (character) => (at += utf8(character).length));
  return positive(
    name,
    title,
    { text, octets },
    { text: expected, boundaries: ends.filter((end) => end <= octets) },
    { requirement: 'payload.cut' },
  );
}

const FAMILY = '\u{1f469}\u200d\u{1f469}\u200d\u{1f467}';
export const cuts: readonly CutDraft[] = [
  cut('cut-fits', 'a text that fits', 'Romeo', 5, 'Romeo'),
  cut('cut-ascii', 'a text in ASCII', 'Romeo', 4, 'Rome'),
  cut('cut-nothing', 'no room at all', 'Romeo', 0, ''),
  cut('cut-two-octets', 'room for half a character of two octets', 'Zürich', 2, 'Z'),
  cut('cut-three-octets', 'room for two thirds of a character of three octets', 'ab€', 4, 'ab'),
  cut('cut-four-octets', 'room for three quarters of a character of four octets', 'a\u{1f339}', 4, 'a'),
  cut('cut-four-octets-fit', 'room for a character of four octets', 'a\u{1f339}b', 5, 'a\u{1f339}'),
  cut('cut-combining', 'an accent that combines stays with its letter', 'ae\u0301b', 2, 'a'),
  cut('cut-family', 'an emoji of several characters stays whole', `a${FAMILY}b`, 10, 'a'),
  cut(
    'cut-family-fits',
    'an emoji of several characters that fits',
    `a${FAMILY}b`,
    1 + utf8(FAMILY).length,
    `a${FAMILY}`,
  ),
  cut('cut-flag', 'a flag stays whole', 'a\u{1f1ee}\u{1f1f9}b', 6, 'a'),
];
