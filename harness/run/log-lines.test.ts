import { expect, test } from 'vitest';
import { quoteLog } from './log-lines.js';

const lines = [
  'c2s1  info  Client connected',
  'c2s1  info  Authenticated as juliet-1f@capulet.example',
  'c2s2  info  Authenticated as romeo-2e@capulet.example',
  'capulet.example:web_push  error  attempt to index a nil value',
  '2026-11-26 19:11:47 [warning] the certificate expires',
];
const log = `${lines.join('\n')}\n`;

test('Below a failure stand warnings and errors of the server, and what it logged about the accounts', () => {
  expect(quoteLog(log, ['juliet-1f']).split('\n')).toEqual([lines[1], lines[3], lines[4]]);
  expect(quoteLog(log, []).split('\n')).toEqual([lines[3], lines[4]]);
});

test('Where nothing tells more, the last lines are quoted, and no more than there is room for', () => {
  const many = Array.from({ length: 100 }, (_, index) => `line ${index}`);
  expect(quoteLog(many.join('\n'), []).split('\n')).toEqual(many.slice(-8));
});
