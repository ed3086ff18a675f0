import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { findPlugins } from './plugins.js';

const folder = mkdtempSync(join(tmpdir(), 'plugins-'));
afterAll(() => rmSync(folder, { recursive: true }));

function make(name: string, ...files: readonly string[]): string {
  const path = join(folder, name);
  mkdirSync(path);
  for (const file of files) {
    if (file.includes('/')) mkdirSync(join(path, file.slice(0, file.indexOf('/'))));
    writeFileSync(join(path, file), '');
  }
  return path;
}

describe("A folder of an author's modules", () => {
  test('that has one module needs no name', () => {
    const path = make('one', 'mod_web_push.lua', 'README.md', 'options.cfg.lua');
    expect(findPlugins(path)).toEqual({ folder: path, modules: ['web_push'] });
  });

  test('may have each module in a folder of its own', () => {
    const path = make('deep', 'mod_web_push/mod_web_push.lua', 'mod_other/mod_other.lua');
    expect(findPlugins(path, ['web_push'])).toEqual({ folder: path, modules: ['web_push'] });
  });

  test('that has several needs a name, and says which there are', () => {
    const path = make('several', 'mod_a.lua', 'mod_b.lua');
    expect(() => findPlugins(path)).toThrow(
      `--plugins ${path} has 2 modules: name one with --enable; there are: a, b`,
    );
  });

  test('that has not the module wanted says which is like it', () => {
    const path = make('like', 'mod_web_push.lua');
    expect(() => findPlugins(path, ['webpush'])).toThrow(
      `--plugins ${path} has no module "webpush"; did you mean "web_push"?`,
    );
  });

  test('that has none, or is none, is an error', () => {
    const path = make('none', 'init.lua', 'mod_text.md');
    expect(() => findPlugins(path)).toThrow(`--plugins ${path} has no module: no mod_….lua is in it`);
    expect(() => findPlugins(join(path, 'away'))).toThrow(/^--plugins .*away cannot be read: ENOENT/);
    expect(() => findPlugins(join(path, 'init.lua'))).toThrow(/cannot be read: ENOTDIR/);
  });
});
