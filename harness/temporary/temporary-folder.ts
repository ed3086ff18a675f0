import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** All threads of one process share it, so that its main thread can put away what the others leave when they are stopped. */
const prefix = `webpush-conformance-${process.pid}-`;

/** A new, empty folder, which its maker removes when it is no longer needed. */
export function makeTemporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), prefix));
}

/** Removes every temporary folder of this process that is left: for a process that ends before their makers can. */
export function removeTemporaryFolders(): void {
  try {
    for (const name of readdirSync(tmpdir())) {
      if (name.startsWith(prefix)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
    }
  } catch {
    // What cannot be read or removed is left to the system.
  }
}
