import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { lintCases, type SuiteFile } from '../harness/case/lint.js';
import { fencingFunctions, lintTimers } from '../harness/case/lint-source.js';
import { cases } from './cases.js';
import { catalogue } from './requirements/catalogue.js';

const folder = dirname(fileURLToPath(import.meta.url));
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => ({ file: `suites/${name}`, text: readFileSync(join(folder, name), 'utf8') }));
const files = sources.map(({ file }) => file).filter((file) => file.endsWith('.suite.ts'));

const importSuite = async (file: string): Promise<SuiteFile> => {
  const module = await import(pathToFileURL(join(dirname(folder), file)).href);
  return { file, cases: module.cases };
};

describe('the suites', () => {
  test('keep the rules for cases', async () => {
    const suites = await Promise.all(files.map(importSuite));
    expect(lintCases(suites, catalogue, fencingFunctions(sources))).toEqual([]);
  });

  test('wait for events, never for time', () => {
    expect(lintTimers(sources)).toEqual([]);
  });

  test('hold three hundred cases and more, a hundred and twenty of them negatives or absences', () => {
    expect(cases.length).toBeGreaterThanOrEqual(300);
    expect(cases.filter(({ negative, absence }) => negative || absence).length).toBeGreaterThanOrEqual(120);
  });

  test.each(files)('%s is played, and its cases are of its area', async (file) => {
    for (const { id } of (await importSuite(file)).cases) {
      expect(cases.map((subject) => subject.id)).toContain(id);
      expect(id.slice(0, id.indexOf('/'))).toBe(basename(dirname(file)));
    }
  });

  test('hold nothing that is in no file', async () => {
    const filed = (await Promise.all(files.map(importSuite))).flatMap((suite) => suite.cases);
    expect(cases.filter((subject) => !filed.some(({ id }) => id === subject.id))).toEqual([]);
  });
});
