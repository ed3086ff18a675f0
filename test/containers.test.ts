import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Engine, findEngine } from '../harness/target/container/engine.js';
import { cli, start } from './cli.fixture.js';

const folder = mkdtempSync(join(tmpdir(), 'containers-'));
afterAll(() => rmSync(folder, { recursive: true }));

const given = process.env.DOCKER_HOST;
/** In CI, to do without an engine is a failure. */
const found: Engine | undefined = await findEngine().catch((fault: Error) => {
  if (process.env.CI === 'true') throw fault;
  return undefined;
});
// What this process has found is not for those it starts: they are to find an engine themselves.
if (given === undefined) delete process.env.DOCKER_HOST;
const reason = found ? '' : ' (skipped: no container engine answers)';

function engine(): Engine {
  if (!found) throw new Error('no engine answers');
  return found;
}

/** Ids of what a runner has not put away. */
async function containersOf(pid: number | undefined): Promise<readonly string[]> {
  const filters = { label: [`webpush-conformance.runner=${pid}`] };
  return (await engine().docker.listContainers({ all: true, filters })).map(({ Id }) => Id);
}

/** Writes the folder of a module's author. */
function plugins(name: string, module: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  writeFileSync(join(path, `mod_${name}.lua`), module);
  return path;
}

const prosody = ['run', '--target', 'prosody'] as const;
/** An image may have to be built first, and a suite played on two cores that have other things to do. */
const ample = { timeout: 600_000 };

test('Without an engine, a container target says what to do', ample, async () => {
  process.env.DOCKER_HOST = 'unix:///nonexistent/docker.sock';
  try {
    const { code, stderr, leftovers } = await cli(...prosody);
    expect({ code, stderr, leftovers }).toEqual({
      code: 3,
      stderr:
        'webpush-conformance: no container engine answers at DOCKER_HOST unix:///nonexistent/docker.sock\n',
      leftovers: [],
    });
  } finally {
    if (given === undefined) delete process.env.DOCKER_HOST;
    else process.env.DOCKER_HOST = given;
  }
});

describe.skipIf(!found)(`A server in a container${reason}`, ample, () => {
  describe.each(['prosody', 'prosody:0.12'])('%s', (target) => {
    test('with our engine beside it keeps every sentence', ample, async () => {
      const { code, stdout, stderr, leftovers } = await cli(
        'run',
        '--target',
        target,
        '--deep',
        '--report',
        'json',
      );
      const { cases } = JSON.parse(stdout);
      const wrong = cases.filter(
        ({ verdict }: { verdict: string }) => verdict !== 'pass' && verdict !== 'info',
      );
      expect(wrong, stderr).toEqual([]);
      expect(cases.length).toBeGreaterThan(300);
      expect({ code, leftovers }).toEqual({ code: 0, leftovers: [] });
    });
  });

  test.each(['ejabberd', 'ejabberd:23.01'])(
    '%s has no Web Push, which is said once',
    ample,
    async (target) => {
      const { code, stdout, leftovers } = await cli('run', '--target', target);
      expect({ code, leftovers }).toEqual({ code: 1, leftovers: [] });
      expect(stdout).toContain('Not supported: this server has no Web Push');
      expect(stdout).not.toContain('FAIL');
    },
  );
});

describe.skipIf(!found)(`A module of an author's own${reason}`, ample, () => {
  test('is judged, and nothing of ours beside it', ample, async () => {
    const path = plugins(
      'only_a_promise',
      `local st = require "util.stanza";
local ns = "urn:xmpp:webpush:0";
module:hook("account-disco-info", function (event)
  event.reply:tag("feature", { var = ns }):up();
  module:log("warn", "There is no key to show to %s", event.reply.attr.to);
end);
module:hook("iq-set/self/" .. ns .. ":enable", function (event)
  event.origin.send(st.error_reply(event.stanza, "cancel", "not-allowed"));
  return true;
end);
`,
    );
    const { code, stdout, leftovers } = await cli(...prosody, '--plugins', path, '--filter', 'discovery');
    expect({ code, leftovers }).toEqual({ code: 1, leftovers: [] });
    expect(stdout).toMatch(/^target prosody: Prosody 13\./m);
    expect(stdout).toMatch(/^FAIL discovery\//m);
    expect(stdout).toMatch(
      /^ {2}log\n(?: {4}.*\n)* {4}capulet\.example:only_a_promise +warn +There is no key/m,
    );
    expect(stdout).toMatch(/^ {2}again .* --target prosody --plugins \S+ --enable only_a_promise --filter /m);
  });

  test('that does not load is quoted with what Prosody logs about it', ample, async () => {
    const path = plugins('broken', 'module:hook("iq", function () end');
    const { code, stdout, stderr, leftovers } = await cli(...prosody, '--plugins', path);
    expect({ code, stdout, leftovers }).toEqual({ code: 3, stdout: '', leftovers: [] });
    // Prosody loads its hosts in an order of its own, and may have to say something of another one first.
    expect(stderr).toMatch(
      /prosody did not start as it should; its log:\n(?: {2}.*\n)*? {2}modulemanager +error .*mod_broken\.lua:1:/,
    );
  });
});

describe.skipIf(!found)(`A container that dies${reason}`, ample, () => {
  test('ends the run with one message', ample, async () => {
    const { child, printed, ended } = start(...prosody, '--filter', 'importance', '--deep');
    await printed('stderr', /cases\n/);
    const [first = ''] = await containersOf(child.pid);
    await engine().docker.getContainer(first).kill();
    const { code, stdout, stderr, leftovers } = await ended;
    expect({ code, stdout, leftovers }).toEqual({ code: 3, stdout: '', leftovers: [] });
    expect(stderr).toMatch(/^webpush-conformance: the container of \S+prosody:13\.0\S+ has ended$/m);
    expect(await containersOf(child.pid)).toEqual([]);
  });
});

describe.skipIf(!found)(`Nothing of a container stays${reason}`, ample, () => {
  const playing = () => start(...prosody, '--filter', 'importance', '--deep');

  test('after Ctrl-C', ample, async () => {
    const { child, printed, ended } = playing();
    await printed('stderr', /cases\n/);
    expect(await containersOf(child.pid)).not.toEqual([]);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 130, leftovers: [] });
    expect(await containersOf(child.pid)).toEqual([]);
  });

  test('after a runner that was killed', ample, async () => {
    const { child, printed, ended } = playing();
    await printed('stderr', /cases\n/);
    const events = await engine().docker.getEvents({
      filters: { type: ['container'], label: [`webpush-conformance.runner=${child.pid}`] },
    });
    const containers = await containersOf(child.pid);
    expect(containers).not.toEqual([]);
    child.kill('SIGKILL');
    await ended;
    const gone = new Set<string>();
    for await (const chunk of events) {
      for (const line of String(chunk).split('\n').filter(Boolean)) {
        const { Action, Actor } = JSON.parse(line);
        if (Action === 'remove' || Action === 'destroy') gone.add(Actor.ID);
      }
      if (containers.every((id) => gone.has(id))) break;
    }
    expect(await containersOf(child.pid)).toEqual([]);
  });

  test('of a runner that is no more, when the next one starts', ample, async () => {
    const dead = start('--version');
    await once(dead.child, 'exit');
    const [image] = await engine().docker.listImages({
      filters: { label: ['webpush-conformance.image=prosody-13.0'] },
    });
    const { readlinkSync } = await import('node:fs');
    await engine().docker.createContainer({
      Image: image?.Id ?? '',
      Cmd: ['true'],
      Labels: {
        'webpush-conformance.runner': String(dead.child.pid),
        'webpush-conformance.namespace': readlinkSync('/proc/self/ns/pid'),
      },
    });
    expect(await containersOf(dead.child.pid)).toHaveLength(1);
    await cli(...prosody, '--filter', 'discovery/feature');
    expect(await containersOf(dead.child.pid)).toEqual([]);
  });
});
