import { describe, expect, test } from 'vitest';
import { type Credentials, parseCredentials } from './authorization.js';

const vapid = (
  ...parameters: readonly (readonly [name: string, value: string, quoted?: 'quoted'])[]
): Credentials => ({
  scheme: 'vapid',
  parameters: parameters.map(([name, value, quoted]) => ({ name, value, quoted: quoted !== undefined })),
});

describe('Credentials within the grammar (RFC 9110 §11.4) are read without a problem:', () => {
  test.each([
    ['vapid', vapid()],
    ['vapid  ', vapid()],
    ['vapid \t', vapid()],
    ['vapid t=a', vapid(['t', 'a'])],
    ['vapid   T=a', vapid(['t', 'a'])],
    ['vapid t=a,k=b', vapid(['t', 'a'], ['k', 'b'])],
    ['vapid t=a , \t k=b', vapid(['t', 'a'], ['k', 'b'])],
    ['vapid ,t=a', vapid(['t', 'a'])],
    ['vapid , , t=a,', vapid(['t', 'a'])],
    ['vapid t=a,, k=b ,', vapid(['t', 'a'], ['k', 'b'])],
    ['vapid t \t= \ta', vapid(['t', 'a'])],
    ["vapid !#$%&'*+.^_`|~09AZaz-=a", vapid(["!#$%&'*+.^_`|~09azaz-", 'a'])],
    ['vapid t="a, b=\\"c\\\\"', vapid(['t', 'a, b="c\\', 'quoted'])],
    ['vapid t="", k=b', vapid(['t', '', 'quoted'], ['k', 'b'])],
    ['vapid t="a" \t,k=b', vapid(['t', 'a', 'quoted'], ['k', 'b'])],
    // Not a token, but judged as a wrong alphabet elsewhere.
    ['vapid t=a+b/c==, k=09AZaz._-', vapid(['t', 'a+b/c=='], ['k', '09AZaz._-'])],
  ])('%j', (field, credentials) => {
    expect(parseCredentials(field)).toEqual(credentials);
  });
});

describe('Credentials outside the grammar are read as far as they can be, and it is said where they leave it:', () => {
  const apart = 'scheme and parameters are not apart by spaces';
  const unreadable = (rest: string) => `no parameter can be read at ${JSON.stringify(rest)}`;

  test.each<[string, Credentials, string]>([
    ['', { scheme: '', parameters: [] }, 'there is no scheme'],
    [' vapid', { scheme: '', parameters: [] }, `there is no scheme; ${unreadable('vapid')}`],
    ['va(pid t=a', { ...vapid(['t', 'a']), scheme: 'va(pid' }, 'there is no scheme'],
    ['(vapid t=a', { ...vapid(['t', 'a']), scheme: '(vapid' }, 'there is no scheme'],
    ['vapid( t=a', { ...vapid(['t', 'a']), scheme: 'vapid(' }, 'there is no scheme'],
    ['vapid\tt=a', vapid(['t', 'a']), apart],
    ['vapid \tt=a', vapid(['t', 'a']), apart],
    ['vapid\t t=a', vapid(['t', 'a']), apart],
    ['vapid\nt=a', vapid(), `${apart}; ${unreadable('\nt=a')}`],
    ['vapid\nt = a', vapid(), `${apart}; ${unreadable('\nt = a')}`],
    ['vapid nonsense', vapid(), unreadable('nonsense')],
    ['vapid =a', vapid(), unreadable('=a')],
    ['vapid (t=a', vapid(), unreadable('(t=a')],
    ['vapid t=a, k', vapid(['t', 'a']), unreadable('k')],
    ['vapid t="a, k=b', vapid(['k', 'b']), 'the value of t is no token: "\\"a"'],
    ['vapid t="a"b, k=c', vapid(['k', 'c']), 'the value of t is no token: "\\"a\\"b"'],
    ['vapid t=a k=b', vapid(), 'the value of t is no token: "a k=b"'],
    ['vapid t=, k=c', vapid(['k', 'c']), 'the value of t is no token: ""'],
    ['vapid t=a;k=b, u=c', vapid(['u', 'c']), 'the value of t is no token: "a;k=b"'],
    [`vapid t=;${'x'.repeat(59)}`, vapid(), `the value of t is no token: ";${'x'.repeat(59)}"`],
    [
      `vapid t=;${'x'.repeat(50)}${'y'.repeat(20)}`,
      vapid(),
      `the value of t is no token: ";${'x'.repeat(39)}…${'y'.repeat(20)}"`,
    ],
    [
      `vapid t=;${'x'.repeat(60)}`,
      vapid(),
      `the value of t is no token: ";${'x'.repeat(39)}…${'x'.repeat(20)}"`,
    ],
  ])('%j', (field, credentials, problem) => {
    expect(parseCredentials(field)).toEqual({ ...credentials, problem });
  });
});
