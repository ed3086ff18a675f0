import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { watch } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { start } from './cli.fixture.js';

const folder = mkdtempSync(join(tmpdir(), 'interrupt-'));
afterAll(() => rmSync(folder, { recursive: true }));

// That its pipes close tells that no process of its own outlives it, and with them its ports are closed.
describe('Ctrl-C', { timeout: 20_000 }, () => {
  test.concurrent('right after the start ends the process and leaves nothing', async () => {
    const { child, ended } = start('run');
    await once(child, 'spawn');
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 130, stdout: '', leftovers: [] });
  });

  test.concurrent('in the middle of a run reports what is known, and says that it was interrupted', async () => {
    const { child, printed, ended } = start('run', '--filter', 'importance', 'discovery', '--jobs', '4');
    await printed('stderr', /cases\n/);
    const since = performance.now();
    child.kill('SIGINT');
    const { code, stdout, stderr, leftovers } = await ended;
    expect({ code, leftovers }).toEqual({ code: 130, leftovers: [] });
    expect(stdout).toMatch(/\n\d+ cases.*: \d+ pass.*\nin .*\nInterrupted \(exit 130\)\n$/);
    expect(stderr).toContain('webpush-conformance: interrupted; putting everything away\n');
    expect(performance.now() - since).toBeLessThan(4000);
  });

  test.concurrent('twice ends the process at once and leaves nothing', async () => {
    // Servers that are restarted keep their data in temporary folders.
    const { child, folder: temporary, printed, ended } = start('run', '--filter', 'registration');
    const { value } = await watch(temporary)[Symbol.asyncIterator]().next();
    expect(value.filename).toMatch(/^webpush-conformance-/);
    child.kill('SIGINT');
    await printed('stderr', /interrupted/);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 130, leftovers: [] });
  });

  test.concurrent('while a server says nothing does not wait for it', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const file = join(folder, 'silent.json');
    writeFileSync(
      file,
      JSON.stringify({
        host: '127.0.0.1',
        port: typeof address === 'object' ? address?.port : 0,
        domains: ['capulet.example'],
        patience: 60_000,
        push: { host: 'localhost' },
      }),
    );
    const { child, ended } = start('run', '--target', file);
    const [socket] = await once(server, 'connection');
    const since = performance.now();
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 130, leftovers: [] });
    expect(performance.now() - since).toBeLessThan(4000);
    socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
});
