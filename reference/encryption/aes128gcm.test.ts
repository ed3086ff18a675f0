import { expect, test } from 'vitest';
import published from '../../vectors/published.json' with { type: 'json' };
import { bodyLength, encodeSingleRecord } from './aes128gcm.js';

const vector = published.encryptedContentSingleRecord;
const octets = (text: string) => Buffer.from(text, 'base64url');
const key = {
  inputKeyingMaterial: octets(vector.ikm),
  salt: octets(vector.salt),
  keyId: Buffer.from(vector.keyIdUtf8),
};

test('the example of RFC 8188 §3.1 comes out octet for octet', () => {
  const plaintext = Buffer.from(vector.plaintextUtf8);
  const body = encodeSingleRecord(plaintext, key, plaintext.length + 1);
  expect(Buffer.from(body).toString('base64url')).toBe(vector.body);
  expect(body.length).toBe(vector.derived.bodyOctets);
  expect(bodyLength(0, plaintext.length + 1)).toBe(body.length);
});

test('the header tells salt, record size and key id', () => {
  const body = encodeSingleRecord(Buffer.from('text'), { ...key, keyId: Buffer.from('a1') }, 5);
  expect(Buffer.from(body.subarray(0, 23)).toString('hex')).toBe(
    `${Buffer.from(key.salt).toString('hex')}00001000026131`,
  );
  expect(body.length).toBe(bodyLength(2, 5));
});
