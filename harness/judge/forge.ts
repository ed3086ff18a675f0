import {
  createCipheriv,
  createECDH,
  createHmac,
  createPrivateKey,
  createPublicKey,
  type ECDH,
  hkdfSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import type { Entry, RecordedRequest, SubscriptionEntry, Transcript } from '../transcript/transcript.js';
import type { Examined } from './evidence.js';

/**
 * Builds requests for the tests of the judges: right ones, and wrong ones with one step replaced. It uses node:crypto alone and
 * shares no code with what opens the messages.
 */

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const HOST = 'https://push.example:8443';

export interface Browser {
  readonly entry: SubscriptionEntry;
  readonly path: string;
  readonly publicKey: Buffer;
  readonly auth: Buffer;
}

/** A subscription; keys can be given, base64url. */
export function browser(
  name = 'juliet/phone',
  options: {
    readonly origin?: string;
    readonly path?: string;
    readonly keys?: Pick<SubscriptionEntry, 'p256dh' | 'auth' | 'privateKey'>;
  } = {},
): Browser {
  const path = options.path ?? `/push/case/${randomBytes(16).toString('base64url')}`;
  const keys = options.keys ?? freshKeys();
  return {
    entry: { kind: 'subscription', name, endpoint: `${options.origin ?? HOST}${path}`, ...keys },
    path,
    publicKey: Buffer.from(keys.p256dh, 'base64url'),
    auth: Buffer.from(keys.auth, 'base64url'),
  };
}

export function freshKeys(): Pick<SubscriptionEntry, 'p256dh' | 'auth' | 'privateKey'> {
  const ecdh = createECDH('prime256v1');
  const p256dh = ecdh.generateKeys('base64url');
  return {
    p256dh,
    privateKey: Buffer.from(ecdh.getPrivateKey('hex').padStart(64, '0'), 'hex').toString('base64url'),
    auth: randomBytes(16).toString('base64url'),
  };
}

export function senderKeys(): ECDH {
  const ecdh = createECDH('prime256v1');
  ecdh.generateKeys();
  return ecdh;
}

/** Each step of RFC 8291 §3.4 and RFC 8188 §2, to be replaced one at a time. */
export interface Sealing {
  readonly plaintext: Buffer;
  readonly sender: ECDH;
  readonly salt: Buffer;
  readonly recordSize: number;
  readonly hash: string;
  readonly secret: (x: Buffer) => Buffer;
  readonly info: (userAgent: Buffer, sender: Buffer) => Buffer;
  readonly ikm: (secret: Buffer, auth: Buffer, info: Buffer) => Buffer;
  readonly cek: (ikm: Buffer, salt: Buffer) => Buffer;
  readonly nonce: (ikm: Buffer, salt: Buffer) => Buffer;
  readonly record: (plaintext: Buffer) => Buffer;
  readonly seal: (key: Buffer, nonce: Buffer, record: Buffer, header: Buffer) => Buffer;
  readonly keyid: (sender: Buffer) => Buffer;
  readonly body: (body: Buffer) => Buffer;
}

export function hkdf(hash: string, ikm: Buffer, salt: Buffer, info: Buffer | string, octets: number): Buffer {
  return Buffer.from(hkdfSync(hash, ikm, salt, info, octets));
}

/** HKDF-Expand without the counter octet. */
export function withoutCounter(ikm: Buffer, salt: Buffer, info: Buffer | string, octets: number): Buffer {
  const prk = createHmac('sha256', salt).update(ikm).digest();
  return createHmac('sha256', prk).update(info).digest().subarray(0, octets);
}

export function gcm(key: Buffer, nonce: Buffer, record: Buffer, additional?: Buffer): Buffer {
  const cipher = createCipheriv(key.length === 32 ? 'aes-256-gcm' : 'aes-128-gcm', key, nonce);
  if (additional) cipher.setAAD(additional);
  return Buffer.concat([cipher.update(record), cipher.final(), cipher.getAuthTag()]);
}

export function seal(to: Pick<Browser, 'publicKey' | 'auth'>, changes: Partial<Sealing> = {}): Buffer {
  const step: Sealing = {
    plaintext: Buffer.from('{"version":1,"body":"New Message!"}'),
    sender: changes.sender ?? senderKeys(),
    salt: randomBytes(16),
    recordSize: 4096,
    hash: 'sha256',
    secret: (x) => x,
    info: (userAgent, sender) => Buffer.concat([Buffer.from('WebPush: info\0'), userAgent, sender]),
    ikm: (secret, auth, info) => hkdf(step.hash, secret, auth, info, 32),
    cek: (ikm, salt) => hkdf(step.hash, ikm, salt, 'Content-Encoding: aes128gcm\0', 16),
    nonce: (ikm, salt) => hkdf(step.hash, ikm, salt, 'Content-Encoding: nonce\0', 12),
    record: (plaintext) => Buffer.concat([plaintext, Buffer.from([2])]),
    seal: (key, nonce, record) => gcm(key, nonce, record),
    keyid: (sender) => sender,
    body: (body) => body,
    ...changes,
  };
  const publicKey = step.sender.getPublicKey();
  const secret = step.secret(step.sender.computeSecret(to.publicKey));
  const ikm = step.ikm(secret, to.auth, step.info(to.publicKey, publicKey));
  const keyid = step.keyid(publicKey);
  const header = Buffer.concat([step.salt, Buffer.alloc(4), Buffer.from([keyid.length]), keyid]);
  header.writeUInt32BE(step.recordSize, 16);
  const key = step.cek(ikm, step.salt);
  const sealed = step.seal(key, step.nonce(ikm, step.salt), step.record(step.plaintext), header);
  return step.body(Buffer.concat([header, sealed]));
}

export interface SigningKey {
  readonly privateKey: KeyObject;
  /** base64url of 65 octets. */
  readonly k: string;
}

export function signingKey(ecdh = senderKeys()): SigningKey {
  return { privateKey: importKey(ecdh), k: ecdh.getPublicKey('base64url') };
}

function importKey(ecdh: ECDH): KeyObject {
  const point = ecdh.getPublicKey();
  const d = Buffer.from(ecdh.getPrivateKey('hex').padStart(64, '0'), 'hex').toString('base64url');
  const x = point.subarray(1, 33).toString('base64url');
  const y = point.subarray(33).toString('base64url');
  return createPrivateKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x, y, d } });
}

/** What identifies the sender, to be replaced piece by piece. */
export interface Identification {
  readonly key: SigningKey;
  readonly header: object | string;
  /** Merged into the right claims; `undefined` removes one. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** In place of the claims' text. */
  readonly claimsText: string;
  readonly encoding: 'ieee-p1363' | 'der';
  readonly token: (token: string) => string;
  readonly field: (token: string, k: string) => string;
}

export const defaultKey = signingKey();

export function authorization(origin: string, changes: Partial<Identification> = {}): string {
  const { key = defaultKey, header = { typ: 'JWT', alg: 'ES256' }, encoding = 'ieee-p1363' } = changes;
  const claims = {
    aud: origin,
    exp: NOW / 1000 + 43_200,
    sub: 'mailto:admin@example.org',
    ...changes.claims,
  };
  const text = (value: object | string) => (typeof value === 'string' ? value : JSON.stringify(value));
  const part = (value: object | string) => Buffer.from(text(value)).toString('base64url');
  const signed = `${part(header)}.${part(changes.claimsText ?? claims)}`;
  const signature = sign('sha256', Buffer.from(signed), { key: key.privateKey, dsaEncoding: encoding });
  const token = `${signed}.${signature.toString('base64url')}`;
  return (changes.field ?? ((t, k) => `vapid t=${t}, k=${k}`))(changes.token?.(token) ?? token, key.k);
}

/** One request to a browser's endpoint, right in everything that is not replaced. */
export interface Forgery {
  readonly to: Browser;
  readonly sealing?: Partial<Sealing>;
  readonly vapid?: Partial<Identification>;
  readonly body?: Buffer;
  /** Fields by name in lower case: replaced, repeated, or (undefined) left out. */
  readonly fields?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly request?: Partial<RecordedRequest>;
}

export function forge({ to, sealing, vapid, body, fields, request }: Forgery): RecordedRequest {
  const origin = new URL(to.entry.endpoint).origin;
  const all: Record<string, string | readonly string[] | undefined> = {
    ttl: '172800',
    'content-encoding': 'aes128gcm',
    'content-type': 'application/octet-stream',
    authorization: authorization(origin, vapid),
    ...fields,
  };
  return {
    httpVersion: '2',
    method: 'POST',
    target: to.path,
    authority: new URL(to.entry.endpoint).host,
    headers: Object.entries(all).flatMap(([name, value]) =>
      value === undefined ? [] : [value].flat().map((one): readonly [string, string] => [name, one]),
    ),
    body: (body ?? seal(to, sealing)).toString('base64url'),
    complete: true,
    ...request,
  };
}

/** A transcript of subscriptions and requests, a second apart; the request is for the subscription whose path it has. */
export function transcriptOf(...items: readonly (SubscriptionEntry | RecordedRequest)[]): Transcript {
  const entries: Entry[] = [];
  for (const item of items) {
    const place = { seq: entries.length, at: NOW + entries.length * 1000 };
    if ('kind' in item) {
      entries.push({ ...place, ...item });
      continue;
    }
    const owner = entries.find(
      (entry) => entry.kind === 'subscription' && entry.endpoint.endsWith(item.target),
    );
    entries.push({
      ...place,
      kind: 'request',
      ...(owner?.kind === 'subscription' ? { subscription: owner.name } : {}),
      request: item,
      answer: { type: 'status', status: 201 },
    });
  }
  return { case: 'area/topic', entries };
}

/** A point of 65 octets as a key, which has a SubjectPublicKeyInfo in DER and in PEM. */
export function keyOfPoint(point: Buffer): KeyObject {
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString('base64url'));
  return createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '' } });
}

/** A good request as a judge has it in hand, without running what opens it: 35 octets of plaintext in a body of 138. */
export function examinedFrom(user: Browser): Examined {
  return {
    seq: 1,
    at: 0,
    subscription: user.entry.name,
    endpoint: user.entry.endpoint,
    request: forge({ to: user }),
    answer: { type: 'status', status: 201 },
    status: 201,
    body: new Uint8Array(138),
    opened: { ok: true, plaintext: new Uint8Array(35), padding: 0, keys: 'current' },
    vapid: { fields: [] },
    sentinel: false,
  };
}
