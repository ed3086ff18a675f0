import { expand, extract, hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';

type Hash = typeof sha1 | typeof sha256 | typeof sha512;

/** What the derivation starts from. */
export interface Context {
  readonly secret: Uint8Array;
  /** The whole shared point, 65 octets. */
  readonly point: Uint8Array;
  readonly sender: Uint8Array;
  readonly receiver: Uint8Array;
  readonly auth: Uint8Array;
  readonly salt: Uint8Array;
}

/** What a slip puts in place of what the RFCs have. */
export interface Inputs {
  readonly hash?: Hash;
  readonly secret?: Uint8Array;
  readonly auth?: Uint8Array;
  readonly info?: Uint8Array;
  /** In place of the whole first HKDF. */
  readonly ikm?: Uint8Array;
  readonly salt?: Uint8Array;
  readonly keyInfo?: Uint8Array;
  readonly keyOctets?: number;
  readonly nonceInfo?: Uint8Array;
  readonly nonce?: Uint8Array;
  /** HKDF-Expand without the counter octet (RFC 5869 §2.3). */
  readonly withoutCounter?: 'key' | 'content';
}

export interface Slip {
  readonly fault: 'key-derivation' | 'content-key' | 'nonce';
  /** Follows "the message opens when". */
  readonly slip: string;
  readonly inputs: Inputs;
}

const ascii = (text: string) => new Uint8Array(Buffer.from(text));
const join = (...parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

export function secretsOf(point: Uint8Array): Pick<Context, 'point' | 'secret'> {
  return { point, secret: point.subarray(1, 33) };
}

/** Key and nonce as RFC 8291 §3.4 and RFC 8188 §2 derive them, with the slip's inputs in place of the right ones. */
export function deriveWith(context: Context & Inputs): {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
} {
  const { hash = sha256, auth, sender, receiver } = context;
  const info = context.info ?? join(ascii('WebPush: info\0'), receiver, sender);
  const without = context.withoutCounter;
  const ikm =
    context.ikm ??
    (without === 'key'
      ? hmac(hash, extract(hash, context.secret, auth), info)
      : hkdf(hash, context.secret, auth, info, 32));
  const prk = extract(hash, ikm, context.salt);
  const take = (label: Uint8Array, octets: number) =>
    without === 'content' ? hmac(hash, prk, label).slice(0, octets) : expand(hash, prk, label, octets);
  return {
    key: take(context.keyInfo ?? ascii('Content-Encoding: aes128gcm\0'), context.keyOctets ?? 16),
    nonce: context.nonce ?? take(context.nonceInfo ?? ascii('Content-Encoding: nonce\0'), 12),
  };
}

/** Mistakes that senders have been seen to make, one at a time. */
export function slips({ secret, point, sender, receiver, auth, salt }: Context): readonly Slip[] {
  const label = ascii('WebPush: info');
  const nul = Uint8Array.of(0);
  const text = (encoding: 'base64' | 'base64url' | 'hex') => ascii(Buffer.from(auth).toString(encoding));
  const derivation = (slip: string, inputs: Inputs): Slip => ({ fault: 'key-derivation', slip, inputs });
  const content = (slip: string, inputs: Inputs): Slip => ({ fault: 'content-key', slip, inputs });
  const nonce = (slip: string, inputs: Inputs): Slip => ({ fault: 'nonce', slip, inputs });
  const oldContext = join(ascii('P-256\0'), Uint8Array.of(0, 65), receiver, Uint8Array.of(0, 65), sender);
  return [
    derivation("the sender's key comes before the receiver's in the info", {
      info: join(label, nul, sender, receiver),
    }),
    derivation("the info lacks the NUL after 'WebPush: info'", { info: join(label, receiver, sender) }),
    derivation("the info has two NULs after 'WebPush: info'", {
      info: join(label, nul, nul, receiver, sender),
    }),
    derivation('the info ends in a further NUL', { info: join(label, nul, receiver, sender, nul) }),
    derivation("the info is 'WebPush: info' without the two keys", { info: join(label, nul) }),
    derivation("the info is 'Content-Encoding: auth', as in the aesgcm draft", {
      info: ascii('Content-Encoding: auth\0'),
    }),
    derivation('auth and shared secret change places in the first HKDF', { secret: auth, auth: secret }),
    derivation('auth is taken as its base64url text, undecoded', { auth: text('base64url') }),
    derivation('auth is taken as its base64 text, undecoded', { auth: text('base64') }),
    derivation('auth is taken as hexadecimal text', { auth: text('hex') }),
    derivation('auth is cut to 12 octets', { auth: auth.subarray(0, 12) }),
    derivation('auth is left out', { auth: new Uint8Array() }),
    derivation('the shared secret is used without the first HKDF', { ikm: secret }),
    derivation('the first HKDF stops after its extract step', { ikm: extract(sha256, secret, auth) }),
    derivation('the first HKDF expands without the octet 0x01', { withoutCounter: 'key' }),
    derivation('the shared secret is hashed with SHA-256', { secret: sha256(secret) }),
    derivation('X and Y of the shared point are the secret, not X alone', { secret: point.subarray(1) }),
    derivation('the whole shared point is the secret, not X alone', { secret: point }),
    derivation('the leading zeros of the shared secret are dropped', {
      secret: secret.subarray(secret.findIndex((octet) => octet !== 0)),
    }),
    content("the key's info is 'Content-Encoding: aesgcm'", { keyInfo: ascii('Content-Encoding: aesgcm\0') }),
    content("the key's info is that of the aesgcm draft, with its context", {
      keyInfo: join(ascii('Content-Encoding: aesgcm\0'), oldContext),
      nonceInfo: join(ascii('Content-Encoding: nonce\0'), oldContext),
    }),
    content('both infos lack the NUL at their end', {
      keyInfo: ascii('Content-Encoding: aes128gcm'),
      nonceInfo: ascii('Content-Encoding: nonce'),
    }),
    content("the key's info lacks the NUL at its end", { keyInfo: ascii('Content-Encoding: aes128gcm') }),
    content("the key's info is 'aes128gcm' alone", { keyInfo: ascii('aes128gcm\0') }),
    content('the expand step lacks the octet 0x01', { withoutCounter: 'content' }),
    content('HKDF uses SHA-1', { hash: sha1 }),
    content('HKDF uses SHA-384', { hash: sha384 }),
    content('HKDF uses SHA-512', { hash: sha512 }),
    content('the key has 32 octets (AES-256)', { keyOctets: 32 }),
    content('the salt is left out', { salt: new Uint8Array() }),
    content('auth takes the place of the salt', { salt: auth }),
    nonce("the nonce's info lacks the NUL at its end", { nonceInfo: ascii('Content-Encoding: nonce') }),
    nonce('the nonce is all zero', { nonce: new Uint8Array(12) }),
    nonce('the nonce is a counter that starts with 1', {
      nonce: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
    }),
    nonce('the nonce is the beginning of the salt', { nonce: salt.subarray(0, 12) }),
    nonce('the number of the first record is 1', {
      nonce: firstRecordOne({ secret, point, sender, receiver, auth, salt }),
    }),
  ];
}

function firstRecordOne(context: Context): Uint8Array {
  const { nonce } = deriveWith(context);
  return nonce.map((octet, index) => (index === 11 ? octet ^ 1 : octet));
}
