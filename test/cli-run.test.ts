import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { SaxesParser } from 'saxes';
import { afterAll, describe, expect, test } from 'vitest';
import { readSchema } from '../harness/kit/kit.js';
import type { RunResult } from '../harness/run/result.js';
import { cli } from './cli.fixture.js';

const folder = mkdtempSync(join(tmpdir(), 'cli-run-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What a seed decides: neither when a run began, nor how long it took, nor when its entries were recorded. */
function decidedBySeed(json: string): unknown {
  return JSON.parse(json, (name, value) => (/^(?:startedAt|at|.*Ms)$/.test(name) ? undefined : value));
}

/**
 * As many cases as make a run play them in several threads, where there are several processors; most share a play. One
 * varies.
 */
const filter = [
  ...['--filter', 'discovery', 'vapid', 'encryption', 'http', 'importance/chat-body'],
  ...['--seed', '20261122'],
] as const;

describe('Two runs with one seed', () => {
  test('have the same cases, verdicts, findings and fences, and run.json is what --report json prints', async () => {
    const out = join(folder, 'deep', 'results');
    const [first, second] = await Promise.all([
      cli('run', ...filter, '--report', 'json', '--out', out),
      cli('run', ...filter, '--report', 'json', '--jobs', '3'),
    ]);
    expect(first).toMatchObject({ code: 0, leftovers: [] });
    expect(second).toMatchObject({ code: 0, leftovers: [] });
    expect(decidedBySeed(second.stdout)).toEqual(decidedBySeed(first.stdout));

    const result: RunResult = JSON.parse(first.stdout);
    const validate = new Ajv({ strict: true }).compile(readSchema('run'));
    expect(validate(result), JSON.stringify(validate.errors)).toBe(true);
    expect(result.seed).toBe(20261122);
    expect(result.counts.pass).toBe(result.cases.filter(({ verdict }) => verdict === 'pass').length);
    expect(result.counts.pass + result.counts.info).toBe(result.cases.length);
    expect(result.cases.length).toBeGreaterThan(80);

    expect(readFileSync(join(out, 'run.json'), 'utf8')).toBe(first.stdout);
    expect(elements(readFileSync(join(out, 'junit.xml'), 'utf8')).get('testcase')).toBe(result.cases.length);
    const transcripts = readdirSync(join(out, 'transcripts'), { recursive: true, encoding: 'utf8' });
    const played = transcripts.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -5));
    expect(played.toSorted()).toEqual(result.cases.map(({ id }) => id).toSorted());
    const transcript = JSON.parse(
      readFileSync(join(out, 'transcripts', 'discovery', 'feature', 'connection=tcp.json'), 'utf8'),
    );
    expect(transcript.case).toBe('discovery/feature/connection=tcp');
    expect(transcript.entries.length).toBeGreaterThan(2);
  }, 60_000);
});

/** How often each element occurs, by a parser that is not the writer's. */
function elements(text: string): ReadonlyMap<string, number> {
  const seen = new Map<string, number>();
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name }) => seen.set(name, (seen.get(name) ?? 0) + 1));
  parser.write(text).close();
  return seen;
}

describe('A report that is piped', () => {
  test('has no escape codes, names target, seed, sum and exit code, and progress stays apart', async () => {
    const { code, stdout, stderr } = await cli(
      'run',
      '--filter',
      'discovery/feature/connection=tcp',
      '--seed',
      '7',
    );
    expect(code).toBe(0);
    expect(stdout).not.toContain('\u001b');
    expect(stdout).toMatch(/^XMPP Web Push conformance \S+\ntarget embedded: reference \S+ · seed 7\n/);
    expect(stdout).toMatch(
      /\n1 case \(\d+ deselected\): 1 pass\nin .*\nConformant: no MUST is broken \(exit 0\)\n$/,
    );
    expect(stderr).toBe('1 of 1 cases\n');
  });

  test('is well-formed XML in the form of JUnit', async () => {
    const { code, stdout } = await cli(
      'run',
      '--filter',
      'discovery/feature/connection=tcp',
      '--report',
      'junit',
    );
    expect(code).toBe(0);
    expect(elements(stdout).get('testcase')).toBe(1);
  });
});

test('doctor finds this machine and the embedded target in order', async () => {
  const { code, stdout, stderr, leftovers } = await cli('doctor');
  expect({ code, stderr, leftovers }).toEqual({ code: 0, stderr: '', leftovers: [] });
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .every((line) => line.startsWith('ok ')),
  ).toBe(true);
});
