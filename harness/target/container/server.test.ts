import { describe, expect, test } from 'vitest';
import type { Container } from './container.js';
import { type ServerDescription, startServer } from './server.js';

/** A container in which a program prints some lines, and ends then if it is to. */
function containerThat(prints: readonly string[], ends: 'at once' | 'when killed') {
  const signals: string[] = [];
  let end: () => void = () => {};
  const container: Pick<Container, 'launch'> = {
    async launch(_script, onLine) {
      const ended = new Promise<undefined>((resolve) => {
        end = () => resolve(undefined);
      });
      for (const line of prints) onLine(line);
      if (ends === 'at once') end();
      return {
        ended,
        async signal(name) {
          signals.push(name);
          end();
        },
      };
    },
  };
  return { container: container as Container, signals };
}

const description: ServerDescription = {
  name: 'prosody',
  script: '',
  ready: [{ text: 'Everything has been loaded', times: 1 }],
  isError: (line) => line.includes(' error '),
  address: { host: '127.0.0.1', port: 1, tls: 'starttls' },
  domain: 'capulet.example',
  patience: 50,
  timeoutScale: 0.001,
};

describe('A server in a container', () => {
  test('that says what is wrong at its start, such as a port that is taken, is quoted and ended', async () => {
    const taken = 'portmanager error\tFailed to open server port 5222 on 127.0.0.1, this port is in use';
    const { container, signals } = containerThat([taken, 'Everything has been loaded'], 'when killed');
    const start = startServer(container, description);
    await expect(start).rejects.toMatchObject({
      code: 'start-failed',
      message: `prosody did not start as it should; its log:\n  ${taken.replace('\t', ' ')}`,
    });
    expect(signals).toEqual(['KILL']);
  });

  test('that ends at its start is told with its last words', async () => {
    const { container } = containerThat(['one', 'two', 'three', 'four', 'five'], 'at once');
    await expect(startServer(container, description)).rejects.toThrow(
      'prosody did not start: it ended\n  two\n  three\n  four\n  five',
    );
  });

  test('that is not ready in time is ended', async () => {
    const { container, signals } = containerThat(['starting'], 'when killed');
    await expect(startServer(container, description)).rejects.toThrow(
      'prosody did not start: it was not ready within 30 ms\n  starting',
    );
    expect(signals).toEqual(['KILL']);
  });
});
