// What a fresh clone needs before anything else can run: the packages and the compiled sources. Plain JavaScript on
// Node's own modules only, since nothing else is there yet.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...path) => join(root, ...path);
const sources = ['reference', 'harness', 'suites', 'fixtures', 'vectors', 'bench'];
const stamp = at('dist', '.built');

/** A clone, not an installed package: an installed package comes compiled and without its lock file. */
export const isClone = existsSync(at('tsconfig.build.json'));

/** Ends the process with a message when Node is too old for the packages. */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(`Node 20.19 or newer is needed; this is ${process.versions.node}`);
}

/** Installs the packages exactly as the lock file says, unless they already are. */
export function ensureInstalled() {
  if (modified(at('node_modules', '.package-lock.json')) >= modified(at('package-lock.json'))) return;
  console.error('Installing packages …');
  runOrFail(
    process.platform === 'win32' ? 'npm.cmd' : 'npm',
    ['ci', '--no-audit', '--no-fund', '--loglevel=error'],
    'the packages could not be installed; is the npm registry reachable?',
  );
}

/** Compiles the TypeScript sources to dist/, unless nothing has changed since. */
export function ensureBuilt() {
  const newest = Math.max(
    modified(at('tsconfig.build.json')),
    ...sources.map((folder) => newestIn(at(folder))),
  );
  if (modified(stamp) >= newest) return;
  console.error('Compiling …');
  runOrFail(
    process.execPath,
    [at('node_modules', 'typescript', 'bin', 'tsc'), '-p', at('tsconfig.build.json')],
    'the sources do not compile',
  );
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, '');
}

/** Runs a command in the project's folder with the terminal's input and output; ends this process if it fails. */
export function runOrFail(command, args, message) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) fail(error ? `${message} (${error.message})` : message);
}

function fail(message) {
  console.error(`webpush-conformance: ${message}`);
  process.exit(2);
}

function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function newestIn(folder) {
  if (!existsSync(folder)) return 0;
  let newest = modified(folder);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    newest = Math.max(newest, entry.isDirectory() ? newestIn(path) : modified(path));
  }
  return newest;
}
