/**
 * Breaks code in every small way there is, and sees that the tests beside it notice.
 *
 *     npm run mutation                all areas
 *     npm run mutation -- judge       one of them
 *
 * What was tried before and has not changed since is not tried again.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LogLevel, MutantResult, PartialStrykerOptions } from '@stryker-mutator/api/core';
import { Stryker } from '@stryker-mutator/core';
import { type Area, areas } from './areas.js';
import { reasons } from './reasons.js';
import { type Fate, isGood, leastScore, type Mutant, pageOf, resultOf, sentenceOf } from './result.js';

/** This file is compiled to `mutation/dist/mutation/`. */
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

process.chdir(root);
const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !areas.some((area) => area.name === name));
if (unknown !== undefined) {
  console.error(
    `mutation: there is no area "${unknown}"; there are ${areas.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}
function mutate({ name, files, tests }: Area): Promise<readonly MutantResult[]> {
  // For mutation/vitest.config.ts, which the test runners read.
  process.env.MUTATION_TESTS = tests;
  const options: PartialStrykerOptions = {
    mutate: [...files],
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: 'mutation/vitest.config.ts' },
    coverageAnalysis: 'perTest',
    // Types are erased: there is nothing to check, and no compiler whose API is needed.
    tsconfigFile: 'none',
    concurrency: 2,
    timeoutMS: 30_000,
    reporters: process.stderr.isTTY ? ['progress'] : ['progress-append-only'],
    logLevel: 'warn' as LogLevel,
    incremental: true,
    incrementalFile: `mutation/dist/${name}.json`,
    ignorePatterns: ['dist', 'mutation/dist', 'mutation/results', 'webpush-results', 'coverage'],
    tempDirName: 'mutation/dist/sandbox',
    cleanTempDir: 'always',
  };
  return new Stryker(options).runMutationTest();
}

const sources = new Map<string, readonly string[]>();

function linesOf(file: string): readonly string[] {
  const lines = sources.get(file) ?? readFileSync(file, 'utf8').split('\n');
  sources.set(file, lines);
  return lines;
}

function mutantOf({ fileName, location, mutatorName, replacement, status }: MutantResult): Mutant {
  const { start, end } = location;
  const lines = linesOf(fileName);
  const part = lines.slice(start.line - 1, end.line);
  const last = part.length - 1;
  const was = part.map((text, index) =>
    text.slice(index === 0 ? start.column - 1 : 0, index === last ? end.column - 1 : undefined),
  );
  return {
    file: relative(root, resolve(root, fileName)),
    line: start.line,
    mutator: mutatorName,
    source: lines[start.line - 1] ?? '',
    was: was.join('\n'),
    becomes: replacement ?? '',
    fate: fateOf(status),
  };
}

function fateOf(status: MutantResult['status']): Fate {
  switch (status) {
    case 'Killed':
      return 'killed';
    case 'Timeout':
      return 'endless';
    case 'Survived':
      return 'survived';
    case 'NoCoverage':
      return 'uncovered';
    default:
      return 'invalid';
  }
}

let isAllGood = true;
for (const area of areas) {
  if (wanted.length > 0 && !wanted.includes(area.name)) continue;
  const result = resultOf((await mutate(area)).map(mutantOf), reasons);
  mkdirSync(join('mutation', 'results'), { recursive: true });
  writeFileSync(join('mutation', 'results', `${area.name}.md`), pageOf(area, result));
  for (const mutant of result.unexplained) console.log(`survived ${sentenceOf(mutant)}`);
  for (const { file, line } of result.stale) console.log(`stale    the reason for ${file}, ${line}`);
  const least = result.score < leastScore ? `; at least ${leastScore} % must be` : '';
  console.log(
    `${area.name}: ${result.killed} of ${result.tried} mutants killed, ${result.score.toFixed(1)} %${least}; ` +
      `${result.explained.length} survivors with a reason, ${result.unexplained.length} without`,
  );
  isAllGood &&= isGood(result);
}
process.exitCode = isAllGood ? 0 : 1;
