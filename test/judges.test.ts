import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mutants } from '../fixtures/mutants/mutants.js';
import { quick } from '../fixtures/mutants/quick.js';
import { packageRoot } from '../harness/kit/kit.js';
import { cli } from './cli.fixture.js';

/** Functions that give findings, by what their declarations say. */
const judges = ['harness/judge', 'suites'].flatMap((folder) =>
  readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .flatMap((file) => judgesIn(`${folder}/${file}`)),
);

function judgesIn(file: string): readonly string[] {
  const source = readFileSync(join(packageRoot, file), 'utf8');
  const functions = source.matchAll(
    /^(?:export )?function (\w+)(?:<[^>]*>)?\(([\s\S]*?)\n?\)(?:: ([^{]*?))? \{$/gm,
  );
  return [...functions].flatMap(([, name, input = '', output = '']) =>
    /^(?:readonly )?Finding\b/.test(output) || /\bfind: Find\b/.test(input)
      ? [`${file.replace(/\.ts$/, '.js')} ${name}`]
      : [],
  );
}

/** They find nothing broken by themselves. */
const exceptions = [
  // Puts findings together that are all kept.
  'suites/scene/wire.js kept',
  // Several requests at once: only the command push-service asks it, and harness/judge/wire.test.ts.
  'harness/judge/wire.js judgeRequests',
];

test('The quick mutants are of every area', () => {
  const areaOf = (id: string) => id.split('/', 1)[0];
  expect(quick.filter((id) => !mutants.some((mutant) => mutant.id === id))).toEqual([]);
  expect([...new Set(quick.map(areaOf))].sort()).toEqual(
    [...new Set(mutants.map(({ id }) => areaOf(id)))].sort(),
  );
});

test('Whatever judge is taken out, a quick mutant survives that is killed otherwise', async () => {
  const { code, stdout } = await cli('mutants', 'judges', '--quick', '--json');
  const missed: Record<string, readonly string[]> = JSON.parse(stdout);
  expect(judges.filter((judge) => !missed[judge]?.length && !exceptions.includes(judge))).toEqual([]);
  expect(code).toBe(0);
}, 300_000);
