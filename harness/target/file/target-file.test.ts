import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { UsageError } from '../../usage/usage-error.js';
import { findTarget } from '../find.js';

const folder = mkdtempSync(join(tmpdir(), 'target-'));
afterAll(() => rmSync(folder, { recursive: true }));

const right = { host: 'xmpp.example', domains: ['xmpp.example'], push: { host: 'push.example' } };

/** Writes a target file; a string is written as it is. */
function write(name: string, content: unknown): string {
  const file = join(folder, `${name.replaceAll(/\W+/g, '-')}.json`);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

describe('A target file that is wrong is refused by name, with the place', () => {
  const { push: _, ...withoutPush } = right;

  test.each([
    ['is not there', undefined, 'cannot be read: ENOENT'],
    ['is not JSON', '{"host": ', 'is not JSON: Unexpected end of JSON input'],
    ['is no object', '[]', 'the top level must be object'],
    ['lacks a member', withoutPush, "the top level must have required property 'push'"],
    [
      'has a member too many',
      { ...right, domain: 'x' },
      'the top level has an unknown member "domain"; did you mean "domains"?',
    ],
    [
      'has one too many further in',
      { ...right, push: { host: 'x', prot: 1 } },
      '/push has an unknown member "prot"; did you mean "port"?',
    ],
    ['has a value of another kind', { ...right, port: '5222' }, '/port must be integer'],
    [
      'has a word that is none',
      { ...right, tls: 'ssl' },
      '/tls must be equal to one of the allowed values (starttls, direct, none)',
    ],
    [
      'has an unknown placeholder',
      { ...right, hooks: { restart: { command: ['sh', '{prot}'] } } },
      '/hooks/restart has an unknown placeholder {prot}; did you mean "port"?',
    ],
    [
      'has the placeholder of another hook',
      { ...right, hooks: { advanceClock: { command: ['sh', '{password}'] } } },
      '/hooks/advanceClock has an unknown placeholder {password}',
    ],
    [
      'wants a port by name though nothing is started',
      { ...right, websocket: 'wss://x:{port:ws}/' },
      '/websocket has {port:ws}, which only a process has',
    ],
    [
      'uses a setting without its usual value',
      { ...right, process: { command: ['xmppd', '{maxDevices}'] } },
      '{maxDevices} is used, so /config needs "maxDevices"',
    ],
    [
      'has an action that is two',
      { ...right, hooks: { crash: { command: ['sh'], post: 'http://localhost/' } } },
      '/hooks/crash needs exactly one of command, post',
    ],
    [
      'has an action that is none',
      { ...right, accounts: {} },
      '/accounts needs exactly one of list, command, post',
    ],
    [
      'has a hook that is none',
      { ...right, hooks: { restrat: { command: ['sh'] } } },
      '/hooks has an unknown member "restrat"; did you mean "restart"?',
    ],
    [
      'has a ready that cannot be looked for',
      { ...right, process: { command: ['xmppd'], ready: '(' } },
      '/process/ready is no regular expression',
    ],
    [
      'has an endpoint without a path',
      { ...right, push: { host: 'x', endpoint: 'https://x/' } },
      '/push/endpoint must match',
    ],
    ['names a file that is not there', { ...right, ca: 'none.pem' }, 'none.pem (named in'],
  ] as const)('because it %s', async (name, content, part) => {
    const file = content === undefined ? join(folder, 'none.json') : write(name, content);
    const refusal = await findTarget(file).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(UsageError);
    const { message } = refusal as UsageError;
    expect(message).toContain(file);
    expect(message).toContain(part);
  });
});

describe('A target file', () => {
  const environment = {
    pushPort: 4433,
    ca: '',
    certify: async () => ({ key: '', cert: '' }),
    timeoutScale: 2,
  };

  test('needs no more than a host, a domain and a name for the push service', async () => {
    const target = await findTarget(write('least', right));
    expect(target).toMatchObject({
      instances: 'one',
      configurable: [],
      pushListener: { address: '127.0.0.1', port: 0, names: ['push.example'] },
    });
    const running = await target.start(environment, {});
    expect(running).toMatchObject({
      description: { name: 'least', software: 'server at xmpp.example:5222', version: '(version unknown)' },
      address: { host: 'xmpp.example', port: 5222, tls: 'starttls' },
      domains: ['xmpp.example'],
      patience: 20_000,
      config: {},
    });
    expect(Object.keys(running.hooks).toSorted()).toEqual(['createAccount', 'deleteAccount', 'setPassword']);
    expect(running.endpointUrl('/push/x')).toBe('https://push.example:4433/push/x');
  });

  test('may say all of it, with files beside it', async () => {
    writeFileSync(join(folder, 'some.pem'), 'PEM');
    const file = write('most', {
      ...right,
      $schema: 'target.schema.json',
      name: 'mine',
      software: 'xmppd',
      version: '7',
      port: 5223,
      tls: 'direct',
      ca: 'some.pem',
      websocket: 'wss://xmpp.example/ws',
      roomsDomain: 'rooms.xmpp.example',
      config: { maxDevices: 3, importantBody: '' },
      traits: { carbons: false },
      hooks: {
        restart: { command: ['true'] },
        configure: { command: ['sh', '-c', 'echo {maxDevices}'] },
      },
      patience: 100,
      push: {
        endpoint: 'https://relay.example/{pushHost}{path}',
        host: 'push.example',
        listen: '0.0.0.0',
        port: 8443,
        key: 'some.pem',
        cert: 'some.pem',
      },
    });
    const target = await findTarget(file);
    expect(target.pushListener).toEqual({
      address: '0.0.0.0',
      port: 8443,
      names: ['push.example'],
      certificate: { key: 'PEM', cert: 'PEM' },
    });
    expect(target.configurable).toEqual(['maxDevices']);
    const running = await target.start(environment, {});
    expect(Object.keys(running.hooks)).toContain('restart');
    expect(running.endpointUrl('/push/x')).toBe('https://relay.example/push.example/push/x');
    expect(running).toMatchObject({
      traits: { carbons: false },
      description: { name: 'mine', software: 'xmppd', version: '7' },
      address: { port: 5223, tls: 'direct', ca: 'PEM', websocket: 'wss://xmpp.example/ws' },
      roomsDomain: 'rooms.xmpp.example',
      config: { maxDevices: 3, importantBody: '' },
      patience: 200,
    });
  });
});
