import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { kitVersion } from '../harness/kit/kit.js';
import { cli, start } from './cli.fixture.js';

const folder = mkdtempSync(join(tmpdir(), 'cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The one line of an error, and that nothing else was said. */
async function complaint(code: number, ...args: readonly string[]): Promise<string> {
  const ended = await cli(...args);
  expect(ended).toMatchObject({ code, stdout: '' });
  const [, line] = /^webpush-conformance: (.+)\n$/.exec(ended.stderr) ?? [];
  expect(line, ended.stderr).toBeDefined();
  return line ?? '';
}

describe('The help', () => {
  test.concurrent.each([
    ['of the program', [], ['Examples:', 'Exit codes:', 'push-service']],
    ['of run', ['run'], ['Examples:', '--target', '--out', 'pretty, json, junit']],
    ['of list', ['list'], ['Example:', '--json']],
    ['of explain', ['explain'], ['Examples:']],
    ['of push-service', ['push-service'], ['Example:', 'NODE_EXTRA_CA_CERTS', 'PushSubscription.toJSON()']],
    ['of doctor', ['doctor'], ['--target']],
    ['of sidecar', ['sidecar'], ['Example:', 'prosody.cfg.lua', '127.0.0.1:5299']],
    ['of spec check', ['spec', 'check'], ['Examples:', 'Exits with 8']],
    ['of spec coverage', ['spec', 'coverage'], ['Example:', 'Exits with 8']],
    ['of spec accept', ['spec', 'accept'], ['Example:']],
    ['of vectors verify', ['vectors', 'verify'], ['Examples:', 'Exits with 1', '--format']],
    ['of vectors generate', ['vectors', 'generate'], ['Examples:', '--check', '--out']],
    ['of vectors list', ['vectors', 'list'], ['Examples:', 'requirements']],
  ] as const)('%s goes to standard output, with examples where they help', async (_, command, parts) => {
    const { code, stdout, stderr } = await cli(...command, '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const part of parts) expect(stdout).toContain(part);
  });

  test('is what no command at all gets, as an error', async () => {
    const { code, stdout, stderr } = await cli();
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^Usage: webpush-conformance/);
  });
});

test('The version is the one of the package', async () => {
  expect(await cli('--version')).toMatchObject({ code: 0, stdout: `${kitVersion()}\n`, stderr: '' });
});

describe('A wrong word on the command line is named, with the nearest right one', () => {
  test.concurrent.each([
    ['a command', ['rnu'], "unknown command 'rnu'; did you mean run?"],
    ['a command like none', ['frobnicate'], "unknown command 'frobnicate'; --help lists what there is"],
    ['a flag', ['run', '--tagret', 'x'], "unknown option '--tagret'; did you mean --target?"],
    ['a target', ['run', '--target', 'embeded'], 'there is no target "embeded"; did you mean "embedded"?'],
    ['a level', ['run', '--level', 'shoud'], '--level shoud is unknown; did you mean "should"?'],
    [
      'a format',
      ['run', '--report', 'jsn'],
      'argument \'jsn\' is wrong: there is no such format; did you mean "json"?',
    ],
    [
      'a seed',
      ['run', '--seed', '1.5'],
      "argument '1.5' is wrong: it must be a whole number from 0 to 4294967295",
    ],
    ['jobs', ['run', '--jobs', '0'], "argument '0' is wrong: it must be a whole number from 1 to 64"],
    [
      'a scale',
      ['run', '--timeout-scale', 'x'],
      "argument 'x' is wrong: it must be a number from 0.01 to 100",
    ],
    [
      'a requirement',
      ['explain', 'enable.resutl'],
      'there is no case or requirement "enable.resutl"; did you mean "enable.result"?',
    ],
    [
      'a status',
      ['push-service', '--answer', '99'],
      '--answer 99 is no status; it must be a whole number from 200 to 599',
    ],
    [
      'a key',
      ['push-service', '--key', 'BAAA'],
      '--key BAAA is no application server key; it must be base64url',
    ],
    ['a folder', ['run', '--out', '/dev/null/x'], '--out /dev/null/x cannot be written to: ENOTDIR'],
  ] as const)('%s', async (_, args, part) => {
    expect(await complaint(2, ...args)).toContain(part);
  });

  test.concurrent('a filter that matches nothing verifies nothing', async () => {
    expect(await complaint(4, 'run', '--filter', 'enable/padded-kyes')).toBe(
      'no case matches "enable/padded-kyes"; did you mean "enable/padded-keys"?',
    );
  });
});

test('A target file that is wrong is named, with the place and the nearest right word', async () => {
  const file = join(folder, 'target.json');
  writeFileSync(file, '{"host":"xmpp.example","domains":["xmpp.example"],"push":{"host":"x","prot":1}}');
  expect(await complaint(2, 'run', '--target', file)).toBe(
    `${file}: /push has an unknown member "prot"; did you mean "port"?`,
  );
});

describe('What a run would play', () => {
  test('is the same for list and --dry-run, and a wider level has more of it', async () => {
    const [dry, list, json, must] = await Promise.all([
      cli('run', '--dry-run', '--deep', '--filter', 'enable'),
      cli('list', '--deep', '--filter', 'enable'),
      cli('list', '--deep', '--filter', 'enable', '--json'),
      cli('list', '--deep', '--filter', 'enable', '--level', 'must', '--json'),
    ]);
    const ids = dry?.stdout.trimEnd().split('\n') ?? [];
    expect(ids.length).toBeGreaterThan(10);
    expect(ids.every((id) => id.startsWith('enable/'))).toBe(true);
    expect(
      list?.stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' ')[0]),
    ).toEqual(ids);
    const idsOf = (text = '[]') => (JSON.parse(text) as { id: string }[]).map(({ id }) => id);
    expect(idsOf(json?.stdout)).toEqual(ids);
    expect(idsOf(must?.stdout).length).toBeLessThan(ids.length);
    expect(idsOf(must?.stdout).length).toBeGreaterThan(0);
  });

  test('is said by case with the number of its permutations, or by their paths', async () => {
    const [list, json, paths] = await Promise.all([
      cli('list', '--filter', 'enable/valid'),
      cli('list', '--filter', 'enable/valid', '--json'),
      cli('list', '--deep', '--filter', 'enable/valid/connection=websocket/*'),
    ]);
    expect(list?.stdout).toMatch(/^enable\/valid {2}.* \(4 permutations\)\n$/);
    expect(JSON.parse(json?.stdout ?? '')).toMatchObject([
      {
        id: 'enable/valid',
        vary: { connection: ['tcp', 'websocket'], to: ['absent', 'own'] },
        permutations: 4,
      },
    ]);
    expect(paths?.stdout.match(/^\S+/gm)).toEqual([
      'enable/valid/connection=websocket/to=absent',
      'enable/valid/connection=websocket/to=own',
    ]);
  });
});

describe('explain', () => {
  test('tells the sentence of a requirement, where it stands and what tests it, and of a case how to play it', async () => {
    const [requirement, subject] = await Promise.all([
      cli('explain', 'enable.result'),
      cli('explain', 'enable/padded-keys'),
    ]);
    expect(requirement?.stdout).toMatch(
      /^enable\.result \(MUST\), XEP-XXXX §5\.1 .*\n {2}“A server MUST answer .*”\n {2}reference.*\n\nCases, .*:\n(?: {2}[a-z-]+\/.*\n {6}a server .*\n)+/,
    );
    expect(subject?.stdout).toContain('Play it: npx webpush-conformance run --filter enable/padded-keys');
    expect(subject?.stdout).toContain(
      'It varies connection (tcp, websocket) with to (absent, own): 4 permutations.',
    );
  });

  test('names the sibling of a permutation in the same permutation', async () => {
    const { stdout } = await cli('explain', 'importance/headline/away=unacknowledged/to=full');
    expect(stdout).toContain(
      'It is importance/chat-body/away=unacknowledged/to=full with one fault: the type is headline.',
    );
    expect(stdout).toContain('run --filter importance/headline/away=unacknowledged/to=full');
  });
});

test('A reader who has had enough is no error', async () => {
  const { child, ended } = start('list', '--json');
  child.stdout?.destroy();
  expect(await ended).toMatchObject({ code: 0, stderr: '' });
});
