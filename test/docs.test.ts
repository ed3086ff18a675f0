import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readSchema } from '../harness/kit/kit.js';
import { readTarget } from '../harness/target/file/described.js';
import { readTargetFile } from '../harness/target/file/target-file.js';
import { root } from './cli.fixture.js';

const folder = mkdtempSync(join(tmpdir(), 'docs-'));
afterAll(() => rmSync(folder, { recursive: true }));

const page = readFileSync(join(root, 'docs', 'target-contract.md'), 'utf8');
const examples = [...page.matchAll(/<!-- tested: (\w+) -->\n```json\n([\s\S]*?)```/g)];

describe('The contract for targets', () => {
  test.each(examples.map(([, name = '', text = '']) => [name, text]))(
    'shows an example that is right: %s',
    (name, text) => {
      for (const file of ['push-key.pem', 'push-cert.pem']) writeFileSync(join(folder, file), 'PEM');
      const file = join(folder, `${name}.json`);
      writeFileSync(file, text);
      expect(readTarget(file)).toMatchObject({
        instances: 'one',
        pushListener: { names: ['push.example.org'] },
      });
    },
  );

  test.each(readdirSync(join(root, 'docs', 'examples')))(
    'comes with an example that is right: %s',
    (name) => {
      expect(readTargetFile(join(root, 'docs', 'examples', name)).process).toBeDefined();
    },
  );

  test('names every hook, and every setting', () => {
    const { properties } = readSchema('target') as {
      readonly properties: Record<'hooks' | 'config', { readonly properties: object }>;
    };
    expect(examples).toHaveLength(2);
    for (const name of Object.keys({ ...properties.hooks.properties, ...properties.config.properties }))
      expect(page).toContain(`\`${name}\``);
  });
});
