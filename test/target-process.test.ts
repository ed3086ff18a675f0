import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { watch } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuthority, selfSign } from '../harness/certificate/certificate.js';
import { freePorts } from '../harness/target/ports.js';
import { cli, program, root, start } from './cli.fixture.js';

const folder = mkdtempSync(join(tmpdir(), 'process-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Description {
  readonly process: { readonly command: readonly string[] };
  readonly hooks: Readonly<Record<string, object>>;
  readonly config: object;
}

/** The published example of a process target, which starts the reference server; it runs from another folder here. */
const example: Description = JSON.parse(
  readFileSync(join(root, 'docs', 'examples', 'served-reference.json'), 'utf8'),
);
const served = [process.execPath, program, ...example.process.command.slice(2)];

const pushCertificate = { file: join(folder, 'push-cert.pem') };
beforeAll(async () => {
  const { key, cert } = await selfSign(['localhost'], 1);
  writeFileSync(join(folder, 'push-key.pem'), key);
  writeFileSync(pushCertificate.file, cert);
});

let files = 0;

/** Writes the example with some members replaced. */
function describeTarget(changes: object): string {
  files += 1;
  const file = join(folder, `target-${files}.json`);
  writeFileSync(
    file,
    JSON.stringify({ ...example, process: { ...example.process, command: served }, ...changes }),
  );
  return file;
}

const withScript = (script: string, process: object = {}) =>
  describeTarget({ process: { command: ['sh', '-c', script], ...process } });

const one = ['--filter', 'discovery/feature/connection=tcp'] as const;

/** How many processes have this in their arguments. */
function processesWith(token: string): number {
  const lines = execFileSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => line.includes(token)).length;
}

describe('A server that is started by a file', { timeout: 60_000 }, () => {
  test('is judged, also after a restart, with an option and with its clock moved, and leaves nothing', async () => {
    const { code, stdout, leftovers } = await cli(
      'run',
      '--target',
      describeTarget({}),
      '--filter',
      'discovery',
      'registration/restart',
      'registration/order-after-restart',
      'registration/crash',
      'registration/account-deleted',
      'hibernated/delayed*',
    );
    expect(stdout).toMatch(/\nConformant: no MUST is broken \(exit 0\)\n$/);
    expect({ code, leftovers }).toEqual({ code: 0, leftovers: [] });
    expect(processesWith(folder)).toBe(0);
  });

  test('needs no hooks for accounts where there is in-band registration', async () => {
    const { createAccount: _, deleteAccount: __, setPassword: ___, ...hooks } = example.hooks;
    const { code, stdout, leftovers } = await cli(
      ...['run', '--target', describeTarget({ hooks }), '--filter'],
      ...['registration/account-deleted', 'registration/password-changed', 'archive/namesake'],
    );
    expect(stdout).toMatch(/\n3 cases .*: 3 pass\n/);
    expect({ code, leftovers }).toEqual({ code: 0, leftovers: [] });
  });

  test('ends with all that it started, also with what left its group', async () => {
    const token = `3100.${process.pid}`;
    const script = `setsid sleep ${token} & sleep ${token} & exec "$@"`;
    const file = describeTarget({
      process: { ...example.process, command: ['sh', '-c', script, 'sh', ...served] },
    });
    const { code, leftovers } = await cli('run', '--target', file, ...one);
    expect({ code, leftovers, left: processesWith(`sleep ${token}`) }).toEqual({
      code: 0,
      leftovers: [],
      left: 0,
    });
  });

  test.each(['SIGINT', 'SIGKILL'] as const)('ends when the run is ended by %s', async (signal) => {
    const token = `3200.${process.pid}`;
    const { port } = await freePorts(['port']);
    const script = `setsid sleep ${token} & exec "$@"`;
    const file = describeTarget({
      port,
      process: { ...example.process, command: ['sh', '-c', script, 'sh', ...served] },
    });
    const { child, folder: temporary, printed, ended } = start('run', '--target', file, '--filter', 'enable');
    await printed('stderr', /cases\n/);
    expect(processesWith(`sleep ${token}`)).toBe(1);
    const gone = new AbortController();
    const cleared = (async () => {
      // Its folder is the last thing that is taken away.
      for await (const { filename } of watch(temporary, { signal: gone.signal }))
        if (filename?.startsWith('webpush-conformance-')) return;
    })();
    child.kill(signal);
    await cleared;
    gone.abort();
    expect(processesWith(`sleep ${token}`)).toBe(0);
    const { code } = await ended;
    expect(code).toBe(signal === 'SIGINT' ? 130 : 137);
    const again = createServer();
    await new Promise<void>((resolve, reject) =>
      again.once('error', reject).listen(port, '127.0.0.1', resolve),
    );
    await new Promise((resolve) => again.close(resolve));
  });
});

describe('Several targets', { timeout: 60_000 }, () => {
  test('are played one after the other, also when one has no Web Push and one does not start', async () => {
    const without = describeTarget({ name: 'without', config: { ...example.config, push: false } });
    const dead = withScript('echo broken >&2; exit 1');
    const targets = `${without},${dead},embedded`;
    const { code, stdout, stderr, leftovers } = await cli('run', '--target', targets, ...one);
    expect({ code, leftovers }).toEqual({ code: 1, leftovers: [] });
    expect(stderr).toMatch(/^target target-\d+ \(1 of 3\)$/m);
    expect(stdout).toMatch(
      /\n {2}the feature urn:xmpp:webpush:0 +not listed {2}\(disco#info of greeter-\w+@capulet\.example, /,
    );
    expect(stdout).toMatch(/\n {2}a result for an enable +the error service-unavailable {2}\(/);
    expect(stdout).toMatch(/\n {2}exit +1 no Web Push +3 did not start +0 conformant\n/);
    expect(stdout).toMatch(/\nWorst exit code: 1\n$/);
  });
});

describe('A server that does not start', { timeout: 60_000 }, () => {
  test.each([
    [
      'because it ends',
      () => withScript('echo "cannot load module web_push" >&2; exit 3'),
      /^webpush-conformance: the server \(sh\) ended before it took clients, with code 3; its last lines:\n {2}cannot load module web_push\n$/,
    ],
    [
      'because it goes to the background',
      () => withScript('exit 0'),
      /ended before it took clients, with code 0 \(it has to stay in the foreground\); it printed nothing\n$/,
    ],
    [
      'in its time',
      () => withScript('echo starting; sleep 300 & wait', { startTime: 300 }),
      /did not take clients within 300 ms; its last lines:\n {2}starting\n$/,
    ],
    [
      'because there is no such program',
      () => describeTarget({ process: { command: ['./no-such-server'] } }),
      /the server \(\.\/no-such-server\) cannot be run: spawn .* ENOENT/,
    ],
    [
      'because it logs what is wrong to a file',
      () =>
        withScript('echo "bad configuration: line 7" > "$WEBPUSH_DATA_DIR/server.log"; exit 1', {
          log: '{dataDir}/server.log',
        }),
      /its last lines:\n {2}bad configuration: line 7\n$/,
    ],
  ])('%s ends the run with 3 and what it said', async (_, file, message) => {
    const { code, stdout, stderr, leftovers } = await cli('run', '--target', file(), ...one);
    expect({ code, stdout, leftovers }).toEqual({ code: 3, stdout: '', leftovers: [] });
    expect(stderr).toMatch(message);
    expect(processesWith('sleep 300')).toBe(0);
  });

  test('because its port is taken is told so, and what has the port is left alone', async () => {
    const other = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const { code, stderr, leftovers } = await cli('run', '--target', describeTarget({ port }), ...one);
    expect({ code, leftovers }).toEqual({ code: 3, leftovers: [] });
    expect(stderr).toMatch(
      new RegExp(`cannot have port ${port} on 127.0.0.1: something listens there already; `),
    );
    expect(other.listening).toBe(true);
    other.close();
  });
});

test('A server that dies in the middle is told by the end of its log', { timeout: 60_000 }, async () => {
  const pid = join(folder, 'pid');
  const script = `echo $$ > ${pid}; exec "$@"`;
  const file = describeTarget({
    process: { ...example.process, command: ['sh', '-c', script, 'sh', ...served] },
    hooks: { ...example.hooks, advanceClock: { command: ['sh', '-c', `kill -9 $(cat ${pid})`] } },
    patience: 1000,
  });
  const { stdout, leftovers } = await cli('run', '--target', file, '--filter', 'hibernated/delayed-ack');
  expect(leftovers).toEqual([]);
  expect(stdout).toMatch(/\nWARN hibernated\/delayed-ack /);
  expect(stdout).toMatch(/\n {2}log\n(?: {4}.*\n)* {4}\(the server has ended by itself, by SIGKILL\)\n/);
});

describe('What is wrong in a description', { timeout: 60_000 }, () => {
  test.each([
    [
      'a hook that fails',
      { command: ['sh', '-c', 'echo no such clock; exit 1'] },
      /failed with code 1; it said:\n {2}no such clock\n$/,
    ],
    ['a hook that hangs', { command: ['sleep', '300'], time: 300 }, /did not end within 300 ms\n$/],
    [
      'a hook that reaches nobody',
      { post: 'http://127.0.0.1:9/' },
      /the request of advanceClock to http:\/\/127\.0\.0\.1:9\/ failed/,
    ],
  ])('%s ends the run with 3 and one message', async (_, advanceClock, message) => {
    const file = describeTarget({ hooks: { ...example.hooks, advanceClock } });
    const { code, stdout, stderr, leftovers } = await cli(
      'run',
      '--target',
      file,
      '--filter',
      'hibernated/delayed*',
    );
    expect({ code, stdout, leftovers }).toEqual({ code: 3, stdout: '', leftovers: [] });
    expect(stderr).toMatch(message);
    expect(stderr.match(/^webpush-conformance: /gm)).toHaveLength(1);
    expect(processesWith(folder)).toBe(0);
  });

  test('the authority of the server ends the run with 3', async () => {
    writeFileSync(join(folder, 'other.pem'), (await createAuthority()).pem);
    const { code, stderr, leftovers } = await cli(
      'run',
      '--target',
      describeTarget({ ca: 'other.pem' }),
      ...one,
    );
    expect({ code, leftovers }).toEqual({ code: 3, leftovers: [] });
    expect(stderr).toMatch(/^webpush-conformance: .*certificate.*\n$/);
  });

  test('the password of a listed account ends the run with 3 and its name, but not the password', async () => {
    const lent = await lend(['right']);
    const { code, stderr } = await cli('run', '--target', lent.describe(['wrong-secret']), ...one);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^webpush-conformance: test0@capulet\.example: .*not-authorized/);
    expect(stderr).not.toContain('wrong-secret');
    await lent.close();
  });
});

describe('Accounts out of a list', { timeout: 120_000 }, () => {
  test('are used again by the next case, and what the last one left in them is gone', async () => {
    const passwords = Array.from({ length: 8 }, (_, index) => `secret-${index}`);
    const lent = await lend(passwords);
    const file = lent.describe(passwords);
    // More cases than accounts; registrations, blocked senders and sessions that hibernate are left behind by them.
    const cases = [
      'importance/blocked',
      'live/suppress*',
      'sessions/two-*',
      'disable/all/connection=tcp/to=absent',
    ];
    for (const seed of ['1', '2']) {
      const { stdout, code, leftovers } = await cli(
        'run',
        '--target',
        file,
        '--seed',
        seed,
        '--filter',
        ...cases,
      );
      expect(stdout).toMatch(/\n8 cases .*: 8 pass\n/);
      expect({ code, leftovers }).toEqual({ code: 0, leftovers: [] });
    }
    await lent.close();
  });

  test('that are too few say so', async () => {
    const lent = await lend(['a', 'b']);
    const { code, stderr } = await cli('run', '--target', lent.describe(['a', 'b']), ...one);
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /all 2 accounts that the target file lists for capulet\.example are in use: list more there/,
    );
    await lent.close();
  });
});

/** A server that stays, with accounts of these passwords. */
async function lend(passwords: readonly string[]) {
  const { port, control } = await freePorts(['port', 'control']);
  const server = start(
    ...['serve', '--port', String(port), '--control', String(control), '--domain', 'capulet.example'],
    ...['--batch-window', '5', '--allow-host', 'localhost', '--trust', pushCertificate.file],
  );
  const [line] = await server.printed('stdout', /^\{.*\}$/m);
  for (const [index, password] of passwords.entries())
    await fetch(`http://127.0.0.1:${control}/createAccount`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ localpart: `test${index}`, domain: 'capulet.example', password }),
    });
  return {
    describe(known: readonly string[]): string {
      const { ca } = JSON.parse(line);
      const file = join(folder, `lent-${port}.json`);
      const list = known.map((password, index) => ({ jid: `test${index}@capulet.example`, password }));
      const push = { host: 'localhost', key: 'push-key.pem', cert: 'push-cert.pem' };
      const description = {
        host: '127.0.0.1',
        port,
        ca,
        domains: ['capulet.example'],
        accounts: { list },
        push,
      };
      writeFileSync(file, JSON.stringify(description));
      return file;
    },
    async close() {
      server.child.kill('SIGTERM');
      expect((await server.ended).code).toBe(0);
    },
  };
}

test('The reference in a process of its own keeps every sentence, by the description in the documentation', async () => {
  const file = join(root, 'docs', 'examples', 'served-reference.json');
  const { code, stdout, leftovers } = await cli('run', '--target', file, '--report', 'json');
  const { cases } = JSON.parse(stdout);
  const others = cases.filter(({ verdict }: { readonly verdict: string }) => verdict !== 'pass');
  expect(others.map(({ id, verdict }: Record<string, string>) => `${id} ${verdict}`)).toEqual([
    'importance/subscription-request info',
  ]);
  expect({ code, leftovers }).toEqual({ code: 0, leftovers: [] });
}, 300_000);
