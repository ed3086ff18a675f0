import { ctr, gcm } from '@noble/ciphers/aes.js';
import { p256 } from '@noble/curves/nist.js';
import type { OpeningFault } from './evidence.js';
import { deriveWith, secretsOf, slips } from './known-slips.js';
import { openWithNoble } from './open-with-noble.js';
import type { Stage } from './opening.js';
import type { UserAgentKeys } from './user-agent-keys.js';

export interface Diagnosis {
  readonly fault: OpeningFault;
  readonly reason: string;
}

/** A subscription whose keys a body may have been sealed for by mistake. */
export interface Candidate {
  readonly name: string;
  readonly keys: UserAgentKeys;
}

const HEADER = 21;
const TAG = 16;

/**
 * Why a body does not open: tries what senders are known to get wrong, one slip at a time, until it opens.
 *
 * @param stage how far the regular opening came.
 * @param others further subscriptions in the transcript.
 */
export function diagnose(
  body: Uint8Array,
  stage: Stage,
  keys: UserAgentKeys,
  others: readonly Candidate[],
): Diagnosis {
  const text = readAsText(body, keys);
  if (text) return text;
  switch (stage) {
    case 'header':
      return {
        fault: 'header',
        reason:
          body.length < HEADER
            ? `the body ends after ${body.length} octets, within the 21 octets of salt, record size and length of the key id`
            : `the key id is announced with ${body[20]} octets and the body ends ${body.length - HEADER} octets after that`,
      };
    case 'key':
      return diagnoseKeyId(body, keys);
    case 'delimiter':
      return diagnoseDelimiter(decrypt(body, keys));
    case 'seal':
      return (
        diagnoseSeveralRecords(body, keys) ??
        diagnoseSlips(body, keys) ??
        diagnoseTag(body, keys) ??
        diagnoseAddressee(body, others) ?? {
          fault: 'unknown',
          reason: `the ${sealedOf(body).length} octets after the header do not authenticate with the keys of this subscription, nor with any common mistake in deriving them`,
        }
      );
  }
}

function readAsText(body: Uint8Array, keys: UserAgentKeys): Diagnosis | undefined {
  if (!isPrintable(body)) return undefined;
  const text = new TextDecoder().decode(body).trim();
  for (const [name, encoding] of [
    ['hexadecimal digits', 'hex'],
    ['base64', 'base64'],
  ] as const) {
    if (openWithNoble(new Uint8Array(Buffer.from(text, encoding)), keys).ok) {
      return { fault: 'header', reason: `the body is the encrypted message as ${name}, not its octets` };
    }
  }
  return {
    fault: 'plain-text',
    reason: `the body is readable text, not an encrypted message: ${quote(text)}`,
  };
}

function diagnoseKeyId(body: Uint8Array, keys: UserAgentKeys): Diagnosis {
  const keyid = body.subarray(HEADER, HEADER + (body[20] ?? 0));
  const looks = describeKeyId(keyid);
  const point = expandKeyId(keyid);
  const opens = point !== undefined && opensWithSender(body, keyid.length, point, keys);
  const rest = opens ? '; with the uncompressed point in its place the message opens' : '';
  return {
    fault: 'keyid',
    reason: `the key id is ${looks}, not the 65 octets of an uncompressed point${rest}`,
  };
}

/** What a key id is that is no uncompressed point. */
export function describeKeyId(keyid: Uint8Array): string {
  const first = keyid[0];
  if (first === undefined) return 'empty';
  if (keyid.length === 65 && first === 4)
    return '65 octets that start with 0x04 but are no point of the curve P-256';
  if (keyid.length === 65 && (first === 6 || first === 7)) return 'a hybrid point (0x06 or 0x07)';
  if (keyid.length === 33 && (first === 2 || first === 3)) return 'a compressed point of 33 octets';
  if (keyid.length === 64) return 'X and Y without the leading 0x04 (64 octets)';
  if (keyid.length === 91 && first === 0x30) return 'a SubjectPublicKeyInfo in DER (91 octets)';
  if (isPrintable(keyid))
    return `the text ${quote(new TextDecoder().decode(keyid))} (${keyid.length} octets)`;
  return `${keyid.length} octets that start with 0x${first.toString(16).padStart(2, '0')}`;
}

/** The point meant by a key id in another form. */
function expandKeyId(keyid: Uint8Array): Uint8Array | undefined {
  const text = Buffer.from(keyid).toString('latin1');
  const candidates = [
    keyid,
    Buffer.concat([Buffer.from([4]), keyid]),
    Buffer.concat([Buffer.from([4]), keyid.subarray(1)]),
    keyid.subarray(-65),
    Buffer.from(text, 'hex'),
    // The end of a SubjectPublicKeyInfo, too: of PEM, the first line reads as whole octets, and padding ends the last but one.
    Buffer.from(text, 'base64').subarray(-65),
  ];
  for (const candidate of candidates) {
    try {
      return p256.Point.fromBytes(new Uint8Array(candidate)).toBytes(false);
    } catch {
      // Not this form.
    }
  }
  return undefined;
}

function opensWithSender(body: Uint8Array, length: number, sender: Uint8Array, keys: UserAgentKeys): boolean {
  const head = Buffer.concat([body.subarray(0, 20), Buffer.from([sender.length]), sender]);
  return openWithNoble(new Uint8Array(Buffer.concat([head, body.subarray(HEADER + length)])), keys).ok;
}

function diagnoseDelimiter(record: Uint8Array): Diagnosis {
  const last = record.findLast((octet) => octet !== 0);
  if (last === undefined) {
    return { fault: 'delimiter', reason: 'the record has no octet but zeros, so no delimiter' };
  }
  if (record[0] === 0 && record[1] === 0 && isUtf8(record.subarray(2))) {
    return {
      fault: 'delimiter',
      reason:
        'the record starts with a padding length of two octets, as in the aesgcm draft, and has no delimiter',
    };
  }
  if (last === 1) {
    return {
      fault: 'delimiter',
      reason: 'the delimiter is 0x01, which says that more records follow; the last has 0x02',
    };
  }
  const delimiter = record.indexOf(2);
  if (delimiter >= 0 && isUtf8(record.subarray(0, delimiter))) {
    return { fault: 'padding', reason: 'what follows the delimiter 0x02 is not all zeros' };
  }
  const octet = `0x${last.toString(16).padStart(2, '0')}`;
  return {
    fault: 'delimiter',
    reason: `the record ends in ${octet} and zeros in place of the delimiter 0x02 and zeros`,
  };
}

function diagnoseSeveralRecords(body: Uint8Array, keys: UserAgentKeys): Diagnosis | undefined {
  const sealed = sealedOf(body);
  const size = Buffer.from(body).readUInt32BE(16);
  if (sealed.length <= size) return undefined;
  const { key, nonce } = regular(body, keys);
  const count = Math.ceil(sealed.length / size);
  for (let number = 0; number < count; number += 1) {
    const own = Buffer.from(nonce);
    own.writeUInt32BE((own.readUInt32BE(8) ^ number) >>> 0, 8);
    if (!unseal(key, own, sealed.subarray(number * size, (number + 1) * size))) return undefined;
  }
  return {
    fault: 'several-records',
    reason: `the message consists of ${count} records of up to ${size} octets; Web Push allows one`,
  };
}

function diagnoseSlips(body: Uint8Array, keys: UserAgentKeys): Diagnosis | undefined {
  const context = contextOf(body, keys);
  for (const { fault, slip, inputs } of slips(context)) {
    const { key, nonce } = deriveWith({ ...context, ...inputs });
    if (unseal(key, nonce, sealedOf(body))) return { fault, reason: `the message opens when ${slip}` };
  }
  return undefined;
}

function diagnoseTag(body: Uint8Array, keys: UserAgentKeys): Diagnosis | undefined {
  const sealed = sealedOf(body);
  const { key, nonce } = regular(body, keys);
  const turned = Buffer.concat([sealed.subarray(TAG), sealed.subarray(0, TAG)]);
  if (unseal(key, nonce, turned)) {
    return { fault: 'tag', reason: 'the authentication tag stands before the ciphertext, not after it' };
  }
  const header = body.subarray(0, body.length - sealed.length);
  if (unseal(key, nonce, sealed, header)) {
    return { fault: 'tag', reason: 'the header was authenticated as additional data; there must be none' };
  }
  for (const kept of [0, 4, 8, 12, 13, 14, 15]) {
    if (sealed.length < kept) continue;
    const ciphertext = sealed.subarray(0, sealed.length - kept);
    const counter = new Uint8Array(16);
    counter.set(nonce);
    counter[15] = 2;
    const record = ctr(key, counter).decrypt(ciphertext);
    const tag = gcm(key, nonce).encrypt(record).subarray(ciphertext.length);
    if (kept === 0 ? !endsProperly(record) : !startsWith(tag, sealed.subarray(ciphertext.length))) continue;
    const reason =
      kept === 0 ? 'the authentication tag is missing' : `the authentication tag is cut to ${kept} octets`;
    return { fault: 'tag', reason };
  }
  return undefined;
}

function diagnoseAddressee(body: Uint8Array, others: readonly Candidate[]): Diagnosis | undefined {
  const other = others.find(({ keys }) => openWithNoble(body, keys).ok);
  return (
    other && {
      fault: 'wrong-keys',
      reason: `the message opens with the keys of ${other.name}, not with those of this endpoint`,
    }
  );
}

function contextOf(body: Uint8Array, keys: UserAgentKeys) {
  const sender = body.subarray(HEADER, HEADER + 65);
  const point = p256.getSharedSecret(keys.privateKey, sender, false);
  return {
    ...secretsOf(point),
    sender,
    receiver: keys.publicKey,
    auth: keys.auth,
    salt: body.subarray(0, 16),
  };
}

function regular(body: Uint8Array, keys: UserAgentKeys) {
  return deriveWith(contextOf(body, keys));
}

function decrypt(body: Uint8Array, keys: UserAgentKeys): Uint8Array {
  const { key, nonce } = regular(body, keys);
  return unseal(key, nonce, sealedOf(body)) ?? new Uint8Array();
}

function sealedOf(body: Uint8Array): Uint8Array {
  return body.subarray(HEADER + (body[20] ?? 0));
}

function unseal(
  key: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
  additional?: Uint8Array,
): Uint8Array | undefined {
  try {
    return gcm(key, new Uint8Array(nonce), additional).decrypt(new Uint8Array(sealed));
  } catch {
    return undefined;
  }
}

/** Text, a delimiter and zeros: what nobody decrypts to by chance. */
function endsProperly(record: Uint8Array): boolean {
  const delimiter = record.findLastIndex((octet) => octet !== 0);
  return record[delimiter] === 2 && isUtf8(record.subarray(0, delimiter));
}

function startsWith(whole: Uint8Array, start: Uint8Array): boolean {
  return Buffer.from(whole.subarray(0, start.length)).equals(start);
}

function isPrintable(octets: Uint8Array): boolean {
  return (
    octets.length > 0 &&
    isUtf8(octets) &&
    octets.every((octet) => octet >= 32 || octet === 10 || octet === 13 || octet === 9)
  );
}

function isUtf8(octets: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(octets);
    return true;
  } catch {
    return false;
  }
}

function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
