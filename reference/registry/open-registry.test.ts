import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import Libsql from 'libsql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openRegistry } from './open-registry.js';
import type { NewRegistration, Registration, Registry } from './registry.js';
import { RegistryError } from './registry-error.js';

const JULIET = 'juliet@capulet.example';
const ROMEO = 'romeo@montague.example';

function device(name: string, more: Partial<NewRegistration> = {}): NewRegistration {
  return {
    account: JULIET,
    endpoint: `https://push.example.net/${name}`,
    p256dh: new Uint8Array(65).fill(4),
    auth: new Uint8Array(16).fill(7),
    payload: { sender: true, body: false },
    applicationServerKey: 'BIcW',
    enabledAt: 1_785_000_000_000,
    ...more,
  };
}

const url = (name: string) => device(name).endpoint;
const names = (registrations: readonly Registration[]) =>
  registrations.map(({ endpoint }) => endpoint.slice(url('').length));

/** The code of the RegistryError that is thrown. */
function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof RegistryError) return error.code;
    throw error;
  }
  return 'none';
}

describe('in memory', () => {
  let registry: Registry;
  beforeEach(() => {
    registry = openRegistry({ path: ':memory:', maxDevices: 3 });
  });
  afterEach(() => registry.close());
  const enable = (...wanted: string[]) => wanted.map((name) => registry.enable(device(name)));

  test('gives back every octet and option of a registration', () => {
    const wanted = device('a', {
      p256dh: Uint8Array.from({ length: 65 }, (_, i) => 255 - i),
      auth: new Uint8Array(32).fill(9).subarray(8, 24),
      payload: { sender: false, body: true },
      applicationServerKey: 'BKey',
      enabledAt: 1_785_000_000_001,
    });
    const { registration, evicted } = registry.enable(wanted);
    expect(registration).toEqual({ ...wanted, generation: expect.any(Number), refusals: 0 });
    expect(evicted).toEqual([]);
    expect(registry.get(JULIET, url('a'))).toEqual(registration);
    expect(registry.list(JULIET)).toEqual([registration]);
  });

  test('compares endpoints octet for octet', () => {
    enable('a', 'A', 'a/');
    expect(names(registry.list(JULIET))).toEqual(['a', 'A', 'a/']);
    expect(registry.get(JULIET, url('A/'))).toBeUndefined();
  });

  test('a newcomer over the limit evicts the least recently enabled', () => {
    const [first, , , fourth] = enable('a', 'b', 'c', 'd');
    expect(fourth?.evicted).toEqual([first?.registration]);
    expect(names(registry.list(JULIET))).toEqual(['b', 'c', 'd']);
  });

  test('a refresh evicts nobody and protects itself', () => {
    const [, , , refreshed, fourth] = enable('a', 'b', 'c', 'a', 'd');
    expect(refreshed?.evicted).toEqual([]);
    expect(names(fourth?.evicted ?? [])).toEqual(['b']);
    expect(names(registry.list(JULIET))).toEqual(['c', 'a', 'd']);
  });

  test('a refresh overwrites keys, options and refusals', () => {
    const [first] = enable('a');
    registry.countRefusal(JULIET, url('a'), first?.registration.generation ?? 0);
    const renewed = device('a', { auth: new Uint8Array(16), payload: { sender: false, body: true } });
    expect(registry.enable(renewed).registration).toMatchObject({ ...renewed, refusals: 0 });
    expect(registry.list(JULIET)).toHaveLength(1);
  });

  test('the order is that of enabling, even when the clock goes back', () => {
    registry.enable(device('a', { enabledAt: 3000 }));
    registry.enable(device('b', { enabledAt: 1000 }));
    registry.enable(device('c', { enabledAt: 2000 }));
    expect(names(registry.list(JULIET))).toEqual(['a', 'b', 'c']);
  });

  test('what the session was bound to makes room, so that nobody is evicted in its place', () => {
    enable('a', 'b', 'c');
    const { evicted } = registry.enable(device('d'), url('b'));
    expect(evicted).toEqual([]);
    expect(names(registry.list(JULIET))).toEqual(['a', 'c', 'd']);
  });

  test('replacing itself is a refresh, and replacing nothing is an enable', () => {
    enable('a', 'b', 'c');
    expect(registry.enable(device('a'), url('a')).evicted).toEqual([]);
    expect(names(registry.enable(device('d'), url('gone')).evicted)).toEqual(['b']);
  });

  test('the limit is per account, and so is everything else', () => {
    enable('a', 'b', 'c');
    registry.enable(device('a', { account: ROMEO }));
    expect(registry.list(JULIET)).toHaveLength(3);
    expect(registry.disable(ROMEO, url('b'))).toBeUndefined();
    expect(names(registry.disableAll(ROMEO))).toEqual(['a']);
    expect(names(registry.list(JULIET))).toEqual(['a', 'b', 'c']);
  });

  test('a disable removes one registration and gives it back, once', () => {
    const [first] = enable('a', 'b');
    expect(registry.disable(JULIET, url('a'))).toEqual(first?.registration);
    expect(registry.disable(JULIET, url('a'))).toBeUndefined();
    expect(names(registry.list(JULIET))).toEqual(['b']);
  });

  test('an answer to an earlier generation does nothing to a renewed registration', () => {
    const [before, now] = enable('a', 'a').map(({ registration }) => registration.generation);
    expect(registry.countRefusal(JULIET, url('a'), now ?? 0)).toBe(1);
    expect(registry.countRefusal(JULIET, url('a'), before ?? 0)).toBe(0);
    registry.clearRefusals(JULIET, url('a'), before ?? 0);
    expect(registry.removeGeneration(JULIET, url('a'), before ?? 0)).toBe(false);
    expect(registry.get(JULIET, url('a'))?.refusals).toBe(1);
    expect(registry.removeGeneration(JULIET, url('a'), now ?? 0)).toBe(true);
    expect(registry.removeGeneration(JULIET, url('a'), now ?? 0)).toBe(false);
  });

  test('refusals are counted in a row', () => {
    const generation = enable('a', 'b')[0]?.registration.generation ?? 0;
    expect([1, 2, 3].map(() => registry.countRefusal(JULIET, url('a'), generation))).toEqual([1, 2, 3]);
    registry.clearRefusals(JULIET, url('a'), generation);
    expect(registry.countRefusal(JULIET, url('a'), generation)).toBe(1);
    expect(registry.get(JULIET, url('b'))?.refusals).toBe(0);
  });

  test('a failed enable evicts and replaces nobody and says nothing of the keys', () => {
    enable('a', 'b', 'c');
    const before = registry.list(JULIET);
    let message = '';
    try {
      registry.enable(device('secret', { auth: new Uint8Array(15) }), url('b'));
    } catch (error) {
      message = `${error} ${error instanceof Error ? error.cause : ''}`;
    }
    expect(message).toMatch(/^RegistryError: The registry :memory: could not be read or written/);
    expect(message).not.toContain('secret');
    expect(registry.list(JULIET)).toEqual(before);
    expect(names(registry.enable(device('d')).evicted)).toEqual(['a']);
  });

  test('after close everything is refused but another close', () => {
    enable('a');
    registry.close();
    registry.close();
    expect(codeOf(() => registry.list(JULIET))).toBe('closed');
    expect(codeOf(() => registry.enable(device('b')))).toBe('closed');
  });
});

test.each([0, -1, 1.5, Number.NaN])('a limit of %d devices is refused', (maxDevices) => {
  expect(codeOf(() => openRegistry({ path: ':memory:', maxDevices }))).toBe('invalid-option');
});

describe('in a file', () => {
  let folder: string;
  let path: string;
  const opened: Registry[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'registry-'));
    path = join(folder, 'registrations.db');
  });
  afterEach(() => {
    for (const registry of opened.splice(0)) registry.close();
    rmSync(folder, { recursive: true });
  });
  function open(maxDevices = 3): Registry {
    const registry = openRegistry({ path, maxDevices });
    opened.push(registry);
    return registry;
  }

  test('registrations and their order survive', () => {
    const before = open();
    for (const name of ['a', 'b', 'c', 'a'])
      before.enable(device(name, { payload: { sender: false, body: name === 'a' } }));
    const listed = before.list(JULIET);
    before.countRefusal(JULIET, url('c'), listed[1]?.generation ?? 0);
    const expected = before.list(JULIET);
    before.close();
    const after = open();
    expect(after.list(JULIET)).toEqual(expected);
    expect(names(after.enable(device('d')).evicted)).toEqual(['b']);
  });

  test('generations grow on, even past registrations that were removed', () => {
    const before = open();
    const { generation } = before.enable(device('a')).registration;
    before.disableAll(JULIET);
    before.close();
    expect(open().enable(device('a')).registration.generation).toBeGreaterThan(generation);
  });

  test('a lower limit applies to the next newcomer, not to a refresh', () => {
    const before = open();
    for (const name of ['a', 'b', 'c']) before.enable(device(name));
    before.close();
    const after = open(1);
    expect(after.enable(device('b')).evicted).toEqual([]);
    expect(names(after.enable(device('d')).evicted)).toEqual(['a', 'c', 'b']);
    expect(names(after.list(JULIET))).toEqual(['d']);
  });

  test('several registries share it and see each other at once', () => {
    const [one, other] = [open(), open()];
    const first = one.enable(device('a')).registration;
    expect(other.get(JULIET, url('a'))).toEqual(first);
    const second = other.enable(device('b', { account: ROMEO })).registration;
    expect(second.generation).toBeGreaterThan(first.generation);
    expect(one.list(ROMEO)).toEqual([second]);
    other.disable(JULIET, url('a'));
    expect(one.list(JULIET)).toEqual([]);
  });

  test('only its owner may read it, and nothing lies beside it', () => {
    open().enable(device('a'));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['registrations.db']);
  });

  test('a file that others may read is closed to them', () => {
    open().close();
    chmodSync(path, 0o644);
    open();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('an empty file becomes a registry', () => {
    writeFileSync(path, '');
    expect(open().list(JULIET)).toEqual([]);
  });

  test.each([
    [
      'a text',
      'foreign-file',
      () => writeFileSync(path, 'not a database, but a text of some length. '.repeat(99)),
    ],
    ['a short text', 'foreign-file', () => writeFileSync(path, 'x')],
    ['a database of another program', 'foreign-file', () => sql('CREATE TABLE note (text TEXT)')],
    ['a registry of a later version', 'unsupported-version', () => later()],
    ['a registry with a damaged page', 'corrupt-file', () => damage()],
    ['a registry cut short', 'corrupt-file', () => shorten()],
    ['a registry without its table', 'corrupt-file', () => registryThen('DROP TABLE registration')],
  ])('%s is refused as %s and left untouched', (_, code, make) => {
    make();
    const before = readFileSync(path);
    expect(codeOf(() => open())).toBe(code);
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(folder)).toEqual(['registrations.db']);
  });

  test('a folder that does not exist, and a path that is one, cannot be opened', () => {
    expect(codeOf(() => openRegistry({ path: join(folder, 'none', 'r.db'), maxDevices: 1 }))).toBe(
      'cannot-open',
    );
    expect(codeOf(() => openRegistry({ path: folder, maxDevices: 1 }))).toBe('cannot-open');
  });

  test('a path may hold any character', () => {
    path = join(folder, "ré gis?try#1%20'.db");
    open().enable(device('a'));
    expect(names(open().list(JULIET))).toEqual(['a']);
  });

  test('nothing acknowledged is lost when the process is killed', async () => {
    const script = `
      import { writeSync } from 'node:fs';
      import { openRegistry } from ${JSON.stringify(new URL('../../dist/reference/registry/open-registry.js', import.meta.url).href)};
      const registry = openRegistry({ path: process.argv[1], maxDevices: 2 });
      for (let i = 0; ; i++) {
        const { registration } = registry.enable({ account: 'a' + (i % 10), endpoint: 'https://push.example.net/' + i,
          p256dh: new Uint8Array(65).fill(i), auth: new Uint8Array(16).fill(i), payload: { sender: true, body: false },
          applicationServerKey: 'BIcW', enabledAt: i });
        writeSync(1, i + ' ' + registration.generation + '\\n');
      }`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, path], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let errors = '';
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    child.stdout.on('data', (chunk) => {
      output += chunk;
      if (output.split('\n').length > 50) child.kill('SIGKILL');
    });
    const [, signal] = await once(child, 'close');
    expect({ signal, errors }).toEqual({ signal: 'SIGKILL', errors: '' });

    const acknowledged = output
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split(' ').map(Number));
    const registry = open();
    const last = acknowledged.at(-1)?.[1] ?? 0;
    // The last two of each account are there, but for the one that went in without being acknowledged any more.
    for (const [i = 0, generation] of acknowledged.slice(-10)) {
      const registration = registry.get(`a${i % 10}`, url(String(i)));
      expect(registration).toMatchObject({ generation, enabledAt: i });
      expect(registration?.auth).toEqual(new Uint8Array(16).fill(i));
      expect(registry.list(`a${i % 10}`)).toHaveLength(2);
    }
    expect(registry.enable(device('next')).registration.generation).toBeGreaterThan(last);
  });

  function sql(statement: string): void {
    const database = new Libsql(path);
    database.exec(statement);
    database.close();
  }
  function registryThen(statement: string): void {
    const registry = openRegistry({ path, maxDevices: 99 });
    for (let i = 0; i < 20; i++) registry.enable(device(`${i}`));
    registry.close();
    sql(statement);
  }
  const later = () => registryThen('PRAGMA user_version = 2');
  function damage(): void {
    registryThen('PRAGMA user_version');
    const octets = readFileSync(path);
    writeFileSync(path, octets.fill(0xff, 4096, 8192));
  }
  function shorten(): void {
    registryThen('PRAGMA user_version');
    truncateSync(path, 6000);
  }
});

describe('against a model', () => {
  type Step =
    | { type: 'enable'; account: string; endpoint: string; replaces?: string | undefined }
    | { type: 'disable'; account: string; endpoint: string }
    | { type: 'disableAll'; account: string }
    | { type: 'reopen' };
  const account = fc.constantFrom(JULIET, ROMEO);
  const endpoint = fc.constantFrom('a', 'b', 'c', 'd', 'e').map(url);
  const enable = fc.record({
    type: fc.constant('enable' as const),
    account,
    endpoint,
    replaces: fc.option(endpoint, { nil: undefined, freq: 4 }),
  });
  const steps: fc.Arbitrary<Step>[] = [
    enable,
    enable,
    fc.record({ type: fc.constant('disable' as const), account, endpoint }),
    fc.record({ type: fc.constant('disableAll' as const), account }),
  ];

  /** One list of endpoints an account, least recently enabled first. */
  function follow(path: string, maxDevices: number, plan: readonly Step[]): void {
    const model = new Map<string, string[]>([
      [JULIET, []],
      [ROMEO, []],
    ]);
    let registry = openRegistry({ path, maxDevices });
    let generation = 0;
    try {
      for (const step of plan) {
        if (step.type === 'reopen') {
          registry.close();
          registry = openRegistry({ path, maxDevices });
        } else {
          const devices = model.get(step.account) ?? [];
          if (step.type === 'enable') {
            const wanted = device('', { account: step.account, endpoint: step.endpoint });
            const { registration, evicted } = registry.enable(wanted, step.replaces);
            const others = devices.filter((one) => one === step.endpoint || one !== step.replaces);
            const isRefresh = others.includes(step.endpoint);
            const victims = isRefresh ? [] : others.slice(0, Math.max(0, others.length - maxDevices + 1));
            expect(evicted.map((one) => one.endpoint)).toEqual(victims);
            expect(registration.generation).toBeGreaterThan(generation);
            generation = registration.generation;
            model.set(step.account, [
              ...others.filter((one) => one !== step.endpoint && !victims.includes(one)),
              step.endpoint,
            ]);
          } else if (step.type === 'disable') {
            const removed = registry.disable(step.account, step.endpoint);
            expect(removed !== undefined).toBe(devices.includes(step.endpoint));
            model.set(
              step.account,
              devices.filter((one) => one !== step.endpoint),
            );
          } else {
            expect(registry.disableAll(step.account)).toHaveLength(devices.length);
            model.set(step.account, []);
          }
        }
        for (const [who, devices] of model) {
          expect(registry.list(who).map((one) => one.endpoint)).toEqual(devices);
          expect(devices.length).toBeLessThanOrEqual(maxDevices);
        }
      }
    } finally {
      registry.close();
    }
  }

  test('size, order, eviction and accounts are as they should be', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.oneof(...steps), { maxLength: 20 }),
        (max, plan) => follow(':memory:', max, plan),
      ),
    );
  });

  test('and stay so over restarts', () => {
    const reopen = fc.constant<Step>({ type: 'reopen' });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.oneof(...steps, reopen), { minLength: 5, maxLength: 15 }),
        (max, plan) => {
          const folder = mkdtempSync(join(tmpdir(), 'registry-'));
          try {
            follow(join(folder, 'r.db'), max, plan);
          } finally {
            rmSync(folder, { recursive: true });
          }
        },
      ),
      { numRuns: 10 },
    );
  });
});
