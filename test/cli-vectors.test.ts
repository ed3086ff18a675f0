import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { readSchema } from '../harness/kit/kit.js';
import { cli, root } from './cli.fixture.js';

// Seconds of arithmetic, more on a machine that does other things too.
vi.setConfig({ testTimeout: 60_000 });

const folder = mkdtempSync(join(tmpdir(), 'cli-vectors-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A copy of a set, with its text changed. */
function changed(name: string, set: string, change: (text: string) => string): string {
  const path = join(folder, name);
  const before = readFileSync(join(root, 'vectors', `${set}.json`), 'utf8');
  const after = change(before);
  expect(after).not.toBe(before);
  writeFileSync(path, after);
  return path;
}

/** The salt of the first message, the example of RFC 8291. */
const salt = '"salt": "DGv6ra1nlYgDCS1FRnbzlw"';

async function complaint(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await cli('vectors', ...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  const [, line = ''] = /^webpush-conformance: (.+)\n$/.exec(stderr) ?? [];
  return line;
}

describe('vectors verify', () => {
  test('holds all vectors of the kit', async () => {
    const { code, stdout, stderr, leftovers } = await cli('vectors', 'verify');
    expect({ code, stderr, leftovers }).toEqual({ code: 0, stderr: '', leftovers: [] });
    expect(stdout).toMatch(/^8 sets, \d{3} vectors \(\d{3} negative\): all hold, in [\d.]+ s\n$/);
  });

  test('names a vector with a wrong value, with what it says and what was found', async () => {
    const file = changed('wrong.json', 'rfc8291', (text) => text.replace(salt, salt.replace('DG', 'DH')));
    const { code, stdout } = await cli('vectors', 'verify', file);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^WRONG rfc8291\/example \(reference\)\n {2}vector {2}DGv6ra1n.*\n {2}found {3}DHv6ra1n/,
    );
    expect(stdout).toMatch(/\n1 set, 90 vectors \(58 negative\): 1 wrong, in [\d.]+ s\n$/);
  });

  test('prints the same as JSON, as in its schema', async () => {
    const file = changed('wrong-2.json', 'importance', (text) =>
      text.replace('"rule": "chat-body"', '"rule": "chat-bdoy"'),
    );
    const { code, stdout } = await cli('vectors', 'verify', file, '--format', 'json');
    const result: unknown = JSON.parse(stdout);
    const validate = new Ajv().compile(readSchema('vectors-verification'));
    expect(validate(result), JSON.stringify(validate.errors)).toBe(true);
    expect({ code, result }).toMatchObject({
      code: 1,
      result: {
        files: [{ file, set: 'importance' }],
        disagreements: [{ id: 'importance/chat-body', by: 'reference' }],
      },
    });
  });

  test('names the file and the place where it does not match its schema', async () => {
    const file = changed('misspelt.json', 'rfc8291', (text) => text.replace('"salt":', '"sault":'));
    expect(await complaint('verify', file)).toBe(
      `${file}: rfc8291/example input has an unknown member "sault"`,
    );
  });
});

describe('vectors generate', () => {
  test('writes what the kit has, octet for octet', async () => {
    const out = join(folder, 'out');
    const { code } = await cli('vectors', 'generate', '--out', out);
    const names = readdirSync(join(root, 'vectors')).filter((name) => name.endsWith('.json'));
    expect({ code, names: readdirSync(out).sort() }).toEqual({ code: 0, names: names.sort() });
    for (const name of names)
      expect(
        readFileSync(join(out, name), 'utf8') === readFileSync(join(root, 'vectors', name), 'utf8'),
        name,
      ).toBe(true);
  });

  test('says with --check which file is stale, and writes nothing', async () => {
    const stale = changed('disco.json', 'disco', (text) => text.replace('"tests"', '"count"'));
    const before = readFileSync(stale, 'utf8');
    const { code, stdout } = await cli('vectors', 'generate', 'disco', '--check', '--out', folder);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /disco\.json: \d+ vectors, \d+ negative: stale\n`vectors generate` writes them anew\n$/,
    );
    expect(readFileSync(stale, 'utf8')).toBe(before);
  });

  test.each([
    ['a set that there is not', ['rfc8219'], 'there is no set "rfc8219"; did you mean "rfc8291"?'],
    ['a folder that cannot be written to', ['disco', '--out', '/dev/null/x'], 'cannot be written: ENOTDIR'],
  ])('refuses %s', async (_, args, expected) => {
    expect(await complaint('generate', ...args)).toContain(expected);
  });
});

describe('vectors list', () => {
  test('selects by set, by id and by requirement', async () => {
    const { code, stdout } = await cli('vectors', 'list', 'rfc8291/keyid-*', 'rfc8292.audience');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^- rfc8291\/keyid-compressed +the key id is a compressed point \(rfc8291\.keyid\)$/m,
    );
    expect(stdout).toMatch(/^ {2}rfc8292\/aud-path +path and query are left out \(rfc8292\.audience\)$/m);
    expect(stdout).not.toContain('importance/');
  });

  test('says when a pattern fits nothing', async () => {
    expect(await complaint('list', 'importance/headlin')).toBe(
      'no vector fits "importance/headlin"; did you mean "importance/headline"?',
    );
  });
});

test('explain tells how many vectors there are on a sentence, and how to list them', async () => {
  const [explained, listed] = await Promise.all([
    cli('explain', 'enable.auth-length'),
    cli('vectors', 'list', 'enable.auth-length'),
  ]);
  const count = listed?.stdout.trimEnd().split('\n').length;
  expect(count).toBeGreaterThan(3);
  expect(explained?.stdout).toContain(
    `\nTest vectors: ${count}; npx webpush-conformance vectors list enable.auth-length\n`,
  );
});
