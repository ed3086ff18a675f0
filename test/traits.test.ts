import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { RunResult } from '../harness/run/result.js';
import { traits } from '../harness/target/target.js';
import { cli, program, root } from './cli.fixture.js';

const folder = mkdtempSync(join(tmpdir(), 'traits-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('On a server that has nothing but messages, every case is judged or not applicable, and says why', async () => {
  const example = JSON.parse(readFileSync(join(root, 'docs', 'examples', 'served-reference.json'), 'utf8'));
  const command = [process.execPath, program, ...example.process.command.slice(2)];
  const file = join(folder, 'poor.json');
  const none = Object.fromEntries(traits.map((trait) => [trait, false]));
  writeFileSync(file, JSON.stringify({ ...example, traits: none, process: { ...example.process, command } }));
  const areas = [
    'live',
    'offline',
    'archive',
    'sessions',
    'discovery',
    'importance/blocked',
    'hibernated/one-push',
  ];
  const { code, stdout } = await cli('run', '--target', file, '--report', 'json', '--filter', ...areas);
  const { cases }: RunResult = JSON.parse(stdout);
  expect(new Set(cases.map(({ verdict }) => verdict))).toEqual(new Set(['pass', 'not-applicable']));
  const lacking = new Set(cases.flatMap(({ reason }) => /has no ([a-z-]+): /.exec(reason ?? '')?.[1] ?? []));
  // No case stands or falls with a roster; without resumption no case comes to carbons or to a stream that cannot be resumed.
  const never = ['roster', 'carbons', 'stream-management', 'client-state', 'rooms'];
  expect([...lacking].toSorted()).toEqual(traits.filter((trait) => !never.includes(trait)).toSorted());
  expect(code).toBe(0);
}, 120_000);
