import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Catalogue } from '../case/requirement.js';
import { packageRoot } from '../kit/kit.js';
import { findTarget } from '../target/find.js';
import { checkSpec } from './check.js';
import { playExamples } from './play/play.js';

interface Slip {
  readonly slip: string;
  readonly after: string;
  readonly find: string;
  readonly write: string;
  readonly rule: string;
  /** Lines from the change to where its finding stands; the element that is wrong may begin before it. */
  readonly lines?: number;
}

const file = 'reference/spec/webpush.xml';
const text = readFileSync(join(packageRoot, file), 'utf8');
const { slips }: { readonly slips: readonly Slip[] } = JSON.parse(
  readFileSync(join(packageRoot, 'fixtures', 'spec', 'slips.json'), 'utf8'),
);

/** Every sentence on requests binds; what it says does not matter here. */
const catalogue: Catalogue = new Proxy(new Map(), {
  get: () => (id: string) => ({ id, level: 'MUST', sentence: id, document: 'RFC', section: '1' }),
});

async function check(source: string) {
  const target = await findTarget('embedded');
  return checkSpec(file, Buffer.from(source), {
    catalogue,
    play: (document) => playExamples(document, target),
  });
}

test('The text of Web Push has no slip, and a server does what its examples show', async () => {
  const { findings, played, examples } = await check(text);
  expect(findings.filter(({ message }) => !/\(RFC §1, receivers\./.test(message))).toEqual([]);
  expect(examples).toBeGreaterThan(20);
  expect(played).toBe(12);
});

describe('A slip in the text of Web Push is found in its line', () => {
  test.concurrent.each(slips.map((slip) => [slip.slip, slip] as const))(
    '%s',
    async (_, { after, find, write, rule, lines = 0 }) => {
      const start = text.indexOf(find, text.indexOf(after));
      expect(text.indexOf(after), after).toBeGreaterThan(-1);
      expect(start, find).toBeGreaterThan(-1);
      const line = text.slice(0, start).split('\n').length + lines;
      const { findings } = await check(text.slice(0, start) + write + text.slice(start + find.length));
      const graver = findings.filter(({ level }) => level !== 'hint');
      expect(
        graver.filter((finding) => finding.rule === rule && finding.line === line),
        JSON.stringify(graver, undefined, 1),
      ).not.toEqual([]);
    },
  );
});
