import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TargetFault } from '../fault.js';
import { act } from './action.js';

const setting = { name: 'restart', folder: '/', values: { port: '5222', password: 'Wherefore' } };
const sh = (script: string, time?: number) => ({
  command: ['sh', '-c', script] as const,
  ...(time === undefined ? {} : { time }),
});
const node = (script: string) => ({ command: [process.execPath, '-e', script] as const });

async function refusal(done: Promise<unknown>): Promise<string> {
  const error = await done.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(TargetFault);
  expect((error as TargetFault).code).toBe('hook-failed');
  return (error as TargetFault).message;
}

describe('A command', () => {
  test('gives what it prints; it is told by its arguments and by its environment', async () => {
    expect(await act(sh('echo {port} $WEBPUSH_PORT'), setting)).toBe('5222 5222\n');
  });

  test('runs in the folder of the target file', async () => {
    expect(await act(sh('pwd'), { ...setting, folder: '/usr' })).toBe('/usr\n');
  });

  test('that fails is told with its code and what it said', async () => {
    expect(await refusal(act(sh('echo no such unit >&2; exit 4'), setting))).toBe(
      'the command of restart (sh) failed with code 4; it said:\n  no such unit',
    );
  });

  test('that does not exist is told', async () => {
    expect(await refusal(act({ command: ['no-such-program'] }, setting))).toContain('cannot be run: spawn');
  });

  test('that hangs is ended, with all that it started', async () => {
    const since = performance.now();
    // What it started holds its output open until it ends, too.
    expect(await refusal(act(sh('echo waiting; sleep 60 & wait', 200), setting))).toBe(
      'the command of restart (sh) did not end within 200 ms; it said:\n  waiting',
    );
    expect(performance.now() - since).toBeLessThan(5000);
  });

  test('that hangs is ended when the run is interrupted', async () => {
    const controller = new AbortController();
    const done = act(node('setInterval(() => {}, 1000)'), { ...setting, signal: controller.signal });
    controller.abort();
    expect(await refusal(done)).toContain('was interrupted');
  });

  test('does not give a password away when it fails', async () => {
    expect(await refusal(act(sh('echo Wherefore; exit 1'), setting))).not.toContain('Wherefore');
  });
});

describe('A request', () => {
  let server: Server;
  let url: string;
  const seen: { readonly path: string; readonly body: string; readonly type: string | undefined }[] = [];

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      seen.push({ path: request.url ?? '', body, type: request.headers['content-type'] });
      if (request.url === '/silent') return;
      response.writeHead(request.url === '/refused' ? 403 : 200).end('not you, Wherefore');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test('carries the arguments of the hook as JSON, or what the file says', async () => {
    await act({ post: `${url}/all` }, { ...setting, argumentsOfHook: { domain: 'a.example' } });
    await act({ post: `${url}/{port}`, body: { at: ['{port}'] } }, setting);
    expect(seen).toEqual([
      { path: '/all', body: '{"domain":"a.example"}', type: 'application/json' },
      { path: '/5222', body: '{"at":["5222"]}', type: 'application/json' },
    ]);
  });

  test('that is refused is told with the answer, without the password', async () => {
    expect(await refusal(act({ post: `${url}/refused` }, setting))).toBe(
      `the request of restart to ${url}/refused was answered with 403: not you, …`,
    );
  });

  test('without an answer is told', async () => {
    expect(await refusal(act({ post: `${url}/silent`, time: 100 }, setting))).toContain(
      'had no answer within 100 ms',
    );
  });

  test('that reaches nobody is told', async () => {
    expect(await refusal(act({ post: 'http://127.0.0.1:1/' }, setting))).toMatch(
      /failed: .*(ECONNREFUSED|bad port)/,
    );
  });
});
