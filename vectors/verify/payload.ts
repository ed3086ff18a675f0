import { isDeepStrictEqual } from 'node:util';
import { classify } from '../../reference/importance/classify.js';
import { buildPayload, encodePayload } from '../../reference/payload/payload.js';
import { cutToOctets } from '../../reference/payload/text.js';
import type {
  CutExpected,
  CutInput,
  NotificationExpected,
  NotificationInput,
  PlaintextExpected,
  PlaintextInput,
} from '../kinds.js';
import { elementOf } from './importance.js';
import { type Opinions, octets } from './opinion.js';

/** A client that reads a plaintext strictly. */
export const plaintexts: Opinions<PlaintextInput, PlaintextExpected> = ({ input, expected, requirement }) => {
  const read = readPayload(octets(input.plaintext));
  if (expected.result === 'valid') return [{ by: 'client', expected: expected.members, actual: read }];
  // Where a text is cut within a character the plaintext is no UTF-8, and that is all a client sees of it.
  const seen = requirement === 'payload.cut' && read === 'payload.json' ? read : requirement;
  return [{ by: 'client', expected: seen, actual: read }];
};

const KINDS: readonly unknown[] = ['message', 'call', 'call-retract', 'invite'];

/** Its members, or the sentence that the plaintext breaks. */
function readPayload(plaintext: Uint8Array): unknown {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plaintext));
  } catch {
    return 'payload.json';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'payload.json';
  const { v, account, kind, from, body } = value as Readonly<Record<string, unknown>>;
  if (v !== 1 || account === undefined || kind === undefined) return 'payload.json';
  if (!isBareJid(account)) return 'payload.account';
  if (!KINDS.includes(kind)) return 'payload.kind';
  if (from !== undefined && !isBareJid(from)) return 'payload.from';
  // Half of a surrogate pair is no character (RFC 8259 §8.2).
  return typeof body === 'string' && Buffer.from(body).toString() !== body ? 'payload.cut' : value;
}

function isBareJid(value: unknown): boolean {
  return typeof value === 'string' && /^(?:[^@/]+@)?[^@/]+$/.test(value);
}

/** What the reference makes of a stanza, and that its octets say the same. */
export const notifications: Opinions<NotificationInput, NotificationExpected> = ({ input, expected }) => {
  const { account, policy, importantBody, archiveId } = input;
  const stanza = elementOf(input.stanza);
  const payload = buildPayload({
    account,
    classification: classify(stanza, { account, trigger: 'archived' }),
    message: { id: '1', stanza, ...(archiveId === '' ? {} : { archiveId }) },
    policy,
    importantBody,
    now: Date.parse(input.time),
  });
  const written: unknown = JSON.parse(Buffer.from(encodePayload(payload)).toString());
  return [
    { by: 'reference', expected: expected.payload, actual: payload },
    { by: 'reference, encoded', expected: true, actual: isDeepStrictEqual(written, expected.payload) },
  ];
};

/** What the reference keeps of a text, and that the boundaries are those of UTF-8. */
export const cuts: Opinions<CutInput, CutExpected> = ({ input: { text, octets: room }, expected }) => {
  const all = Buffer.from(text);
  // An octet that does not continue a character begins one (RFC 3629 §3).
  const ends = Array.from({ length: Math.min(room, all.length) }, (_, index) => index + 1).filter(
    (end) => end === all.length || ((all[end] ?? 0) & 0xc0) !== 0x80,
  );
  const length = Buffer.byteLength(expected.text);
  return [
    { by: 'reference', expected: expected.text, actual: cutToOctets(text, room) },
    { by: 'UTF-8', expected: expected.boundaries, actual: ends },
    { by: 'UTF-8', expected: true, actual: length === 0 || ends.includes(length) },
  ];
};
