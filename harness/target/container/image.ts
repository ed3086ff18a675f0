import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../kit/kit.js';
import { TargetFault } from '../fault.js';
import type { Engine } from './engine.js';

/** Dockerfiles and configuration of the servers. */
export const serversFolder = join(packageRoot, 'fixtures', 'servers');

/** A server as Debian has it. */
export interface ServerImage {
  /** Folder in `fixtures/servers/` that has its Dockerfile. */
  readonly server: string;
  /** The Debian release to take it from. */
  readonly debian: string;
  /** The version there, as it stands behind the colon of a target. */
  readonly version: string;
}

const label = 'webpush-conformance.image';
/** What a build may need to reach Debian's mirrors; Docker knows these arguments without a Dockerfile that names them. */
const proxies = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];

/**
 * Gives the name of the image, which is built first when there is none of these sources. What older sources were built
 * to is removed then.
 *
 * @throws TargetFault `start-failed` with the last lines of a build that failed.
 */
export async function provideImage({ docker }: Engine, image: ServerImage): Promise<string> {
  const files = [`${image.server}/Dockerfile`, 'warden'];
  const hash = createHash('sha256').update(image.debian);
  for (const file of files) hash.update(readFileSync(join(serversFolder, file)));
  const kind = `${image.server}-${image.version}`;
  const name = `localhost/webpush-conformance/${image.server}:${image.version}-${hash.digest('hex').slice(0, 12)}`;
  const exists = await docker
    .getImage(name)
    .inspect()
    .then(
      () => true,
      () => false,
    );
  if (exists) return name;
  process.stderr.write(`webpush-conformance: building the image of ${image.server} ${image.version}, once\n`);
  const output: string[] = [];
  try {
    const progress = await docker.buildImage(
      { context: serversFolder, src: files },
      {
        t: name,
        dockerfile: files[0],
        labels: { [label]: kind },
        buildargs: { DEBIAN: image.debian, ...environmentOf(proxies) },
        networkmode: 'host',
        forcerm: true,
      },
    );
    await new Promise<void>((resolve, reject) => {
      docker.modem.followProgress(
        progress,
        (error) => (error ? reject(error) : resolve()),
        ({ stream, error }: { readonly stream?: string; readonly error?: string }) => {
          output.push(...(stream ?? error ?? '').split('\n').filter((line) => line.trim() !== ''));
        },
      );
    });
    await docker.getImage(name).inspect();
  } catch (cause) {
    const last = [...output.slice(-5), (cause as Error).message].join('\n  ');
    throw new TargetFault('start-failed', `the image of ${kind} cannot be built:\n  ${last}`, { cause });
  }
  await removeOlder(docker, kind, name);
  return name;
}

async function removeOlder(docker: Engine['docker'], kind: string, name: string): Promise<void> {
  const images = await docker.listImages({ filters: { label: [`${label}=${kind}`] } });
  const older = images.filter(({ RepoTags }) => !RepoTags?.includes(name));
  // One that another run uses stays; the next build removes it.
  await Promise.allSettled(older.map(({ Id }) => docker.getImage(Id).remove()));
}

function environmentOf(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
