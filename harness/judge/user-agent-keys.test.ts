import { expect, test } from 'vitest';
import { browser } from './forge.js';
import { JudgeError } from './judge-error.js';
import { readKeys } from './user-agent-keys.js';

const octets = (count: number) => Buffer.alloc(count, 1).toString('base64url');

test('The keys of a subscription are its octets, and read once', () => {
  const { entry } = browser();
  const keys = readKeys(entry);
  expect(Object.values(keys).map((key) => Buffer.from(key).toString('base64url'))).toEqual([
    entry.p256dh,
    entry.privateKey,
    entry.auth,
  ]);
  expect(readKeys(entry)).toBe(keys);
  expect(readKeys({ ...entry })).not.toBe(keys);
});

test.each([
  ['p256dh', 65, octets(64)],
  ['p256dh', 65, octets(66)],
  ['privateKey', 32, octets(31)],
  ['privateKey', 32, octets(33)],
  ['auth', 16, octets(15)],
  ['auth', 16, octets(17)],
  ['auth', 16, `${octets(16)}==`],
  ['auth', 16, ''],
] as const)('A subscription whose %s is not %i octets is a fault of the kit', (name, count, text) => {
  expect(() => readKeys({ ...browser('juliet/phone').entry, [name]: text })).toThrow(
    new JudgeError('broken-transcript', `${name} of juliet/phone is not ${count} octets in base64url`),
  );
  expect(() => readKeys({ ...browser().entry, [name]: text })).toThrow(
    expect.objectContaining({ code: 'broken-transcript' }),
  );
});
