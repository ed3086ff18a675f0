import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, describe, expect, test } from 'vitest';
import { packageRoot, readSchema } from '../harness/kit/kit.js';
import { exampleOf, specSource } from '../harness/spec/testing/spec.fixture.js';
import { cli } from './cli.fixture.js';

const folder = mkdtempSync(join(tmpdir(), 'cli-spec-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, source: string): string {
  const file = join(folder, name);
  writeFileSync(file, source);
  return file;
}

const text = join(packageRoot, 'reference', 'spec', 'webpush.xml');
const good = write('good.xml', specSource(exampleOf('<message><body>b</body></message>')));
const bad = write('bad.xml', specSource(exampleOf('<message>\n<body>b</bdy></message>')));

describe('spec check', () => {
  test('finds nothing in the text of Web Push, whose examples it plays', async () => {
    const { code, stdout, stderr } = await cli('spec', 'check', text);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /: 23 examples, 12 played, \d+ sentences with an id: 0 errors, 0 warnings, 0 hints\n$/,
    );
  });

  test('gives a line for each finding, and 8 when one is an error', async () => {
    const { code, stdout } = await cli('spec', 'check', good, bad);
    expect(code).toBe(8);
    expect(stdout).toBe(
      `${bad}:5:8 error example/well-formed </bdy> does not close <body>, opened in line 5\n` +
        '2 files: 2 examples, 0 sentences with an id: 1 error, 0 warnings, 0 hints\n',
    );
  });

  test('prints JSON as its schema has it', async () => {
    const { code, stdout } = await cli('spec', 'check', bad, '--format', 'json');
    expect(code).toBe(8);
    const printed = JSON.parse(stdout);
    const validate = new Ajv({ strict: true }).compile(readSchema('spec-findings'));
    expect(validate(printed), JSON.stringify(validate.errors)).toBe(true);
    expect(printed.findings).toMatchObject([{ file: bad, line: 5, column: 8, rule: 'example/well-formed' }]);
  });

  test('looks at every XEP of a folder, past files that are broken and files that are none', async () => {
    const xeps = join(folder, 'xeps');
    mkdirSync(xeps);
    write('xeps/a.xml', '<xep>');
    write('xeps/b.xml', specSource(exampleOf('<message>')));
    write('xeps/c.xml', '<html/>');
    const { code, stdout } = await cli('spec', 'check', xeps);
    expect(code).toBe(8);
    expect(stdout).toContain(`${join(xeps, 'a.xml')}:1:5 error document/well-formed`);
    expect(stdout).toContain(`${join(xeps, 'b.xml')}:4:10 error example/well-formed <message>`);
    expect(stdout).toMatch(/^2 files: /m);
  });

  test('shows no control characters of a file', async () => {
    const file = write('escape.xml', specSource(exampleOf("<message to='a@&#x9b;31m'/>")));
    const { stdout } = await cli('spec', 'check', file);
    expect(stdout).toContain('\\u009b');
    expect(stdout).not.toContain('\u009b');
  });

  test.each([
    [
      'a file that is not there',
      [join(folder, 'none.xml')],
      /cannot read .*none\.xml: there is no such file or folder/,
    ],
    ['what is no file', ['/dev/null'], /\/dev\/null cannot be read: it is no file/],
    ['a folder without XEPs', [mkdtempSync(join(folder, 'empty-'))], /there is no XEP in /],
    ['no file at all', [], /missing required argument/],
  ])('refuses %s in one line', async (_, args, line) => {
    const { code, stdout, stderr } = await cli('spec', 'check', ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(line);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe('spec coverage', () => {
  test('has no hole, and prints JSON as its schema has it', async () => {
    const { code, stdout } = await cli('spec', 'coverage', '--format', 'json');
    expect(code).toBe(0);
    const printed = JSON.parse(stdout);
    const validate = new Ajv({ strict: true }).compile(readSchema('coverage'));
    expect(validate(printed), JSON.stringify(validate.errors)).toBe(true);
    expect(printed.requirements.length).toBeGreaterThan(200);
  });

  test('names the cases of a sentence that has changed, and gives 8', async () => {
    const changed = readFileSync(text, 'utf8').replace('decode to 16', 'decode to 17');
    const { code, stdout } = await cli('spec', 'coverage', '--spec', write('changed.xml', changed));
    expect(code).toBe(8);
    expect(stdout).toContain('reworded enable.auth-length');
    expect(stdout).toMatch(/cases .*enable\/auth-of-15-octets/);
  });

  test.each([
    ['that is no XEP', '<html/>', /changed-no\.xml:1:1 the file is no XEP/],
    ['without sentences', specSource(exampleOf('x')), /has no sentence with an id/],
  ])('refuses a text %s', async (_, source, line) => {
    const { code, stderr } = await cli('spec', 'coverage', '--spec', write('changed-no.xml', source));
    expect(code).toBe(2);
    expect(stderr).toMatch(line);
  });
});

test('explain tells where a sentence stands, its cases, and what turns them red', async () => {
  const { code, stdout } = await cli('explain', 'enable.auth-length');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^enable\.auth-length \(MUST\), XEP-XXXX §5\.3 Values\n/);
  expect(stdout).toMatch(/reference\/spec\/webpush\.xml:\d+, hash [0-9a-f]{12}/);
  expect(stdout).toContain('a server that does the same as in enable/valid, though auth has 15 octets');
});
