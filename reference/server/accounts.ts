import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { type Database, migrate } from './database.js';
import { parseJid } from './session/jid.js';
import { saslprep } from './stream/sasl/saslprep.js';
import { deriveCredentials, hashLength, type ScramCredentials, type ScramHash } from './stream/sasl/scram.js';

/** Why an account could not be created or changed. */
export type AccountProblem = 'exists' | 'unknown' | 'bad-localpart' | 'bad-password';

export class AccountError extends Error {
  override readonly name = 'AccountError';
  constructor(
    readonly code: AccountProblem,
    message: string,
  ) {
    super(message);
  }
}

export interface AccountCredentials extends ScramCredentials {
  /** As stored. */
  readonly localpart: string | undefined;
}

/** The accounts of all virtual hosts. Localparts are prepared before they are looked up: case does not matter. */
export interface Accounts {
  exists(domain: string, localpart: string): boolean;
  /**
   * Resolves to the localpart as stored.
   *
   * @throws {AccountError} exists, bad-localpart, bad-password
   */
  create(domain: string, localpart: string, password: string): Promise<string>;
  /** @throws {AccountError} unknown, bad-password */
  setPassword(domain: string, localpart: string, password: string): Promise<void>;
  /** False if there was no such account. */
  remove(domain: string, localpart: string): boolean;
  /** The localpart as stored when the password is right; takes as long when there is no such account. */
  verifyPassword(domain: string, localpart: string, password: string): Promise<string | undefined>;
  /**
   * What to check a SCRAM proof against. For an account that does not exist: no `localpart`, and credentials no password
   * fits, the same at every call.
   */
  scramCredentials(domain: string, localpart: string, hash: ScramHash): AccountCredentials;
}

const MIGRATIONS = [
  `CREATE TABLE accounts (
     domain TEXT NOT NULL, localpart TEXT NOT NULL, salt BLOB NOT NULL, iterations INTEGER NOT NULL,
     sha1_stored_key BLOB NOT NULL, sha1_server_key BLOB NOT NULL,
     sha256_stored_key BLOB NOT NULL, sha256_server_key BLOB NOT NULL,
     PRIMARY KEY (domain, localpart)
   ) STRICT;
   CREATE TABLE decoy_secret (secret BLOB NOT NULL) STRICT;`,
];

/** RFC 7677 §4: at least so many. */
const DEFAULT_ITERATIONS = 4096;
const SALT_OCTETS = 16;
const MAX_PASSWORD_OCTETS = 1024;

interface Row {
  readonly salt: Buffer;
  readonly iterations: number;
  readonly sha1_stored_key: Buffer;
  readonly sha1_server_key: Buffer;
  readonly sha256_stored_key: Buffer;
  readonly sha256_server_key: Buffer;
}

/** The localpart as it is stored, or undefined when no account can have that name (RFC 7622 §3.3). */
function prepareLocalpart(domain: string, text: string): string | undefined {
  const jid = parseJid(`${text}@${domain}`);
  return jid && jid.domain === domain && jid.resource === '' && jid.local !== '' ? jid.local : undefined;
}

function preparePassword(password: string): string | undefined {
  return Buffer.byteLength(password) > MAX_PASSWORD_OCTETS ? undefined : saslprep(password);
}

/**
 * Accounts in a database, with keys in place of passwords (RFC 5802 §2.2). Domains are given in lower case.
 *
 * @param iterations what deriving the keys of a new password costs; a server of throw-away accounts may ask for less.
 */
export function openAccounts(database: Database, iterations = DEFAULT_ITERATIONS): Accounts {
  migrate(database, 'accounts', MIGRATIONS);
  const select = database.prepare('SELECT * FROM accounts WHERE domain = ? AND localpart = ?');
  // Asked for every message: without the keys, which cost more than the search.
  const selectName = database.prepare('SELECT 1 FROM accounts WHERE domain = ? AND localpart = ?');
  const insert = database.prepare('INSERT OR IGNORE INTO accounts VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  const update = database.prepare(
    `UPDATE accounts SET salt = ?, iterations = ?, sha1_stored_key = ?, sha1_server_key = ?, sha256_stored_key = ?,
     sha256_server_key = ? WHERE domain = ? AND localpart = ?`,
  );
  const remove = database.prepare('DELETE FROM accounts WHERE domain = ? AND localpart = ?');
  const decoySecret = readDecoySecret(database);

  const find = (domain: string, localpart: string | undefined) =>
    localpart === undefined ? undefined : (select.get(domain, localpart) as Row | undefined);

  const columns = async (password: string) => {
    const prepared = preparePassword(password);
    if (prepared === undefined)
      throw new AccountError(
        'bad-password',
        `A password has 1 to ${MAX_PASSWORD_OCTETS} octets and no control characters.`,
      );
    const salt = randomBytes(SALT_OCTETS);
    const [sha1, sha256] = await Promise.all([
      deriveCredentials('sha1', prepared, salt, iterations),
      deriveCredentials('sha256', prepared, salt, iterations),
    ]);
    return [salt, iterations, sha1.storedKey, sha1.serverKey, sha256.storedKey, sha256.serverKey] as const;
  };

  /** A salt that changed with every call, or a missing one, would tell which accounts exist. */
  const decoy = (domain: string, localpart: string, hash: ScramHash): AccountCredentials => {
    const part = (name: string) =>
      createHmac('sha256', decoySecret).update(`${name}\0${domain}\0${localpart}`).digest();
    const length = hashLength(hash);
    return {
      localpart: undefined,
      salt: part('salt').subarray(0, SALT_OCTETS),
      iterations,
      storedKey: part(`stored ${hash}`).subarray(0, length),
      serverKey: part(`server ${hash}`).subarray(0, length),
    };
  };

  const scramCredentials = (domain: string, text: string, hash: ScramHash): AccountCredentials => {
    const localpart = prepareLocalpart(domain, text);
    const row = find(domain, localpart);
    if (!row) return decoy(domain, localpart ?? text, hash);
    const { salt, iterations } = row;
    return hash === 'sha1'
      ? { localpart, salt, iterations, storedKey: row.sha1_stored_key, serverKey: row.sha1_server_key }
      : { localpart, salt, iterations, storedKey: row.sha256_stored_key, serverKey: row.sha256_server_key };
  };

  return {
    exists(domain, text) {
      const localpart = prepareLocalpart(domain, text);
      return localpart !== undefined && selectName.get(domain, localpart) !== undefined;
    },

    async create(domain, text, password) {
      const localpart = prepareLocalpart(domain, text);
      if (localpart === undefined)
        throw new AccountError('bad-localpart', `No account of ${domain} can be named like that.`);
      const exists = () => new AccountError('exists', `${localpart}@${domain} exists already.`);
      if (find(domain, localpart)) throw exists();
      // Somebody else may take the name while the password is hashed.
      if (insert.run(domain, localpart, ...(await columns(password))).changes === 0) throw exists();
      return localpart;
    },

    async setPassword(domain, text, password) {
      const localpart = prepareLocalpart(domain, text);
      const unknown = () => new AccountError('unknown', `${domain} has no account of that name.`);
      if (localpart === undefined || !find(domain, localpart)) throw unknown();
      if (update.run(...(await columns(password)), domain, localpart).changes === 0) throw unknown();
    },

    remove(domain, text) {
      const localpart = prepareLocalpart(domain, text);
      return localpart !== undefined && remove.run(domain, localpart).changes > 0;
    },

    async verifyPassword(domain, text, password) {
      const expected = scramCredentials(domain, text, 'sha256');
      // What cannot be a password is hashed as the empty one, which no account has: it takes as long as any other.
      const prepared = preparePassword(password) ?? '';
      const { storedKey } = await deriveCredentials('sha256', prepared, expected.salt, expected.iterations);
      return timingSafeEqual(storedKey, expected.storedKey) ? expected.localpart : undefined;
    },

    scramCredentials,
  };
}

function readDecoySecret(database: Database): Buffer {
  const row = database.prepare('SELECT secret FROM decoy_secret').get() as { secret: Buffer } | undefined;
  if (row) return row.secret;
  const secret = randomBytes(32);
  // In an array: a lone Buffer would be taken for named parameters.
  database.prepare('INSERT INTO decoy_secret VALUES (?)').run([secret]);
  return secret;
}
