// `npm test`: everything a change must pass, on a fresh clone too. Ends with one line that a script can read.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, requireNode, root, runOrFail } from './setup.js';

requireNode();
ensureInstalled();
const tool = (...path) => join(root, 'node_modules', ...path);
runOrFail(
  process.execPath,
  [tool('@biomejs', 'biome', 'bin', 'biome'), 'check'],
  'formatter or linter: see above',
);
runOrFail(process.execPath, [tool('typescript', 'bin', 'tsc'), '--noEmit'], 'type errors: see above');
// Some tests run the command line as a user does, compiled.
ensureBuilt();

const folder = mkdtempSync(join(tmpdir(), 'webpush-conformance-'));
const report = join(folder, 'report.json');
const { status } = spawnSync(
  process.execPath,
  [
    tool('vitest', 'vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit' },
);
let counts;
try {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  counts = { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
} catch {
  counts = { passed: 0, failed: 1, skipped: 0 };
}
rmSync(folder, { recursive: true });
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
const isSkippedInCi = process.env.CI === 'true' && counts.skipped > 0;
process.exitCode = status !== 0 || counts.passed === 0 || isSkippedInCi ? 1 : 0;
