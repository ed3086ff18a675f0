import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type LibsqlModule from 'libsql';

// Node reads a CommonJS module twice when it is imported, once for the names of its exports.
const Libsql = createRequire(import.meta.url)('libsql') as typeof LibsqlModule;

/**
 * One SQLite database for everything the server keeps; statements are prepared and run synchronously. A lone parameter
 * that is a Buffer or null goes in an array (`run([octets])`): libsql takes it for named parameters and aborts the process.
 */
export type Database = LibsqlModule.Database;

/**
 * Opens the database, creating it (and its folder) for its owner only.
 *
 * @param path of the file, or `:memory:` for one that is lost when it is closed.
 * @param flush a commit is on the disk when it returns, whatever happens to the machine afterwards.
 */
export function openDatabase(path: string, flush = true): Database {
  if (path === ':memory:') return configured(new Libsql(path));
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
  // An existing file may be wider open; SQLite gives its journals the permissions of the database.
  chmodSync(path, 0o600);
  const database = configured(new Libsql(path));
  database.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${flush ? 'FULL' : 'OFF'}; PRAGMA busy_timeout = 5000;`,
  );
  return database;
}

function configured(database: Database): Database {
  database.exec(
    'PRAGMA foreign_keys = ON; CREATE TABLE IF NOT EXISTS migrations (component TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT;',
  );
  return database;
}

/**
 * Brings the tables of one component up to date: runs the steps this database has not seen, each in one transaction, and
 * remembers how many there were. Steps are only ever added at the end.
 *
 * @param component names the owner of the tables.
 * @param steps SQL scripts.
 * @throws when the database was written by a later version that knows more steps.
 */
export function migrate(database: Database, component: string, steps: readonly string[]): void {
  const row = database.prepare('SELECT version FROM migrations WHERE component = ?').get(component);
  const version = (row as { version: number } | undefined)?.version ?? 0;
  if (version > steps.length)
    throw new Error(
      `The ${component} tables are at version ${version}, this server knows ${steps.length}: run the newer server, or another data directory.`,
    );
  const remember = database.prepare(
    'INSERT INTO migrations VALUES (?, ?) ON CONFLICT (component) DO UPDATE SET version = excluded.version',
  );
  for (const [index, step] of steps.slice(version).entries())
    database.transaction(() => {
      database.exec(step);
      remember.run(component, version + index + 1);
    })();
}
