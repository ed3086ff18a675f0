import type { RequirementId } from '../../suites/requirements/catalogue.js';
import type { ContentExpected, ContentInput, Invalid } from '../kinds.js';
import { assemble, type Draft, negative, positive } from './assemble.js';
import { ascii, base64url, contentOf, join, octets, utf8 } from './message.js';
import { encryptedContentSingleRecord as single, encryptedContentTwoRecords as two } from './published.js';
import { octetsFor } from './seed.js';

type ContentDraft = Draft<ContentInput, ContentExpected | Invalid>;

const ikm = octetsFor('content', 16);
const salt = octetsFor('content salt', 16);
const keyId = ascii('k1');

interface Content {
  readonly recordSize: number;
  /** Data and padding of each record; the delimiter is 0x01, and 0x02 for the last. */
  readonly records: readonly { readonly data: Uint8Array; readonly padding?: number }[];
  readonly keyId?: Uint8Array;
}

const recordsOf = ({ records }: Content): readonly Uint8Array[] =>
  records.map(({ data, padding = 0 }, index) =>
    join(data, Uint8Array.of(index === records.length - 1 ? 2 : 1), new Uint8Array(padding)),
  );

const sealedOf = (content: Content, records = recordsOf(content)) =>
  contentOf({ ikm, salt, keyId, ...content, records });

function decodes(name: string, title: string, content: Content): ContentDraft {
  const { prk, cek, nonces, body } = sealedOf(content);
  return positive(
    name,
    title,
    { ikm: base64url(ikm), body: base64url(body) },
    {
      result: 'valid',
      plaintext: base64url(join(...content.records.map(({ data }) => data))),
      salt: base64url(salt),
      recordSize: content.recordSize,
      keyId: base64url(content.keyId ?? keyId),
      prk: base64url(prk),
      cek: base64url(cek),
      nonces: nonces.map(base64url),
      records: recordsOf(content).map(base64url),
    },
    { requirement: 'rfc8188.content-key' },
  );
}

function wrong(
  name: string,
  sibling: string,
  fault: string,
  requirement: RequirementId,
  body: Uint8Array,
): ContentDraft {
  const input = { ikm: base64url(ikm), body: base64url(body) };
  return negative(name, sibling, fault, requirement, input, { result: 'invalid' });
}

const published: readonly ContentDraft[] = [
  positive(
    'single',
    'one record',
    { ikm: single.ikm, body: single.body },
    {
      result: 'valid',
      plaintext: base64url(utf8(single.plaintextUtf8)),
      salt: single.salt,
      recordSize: single.recordSize,
      keyId: base64url(utf8(single.keyIdUtf8)),
      prk: single.prk,
      cek: single.cek,
      nonces: [single.nonce],
      records: [single.record],
    },
    { requirement: 'rfc8188.content-key', source: 'RFC 8188 §3.1' },
  ),
  positive(
    'two',
    'two records, the first with padding; PRK, keys and records are not printed there',
    { ikm: two.ikm, body: two.body },
    {
      result: 'valid',
      plaintext: base64url(utf8(two.plaintextUtf8)),
      salt: two.salt,
      recordSize: two.recordSize,
      keyId: base64url(utf8(two.keyIdUtf8)),
      prk: two.derived.prk,
      cek: two.derived.cek,
      nonces: two.derived.nonces,
      records: two.derived.records,
    },
    { requirement: 'rfc8188.nonce', source: 'RFC 8188 §3.2' },
  ),
];

const data = (text: string) => ({ data: utf8(text) });
const three: Content = { recordSize: 25, records: [data('Good nig'), data('ht, good'), data(' night!')] };
const short: Content = { recordSize: 4096, records: [data('Parting is such sweet sorrow')] };
const many: Content = {
  recordSize: 18,
  records: Array.from({ length: 300 }, (_, index) => ({ data: Uint8Array.of(index & 0xff) })),
};

const ours: readonly ContentDraft[] = [
  decodes('three', 'three records, two of them full', three),
  decodes('short', 'a record far below the record size', short),
  decodes('padded', 'a record with 40 octets of padding', {
    recordSize: 4096,
    records: [{ ...data('Parting is such sweet sorrow'), padding: 40 }],
  }),
  decodes('record-size-18', '300 records of one octet each, counted beyond 255', many),
  decodes('delimiter-alone', 'a last record that holds its delimiter alone', {
    recordSize: 25,
    records: [data('Good nig'), data('')],
  }),
  decodes('empty', 'no data', { recordSize: 4096, records: [data('')] }),
  decodes('key-id-empty', 'no key id', { ...short, keyId: new Uint8Array() }),
  decodes('key-id-255', 'a key id of 255 octets', { ...short, keyId: octetsFor('key id', 255) }),
];

const start = 21 + keyId.length;
const body = sealedOf(three).body;
const shortBody = sealedOf(short).body;
const paddedRecords = recordsOf({
  recordSize: 4096,
  records: [{ ...data('Parting is such sweet sorrow'), padding: 40 }],
});
const changed = (change: (records: readonly Uint8Array[]) => readonly Uint8Array[]) =>
  sealedOf(three, change(recordsOf(three))).body;
const pieces = [0, 1, 2].map((number) => body.subarray(start + number * 25, start + (number + 1) * 25));
const inOrder = (...order: readonly number[]) =>
  join(body.subarray(0, start), ...order.map((number) => pieces[number] ?? new Uint8Array()));

const faults: readonly ContentDraft[] = [
  wrong(
    'last-delimiter-01',
    'three',
    'the delimiter of the last record is 0x01',
    'rfc8188.delimiter',
    changed((records) => records.with(2, utf8(' night!\u0001'))),
  ),
  wrong(
    'first-delimiter-02',
    'three',
    'the delimiter of the first record is 0x02',
    'rfc8188.delimiter',
    changed((records) => records.with(0, utf8('Good nig\u0002'))),
  ),
  wrong(
    'zero-record',
    'three',
    'the second record has no octet but zeros',
    'rfc8188.delimiter',
    changed((records) => records.with(1, new Uint8Array(9))),
  ),
  wrong('without-last', 'three', 'the last record is missing', 'rfc8188.delimiter', inOrder(0, 1)),
  wrong('without-first', 'three', 'the first record is missing', 'rfc8188.nonce', inOrder(1, 2)),
  wrong('swapped', 'three', 'the first two records are swapped', 'rfc8188.nonce', inOrder(1, 0, 2)),
  wrong('repeated', 'three', 'the first record comes twice', 'rfc8188.nonce', inOrder(0, 0, 1, 2)),
  wrong('last-cut', 'three', 'the last record ends within its tag', 'rfc8188.tag', body.subarray(0, -1)),
  wrong('record-size-24', 'three', 'the record size is one too small', 'rfc8188.tag', body.with(19, 24)),
  wrong('record-size-26', 'three', 'the record size is one too large', 'rfc8188.tag', body.with(19, 26)),
  wrong(
    'record-size-17',
    'record-size-18',
    'the record size is 17, which has no room for an octet',
    'rfc8188.record-size',
    sealedOf(many).body.with(19, 17),
  ),
  wrong(
    'record-size-0',
    'short',
    'the record size is 0',
    'rfc8188.record-size',
    sealedOf({ ...short, recordSize: 0 }).body,
  ),
  wrong('no-record', 'short', 'no record follows the header', 'rfc8188.tag', shortBody.subarray(0, start)),
  wrong(
    'tag-alone',
    'empty',
    'the record has not even a delimiter',
    'rfc8188.delimiter',
    sealedOf(short, [new Uint8Array()]).body,
  ),
  wrong(
    'delimiter-03',
    'short',
    'the delimiter is 0x03',
    'rfc8188.delimiter',
    sealedOf(short, [utf8('Parting is such sweet sorrow\u0003')]).body,
  ),
  wrong(
    'padding-not-zero',
    'padded',
    'the last octet of the padding is 0x01',
    'rfc8188.padding',
    sealedOf(
      short,
      paddedRecords.map((record) => record.with(-1, 1)),
    ).body,
  ),
  wrong(
    'salt-bit',
    'short',
    'a bit of the salt is wrong',
    'rfc8188.content-key',
    shortBody.with(0, (shortBody[0] ?? 0) ^ 1),
  ),
  wrong(
    'tag-bit',
    'short',
    'a bit of the tag is wrong',
    'rfc8188.tag',
    shortBody.with(-1, (shortBody.at(-1) ?? 0) ^ 1),
  ),
  wrong(
    'header-cut',
    'short',
    'the body ends within the header',
    'rfc8188.header',
    shortBody.subarray(0, 19),
  ),
  wrong(
    'key-id-cut',
    'short',
    'the body ends within the key id',
    'rfc8188.header',
    shortBody.subarray(0, 22),
  ),
  negative(
    'ikm-other',
    'short',
    'the keying material is another one',
    'rfc8188.content-key',
    { ikm: base64url(octets(single.ikm)), body: base64url(shortBody) },
    { result: 'invalid' },
  ),
];

export const rfc8188 = () =>
  assemble(
    'rfc8188',
    'Encrypted content-encoding aes128gcm (RFC 8188)',
    [
      'All octets are base64url without padding.',
      'contents: decode input.body with the input keying material. Web Push allows one record only; a decoder for Web Push alone takes the tests with one member in expected.records.',
    ],
    {
      contents: {
        title: 'Contents that decode, and such as do not',
        tests: [...published, ...ours, ...faults],
      },
    },
  );
