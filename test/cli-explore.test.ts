import { expect, test } from 'vitest';
import { cli } from './cli.fixture.js';

test('A short exploration finds nothing on the embedded reference, and says what it did', async () => {
  const { code, stdout } = await cli('explore', '--runs', '5', '--seed', '3');
  expect(stdout).toMatch(/5 sequences, \d+ steps, \d+ requests/);
  expect(stdout).toContain('No disagreement with the model (exit 0)');
  expect(code).toBe(0);
}, 30_000);
