import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the ports that systems give to outgoing connections, so that none of those takes one in between. */
const lowest = 15_000;
const highest = 32_000;

const given = new Set<number>();

/**
 * Ports that are free, and were not given before, by name.
 *
 * @param host this machine's address to listen on.
 * @throws Error when nobody can listen there.
 */
export async function freePorts<const Name extends string>(
  names: readonly Name[],
  host = '127.0.0.1',
): Promise<Record<Name, number>> {
  const ports = await Promise.all(names.map(async (name) => [name, await freePort(host)] as const));
  return Object.fromEntries(ports) as Record<Name, number>;
}

async function freePort(host: string): Promise<number> {
  for (;;) {
    const port = randomInt(lowest, highest);
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port, host)) return port;
  }
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
      .once('error', (error: NodeJS.ErrnoException) =>
        error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
      )
      .listen(port, host, () => probe.close(() => resolve(true)));
  });
}
