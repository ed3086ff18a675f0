import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openControl } from '../harness/target/control.js';
import type { Hooks } from '../harness/target/target.js';
import { cli, start } from './cli.fixture.js';

const folder = mkdtempSync(join(tmpdir(), 'serve-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('serve', { timeout: 60_000 }, () => {
  test('says in its first line where it listens and what browsers subscribe with, and ends at SIGTERM', async () => {
    const caFile = join(folder, 'ca.pem');
    const ports = ['--port', '0', '--websocket-port', '0', '--control', '0'];
    const { child, printed, ended } = start(
      'serve',
      ...ports,
      '--domain',
      'a.example',
      'b.example',
      '--ca-file',
      caFile,
    );
    const [line] = await printed('stdout', /^\{.*\}$/m);
    const place = JSON.parse(line);
    expect(place).toMatchObject({ host: '127.0.0.1', domains: ['a.example', 'b.example'], ca: caFile });
    expect(place.websocket).toMatch(/^wss:\/\/127\.0\.0\.1:\d+\/xmpp-websocket$/);
    expect(place.control).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const keys: Record<string, string> = place.applicationServerKeys;
    expect(Object.keys(keys)).toEqual(['a.example', 'b.example']);
    expect(keys['a.example']).toMatch(/^[A-Za-z0-9_-]{87}$/);
    expect(keys['a.example']).not.toBe(keys['b.example']);
    expect(readFileSync(caFile, 'utf8')).toContain('BEGIN CERTIFICATE');
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0, leftovers: [] });
  });

  test('keeps its keys in the folder for its data', async () => {
    const keyOf = async () => {
      const { child, printed, ended } = start('serve', '--port', '0', '--data', join(folder, 'data'));
      const [line] = await printed('stdout', /^\{.*\}$/m);
      child.kill('SIGINT');
      await ended;
      return JSON.parse(line).applicationServerKeys.localhost;
    };
    expect(await keyOf()).toBe(await keyOf());
  });

  test.each([
    [['--key', 'key.pem'], /--key and --cert belong together/],
    [['--key', 'none.pem', '--cert', 'none.pem'], /--key none\.pem cannot be read: ENOENT/],
    [['--resolve', 'push.example'], /--resolve push\.example is wrong: it must be NAME=ADDRESS/],
    [['--port', '65536'], /must be a whole number from 0 to 65535/],
    [['--push', 'no'], /it must be true or false/],
    [['--domain', 'a@b'], /the server cannot start: domains: "a@b" is no domain/],
    [['--subject', 'me'], /the server cannot start: .*mailto/],
    [['--data', '/dev/null/data'], /--data \/dev\/null\/data cannot be made/],
    [['--host', '192.0.2.1'], /the server cannot start: listen EADDRNOTAVAIL/],
  ])('refuses %j in one line, and starts nothing', async (options, line) => {
    const { code, stdout, stderr, leftovers } = await cli('serve', '--port', '0', ...options);
    expect({ code, stdout, leftovers }).toEqual({ code: 2, stdout: '', leftovers: [] });
    expect(stderr).toMatch(line);
    expect(stderr).toMatch(/^webpush-conformance: .*\n$/);
  });

  test.each(['--port', '--control'])('refuses a port for %s that is taken', async (option) => {
    const other = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = String(typeof address === 'object' && address ? address.port : 0);
    const { code, stderr } = await cli(
      'serve',
      ...(option === '--port' ? [] : ['--port', '0']),
      option,
      port,
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(/^webpush-conformance: .*EADDRINUSE.*\n$/);
    other.close();
  });
});

describe('Orders to a served reference', () => {
  const given: unknown[][] = [];
  const note =
    (name: string) =>
    async (...input: unknown[]) =>
      void given.push([name, ...input]);
  const names = [
    'advanceClock',
    'deleteAccount',
    'createAccount',
    'setPassword',
    'changeKey',
    'resolveName',
    'allowHost',
  ];
  const hooks = Object.fromEntries(names.map((name) => [name, note(name)])) as unknown as Hooks;
  const opening = openControl(hooks, 0);
  afterAll(async () => (await opening).close());

  const order = async (path: string, body: string, init: RequestInit = {}) =>
    fetch(`${(await opening).url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      ...init,
    });

  test('are carried out with their arguments', async () => {
    const juliet = { localpart: 'juliet', domain: 'a.example' };
    expect((await order('/advanceClock', '{"milliseconds":"60000"}')).status).toBe(204);
    expect((await order('/createAccount', JSON.stringify({ ...juliet, password: 'p' }))).status).toBe(204);
    expect((await order('/setPassword', JSON.stringify({ ...juliet, password: 'q' }))).status).toBe(204);
    expect((await order('/allowHost', '{"allowedHost":"push.example"}')).status).toBe(204);
    expect(given).toEqual([
      ['advanceClock', 60_000],
      ['createAccount', { ...juliet, password: 'p' }],
      ['setPassword', { ...juliet, password: '' }, 'q'],
      ['allowHost', 'push.example'],
    ]);
  });

  test.each([
    ['/reboot', '{}', {}, 404, 'no such order; there are: advanceClock'],
    ['/constructor', '{}', {}, 404, 'no such order'],
    ['/advanceClock', '{"milliseconds":1.5}', {}, 400, '"milliseconds" must be a whole number'],
    ['/advanceClock', '{"milliseconds":-1}', {}, 400, '"milliseconds" must be a whole number'],
    ['/changeKey', '{"domain":7}', {}, 400, '"domain" must be a string'],
    ['/changeKey', '[', {}, 400, 'JSON'],
    ['/changeKey', 'null', {}, 400, 'the body must be a JSON object'],
    ['/changeKey', `{"domain":"${'x'.repeat(70_000)}"}`, {}, 400, 'the body has more than 65536 octets'],
    // As a page in a browser could send it without asking.
    [
      '/changeKey',
      '{"domain":"a.example"}',
      { headers: { 'content-type': 'text/plain' } },
      415,
      'application/json',
    ],
    ['/changeKey', '{"domain":"a.example"}', { method: 'PUT' }, 405, 'posted'],
  ] as const)('that are wrong are refused: %s %.40s', async (path, body, init, status, message) => {
    given.length = 0;
    const response = await order(path, body, init);
    expect(response.status).toBe(status);
    const { error } = (await response.json()) as { readonly error: string };
    expect(error).toContain(message);
    expect(given).toEqual([]);
  });
});
