import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { lintCases } from '../harness/case/lint.js';
import { cases } from './cases.js';
import { catalogue } from './requirements/catalogue.js';

const folder = dirname(fileURLToPath(import.meta.url));
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.suite.ts'),
);

describe('the suites', () => {
  test('keep the rules for cases', () => {
    expect(lintCases(cases, catalogue)).toEqual([]);
  });

  test('hold a hundred cases and more, forty of them negatives or absences', () => {
    expect(cases.length).toBeGreaterThanOrEqual(100);
    expect(cases.filter(({ negative, absence }) => negative || absence).length).toBeGreaterThanOrEqual(40);
  });

  test.each(files)('%s is played, and its cases are of its area', async (file) => {
    const module = await import(pathToFileURL(`${folder}/${file}`).href);
    for (const { id } of module.cases) {
      expect(cases.map((subject) => subject.id)).toContain(id);
      expect(id.slice(0, id.indexOf('/'))).toBe(basename(dirname(file)));
    }
  });

  test('hold nothing that is in no file', async () => {
    const modules = await Promise.all(files.map((file) => import(pathToFileURL(`${folder}/${file}`).href)));
    const filed = modules.flatMap((module) => module.cases);
    expect(cases.filter((subject) => !filed.some(({ id }) => id === subject.id))).toEqual([]);
  });
});
