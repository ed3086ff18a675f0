import { describe, expect, test } from 'vitest';
import type { Examined, OpeningFault } from './evidence.js';
import { browser, examinedFrom } from './forge.js';
import type { WireContext } from './wire.js';
import { type codingRequirements, judgeCoding } from './wire-coding.js';

type Requirement = (typeof codingRequirements)[number];

const user = browser();
const coding = { salt: new Uint8Array(16), recordSize: 4096, keyid: new Uint8Array(user.publicKey) };
const opened = { ok: true, plaintext: new Uint8Array(35), padding: 0, keys: 'current' } as const;
const failed = (fault: OpeningFault) => ({ ok: false, fault, reason: `it is ${fault}` }) as const;

/** A header of 86 octets, 35 of plaintext, the delimiter and a tag of 16. */
const good: Examined = { ...examinedFrom(user), coding };

const findingsOn = (change: Partial<Examined>, context: WireContext = {}) =>
  judgeCoding({ ...good, ...change }, context);
const on = (requirement: Requirement, change: Partial<Examined>) => {
  const [finding, ...others] = findingsOn(change).filter((each) => each.requirement === requirement);
  expect(others).toEqual([]);
  return finding && [finding.met, finding.actual];
};
const brokenBy = (change: Partial<Examined>) =>
  findingsOn(change).flatMap(({ requirement, met }) => (met ? [] : [requirement]));
const spokenOf = (change: Partial<Examined>) => findingsOn(change).map(({ requirement }) => requirement);
const withCodings = (...codings: readonly string[]) => ({
  request: { ...good.request, headers: codings.map((value) => ['Content-Encoding', value] as const) },
});
const empty = { body: new Uint8Array(), opened: failed('no-body') };
const { coding: _, ...withoutHeader } = good;

test('A good body keeps every sentence on the coding but those that only others show', () => {
  expect(findingsOn({}).every(({ met, evidence }) => met && evidence[0] === 1)).toBe(true);
});

describe('Content-Encoding', () => {
  test.each([[['aes128gcm']], [[' AES128GCM ']]])('names the coding: %j', (codings) => {
    expect(on('rfc8291.content-coding', withCodings(...codings))?.[0]).toBe(true);
  });

  test.each([[[]], [['aesgcm']], [['aes128gcm', 'aes128gcm']], [['aes128gcm', 'gzip']], [['xaes128gcm']]])(
    'does not name it, or not alone: %j',
    (codings) => {
      expect(on('rfc8291.content-coding', withCodings(...codings))?.[0]).toBe(false);
    },
  );

  test('may be missing where there need be no body, and is none', () => {
    const judged = (change: Partial<Examined>, bodyOptional: boolean) =>
      findingsOn(change, { bodyOptional }).length > 0;
    expect(judged({ ...withCodings(), ...empty }, true)).toBe(false);
    expect(judged({ ...withCodings(), ...empty }, false)).toBe(true);
    expect(judged({ ...withCodings('aes128gcm'), ...empty }, true)).toBe(true);
    expect(judged(withCodings(), true)).toBe(true);
  });
});

describe('What is said of a body', () => {
  test('that is not all there is nothing but its coding', () => {
    expect(spokenOf({ opened: failed('incomplete') })).toEqual(['rfc8291.content-coding']);
  });

  const outside = [
    'rfc8291.content-coding',
    'rfc8291.body-4096',
    'rfc8188.header',
    'rfc8291.keyid',
    'rfc8188.record-size',
    'receivers.record-size-4096',
    'receivers.record-size-signed',
    'receivers.small-body',
  ];

  test('that nobody has keys for is what can be seen from outside', () => {
    expect(spokenOf({ opened: failed('unattributed') })).toEqual(outside);
    const keyid = new Uint8Array(3);
    expect(on('rfc8291.keyid', { opened: failed('unattributed'), coding: { ...coding, keyid } })).toEqual([
      false,
      '3 octets that start with 0x00',
    ]);
  });

  test('that does not open adds the sentence that was broken', () => {
    const shown = outside.toSpliced(2, 0, 'rfc8291.opens');
    expect(spokenOf({ opened: failed('unknown') })).toEqual(shown);
    expect(spokenOf({ opened: failed('nonce') })).toEqual(shown.toSpliced(3, 0, 'rfc8188.nonce'));
  });

  test('without a header, or with none that is meant as one, goes no further', () => {
    const first = ['rfc8291.content-coding', 'rfc8291.body-4096', 'rfc8291.opens'];
    expect(
      judgeCoding({ ...withoutHeader, opened: failed('no-body') }, {}).map((each) => each.requirement),
    ).toEqual(first);
    expect(spokenOf({ opened: failed('plain-text') })).toEqual([...first, 'rfc8188.header']);
  });
});

describe('A fault in sealing breaks the sentence it is about:', () => {
  test.each<[OpeningFault, readonly Requirement[]]>([
    ['header', ['rfc8188.header']],
    ['plain-text', ['rfc8188.header']],
    ['keyid', ['rfc8291.keyid']],
    ['several-records', ['rfc8291.single-record']],
    ['delimiter', ['rfc8188.delimiter']],
    ['padding', ['rfc8188.padding']],
    ['key-derivation', ['rfc8291.key-derivation']],
    ['content-key', ['rfc8188.content-key']],
    ['nonce', ['rfc8188.nonce']],
    ['tag', ['rfc8188.tag']],
    ['no-body', []],
    ['wrong-keys', []],
    ['unknown', []],
  ])('%s', (fault, requirements) => {
    expect(brokenBy({ opened: failed(fault) })).toEqual(['rfc8291.opens', ...requirements]);
    for (const requirement of requirements) {
      expect(on(requirement, { opened: failed(fault) })).toEqual([false, `it is ${fault}`]);
    }
  });
});

describe('A record size', () => {
  const sized = (recordSize: number, more: Partial<Examined> = {}) => ({
    coding: { ...coding, recordSize },
    ...more,
  });

  test.each([
    [17, ['rfc8188.record-size', 'rfc8291.record-size', 'receivers.record-size-4096']],
    [18, ['rfc8291.record-size', 'receivers.record-size-4096']],
    [52, ['rfc8291.record-size', 'receivers.record-size-4096']],
    [53, ['receivers.record-size-4096']],
    [4095, ['receivers.record-size-4096']],
    [4096, []],
    [4097, ['receivers.record-size-4096']],
    [2 ** 31 - 1, ['receivers.record-size-4096']],
    [2 ** 31, ['receivers.record-size-4096', 'receivers.record-size-signed']],
  ])('of %i breaks %j', (recordSize, requirements) => {
    expect(brokenBy(sized(recordSize))).toEqual(requirements);
    expect(on('receivers.record-size-4096', sized(recordSize))?.[1]).toBe(String(recordSize));
  });

  test('is said to have its octets turned when it has', () => {
    expect(on('receivers.record-size-4096', sized(0x00100000))).toEqual([
      false,
      '1048576 (4096 with its octets in reverse order)',
    ]);
  });

  test('is above plaintext, delimiter, padding and tag together', () => {
    const padded = { opened: { ...opened, plaintext: new Uint8Array(30), padding: 5 } };
    const finding = findingsOn(padded).find(({ requirement }) => requirement === 'rfc8291.record-size');
    expect(finding?.expected).toBe(
      'a record size above 52: 30 of plaintext, 1 of delimiter, 5 of padding, 16 of tag',
    );
  });
});

describe('The size of a body', () => {
  test.each([
    [4095, []],
    [4096, ['receivers.small-body']],
    [4097, ['rfc8291.body-4096', 'receivers.small-body']],
  ])('of %i octets breaks %j', (octets, requirements) => {
    const change = { body: new Uint8Array(octets), coding: { ...coding, recordSize: 5000 } };
    expect(brokenBy(change).filter((each) => each !== 'receivers.record-size-4096')).toEqual(requirements);
    expect(on('receivers.small-body', change)?.[1]).toBe(`${octets} octets`);
  });

  test('may leave nothing for the plaintext, which some receivers do not take', () => {
    const plaintext = (octets: number) => ({ opened: { ...opened, plaintext: new Uint8Array(octets) } });
    expect(on('receivers.nonempty-plaintext', plaintext(0))).toEqual([false, '0 octets']);
    expect(on('receivers.nonempty-plaintext', plaintext(1))).toEqual([true, '1 octets']);
  });
});
