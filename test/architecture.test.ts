import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

interface Module {
  /** From the project's root, `reference/engine/engine.ts`. */
  readonly path: string;
  /** Project files it imports, from the root; packages and Node's own modules apart. */
  readonly files: readonly string[];
  readonly packages: readonly string[];
}

const modules = ['reference', 'harness', 'suites', 'fixtures', 'vectors', 'bench'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readModule(join(folder, name))),
);

function readModule(path: string): Module {
  const specifiers = [
    ...readFileSync(join(root, path), 'utf8').matchAll(
      /(?:from|import|import\(|require\(|\(import\.meta\.url\)\()\s*'([^']+)'/g,
    ),
  ]
    .map((match) => match[1] ?? '')
    .filter((specifier) => !specifier.startsWith('node:'));
  const local = specifiers.filter((specifier) => specifier.startsWith('.'));
  return {
    path,
    files: local.map((specifier) => relative(root, join(root, dirname(path), specifier))),
    packages: specifiers.filter((specifier) => !specifier.startsWith('.')),
  };
}

const isTest = ({ path }: Module) => path.endsWith('.test.ts');

/** Imports from files under `folder` that reach a path starting with one of `forbidden`. */
function breaches(folder: string, forbidden: readonly string[], except: readonly string[] = []): string[] {
  return modules
    .filter(
      (module) => module.path.startsWith(folder) && !except.some((path) => module.path.startsWith(path)),
    )
    .flatMap((module) =>
      module.files
        .filter((file) => forbidden.some((path) => file.startsWith(path)))
        .map((file) => `${module.path} imports ${file}`),
    );
}

describe('imports point one way', () => {
  test('the reference knows nothing of the harness, the suites or the fixtures', () => {
    expect(breaches('reference/', ['harness/', 'suites/', 'fixtures/', 'bench/'])).toEqual([]);
  });

  test('the harness knows the reference only through the targets that host it and the command that runs it', () => {
    expect(breaches('harness/', ['reference/'], ['harness/target/', 'harness/cli/sidecar-'])).toEqual([]);
  });

  test('a target never touches the codecs of the reference', () => {
    const codecs = ['stanza', 'subscription', 'importance', 'payload', 'encryption', 'vapid'].map(
      (part) => `reference/${part}/`,
    );
    expect(breaches('harness/target/', codecs)).toEqual([]);
  });

  test('the suites know the harness, never the reference', () => {
    expect(breaches('suites/', ['reference/', 'fixtures/', 'bench/'])).toEqual([]);
  });

  test('nothing imports the suites but the command line', () => {
    expect(breaches('harness/', ['suites/'], ['harness/cli/'])).toEqual([]);
  });
});

test('nothing imports the fixtures but the command line', () => {
  expect(breaches('harness/', ['fixtures/'], ['harness/cli/'])).toEqual([]);
  expect(breaches('fixtures/', ['reference/', 'harness/cli/', 'harness/target/'])).toEqual([]);
});

describe('test vectors', () => {
  const code = /^vectors\/.*\.js$/;

  test('are known to nothing but the command line; their files are data to anybody', () => {
    const guilty = modules.filter(
      ({ path, files }) =>
        !path.startsWith('vectors/') &&
        !path.startsWith('harness/cli/') &&
        files.some((file) => code.test(file)),
    );
    expect(guilty.map(({ path }) => path)).toEqual([]);
  });

  test('are never made by what they are to judge', () => {
    expect(breaches('vectors/generate/', ['reference/', 'harness/judge/', 'vectors/verify/'])).toEqual([]);
  });

  test('are verified by the reference and the judge, and know nothing of commands and targets', () => {
    expect(breaches('vectors/', ['harness/cli/', 'harness/target/', 'fixtures/', 'bench/'])).toEqual([]);
  });
});

describe('what encrypts and what opens share no code', () => {
  test('the reference does not use the libraries of the judge', () => {
    const guilty = modules.filter(
      (module) =>
        module.path.startsWith('reference/') &&
        !isTest(module) &&
        module.packages.some((name) => name.startsWith('@noble/')),
    );
    expect(guilty.map((module) => module.path)).toEqual([]);
  });
});

describe('pure code does no I/O', () => {
  const pure = [
    'reference/stanza/',
    'reference/importance/',
    'reference/payload/',
    'reference/encryption/',
    'reference/engine/',
    'harness/judge/',
    'harness/case/',
  ];
  const forbidden = /from 'node:(fs|net|tls|http|https|http2|dns|child_process|worker_threads|timers)/;

  test.each(pure)('%s', (folder) => {
    const guilty = modules.filter(
      (module) =>
        module.path.startsWith(folder) &&
        !isTest(module) &&
        forbidden.test(readFileSync(join(root, module.path), 'utf8')),
    );
    expect(guilty.map((module) => module.path)).toEqual([]);
  });
});
