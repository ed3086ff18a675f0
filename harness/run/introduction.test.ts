import xml from '@xmpp/xml';
import { describe, expect, test } from 'vitest';
import { unknownVersion } from '../target/target.js';
import { describeServer } from './introduction.js';

const guessed = { name: 'mine', software: 'server at xmpp.example:5222', version: unknownVersion };

const answer = (name: string, version: string) =>
  xml(
    'iq',
    { type: 'result' },
    xml('query', { xmlns: 'jabber:iq:version' }, xml('name', {}, name), xml('version', {}, version)),
  );

describe('What a server is called in reports', () => {
  test('is what it says of itself, where its description does not tell', () => {
    expect(describeServer(guessed, answer('xmppd', '7.1'))).toEqual({
      name: 'mine',
      software: 'xmppd',
      version: '7.1',
    });
  });

  test('is what its description tells, whatever it says', () => {
    const told = { ...guessed, version: '7' };
    expect(describeServer(told, answer('other', '8'))).toBe(told);
  });

  test.each([
    ['does not answer', { missing: 'no answer' }],
    ['refuses', xml('iq', { type: 'error' })],
    ['says nothing', answer('', '')],
  ])('is left as it is when the server %s', (_, said) => {
    expect(describeServer(guessed, said)).toBe(guessed);
  });

  test('steers no terminal and fills no page', () => {
    const { software } = describeServer(guessed, answer(`x\u001b[2J\n${'y'.repeat(1000)}`, '1'));
    expect(software).toMatch(/^x \[2J y+$/);
    expect(software.length).toBe(80);
  });
});
