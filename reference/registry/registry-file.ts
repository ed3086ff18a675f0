import { chmodSync, closeSync, openSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type LibsqlModule from 'libsql';
import { RegistryError } from './registry-error.js';

// Node reads a CommonJS module twice when it is imported, once for the names of its exports.
const Libsql = createRequire(import.meta.url)('libsql') as typeof LibsqlModule;

/** In the file's header (SQLite's `application_id`): "WPrg". Tells a registry from any other SQLite database. */
const APPLICATION_ID = 0x57507267;
const VERSION = 1;

/**
 * `generation` numbers every enable on the host and, never used twice (AUTOINCREMENT), tells their order whatever the
 * clock did in between.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS registration (
    generation INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    p256dh BLOB NOT NULL CHECK (length(p256dh) = 65),
    auth BLOB NOT NULL CHECK (length(auth) = 16),
    payload_sender INTEGER NOT NULL CHECK (payload_sender IN (0, 1)),
    payload_body INTEGER NOT NULL CHECK (payload_body IN (0, 1)),
    application_server_key TEXT NOT NULL,
    enabled_at INTEGER NOT NULL,
    refusals INTEGER NOT NULL DEFAULT 0 CHECK (refusals >= 0),
    UNIQUE (account, endpoint)
  ) STRICT;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${VERSION};
`;

/** How long a change waits for another process that is writing. */
const BUSY_TIMEOUT = 5000;

/**
 * Opens the database of a registry, creating it for its owner only. A file that is anything else is left untouched.
 *
 * @param path of the file, or `:memory:`.
 * @param flush a commit is on the disk when it returns.
 */
export function openFile(path: string, flush: boolean): LibsqlModule.Database {
  if (path === ':memory:') {
    const database = new Libsql(path);
    database.exec(SCHEMA);
    return database;
  }
  if (!isEmpty(path)) identify(path);
  let database: LibsqlModule.Database | undefined;
  try {
    database = new Libsql(path, { timeout: BUSY_TIMEOUT });
    // One file between two changes: a write-ahead log would outlive `close` until its statements are collected. EXTRA also
    // writes the folder, from which the journal has to be gone.
    database.exec(`PRAGMA journal_mode = DELETE; PRAGMA synchronous = ${flush ? 'EXTRA' : 'OFF'};`);
    // New, or its making was cut short and has just been rolled back.
    if (readPragma(database, 'user_version') === 0) database.exec(`BEGIN IMMEDIATE; ${SCHEMA} COMMIT;`);
    const findings = database.prepare('PRAGMA quick_check').all();
    if (!findings.every((row) => isRow(row) && row.quick_check === 'ok'))
      throw new Error('quick_check failed');
    database.prepare('SELECT * FROM registration LIMIT 0').all();
    return database;
  } catch (cause) {
    database?.close();
    if (/^SQLITE_(BUSY|CANTOPEN|FULL|IOERR|PERM|READONLY)/.test(codeOf(cause))) {
      throw new RegistryError(
        'cannot-open',
        `The registry ${path} cannot be used: another process keeps it locked, the disk is full, or the folder is not writable by this user.`,
        cause,
      );
    }
    throw damaged(path, cause);
  }
}

/** Makes sure that there is a file, a new one for nobody else to read; true when it has yet to become a registry. */
function isEmpty(path: string): boolean {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats) closeSync(openSync(path, 'wx', 0o600));
    else if (!stats.isFile()) throw new Error('not a regular file');
    return !stats || stats.size === 0;
  } catch (cause) {
    throw new RegistryError(
      'cannot-open',
      `The registry ${path} cannot be opened: its folder has to exist and be writable by this user.`,
      cause,
    );
  }
}

/** Looks at the header, without locks and without writing, and refuses what is no registry of this version. */
function identify(path: string): void {
  let application: unknown;
  let version: unknown;
  try {
    const header = new Libsql(`${pathToFileURL(path).href}?mode=ro&immutable=1`);
    try {
      application = readPragma(header, 'application_id');
      version = readPragma(header, 'user_version');
    } finally {
      header.close();
    }
  } catch (cause) {
    if (codeOf(cause) === 'SQLITE_CORRUPT') throw damaged(path, cause);
    if (codeOf(cause) !== 'SQLITE_NOTADB') {
      throw new RegistryError('cannot-open', `The registry ${path} cannot be read.`, cause);
    }
  }
  if (application !== APPLICATION_ID) {
    throw new RegistryError(
      'foreign-file',
      `The file ${path} is no registry of push registrations: name another one, or move it away.`,
    );
  }
  if (version !== VERSION) {
    throw new RegistryError(
      'unsupported-version',
      `The registry ${path} is of version ${version}, this program reads version ${VERSION}: run the one that wrote it, or name another file.`,
    );
  }
  try {
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
  } catch (cause) {
    throw new RegistryError(
      'cannot-open',
      `The registry ${path} holds keys and others may read it: make it the property of this user, mode 600.`,
      cause,
    );
  }
}

function damaged(path: string, cause: unknown): RegistryError {
  return new RegistryError(
    'corrupt-file',
    `The registry ${path} is damaged: restore it from a backup, or move it away to start with none.`,
    cause,
  );
}

function readPragma(database: LibsqlModule.Database, name: string): unknown {
  const [row] = database.prepare(`PRAGMA ${name}`).all();
  return isRow(row) ? row[name] : undefined;
}

export function isRow(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function codeOf(error: unknown): string {
  return isRow(error) ? String(error.code) : '';
}
