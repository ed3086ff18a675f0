import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createScriptedServer } from '../reference/sidecar/server.fixture.js';
import { cli, start } from './cli.fixture.js';

const folder = mkdtempSync(join(tmpdir(), 'cli-sidecar-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SECRET = 'two-households-both-alike';
const secretFile = join(folder, 'secret');
writeFileSync(secretFile, `${SECRET}\n`, { mode: 0o640 });
const usual = ['sidecar', '--domain', 'montague.example', '--secret-file', secretFile] as const;
const anyPort = ['--listen', '127.0.0.1:0'] as const;

describe('A sidecar that is started wrongly says in one line what to do', () => {
  const open = join(folder, 'open');
  writeFileSync(open, SECRET);
  chmodSync(open, 0o644);
  const short = join(folder, 'short');
  writeFileSync(short, 'guess me', { mode: 0o600 });
  const notAFolder = join(folder, 'not-a-folder');
  writeFileSync(notAFolder, '');
  const domain = ['sidecar', '--domain', 'montague.example'] as const;

  test.each([
    [
      'without a domain',
      ['sidecar', '--secret-file', secretFile],
      "required option '-d, --domain <name...>' not specified",
    ],
    ['without a secret', domain, "required option '--secret-file <file>' not specified"],
    [
      'with one that is not there',
      [...domain, '--secret-file', join(folder, 'none')],
      '/none cannot be read: ENOENT',
    ],
    [
      'with one that everybody may read',
      [...domain, '--secret-file', open],
      '/open is open to everybody: chmod o= ',
    ],
    [
      'with one that can be guessed',
      [...domain, '--secret-file', short],
      'the secret has fewer than 16 characters',
    ],
    ['where others reach it', [...usual, '--listen', '0.0.0.0:0'], '0.0.0.0 is no loopback address'],
    ['on no port', [...usual, '--listen', '127.0.0.1'], 'it must be an address and a port'],
    ['for no domain', ['sidecar', '--domain', 'a@b', '--secret-file', secretFile], '"a@b" is no domain'],
    [
      'with data that cannot be',
      [...usual, ...anyPort, '--data', join(notAFolder, 'data')],
      'cannot read the application server keys in ',
    ],
    [
      'with a subject that is no URI',
      [...usual, ...anyPort, '--subject', 'me'],
      'expected one like mailto:operator@example.org',
    ],
    ['with an authority that is not there', [...usual, '--ca-file', join(folder, 'none.pem')], '--ca-file '],
  ] as const)('%s', async (_, args, part) => {
    const { code, stdout, stderr } = await cli(...args);
    expect({ code, stdout }, stderr).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^webpush-conformance: .+\n$/);
    expect(stderr).toContain(part);
  });

  test('on a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const { code, stderr } = await cli(...usual, '--listen', `127.0.0.1:${port}`);
    other.close();
    expect(code).toBe(2);
    expect(stderr).toContain(`cannot listen on 127.0.0.1:${port}: something else listens there`);
  });
});

describe('A sidecar', () => {
  test('listens, complains in one line without secrets, and ends at SIGTERM with 0', async () => {
    const { child, printed, ended } = start(...usual, ...anyPort);
    const [, port] = await printed(
      'stderr',
      /listening on http:\/\/127\.0\.0\.1:(\d+) for montague\.example\n/,
    );
    const server = createScriptedServer(Number(port), SECRET, 'montague.example');
    await server.open();
    const stranger = await server.post('/open', {}, { authorization: 'Bearer let-me-in-please' });
    expect(stranger.status).toBe(401);
    child.kill('SIGTERM');
    const { code, stdout, stderr } = await ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(/listening on/),
      'webpush-conformance: without --data, registrations and keys are lost at the end',
      'webpush-conformance: the secret is missing or not that of this sidecar',
      'webpush-conformance: stopping: what is in flight ends first',
      '',
    ]);
  });

  test('keeps registrations and keys where nobody else reads them, and ends at SIGINT with 0', async () => {
    const data = join(folder, 'data');
    const { child, printed, ended } = start(...usual, ...anyPort, '--data', data);
    await printed('stderr', /listening/);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 0 });
    expect(statSync(join(data, 'push-montague.example')).mode & 0o077).toBe(0);
  });

  test('makes a new key at SIGUSR2', async () => {
    const { child, printed, ended } = start(...usual, ...anyPort);
    const [, port] = await printed('stderr', /listening on http:\/\/127\.0\.0\.1:(\d+) /);
    await printed('stderr', /are lost at the end/);
    const server = createScriptedServer(Number(port), SECRET, 'montague.example');
    const { disco } = await server.open();
    child.kill('SIGUSR2');
    await printed('stderr', /montague\.example has a new application server key\n/);
    expect((await server.tell()).disco).not.toEqual(disco);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0 });
  });
});
