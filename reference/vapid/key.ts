import { createECDH, createPrivateKey, type KeyObject, randomUUID } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { decodeBase64url } from '../subscription/base64url.js';

/** The key pair with which a host identifies itself to push services (RFC 8292 §3.2); never used for encryption. */
export interface ApplicationServerKey {
  /** The uncompressed point, 65 octets in base64url without padding: what clients subscribe with, and the `k` parameter. */
  readonly publicKey: string;
  /** For ES256. */
  readonly privateKey: KeyObject;
}

/** The keys of one host. A subscription takes only tokens of the key it was made with (RFC 8292 §4.2), so none is dropped. */
export interface KeyStore {
  /** The key to advertise. */
  readonly current: ApplicationServerKey;
  /** The current or an earlier key by its public key; undefined when there never was such a key. */
  get(applicationServerKey: string): ApplicationServerKey | undefined;
  /** Makes a new current key and keeps the others. Throws `KeyStoreError` when storing fails; then nothing has changed. */
  rotate(): ApplicationServerKey;
}

export type KeyStoreErrorCode = 'key-file-unreadable' | 'key-file-corrupt' | 'key-file-unwritable';

/** The keys of a host cannot be had. The message names the file and the fix and holds no key material. */
export class KeyStoreError extends Error {
  override readonly name = 'KeyStoreError';

  constructor(
    readonly code: KeyStoreErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Newest first. */
type Keys = readonly [ApplicationServerKey, ...ApplicationServerKey[]];

/** In the data directory: a JWK Set (RFC 7517 §5), newest key first. */
export const KEY_FILE = 'application-server-keys.json';

/**
 * A new key pair. Not by `generateKeyPairSync`: Node 20 holds the lock of a key while it exports it as a JWK, and stands still
 * for ever when it collects what generated the key meanwhile, which wants the same lock.
 */
export function generateKey(): ApplicationServerKey {
  const ecdh = createECDH('prime256v1');
  const publicKey = ecdh.generateKeys();
  const privateKey = ecdh.getPrivateKey();
  // Leading zeros are left out there.
  const d = Buffer.concat([Buffer.alloc(32 - privateKey.length), privateKey]);
  return keyOf(publicKey.subarray(1, 33), publicKey.subarray(33), d);
}

/**
 * Opens the keys of a host and makes the first one if there is none. One process at a time may use a directory.
 *
 * @param directory holds the key file, which its owner alone may read; made if need be. Absent: keys live in memory.
 * @throws {KeyStoreError} when the file cannot be read, understood or written. A file that is there is never replaced by a
 *   new key: that would silently end every subscription made with the old one.
 */
export function openKeyStore(directory?: string): KeyStore {
  const path = directory === undefined ? undefined : join(directory, KEY_FILE);
  const stored = path === undefined ? undefined : readKeys(path);
  let keys: Keys = stored ?? [generateKey()];
  if (path !== undefined && stored === undefined) writeKeys(path, keys);

  return {
    get current() {
      return keys[0];
    },
    get: (applicationServerKey) => keys.find((key) => key.publicKey === applicationServerKey),
    rotate() {
      const rotated: Keys = [generateKey(), ...keys];
      if (path !== undefined) writeKeys(path, rotated);
      keys = rotated;
      return keys[0];
    },
  };
}

/** The keys in the file, or undefined when there is no file. */
function readKeys(path: string): Keys | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new KeyStoreError('key-file-unreadable', `cannot read the application server keys in ${path}`, {
      cause,
    });
  }
  try {
    return parseKeys(text);
  } catch (cause) {
    // Not chained: a syntax error quotes the text it stumbled over, which may be a private key.
    const reason = cause instanceof SyntaxError || !(cause instanceof Error) ? 'not JSON' : cause.message;
    throw new KeyStoreError(
      'key-file-corrupt',
      `the application server keys in ${path} are damaged (${reason}): restore the file from a backup; ` +
        'removing it makes a new key, and every browser has to subscribe again',
    );
  }
}

function parseKeys(text: string): Keys {
  const set: unknown = JSON.parse(text);
  const members: readonly unknown[] = isObject(set) && Array.isArray(set.keys) ? set.keys : [];
  const [newest, ...older] = members.map((member, index) => importKey(member, `keys[${index}]`));
  if (newest === undefined) throw new Error('no member "keys" with at least one key');
  return [newest, ...older];
}

/** A private key as JWK (RFC 7518 §6.2): x, y and d are 32 octets each, leading zeros included. */
function importKey(jwk: unknown, place: string): ApplicationServerKey {
  if (!isObject(jwk) || jwk.kty !== 'EC' || jwk.crv !== 'P-256')
    throw new Error(`${place} is not a JWK of type EC on P-256`);
  const [x, y, d] = [jwk.x, jwk.y, jwk.d].map(octets);
  if (x?.length !== 32 || y?.length !== 32 || d?.length !== 32)
    throw new Error(`${place} does not have x, y and d of 32 octets in base64url`);
  const publicKey = point(x, y);
  if (!publicKeyOf(d)?.equals(publicKey))
    throw new Error(`${place} has a public key that does not belong to its private key`);
  return keyOf(x, y, d);
}

/** @param x 32 octets, and so are `y` and `d`. */
function keyOf(x: Uint8Array, y: Uint8Array, d: Uint8Array): ApplicationServerKey {
  const key = { kty: 'EC', crv: 'P-256', x: encode(x), y: encode(y), d: encode(d) };
  return {
    publicKey: point(x, y).toString('base64url'),
    privateKey: createPrivateKey({ key, format: 'jwk' }),
  };
}

function publicKeyOf(privateKey: Uint8Array): Buffer | undefined {
  try {
    const ecdh = createECDH('prime256v1');
    ecdh.setPrivateKey(privateKey);
    return ecdh.getPublicKey();
  } catch {
    return undefined;
  }
}

/** Replaces the file as a whole, durably: a crash leaves the old content or the new one. */
function writeKeys(path: string, keys: Keys): void {
  const jwks = keys.map(({ privateKey }) => {
    const { kty, crv, x, y, d } = privateKey.export({ format: 'jwk' });
    return { kty, crv, x, y, d };
  });
  const temporary = `${path}.${randomUUID()}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    try {
      writeFileSync(temporary, `${JSON.stringify({ keys: jwks }, undefined, 2)}\n`, {
        mode: 0o600,
        flag: 'wx',
        flush: true,
      });
      renameSync(temporary, path);
    } catch (cause) {
      rmSync(temporary, { force: true });
      throw cause;
    }
    flushDirectory(dirname(path));
  } catch (cause) {
    const message = `cannot write the application server keys to ${path}`;
    throw new KeyStoreError('key-file-unwritable', message, { cause });
  }
}

/** Makes a rename durable; Windows has no such call for directories. */
function flushDirectory(path: string): void {
  if (process.platform === 'win32') return;
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

/** SEC 1 §2.3.3, uncompressed. */
function point(x: Uint8Array, y: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(0x04), x, y]);
}

function octets(text: unknown): Uint8Array {
  return (typeof text === 'string' ? decodeBase64url(text) : undefined) ?? new Uint8Array();
}

function encode(value: Uint8Array): string {
  return Buffer.from(value).toString('base64url');
}

function isObject(value: unknown): value is { readonly [member: string]: unknown } {
  return typeof value === 'object' && value !== null;
}
