import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { mutants } from '../fixtures/mutants/mutants.js';
import { createAuthority } from '../harness/certificate/certificate.js';
import { packageRoot } from '../harness/kit/kit.js';
import { applyPatch, type Mutant, type Patch } from '../harness/mutant/mutant.js';
import { createLaboratory } from '../harness/mutant/trial.js';
import { cases } from '../suites/cases.js';
import { cli } from './cli.fixture.js';

// Each trial starts a thread with a server of its own.
vi.setConfig({ testTimeout: 120_000 });

const laboratory = createLaboratory(createAuthority());
afterAll(() => laboratory.close());

const usual = new Set<string>();
const signal = new AbortController().signal;

/** Tries a change where only one case is there to notice. */
function trial(patch: Patch, limit = 60_000) {
  const mutant: Mutant = {
    id: 'test/trial',
    title: 'a trial',
    breaks: ['important.headline'],
    patches: [patch],
  };
  const subjects = cases.filter(({ id }) => id === 'importance/headline');
  const options = { seed: 7, timeoutScale: 0.5, limit, signal };
  return laboratory.try(mutant, { played: subjects, all: subjects }, usual, options);
}

test('Every mutant has an id of its own', () => {
  const ids = mutants.map(({ id }) => id);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

test.each(mutants.map((mutant) => [mutant.id, mutant] as const))(
  'The patches of %s fit the compiled reference',
  (_, { patches }) => {
    const modules = new Map<string, string>();
    for (const patch of patches) {
      const source =
        modules.get(patch.file) ?? readFileSync(join(packageRoot, 'dist', 'reference', patch.file), 'utf8');
      const changed = applyPatch(source, patch);
      expect(changed).not.toBe(source);
      modules.set(patch.file, changed);
    }
  },
);

describe('A mutant that shows nothing of the cases is told apart:', () => {
  const unchanged = 'export const rules = [';

  test('one that changes nothing is broken', async () => {
    const fate = await trial({ file: 'importance/rules.js', find: unchanged, write: `/* */ ${unchanged}` });
    expect(fate).toEqual({ type: 'broken', reason: 'it changes nothing that any case shows' });
  });

  test('one that only shows where it breaks no sentence of its own survives', async () => {
    const fate = await trial({
      file: 'vapid/token.js',
      find: 'return new URL(endpoint).origin;',
      write: "throw new Error('no token');",
    });
    expect(fate).toEqual({ type: 'survived', elsewhere: ['importance/headline'], played: 1 });
  });

  test('one that does not start is broken', async () => {
    const fate = await trial({
      file: 'importance/rules.js',
      find: unchanged,
      write: `throw new Error('no'); ${unchanged}`,
    });
    expect(fate).toMatchObject({ type: 'broken' });
  });

  test('one that does not even load is broken', async () => {
    const fate = await trial({
      file: 'importance/rules.js',
      find: unchanged,
      write: `export const rules = [[`,
    });
    expect(fate).toMatchObject({ type: 'broken' });
  });

  test('one that is caught in a loop is broken', async () => {
    const loop = 'for (;;) {}';
    const fate = await trial(
      { file: 'importance/classify.js', find: 'const subject =', write: `${loop} const subject =` },
      2000,
    );
    expect(fate).toEqual({ type: 'broken', reason: 'it hangs: no end after 2 s' });
  });

  test('one whose patch does not fit is broken', async () => {
    const fate = await trial({ file: 'importance/rules.js', find: 'no such thing', write: '' });
    expect(fate).toEqual({
      type: 'broken',
      reason: 'no such thing occurs 0 times in importance/rules.js, expected once',
    });
  });

  test('one that pushes late, after the case had its verdict, is killed all the same', async () => {
    const late = mutants.find(({ id }) => id === 'timing/again-late');
    if (!late) throw new Error('there is no late mutant');
    // Other cases keep the push service open until the late push has come.
    const subjects = cases.filter(({ id }) => id === 'offline/one-push' || /^hibernated\//.test(id));
    const options = { seed: 7, timeoutScale: 0.5, limit: 100_000, signal };
    const fate = await laboratory.try(late, { played: subjects, all: subjects }, usual, options);
    expect(fate).toMatchObject({ type: 'killed' });
  });

  test('and the copy is as it was for the next', async () => {
    const fate = await trial({
      file: 'importance/rules.js',
      find: /name: 'headline',\s*importance: 'unimportant'/,
      write: "name: 'headline', importance: 'important'",
    });
    const kills = [{ case: 'importance/headline', sentences: ['important.headline'] }];
    expect(fate).toEqual({ type: 'killed', kills, played: 1 });
  });
});

test('A pattern that names no mutant is refused', async () => {
  const { code, stderr } = await cli('mutants', 'run', 'importence');
  expect(code).toBe(2);
  expect(stderr).toBe(
    'webpush-conformance: there is no mutant "importence"; did you mean "importance"?; `mutants list` has them\n',
  );
});

test('The list has the mutants of a sentence, as JSON too', async () => {
  const { code, stdout } = await cli('mutants', 'list', 'important.headline', '--json');
  expect(code).toBe(0);
  const listed: readonly { readonly id: string; readonly breaks: readonly string[] }[] = JSON.parse(stdout);
  expect(listed.map(({ id }) => id)).toContain('importance/headline');
  expect(listed.filter(({ breaks }) => !breaks.includes('important.headline'))).toEqual([]);
});

describe('The matrix in the documentation', () => {
  test('has no mutant that survives, none that is broken or blunt, and no case that kills none', async () => {
    const { stdout } = await cli('mutants', 'score');
    const offences = stdout
      .split('\n')
      .filter((line) => /^[A-Z]+ /.test(line) && !line.startsWith('UNTRIED'));
    expect(offences).toEqual([]);
    expect(stdout).toMatch(/^(\d+) mutants: \1 killed, 0 survived, 0 broken$/m);
  });

  test('is drawn as a page', async () => {
    const { stdout } = await cli('mutants', 'score', '--report', 'html');
    expect(stdout).toMatch(/^<!doctype html>/);
    expect(stdout).toContain(
      '<title>importance/headline kills importance/headline: important.headline</title>',
    );
  });

  test('and as its JSON it says the same', async () => {
    const { stdout } = await cli('mutants', 'score', '--report', 'json');
    expect(stdout).toBe(readFileSync(join(packageRoot, 'docs', 'matrix.json'), 'utf8'));
  });
});

test.each([
  [
    'that is not there',
    'nowhere.json',
    /^webpush-conformance: nowhere\.json cannot be read: .*; `mutants run --out` writes one\n$/,
  ],
  [
    'that is something else',
    'package.json',
    /^webpush-conformance: package\.json is no matrix of mutants: \/ .*\n$/,
  ],
])('A matrix %s is refused', async (_, file, message) => {
  const { code, stderr } = await cli('mutants', 'score', file);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});
