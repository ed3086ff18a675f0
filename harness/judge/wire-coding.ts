import { check } from './check.js';
import { describeKeyId } from './diagnose.js';
import type { Examined, OpeningFault } from './evidence.js';
import type { Finding } from './finding.js';
import { isPoint } from './token.js';
import type { WireContext } from './wire.js';
import { fieldsOf, list } from './wire-http.js';

/** What `judgeCoding` can find. */
export const codingRequirements = [
  'rfc8291.content-coding',
  'rfc8291.opens',
  'rfc8291.keyid',
  'rfc8291.single-record',
  'rfc8291.record-size',
  'rfc8291.key-derivation',
  'rfc8291.body-4096',
  'rfc8188.header',
  'rfc8188.record-size',
  'rfc8188.content-key',
  'rfc8188.nonce',
  'rfc8188.tag',
  'rfc8188.delimiter',
  'rfc8188.padding',
  'receivers.record-size-4096',
  'receivers.record-size-signed',
  'receivers.nonempty-plaintext',
  'receivers.small-body',
] as const;

type CodingRequirement = (typeof codingRequirements)[number];

const TAG = 16;

/** What is expected of sentences that may be broken by a body which does not open. */
const expectation = {
  'rfc8188.header': '16 octets of salt, 4 of record size, 1 of length and the key id, as octets',
  'rfc8291.keyid': "the sender's public key as an uncompressed point of P-256, 65 octets from 0x04 on",
  'rfc8291.single-record': 'a single record',
  'rfc8291.key-derivation': 'input keying material of auth, shared secret and both public keys',
  'rfc8188.content-key': "a content encryption key derived with 'Content-Encoding: aes128gcm'",
  'rfc8188.nonce': "a nonce derived with 'Content-Encoding: nonce' and record number 0",
  'rfc8188.tag': 'a tag of 16 octets at the end of the record, without additional data',
  'rfc8188.delimiter': 'the delimiter 0x02',
  'rfc8188.padding': 'only zeros after the delimiter',
} as const;

/** The sentence that a body which does not open has broken, where one can be named. */
const broken: Partial<Record<OpeningFault, keyof typeof expectation>> = {
  header: 'rfc8188.header',
  'plain-text': 'rfc8188.header',
  keyid: 'rfc8291.keyid',
  'several-records': 'rfc8291.single-record',
  delimiter: 'rfc8188.delimiter',
  padding: 'rfc8188.padding',
  'key-derivation': 'rfc8291.key-derivation',
  'content-key': 'rfc8188.content-key',
  nonce: 'rfc8188.nonce',
  tag: 'rfc8188.tag',
};

/** What an opened message proves to be kept, for without it the message would not have opened. */
const provenByOpening = [
  'rfc8291.key-derivation',
  'rfc8188.content-key',
  'rfc8188.nonce',
  'rfc8188.tag',
  'rfc8188.delimiter',
  'rfc8188.padding',
] as const;

/** The body: RFC 8188 and RFC 8291. A sentence that an earlier break hides gets no finding. */
export function judgeCoding(examined: Examined, context: WireContext): readonly Finding[] {
  const { body, coding, opened } = examined;
  const findings: Finding[] = [];
  const find = (requirement: CodingRequirement, met: boolean, expected: string, actual: string) =>
    void findings.push(check(requirement, met, { expected, actual, evidence: [examined.seq] }));

  const codings = fieldsOf(examined, 'content-encoding');
  if (body.length === 0 && codings.length === 0 && context.bodyOptional) return [];
  find(
    'rfc8291.content-coding',
    codings.join().trim().toLowerCase() === 'aes128gcm',
    'one Content-Encoding field: aes128gcm',
    list('Content-Encoding', codings),
  );
  // What is in an endless body cannot be told from its beginning.
  if (!opened.ok && opened.fault === 'incomplete') return findings;
  find('rfc8291.body-4096', body.length <= 4096, 'a body of at most 4096 octets', `${body.length} octets`);
  if (opened.ok || opened.fault !== 'unattributed') {
    find(
      'rfc8291.opens',
      opened.ok,
      'a message that opens with the keys of the subscription',
      opened.ok ? `${opened.plaintext.length} octets of plaintext` : opened.reason,
    );
  }
  const fault = opened.ok ? undefined : broken[opened.fault];
  if (!opened.ok && fault) find(fault, false, expectation[fault], opened.reason);
  if (!coding || fault === 'rfc8188.header') return findings;

  find(
    'rfc8188.header',
    true,
    expectation['rfc8188.header'],
    `a header of ${21 + coding.keyid.length} octets`,
  );
  const { recordSize, keyid } = coding;
  const sealed = body.length - 21 - keyid.length;
  if (fault !== 'rfc8291.keyid') {
    const point = isPoint(keyid);
    const actual = point ? '65 octets, an uncompressed point' : describeKeyId(keyid);
    find('rfc8291.keyid', point, expectation['rfc8291.keyid'], actual);
  }
  find('rfc8188.record-size', recordSize >= 18, 'a record size of at least 18', describeSize(recordSize));
  if (opened.ok) {
    find('rfc8291.single-record', true, expectation['rfc8291.single-record'], 'a single record');
    for (const requirement of provenByOpening) {
      find(requirement, true, expectation[requirement], 'the message opens');
    }
    // Equality is enough for RFC 8188, not for RFC 8291.
    find(
      'rfc8291.record-size',
      recordSize > sealed,
      `a record size above ${sealed}: ${sealed - TAG - 1 - opened.padding} of plaintext, 1 of delimiter, ${opened.padding} of padding, ${TAG} of tag`,
      describeSize(recordSize),
    );
    find(
      'receivers.nonempty-plaintext',
      opened.plaintext.length > 0,
      'a plaintext of at least one octet',
      `${opened.plaintext.length} octets`,
    );
  }
  find('receivers.record-size-4096', recordSize === 4096, 'the record size 4096', describeSize(recordSize));
  find(
    'receivers.record-size-signed',
    recordSize < 2 ** 31,
    'a record size below 2147483648',
    describeSize(recordSize),
  );
  find('receivers.small-body', body.length < 4096, 'a body below 4096 octets', `${body.length} octets`);
  return findings;
}

function describeSize(size: number): string {
  const turned = Buffer.alloc(4);
  turned.writeUInt32BE(size);
  const other = turned.readUInt32LE();
  return other === 4096 ? `${size} (4096 with its octets in reverse order)` : String(size);
}
