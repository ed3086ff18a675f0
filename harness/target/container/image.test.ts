import { PassThrough } from 'node:stream';
import { afterEach, expect, test, vi } from 'vitest';
import type { Engine } from './engine.js';
import { provideImage } from './image.js';

const prosody = { server: 'prosody', version: '13.0', debian: 'trixie' } as const;

afterEach(() => vi.restoreAllMocks());

/** An engine without the image, whose build goes as told. */
function engineWithout(build: 'fails' | 'succeeds') {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const images = new Set<string>();
  const removed: string[] = [];
  const docker = {
    getImage: (name: string) => ({
      inspect: async () => {
        if (!images.has(name)) throw new Error('no such image');
      },
      remove: async () => void removed.push(name),
    }),
    async buildImage(_context: object, { t }: { readonly t: string }) {
      if (build === 'succeeds') images.add(t);
      return new PassThrough();
    },
    listImages: async () => [{ Id: 'older', RepoTags: ['localhost/webpush-conformance/prosody:13.0-0'] }],
    modem: {
      followProgress(
        _stream: object,
        done: (error: Error | null) => void,
        told: (event: { readonly stream?: string; readonly error?: string }) => void,
      ) {
        told({ stream: 'STEP 2/3: RUN apt-get update\n' });
        if (build === 'fails') told({ error: 'Temporary failure resolving deb.debian.org' });
        done(build === 'fails' ? new Error('exit status 100') : null);
      },
    },
  };
  return { engine: { docker } as unknown as Engine, removed };
}

test('A build that fails is told with the last lines of its output', async () => {
  const { engine } = engineWithout('fails');
  await expect(provideImage(engine, prosody)).rejects.toMatchObject({
    code: 'start-failed',
    message: `the image of prosody-13.0 cannot be built:
  STEP 2/3: RUN apt-get update
  Temporary failure resolving deb.debian.org
  exit status 100`,
  });
});

test('An image is named by its sources, built once, and what older sources were built to is removed', async () => {
  const { engine, removed } = engineWithout('succeeds');
  const name = await provideImage(engine, prosody);
  expect(name).toMatch(/^localhost\/webpush-conformance\/prosody:13\.0-[0-9a-f]{12}$/);
  expect(removed).toEqual(['older']);
  expect(await provideImage(engine, prosody)).toBe(name);
  expect(removed).toEqual(['older']);
});
