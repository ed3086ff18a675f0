import { expect, test } from 'vitest';
import { exampleContent as vector } from '../vectors.fixture.js';
import { bodyLength, encodeSingleRecord } from './aes128gcm.js';

const octets = (text: string) => Buffer.from(text, 'base64url');
const key = {
  inputKeyingMaterial: octets(vector.ikm),
  salt: octets(vector.salt),
  keyId: octets(vector.keyId),
};

test('the example of RFC 8188 §3.1 comes out octet for octet', () => {
  const plaintext = octets(vector.plaintext);
  const body = encodeSingleRecord(plaintext, key, plaintext.length + 1);
  expect(Buffer.from(body).toString('base64url')).toBe(vector.body);
  expect(body.length).toBe(53);
  expect(bodyLength(0, plaintext.length + 1)).toBe(body.length);
});

test('the header tells salt, record size and key id', () => {
  const body = encodeSingleRecord(Buffer.from('text'), { ...key, keyId: Buffer.from('a1') }, 5);
  expect(Buffer.from(body.subarray(0, 23)).toString('hex')).toBe(
    `${Buffer.from(key.salt).toString('hex')}00001000026131`,
  );
  expect(body.length).toBe(bodyLength(2, 5));
});
