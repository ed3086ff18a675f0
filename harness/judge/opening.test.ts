import { webcrypto } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { browser, type Sealing, seal } from './forge.js';
import { openWithNoble } from './open-with-noble.js';
import { openWithWebCrypto } from './open-with-webcrypto.js';
import type { Opening, Stage } from './opening.js';
import { readKeys } from './user-agent-keys.js';

const user = browser();

describe.each<[string, (body: Uint8Array) => Opening | Promise<Opening>]>([
  ['@noble', (body) => openWithNoble(body, readKeys(user.entry))],
  ['WebCrypto', (body) => openWithWebCrypto(body, readKeys(user.entry))],
])('%s', (_, open) => {
  test('opens any text with any padding', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), fc.nat(5), async (plaintext, padding) => {
        const record = () => Buffer.concat([plaintext, Buffer.from([2]), Buffer.alloc(padding)]);
        expect(await open(new Uint8Array(seal(user, { record })))).toEqual({ ok: true, plaintext, padding });
      }),
      {
        numRuns: 20,
        examples: [
          [new Uint8Array(), 0],
          [new Uint8Array([2, 0, 2, 0]), 3],
        ],
      },
    );
  });

  test('opens a body that stands in the midst of other octets', async () => {
    const body = seal(user);
    const around = new Uint8Array(Buffer.concat([Buffer.alloc(7), body, Buffer.alloc(9)]));
    expect(await open(around.subarray(7, 7 + body.length))).toMatchObject({ ok: true, padding: 0 });
  });

  test.each<[Stage, string, Partial<Sealing>]>([
    ['header', 'without a body', { body: () => Buffer.alloc(0) }],
    ['header', 'of 20 octets', { body: (body) => body.subarray(0, 20) }],
    ['header', 'that ends before the key id', { body: (body) => body.subarray(0, 21) }],
    ['header', 'that ends in the key id', { body: (body) => body.subarray(0, 85) }],
    ['key', 'without a key id', { keyid: () => Buffer.alloc(0) }],
    ['key', 'of nothing but a header', { keyid: () => Buffer.alloc(0), seal: () => Buffer.alloc(0) }],
    [
      'key',
      'with a compressed point',
      {
        keyid: (point) =>
          Buffer.concat([Buffer.from([2 + (point.readUInt8(64) & 1)]), point.subarray(1, 33)]),
      },
    ],
    [
      'key',
      'with a hybrid point',
      {
        keyid: (point) => Buffer.concat([Buffer.from([6 + (point.readUInt8(64) & 1)]), point.subarray(1)]),
      },
    ],
    ['key', 'with an octet after the point', { keyid: (point) => Buffer.concat([point, Buffer.alloc(1)]) }],
    [
      'key',
      'with a point off the curve',
      {
        keyid: (point) => Buffer.concat([point.subarray(0, 64), Buffer.from([point.readUInt8(64) ^ 1])]),
      },
    ],
    ['seal', 'with nothing sealed', { seal: () => Buffer.alloc(0) }],
    ['seal', 'with less than a tag', { seal: () => Buffer.alloc(15) }],
    ['seal', 'with a tag of something else', { seal: () => Buffer.alloc(16) }],
    ['seal', 'with another nonce', { nonce: () => Buffer.alloc(12) }],
    ['delimiter', 'with an empty record', { record: () => Buffer.alloc(0) }],
    ['delimiter', 'with a record of zeros', { record: () => Buffer.alloc(3) }],
    [
      'delimiter',
      'with the delimiter 0x01',
      { record: (text) => Buffer.concat([text, Buffer.from([1, 0])]) },
    ],
    ['delimiter', 'with more than zeros behind 0x02', { record: () => Buffer.from([2, 7]) }],
  ])('comes no further than the %s of a message %s', async (stage, __, changes) => {
    expect(await open(new Uint8Array(seal(user, changes)))).toEqual({ ok: false, stage });
  });
});

describe('WebCrypto', () => {
  afterEach(() => void vi.restoreAllMocks());

  test('imports the private key once for all the bodies of a subscription', async () => {
    const importKey = vi.spyOn(webcrypto.subtle, 'importKey');
    const keys = readKeys(browser().entry);
    await openWithWebCrypto(new Uint8Array(seal(user)), keys);
    await openWithWebCrypto(new Uint8Array(seal(user)), keys);
    expect(importKey.mock.calls.filter(([format]) => String(format) === 'jwk')).toHaveLength(1);
  });
});
