import { createHash, createHmac, pbkdf2, pbkdf2Sync, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

export type ScramHash = 'sha1' | 'sha256';

/** What a server keeps of a password instead of it (RFC 5802 §2.2). */
export interface ScramCredentials {
  readonly salt: Buffer;
  readonly iterations: number;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

const deriveInPool = promisify(pbkdf2);

/** Fewer rounds take less time than the way to another thread and back. */
const ROUNDS_WORTH_A_THREAD = 64;

function derive(...input: Parameters<typeof pbkdf2Sync>): Buffer | Promise<Buffer> {
  return input[2] < ROUNDS_WORTH_A_THREAD ? pbkdf2Sync(...input) : deriveInPool(...input);
}

export const hashLength = (hash: ScramHash) => (hash === 'sha1' ? 20 : 32);

/**
 * RFC 5802 §3. The expensive part runs in the thread pool.
 *
 * @param password prepared with SASLprep.
 */
export async function deriveCredentials(
  hash: ScramHash,
  password: string,
  salt: Buffer,
  iterations: number,
): Promise<ScramCredentials> {
  const salted = await derive(password, salt, iterations, hashLength(hash), hash);
  const clientKey = createHmac(hash, salted).update('Client Key').digest();
  return {
    salt,
    iterations,
    storedKey: createHash(hash).update(clientKey).digest(),
    serverKey: createHmac(hash, salted).update('Server Key').digest(),
  };
}

/** The client's opening message, taken apart (RFC 5802 §7, client-first-message). */
export interface ClientFirst {
  readonly gs2Header: string;
  readonly authzid: string | undefined;
  readonly username: string;
  readonly nonce: string;
  readonly bare: string;
}

const CLIENT_FIRST = /^((?:n|y),(?:a=([^,]+))?,)(n=([^,]+),r=([\x21-\x2b\x2d-\x7e]+)(?:,.*)?)$/su;
const CLIENT_FINAL =
  /^(c=([A-Za-z0-9+/]+=*),r=([\x21-\x2b\x2d-\x7e]+)(?:,[^p=,]=[^,]*)*),p=([A-Za-z0-9+/]+=*)$/u;

/** A saslname (RFC 5802 §5.1): `=2C` and `=3D` stand for comma and equals sign, and nothing else may follow a `=`. */
function decodeName(name: string): string | undefined {
  if (/=(?!2C|3D)/.test(name)) return undefined;
  return name.replaceAll('=2C', ',').replaceAll('=3D', '=');
}

/** Undefined when malformed, or when it asks for channel binding, which is not offered. */
export function parseClientFirst(message: string): ClientFirst | undefined {
  const match = CLIENT_FIRST.exec(message);
  if (!match) return undefined;
  const [, gs2Header = '', authzid, bare = '', name = '', nonce = ''] = match;
  const username = decodeName(name);
  const decodedAuthzid = authzid === undefined ? undefined : decodeName(authzid);
  if (username === undefined || (authzid !== undefined && decodedAuthzid === undefined)) return undefined;
  return { gs2Header, authzid: decodedAuthzid, username, nonce, bare };
}

/** @param serverNonce printable, without comma; appended to the client's. */
export function serverFirstMessage(
  first: ClientFirst,
  serverNonce: string,
  { salt, iterations }: ScramCredentials,
): string {
  return `r=${first.nonce}${serverNonce},s=${salt.toString('base64')},i=${iterations}`;
}

export type ClientFinalVerdict = { readonly serverFinal: string } | 'malformed' | 'refused';

/** Checks nonce, channel binding and proof; answers with the server's signature (RFC 5802 §3). */
export function verifyClientFinal(
  hash: ScramHash,
  first: ClientFirst,
  serverFirst: string,
  credentials: ScramCredentials,
  message: string,
): ClientFinalVerdict {
  const match = CLIENT_FINAL.exec(message);
  if (!match) return 'malformed';
  const [, withoutProof = '', binding = '', nonce = '', proofText = ''] = match;
  if (Buffer.from(binding, 'base64').toString() !== first.gs2Header) return 'refused';
  if (!serverFirst.startsWith(`r=${nonce},`)) return 'refused';
  const proof = Buffer.from(proofText, 'base64');
  if (proof.length !== hashLength(hash)) return 'malformed';
  const authMessage = `${first.bare},${serverFirst},${withoutProof}`;
  const signature = createHmac(hash, credentials.storedKey).update(authMessage).digest();
  const clientKey = Buffer.from(proof.map((octet, index) => octet ^ (signature[index] ?? 0)));
  if (!timingSafeEqual(createHash(hash).update(clientKey).digest(), credentials.storedKey)) return 'refused';
  return {
    serverFinal: `v=${createHmac(hash, credentials.serverKey).update(authMessage).digest('base64')}`,
  };
}
