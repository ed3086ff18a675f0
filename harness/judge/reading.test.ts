import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCredentials } from './authorization.js';
import { decodeBase64url, encodeBase64url } from './base64url.js';
import { memberNames } from './member-names.js';

describe('base64url', () => {
  test('gives back all octets', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (octets) => {
        expect([...(decodeBase64url(encodeBase64url(octets)) ?? [])]).toEqual([...octets]);
      }),
    );
  });

  test.each(['YQ==', 'Y Q', 'YQ\n', 'a+b/', 'YR', 'A', 'ä'])('is not %j', (text) => {
    expect(decodeBase64url(text)).toBeUndefined();
  });
});

describe('An Authorization field', () => {
  test('is taken apart by the grammar of HTTP', () => {
    expect(parseCredentials('VAPID  T = "a\\"b" ,, k=c')).toEqual({
      scheme: 'VAPID',
      parameters: [
        { name: 't', value: 'a"b', quoted: true },
        { name: 'k', value: 'c', quoted: false },
      ],
    });
  });

  test.each(['', 'vapid t=a k=b', 'vapid t=a;k=b', 'vapid nonsense', 'vapid t="a, k=b', 'vapid\tt=a'])(
    'names where %j leaves it',
    (field) => expect(parseCredentials(field).problem).toBeDefined(),
  );

  test('never makes the reader throw', () => {
    fc.assert(fc.property(fc.string(), (field) => void parseCredentials(field)));
  });
});

describe('The members of a JSON object', () => {
  test('are the outermost ones, repeated ones too', () => {
    expect(memberNames('{"a":{"a":1},"b":["a",{"c":2}],"\\u0061":"{\\"d\\":1}"}')).toEqual(['a', 'b', 'a']);
  });

  test('are those JSON.parse finds when none is repeated', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const text = JSON.stringify(object);
        expect([...memberNames(text)].sort()).toEqual(Object.keys(JSON.parse(text)).sort());
      }),
    );
  });
});
