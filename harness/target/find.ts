import { suggest, UsageError } from '../usage/usage-error.js';
import { embeddedTarget } from './embedded.js';
import type { Plugins } from './plugins.js';
import type { Target } from './target.js';

/** What stands behind `--target` for servers that come with the kit; each is loaded when it is asked for. */
export const builtIn = ['embedded', 'prosody', 'prosody:0.12', 'ejabberd', 'ejabberd:23.01'] as const;

/**
 * A target by name, or from a file when the name ends in `.json` or has a folder in it.
 *
 * @param plugins modules that Prosody is to load in place of what we do Web Push with.
 * @throws UsageError when there is no such target, or the file cannot be read or is wrong.
 */
export async function findTarget(nameOrFile: string, plugins?: Plugins): Promise<Target> {
  const name = builtIn.find((known) => known === nameOrFile);
  if (plugins && !name?.startsWith('prosody'))
    throw new UsageError(`--plugins is for --target prosody and prosody:0.12, not ${nameOrFile}`);
  switch (name) {
    case 'embedded':
      return embeddedTarget;
    case 'prosody':
    case 'prosody:0.12':
      return (await import('./prosody.js')).prosodyTarget(name, plugins);
    case 'ejabberd':
    case 'ejabberd:23.01':
      return (await import('./ejabberd.js')).ejabberdTarget(name);
  }
  if (/\.json$|[/\\]/.test(nameOrFile)) return (await import('./file/described.js')).readTarget(nameOrFile);
  throw new UsageError(
    `there is no target "${nameOrFile}"${suggest(nameOrFile, builtIn)} (or a file that ends in .json)`,
  );
}
