import { describe, expect, test } from 'vitest';
import { openAccounts } from './accounts.js';
import { openDatabase } from './database.js';
import { deriveCredentials } from './stream/sasl/scram.js';

const accountsInMemory = () => openAccounts(openDatabase(':memory:'));

describe('accounts', () => {
  test('an account is known by its prepared name, on its own domain only', async () => {
    const accounts = accountsInMemory();
    expect(await accounts.create('a.example', 'Juliet', 'secret')).toBe('juliet');
    expect(accounts.exists('a.example', 'JULIET')).toBe(true);
    expect(accounts.exists('b.example', 'juliet')).toBe(false);
    expect(await accounts.verifyPassword('a.example', 'jULIET', 'secret')).toBe('juliet');
    expect(await accounts.verifyPassword('b.example', 'juliet', 'secret')).toBeUndefined();
  });

  test('only the right password verifies, and SASLprep makes equal what looks equal', async () => {
    const accounts = accountsInMemory();
    await accounts.create('a.example', 'juliet', 'pass\u00a0word');
    expect(await accounts.verifyPassword('a.example', 'juliet', 'pass word')).toBe('juliet');
    expect(await accounts.verifyPassword('a.example', 'juliet', 'password')).toBeUndefined();
    expect(await accounts.verifyPassword('a.example', 'juliet', '')).toBeUndefined();
    expect(await accounts.verifyPassword('a.example', 'romeo', 'pass word')).toBeUndefined();
  });

  test('a name is given once, also when two ask at the same time', async () => {
    const accounts = accountsInMemory();
    const results = await Promise.allSettled([
      accounts.create('a.example', 'juliet', 'one'),
      accounts.create('a.example', 'Juliet', 'two'),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(accounts.create('a.example', 'juliet', 'three')).rejects.toMatchObject({ code: 'exists' });
    expect(await accounts.verifyPassword('a.example', 'juliet', 'three')).toBeUndefined();
  });

  test.each(['', 'a b', 'a@b', 'a/b', '/a', 'a:b', "a'b", 'a\u0000', 'x'.repeat(1024)])(
    '%j cannot be a name',
    async (name) => {
      await expect(accountsInMemory().create('a.example', name, 'secret')).rejects.toMatchObject({
        code: 'bad-localpart',
      });
    },
  );

  test.each(['', 'a\u0007', 'x'.repeat(1025)])('%j cannot be a password', async (password) => {
    const accounts = accountsInMemory();
    await expect(accounts.create('a.example', 'juliet', password)).rejects.toMatchObject({
      code: 'bad-password',
    });
    expect(accounts.exists('a.example', 'juliet')).toBe(false);
  });

  test('a changed password replaces the old one', async () => {
    const accounts = accountsInMemory();
    await accounts.create('a.example', 'juliet', 'old');
    await accounts.setPassword('a.example', 'Juliet', 'new');
    expect(await accounts.verifyPassword('a.example', 'juliet', 'old')).toBeUndefined();
    expect(await accounts.verifyPassword('a.example', 'juliet', 'new')).toBe('juliet');
    await expect(accounts.setPassword('a.example', 'romeo', 'new')).rejects.toMatchObject({
      code: 'unknown',
    });
  });

  test('a removed account is gone', async () => {
    const accounts = accountsInMemory();
    await accounts.create('a.example', 'juliet', 'secret');
    expect(accounts.remove('a.example', 'Juliet')).toBe(true);
    expect(accounts.remove('a.example', 'juliet')).toBe(false);
    expect(await accounts.verifyPassword('a.example', 'juliet', 'secret')).toBeUndefined();
  });

  test.each(['sha1', 'sha256'] as const)('the stored keys are those of the password (%s)', async (hash) => {
    const accounts = accountsInMemory();
    await accounts.create('a.example', 'juliet', 'secret');
    const kept = accounts.scramCredentials('a.example', 'juliet', hash);
    expect(kept).toEqual({
      localpart: 'juliet',
      ...(await deriveCredentials(hash, 'secret', kept.salt, 4096)),
    });
  });

  test('an unknown name looks like an account: own salt, the same at every call', async () => {
    const accounts = accountsInMemory();
    await accounts.create('a.example', 'juliet', 'secret');
    const decoy = accounts.scramCredentials('a.example', 'Romeo', 'sha1');
    const real = accounts.scramCredentials('a.example', 'juliet', 'sha1');
    expect(accounts.scramCredentials('a.example', 'romeo', 'sha1')).toEqual(decoy);
    expect(accounts.scramCredentials('a.example', 'nurse', 'sha1').salt).not.toEqual(decoy.salt);
    expect(accounts.scramCredentials('a.example', 'romeo', 'sha256').salt).toEqual(decoy.salt);
    expect(decoy.iterations).toBe(real.iterations);
    for (const key of ['salt', 'storedKey', 'serverKey'] as const)
      expect(decoy[key].length).toBe(real[key].length);
  });
});
