import { expect, test } from 'vitest';
import { cli } from './cli.fixture.js';

test('The reference keeps every sentence, in every case there is', async () => {
  const { code, stdout, leftovers } = await cli('run', '--deep', '--report', 'json');
  const { counts, cases } = JSON.parse(stdout);
  const others = cases.filter(({ verdict }: { readonly verdict: string }) => verdict !== 'pass');
  // The one MAY that the reference does not take up.
  expect(others.map(({ id, verdict }: Record<string, string>) => `${id} ${verdict}`)).toEqual([
    'importance/subscription-request info',
  ]);
  expect(counts).toMatchObject({ pass: cases.length - 1, info: 1, deselected: 0 });
  expect(code).toBe(0);
  expect(leftovers).toEqual([]);
}, 120_000);
