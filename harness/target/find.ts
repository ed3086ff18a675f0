import { suggest, UsageError } from '../usage/usage-error.js';
import { embeddedTarget } from './embedded.js';
import type { Target } from './target.js';

const builtIn: readonly Target[] = [embeddedTarget];

/**
 * A target by name, or from a file when the name ends in `.json` or has a folder in it.
 *
 * @throws UsageError when there is no such target, or the file cannot be read or is wrong.
 */
export async function findTarget(nameOrFile: string): Promise<Target> {
  const target = builtIn.find(({ name }) => name === nameOrFile);
  if (target) return target;
  if (/\.json$|[/\\]/.test(nameOrFile)) return (await import('./remote.js')).readTargetFile(nameOrFile);
  const names = builtIn.map(({ name }) => name);
  throw new UsageError(
    `there is no target "${nameOrFile}"${suggest(nameOrFile, names)} (or a file that ends in .json)`,
  );
}
