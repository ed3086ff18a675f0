import { expect, test } from 'vitest';
import { parseJid } from './jid.js';

test.each([
  ['a.example', { local: '', domain: 'a.example', resource: '' }],
  ['Romeo@A.Example/Home', { local: 'romeo', domain: 'a.example', resource: 'Home' }],
  ['romeo@a.example./x', { domain: 'a.example', full: 'romeo@a.example/x' }],
  ['a.example/with/slash @and', { local: '', resource: 'with/slash @and' }],
  ['jose\u0301@a.example', { local: 'josé' }],
  ['x@[::1]', { domain: '[::1]' }],
])('%s is a JID', (text, parts) => {
  expect(parseJid(text)).toMatchObject(parts);
});

test.each([
  '',
  '@a.example',
  'a@',
  'a@@b',
  'a b@c',
  "o'neil@a",
  'a&b@c',
  'a@b c',
  'a@b/',
  '/x',
  'a@b/\u0000',
  `${'x'.repeat(1024)}@a`,
  `a@b/${'x'.repeat(1024)}`,
])('%j is no JID', (text) => {
  expect(parseJid(text)).toBeUndefined();
});
