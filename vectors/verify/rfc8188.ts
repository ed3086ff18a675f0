import { createDecipheriv, hkdfSync } from 'node:crypto';
import { gcm } from '@noble/ciphers/aes.js';
import { expand, extract } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { encodeSingleRecord } from '../../reference/encryption/aes128gcm.js';
import type { ContentExpected, ContentInput, Invalid } from '../kinds.js';
import { attempt, base64url, type Opinions, octets } from './opinion.js';

/** Two decoders of any number of records, which share nothing, and what the reference encodes. */
export const contents: Opinions<ContentInput, ContentExpected | Invalid> = ({ input, expected }) => {
  const body = octets(input.body);
  const ikm = octets(input.ikm);
  if (expected.result === 'invalid')
    return [
      { by: '@noble', expected: 'refused', actual: attempt(() => decodeWithNoble(body, ikm)) },
      { by: 'node:crypto', expected: 'refused', actual: attempt(() => decodeWithNode(body, ikm)) },
    ];
  const { result: _, ...content } = expected;
  const { plaintext } = expected;
  const opinions = [
    { by: '@noble', expected: content, actual: attempt(() => decodeWithNoble(body, ikm)) },
    { by: 'node:crypto', expected: plaintext, actual: attempt(() => decodeWithNode(body, ikm)) },
  ];
  const [record, ...more] = expected.records.map(octets);
  if (!record || more.length > 0 || expected.recordSize !== 4096) return opinions;
  const key = { inputKeyingMaterial: ikm, salt: octets(expected.salt), keyId: octets(expected.keyId) };
  const encoded = encodeSingleRecord(octets(plaintext), key, record.length);
  return [...opinions, { by: 'reference', expected: input.body, actual: base64url(encoded) }];
};

const text = (value: string) => new TextEncoder().encode(value);

function decodeWithNoble(body: Uint8Array, ikm: Uint8Array) {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const recordSize = view.getUint32(16);
  const start = 21 + view.getUint8(20);
  if (recordSize < 18 || body.length < start) throw new Error('no header');
  const salt = body.slice(0, 16);
  const prk = extract(sha256, ikm, salt);
  const cek = expand(sha256, prk, text('Content-Encoding: aes128gcm\0'), 16);
  const nonce = expand(sha256, prk, text('Content-Encoding: nonce\0'), 12);
  const count = Math.ceil((body.length - start) / recordSize);
  if (count === 0) throw new Error('no record');
  const nonces = Array.from({ length: count }, (_, number) => {
    const own = nonce.slice();
    for (let shift = 0; shift < 4; shift += 1)
      own[11 - shift] = (own[11 - shift] ?? 0) ^ ((number >>> (8 * shift)) & 0xff);
    return own;
  });
  const records = nonces.map((own, number) =>
    gcm(cek, own).decrypt(body.subarray(start + number * recordSize, start + (number + 1) * recordSize)),
  );
  const data = records.map((record, number) => {
    const delimiter = record.findLastIndex((octet) => octet !== 0);
    if (record[delimiter] !== (number === count - 1 ? 2 : 1)) throw new Error('no delimiter');
    return record.subarray(0, delimiter);
  });
  return {
    plaintext: base64url(Buffer.concat(data)),
    salt: base64url(salt),
    recordSize,
    keyId: base64url(body.slice(21, start)),
    prk: base64url(prk),
    cek: base64url(cek),
    nonces: nonces.map(base64url),
    records: records.map(base64url),
  };
}

function decodeWithNode(octetsOfBody: Uint8Array, ikm: Uint8Array): string {
  const body = Buffer.from(octetsOfBody);
  const size = body.readUInt32BE(16);
  const keyIdEnd = 21 + body.readUInt8(20);
  const salt = body.subarray(0, 16);
  const hkdf = (info: string, length: number) => Buffer.from(hkdfSync('sha256', ikm, salt, info, length));
  const key = hkdf('Content-Encoding: aes128gcm\0', 16);
  const nonce = hkdf('Content-Encoding: nonce\0', 12).toString('hex');
  if (size < 18) throw new Error('the record size is too small');
  let left = body.subarray(keyIdEnd);
  let data = '';
  for (let number = 0n; ; number += 1n) {
    const record = left.subarray(0, size);
    const counted = (BigInt(`0x${nonce}`) ^ number).toString(16).padStart(24, '0');
    const decipher = createDecipheriv('aes-128-gcm', key, Buffer.from(counted, 'hex'));
    decipher.setAuthTag(record.subarray(-16));
    const opened = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()]).toString(
      'latin1',
    );
    left = left.subarray(size);
    const [, content, delimiter] = /^([\s\S]*)([^\0])\0*$/.exec(opened) ?? [];
    if (delimiter !== (left.length === 0 ? '\u0002' : '\u0001')) throw new Error('a wrong delimiter');
    data += content;
    if (left.length === 0) return Buffer.from(data, 'latin1').toString('base64url');
  }
}
