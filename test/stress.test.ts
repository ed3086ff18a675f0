import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { readSchema } from '../harness/kit/kit.js';
import type { StressResult } from '../harness/stress/stress.js';
import { cli, start } from './cli.fixture.js';

test('Each case is played as often as was asked, under load, and JSON is printed as its schema has it', async () => {
  const filter = ['--filter', 'discovery', '--rounds', '3', '--load', '1', '--seed', '4294967295'];
  const { code, stdout, stderr, leftovers } = await cli('stress', ...filter, '--report', 'json');
  expect({ code, leftovers }).toEqual({ code: 0, leftovers: [] });
  expect(stderr).toMatch(/(\d+) of \1 executions\n$/);
  const result: StressResult = JSON.parse(stdout);
  const validate = new Ajv({ strict: true }).compile(readSchema('stress'));
  expect(validate(result), JSON.stringify(validate.errors)).toBe(true);
  expect(result).toMatchObject({ rounds: 3, load: 1, seed: 4294967295, deviating: 0 });
  expect(result.cases.length).toBeGreaterThan(5);
  for (const each of result.cases) expect(each).toMatchObject({ verdict: 'pass', counts: { pass: 3 } });
}, 60_000);

test('An interrupt ends it, the busy threads too, and what was counted is printed', async () => {
  const running = start('stress', '--filter', 'discovery', '--rounds', '10', '--load', '1');
  await running.printed('stderr', /executions/);
  running.child.kill('SIGINT');
  const { code, stdout, leftovers } = await running.ended;
  expect({ code, leftovers }).toEqual({ code: 130, leftovers: [] });
  expect(stdout).toContain('Interrupted (exit 130)');
}, 60_000);

test.each([
  ['--rounds', '0'],
  ['--load', '-1'],
  ['--seed', '4294967296'],
])('%s %s is refused in one line', async (option, value) => {
  const { code, stdout, stderr } = await cli('stress', option, value);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(new RegExp(`^webpush-conformance: .*${option}.*\\n$`));
});
