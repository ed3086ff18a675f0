import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAuthority } from '../harness/certificate/certificate.js';
import type { Exploration } from '../harness/model/exploration.js';
import { createServer, type XmppServer } from '../reference/server/server.js';
import { cli, root } from './cli.fixture.js';

const domain = 'capulet.example';
const pushHost = 'push.example';
const folder = mkdtempSync(join(tmpdir(), 'explore-file-'));
let server: XmppServer;

beforeAll(async () => {
  const authority = await createAuthority();
  const certificate = await authority.certify([pushHost]);
  server = await createServer({
    domains: [domain],
    tls: await authority.certify(['127.0.0.1', domain]),
    push: {
      allowedHosts: [pushHost],
      ca: authority.pem,
      lookup: (_, options, callback) =>
        options.all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4),
      batchWindow: 20,
    },
  });
  writeFileSync(join(folder, 'ca.pem'), authority.pem);
  writeFileSync(join(folder, 'key.pem'), certificate.key);
  writeFileSync(join(folder, 'cert.pem'), certificate.cert);
});

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** @param said what the file says of the server beyond its address. */
function describeServer(name: string, said: Readonly<Record<string, unknown>> = {}): string {
  const file = join(folder, `${name}.json`);
  const push = { host: pushHost, key: 'key.pem', cert: 'cert.pem' };
  const address = { host: '127.0.0.1', port: server.ports.tcp, ca: 'ca.pem', domains: [domain] };
  writeFileSync(file, JSON.stringify({ ...address, push, ...said }));
  return file;
}

test('A server described by a file is explored without the steps that need a hand inside it', async () => {
  const file = describeServer('right');
  const { code, stdout, leftovers } = await cli('explore', '--target', file, '--runs', '16', '--seed', '3');
  expect(stdout.split('\n').filter((line) => line.startsWith('LEFT OUT'))).toEqual([
    'LEFT OUT restarts of the server: the target has no hook restart',
    'LEFT OUT sudden deaths of the server: the target has no hook crash',
    'LEFT OUT time that passes, and steps within a batch window: the target has no hook advanceClock',
    'LEFT OUT changes of the application server key: the target has no hook changeKey',
  ]);
  expect(stdout).toContain('16 sequences');
  expect({ code, leftovers }).toEqual({ code: 0, leftovers: [] });
}, 300_000);

test('A server that a file starts, restarts, kills and moves in time is explored with all steps', async () => {
  const file = join(root, 'docs', 'examples', 'served-reference.json');
  const { code, stdout, leftovers } = await cli('explore', '--target', file, '--runs', '8', '--seed', '3');
  expect(stdout).not.toContain('LEFT OUT');
  expect(stdout).toContain('8 sequences');
  expect({ code, leftovers }).toEqual({ code: 0, leftovers: [] });
}, 300_000);

test('What such a server does otherwise than its file says is found, made short, and repeats with seed and path', async () => {
  const file = describeServer('wrong', { config: { maxDevices: 1 } });
  const explore = async (...how: readonly string[]): Promise<Exploration> => {
    const { code, stdout, leftovers } = await cli(
      ...['explore', '--target', file, '--seed', '5', '--report', 'json', ...how],
    );
    expect({ code, leftovers }).toEqual({ code: 1, leftovers: [] });
    return JSON.parse(stdout);
  };
  const { counterexample: found } = await explore('--runs', '100');
  expect(found?.finding.requirement).toBe('registration.evicted');
  expect(found?.steps.length).toBeLessThanOrEqual(5);
  const { counterexample: again, runs } = await explore('--path', found?.path ?? '');
  expect(runs).toBe(1);
  expect(again?.steps).toEqual(found?.steps);
}, 600_000);
