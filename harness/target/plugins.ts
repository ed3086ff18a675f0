import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { suggest, UsageError } from '../usage/usage-error.js';

/** Modules of an author's own, which do Web Push in a server. */
export interface Plugins {
  /** Absolute, on this machine. A file `*.cfg.lua` in it is part of the server's configuration. */
  readonly folder: string;
  /** Names of those to load on each virtual host, at least one. */
  readonly modules: readonly string[];
}

/**
 * Looks into a folder of Prosody modules: `mod_x.lua` or `mod_x/mod_x.lua`.
 *
 * @param wanted names without `mod_`; may be left out when the folder has but one.
 * @throws UsageError when the folder cannot be read, or has not what is wanted.
 */
export function findPlugins(folder: string, wanted: readonly string[] = []): Plugins {
  const absolute = resolve(folder);
  const present = modulesIn(absolute, folder);
  if (present.length === 0) throw new UsageError(`--plugins ${folder} has no module: no mod_….lua is in it`);
  const missing = wanted.find((name) => !present.includes(name));
  if (missing !== undefined)
    throw new UsageError(`--plugins ${folder} has no module "${missing}"${suggest(missing, present)}`);
  if (wanted.length === 0 && present.length > 1)
    throw new UsageError(
      `--plugins ${folder} has ${present.length} modules: name one with --enable; there are: ${present.slice(0, 12).join(', ')}`,
    );
  return { folder: absolute, modules: wanted.length > 0 ? wanted : present };
}

function modulesIn(folder: string, given: string): readonly string[] {
  const read = () => {
    try {
      return readdirSync(folder, { withFileTypes: true });
    } catch (cause) {
      throw new UsageError(`--plugins ${given} cannot be read: ${(cause as Error).message}`, { cause });
    }
  };
  return read()
    .filter((entry) => entry.isDirectory() !== entry.name.endsWith('.lua'))
    .flatMap(({ name }) => /^mod_(\w+)(?:\.lua)?$/.exec(name)?.[1] ?? [])
    .sort();
}
