import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { cli, program, root } from './cli.fixture.js';

const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
afterAll(() => rmSync(folder, { recursive: true }));

const example = JSON.parse(readFileSync(join(root, 'docs', 'examples', 'served-reference.json'), 'utf8'));

/** The published example without some arguments of its server, and with other members replaced. */
function describeTarget(name: string, without: RegExp, changes: object = {}): string {
  const command = [process.execPath, program, ...example.process.command.slice(2)];
  const file = join(folder, `${name}.json`);
  const kept = command.filter((argument: string) => !without.test(argument));
  writeFileSync(
    file,
    JSON.stringify({ ...example, process: { ...example.process, command: kept }, ...changes }),
  );
  return file;
}

/** What doctor says of the target, without what it says of this machine. */
async function diagnose(file: string) {
  const { code, stdout, stderr, leftovers } = await cli('doctor', '--target', file);
  expect({ stderr, leftovers }).toEqual({ stderr: '', leftovers: [] });
  return { code, lines: stdout.trimEnd().split('\n').slice(5) };
}

describe('doctor', { timeout: 60_000 }, () => {
  test('sees a server start, take clients, have Web Push and reach the push service', async () => {
    const { code, lines } = await diagnose(describeTarget('right', /^$/));
    expect(code).toBe(0);
    expect(lines.map((line) => line.slice(0, 5))).toEqual(['ok   ', 'ok   ', 'ok   ']);
    expect(lines[2]).toMatch(/^ok {4}its pushes reach the push service \(in \d+ ms, /);
  });

  test('notes what a run would leave out for want of a hook or a trait', async () => {
    const { changeKey: _, ...hooks } = example.hooks;
    const file = describeTarget('less', /^$/, { hooks, traits: { carbons: false } });
    const { code, lines } = await diagnose(file);
    expect(code).toBe(0);
    expect(lines).toContain('note  not applicable: the target has no carbons: so its description says');
    expect(lines).toContain('note  untestable without the hook changeKey: 2 cases');
  });

  test('tells a server that does not trust the push service from one that does not find it', async () => {
    const patience = { patience: 1500 };
    const distrusting = await diagnose(describeTarget('distrusting', /^--trust/, patience));
    expect(distrusting.code).toBe(3);
    expect(distrusting.lines.join('\n')).toMatch(
      /\nwrong its pushes reach the push service: no request came within 1500 ms; TLS failed: .*\n {6}the server refuses the certificate/,
    );
    const lost = await diagnose(describeTarget('lost', /^--resolve/, patience));
    expect(lost.code).toBe(3);
    expect(lost.lines.join('\n')).toMatch(
      /\nwrong its pushes .*; nobody connected\n {6}the server must resolve push\.conformance\.test to this machine/,
    );
  });

  test('says what a server without Web Push showed instead, and checks no further', async () => {
    const { code, lines } = await diagnose(
      describeTarget('without', /^$/, { config: { ...example.config, push: false } }),
    );
    expect(code).toBe(3);
    expect(lines[1]).toMatch(
      /^wrong it has Web Push: .*a result for an enable: the error service-unavailable$/,
    );
    expect(lines.at(-1)).toBe('skip  its pushes reach the push service');
  });
});
