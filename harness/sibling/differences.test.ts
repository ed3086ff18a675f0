import { describe, expect, test } from 'vitest';
import { differences, type Tree } from './differences.js';
import { readXml } from './read-xml.js';

const play = (...deeds: readonly string[]): Tree => ({
  name: 'play',
  attributes: {},
  content: deeds.map((deed) => readXml(deed)),
});
const enable = '<send name="juliet/phone"><enable><auth>a</auth><key>k</key></enable></send>';

describe('Two plays differ', () => {
  test('in no place when they are alike', () => {
    expect(differences(play(enable, '<close/>'), play(enable, '<close/>'))).toEqual([]);
  });

  test.each([
    [
      'an attribute',
      enable.replace('<auth>', '<auth type="b">'),
      'play/send/enable/auth@type: nothing → "b"',
    ],
    ['a text', enable.replace('>a<', '>b<'), 'play/send/enable/auth: "a" → "b"'],
    ['a text that is missing', enable.replace('>a<', '><'), 'play/send/enable/auth: "a" → nothing'],
    ['an element', enable.replace('<key>k</key>', ''), 'play/send/enable/key: <key>k</key> → nothing'],
    [
      'an element in the place of another',
      enable.replace('<key>k</key>', '<lock><bolt/></lock>'),
      'play/send/enable/key: <key>k</key> → <lock><bolt/></lock>',
    ],
    [
      'one element more',
      enable.replace('</enable>', '<key>k</key></enable>'),
      'play/send/enable/key: nothing → <key>k</key>',
    ],
  ])('in one place that is %s', (_, other, place) => {
    expect(differences(play('<connect/>', enable), play('<connect/>', other))).toEqual([place]);
  });

  test('in one place when a deed is missing', () => {
    expect(differences(play('<lose/>', enable), play(enable))).toEqual(['play/lose: <lose/> → nothing']);
  });

  test('in one place when a deed comes later', () => {
    expect(differences(play('<close/>', enable), play(enable, '<close/>'))).toEqual([
      'play/close (elsewhere)',
    ]);
  });

  test('in one place when somebody else does all that one did', () => {
    const nurse = enable.replaceAll('juliet/phone', 'nurse/desk');
    expect(differences(play(enable, enable), play(nurse, nurse))).toEqual([
      'play/send@name: "juliet/phone" → "nurse/desk"',
    ]);
  });

  test('in a place for each other name', () => {
    const [nurse, romeo] = ['nurse/desk', 'romeo/desk'].map((name) => enable.replace('juliet/phone', name));
    expect(differences(play(enable, enable), play(nurse ?? '', romeo ?? ''))).toHaveLength(2);
  });

  test.each([
    ['two texts', enable.replace('>a<', '>b<').replace('>k<', '>l<')],
    ['the same change twice', enable.replace('>a<', ' type="b">a<').replace('>k<', ' type="b">k<')],
    ['a text and an attribute of one element', enable.replace('<auth>a', '<auth type="b">b')],
    ['an element that is gone and one that is another', enable.replace(/<auth.*<\/key>/, '<lock/>')],
  ])('in two places: %s', (_, other) => {
    expect(differences(play(enable), play(other))).toHaveLength(2);
  });

  test('by the settings of the server', () => {
    const other: Tree = { ...play(enable), attributes: { push: 'false' } };
    expect(differences(play(enable), other)).toEqual(['play@push: nothing → "false"']);
  });
});

test('What is no element by itself is compared as text', () => {
  expect(readXml('<iq/></stream:stream>')).toBe('<iq/></stream:stream>');
  expect(differences(play('<iq/></stream>'), play('<iq></stream>'))).toEqual([
    'play: "<iq/></stream>" → "<iq></stream>"',
  ]);
});

test('A long place is cut', () => {
  const [place = ''] = differences(play(`<send>${'x'.repeat(1000)}</send>`), play());
  expect(place.length).toBeLessThan(200);
});
