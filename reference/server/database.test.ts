import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openAccounts } from './accounts.js';
import { migrate, openDatabase } from './database.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'database-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('the database', () => {
  test('belongs to its owner only, journal and folder included, even when the file was open to all', () => {
    writeFileSync(join(folder, 'wide.db'), '');
    chmodSync(join(folder, 'wide.db'), 0o666);
    for (const path of [join(folder, 'new', 'server.db'), join(folder, 'wide.db')]) {
      const database = openDatabase(path);
      database.exec('CREATE TABLE t (a INTEGER)');
      for (const name of [path, `${path}-wal`]) expect(statSync(name).mode & 0o777).toBe(0o600);
      database.close();
    }
    expect(statSync(join(folder, 'new')).mode & 0o777).toBe(0o700);
  });

  test('keeps what was committed, in a write-ahead log', async () => {
    const path = join(folder, 'server.db');
    const first = openDatabase(path);
    const before = openAccounts(first);
    await before.create('a.example', 'juliet', 'secret');
    const decoy = before.scramCredentials('a.example', 'romeo', 'sha1');
    expect(readdirSync(folder)).toContain('server.db-wal');
    first.close();
    const second = openDatabase(path);
    const after = openAccounts(second);
    expect(await after.verifyPassword('a.example', 'juliet', 'secret')).toBe('juliet');
    expect(after.scramCredentials('a.example', 'romeo', 'sha1')).toEqual(decoy);
    second.close();
  });

  test('runs each migration step once, per component', () => {
    const database = openDatabase(':memory:');
    migrate(database, 'a', ['CREATE TABLE a (x INTEGER)']);
    migrate(database, 'b', ['CREATE TABLE b (x INTEGER)']);
    migrate(database, 'a', ['CREATE TABLE a (x INTEGER)', 'INSERT INTO a VALUES (1)']);
    migrate(database, 'a', ['CREATE TABLE a (x INTEGER)', 'INSERT INTO a VALUES (1)']);
    expect(database.prepare('SELECT count(*) AS n FROM a').get()).toMatchObject({ n: 1 });
  });

  test('a step that fails leaves nothing behind and is tried again', () => {
    const database = openDatabase(':memory:');
    expect(() =>
      migrate(database, 'a', ['CREATE TABLE a (x INTEGER); INSERT INTO nowhere VALUES (1);']),
    ).toThrow('nowhere');
    migrate(database, 'a', ['CREATE TABLE a (x INTEGER)']);
    expect(database.prepare('SELECT * FROM a').all()).toEqual([]);
  });

  test('refuses tables of a newer server', () => {
    const database = openDatabase(':memory:');
    migrate(database, 'a', ['CREATE TABLE a (x INTEGER)', 'INSERT INTO a VALUES (1)']);
    expect(() => migrate(database, 'a', ['CREATE TABLE a (x INTEGER)'])).toThrow(
      'at version 2, this server knows 1',
    );
  });
});
