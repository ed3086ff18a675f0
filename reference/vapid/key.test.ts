import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exampleKey, keyPairs } from '../vectors.fixture.js';
import { generateKey, KEY_FILE, KeyStoreError, openKeyStore } from './key.js';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'keys-'));
  file = join(directory, KEY_FILE);
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const store = (content: unknown) => writeFileSync(file, JSON.stringify(content));
const { jwk } = exampleKey;
const otherKey = keyPairs.find(({ id }) => id !== exampleKey.id);
const d = (key: { privateKey: import('node:crypto').KeyObject }) =>
  key.privateKey.export({ format: 'jwk' }).d;

describe('the keys of a host', () => {
  test('begin with one that is an uncompressed point in base64url', () => {
    const { publicKey } = openKeyStore(directory).current;
    const octets = Buffer.from(publicKey, 'base64url');
    expect([octets.length, octets[0], publicKey.length]).toEqual([65, 4, 87]);
  });

  test('are the same after every start', () => {
    const made = openKeyStore(directory).current;
    const opened = openKeyStore(directory).current;
    expect(opened.publicKey).toBe(made.publicKey);
    expect(d(opened)).toBe(d(made));
  });

  test('are readable by their owner only, in a directory made for them', () => {
    const nested = join(directory, 'a', 'b');
    openKeyStore(nested).rotate();
    expect(statSync(join(nested, KEY_FILE)).mode & 0o777).toBe(0o600);
    expect(statSync(nested).mode & 0o777).toBe(0o700);
    expect(readdirSync(nested)).toEqual([KEY_FILE]);
  });

  test('are other ones in every directory, and in memory', () => {
    const keys = [
      openKeyStore(directory),
      openKeyStore(join(directory, 'other')),
      openKeyStore(),
      openKeyStore(),
    ];
    expect(new Set(keys.map(({ current }) => current.publicKey)).size).toBe(4);
  });

  test.each(['in a directory', 'in memory'])('keep the earlier ones when rotated, %s', (place) => {
    const keys = place === 'in memory' ? openKeyStore() : openKeyStore(directory);
    const [first, second, third] = [keys.current, keys.rotate(), keys.rotate()];
    expect(keys.current).toBe(third);
    expect(new Set([first, second, third].map(({ publicKey }) => publicKey)).size).toBe(3);
    for (const key of [first, second, third]) expect(keys.get(key.publicKey)).toBe(key);
    expect(keys.get(generateKey().publicKey)).toBeUndefined();
  });

  test('keep the earlier ones over a restart', () => {
    const before = openKeyStore(directory);
    const first = before.current;
    const second = before.rotate();
    const after = openKeyStore(directory);
    expect(after.current.publicKey).toBe(second.publicKey);
    expect(after.get(first.publicKey)?.publicKey).toBe(first.publicKey);
  });

  // In a process of its own: what stands still in native code can only be killed.
  test('can be made and exported ten thousand times, whatever is collected meanwhile', async () => {
    const compiled = fileURLToPath(new URL('../../dist/reference/vapid/key.js', import.meta.url));
    const script = `
      import { generateKey } from ${JSON.stringify(compiled)};
      for (let count = 0; count < 10_000; count += 1) generateKey().privateKey.export({ format: 'jwk' });
    `;
    await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { timeout: 60_000 });
  }, 70_000);

  test.each(keyPairs)('keep their full length: $title', ({ jwk, publicKey }) => {
    store({ keys: [jwk] });
    const keys = openKeyStore(directory);
    expect(keys.current.publicKey).toBe(publicKey);
    keys.rotate();
    expect(JSON.parse(readFileSync(file, 'utf8')).keys[1]).toEqual(jwk);
  });
});

describe('a damaged key file is told and left alone', () => {
  const short = Buffer.from(jwk.d, 'base64url').subarray(1).toString('base64url');
  test.each([
    ['nothing', '', 'not JSON'],
    ['half a file', '{"keys": [{"kty": "EC"', 'not JSON'],
    ['another document', '[]', 'no member "keys"'],
    ['no keys', '{"keys": []}', 'no member "keys"'],
    ['a key of another type', JSON.stringify({ keys: [{ kty: 'oct', k: 'AA' }] }), 'keys[0] is not'],
    ['a key that is null', JSON.stringify({ keys: [jwk, null] }), 'keys[1] is not'],
    ['a key on another curve', JSON.stringify({ keys: [{ ...jwk, crv: 'P-384' }] }), 'keys[0] is not'],
    ['no private key', JSON.stringify({ keys: [{ ...jwk, d: undefined }] }), '32 octets'],
    ['a private key of 31 octets', JSON.stringify({ keys: [{ ...jwk, d: short }] }), '32 octets'],
    [
      'a private key in the standard alphabet',
      JSON.stringify({ keys: [{ ...jwk, d: jwk.d.replace('-', '+') }] }),
      '32 octets',
    ],
    ['a private key of zero', JSON.stringify({ keys: [{ ...jwk, d: 'A'.repeat(43) }] }), 'does not belong'],
    ['halves of two pairs', JSON.stringify({ keys: [{ ...jwk, d: otherKey?.jwk.d }] }), 'does not belong'],
  ])('%s', (_, content, reason) => {
    writeFileSync(file, content);
    const open = () => openKeyStore(directory);
    expect(open).toThrow(KeyStoreError);
    expect(open).toThrow(expect.objectContaining({ code: 'key-file-corrupt' }));
    expect(open).toThrow(reason);
    expect(open).toThrow(file);
    expect(open).not.toThrow(jwk.d);
    expect(readFileSync(file, 'utf8')).toBe(content);
  });

  test('so is one that cannot be read', () => {
    mkdirSync(file);
    expect(() => openKeyStore(directory)).toThrow(expect.objectContaining({ code: 'key-file-unreadable' }));
  });
});

describe('keys that cannot be written', () => {
  test('are told at the first start', () => {
    writeFileSync(join(directory, 'file'), '');
    const open = () => openKeyStore(join(directory, 'file'));
    expect(open).toThrow(expect.objectContaining({ code: expect.stringMatching(/^key-file-/) }));
  });

  test('leave a rotation undone', () => {
    const keys = openKeyStore(directory);
    const { publicKey } = keys.current;
    rmSync(directory, { recursive: true });
    writeFileSync(directory, '');
    expect(() => keys.rotate()).toThrow(expect.objectContaining({ code: 'key-file-unwritable' }));
    expect(keys.current.publicKey).toBe(publicKey);
  });
});
