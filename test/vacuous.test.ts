import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { XmlDocument } from 'libxml2-wasm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Case } from '../harness/case/case.js';
import { lintCases } from '../harness/case/lint.js';
import { permutationsOf } from '../harness/case/permutation.js';
import { createAuthority } from '../harness/certificate/certificate.js';
import { areaOf } from '../harness/cli/select.js';
import { check } from '../harness/judge/check.js';
import type { Verdict } from '../harness/judge/verdict.js';
import { packageRoot } from '../harness/kit/kit.js';
import { copyKit, type KitCopy } from '../harness/mutant/copy.js';
import { junitReport } from '../harness/report/junit.js';
import { accountFor } from '../harness/run/account.js';
import { groupByPlay } from '../harness/run/group.js';
import {
  assembleResult,
  type CaseResult,
  exitCodeOf,
  exitCodes,
  type RunResult,
} from '../harness/run/result.js';
import { run } from '../harness/run/run.js';
import { createTurn, takeTurns } from '../harness/run/split.js';
import { embeddedTarget } from '../harness/target/embedded.js';
import type { Target } from '../harness/target/target.js';
import { cases } from '../suites/cases.js';
import { catalogue } from '../suites/requirements/catalogue.js';
import { exclusions } from '../suites/requirements/exclusions.js';
import { accept, fieldsOf } from '../suites/scene/scene.js';
import { chat } from '../suites/scene/webpush.js';
import { cli, root } from './cli.fixture.js';

/** The ways in which other suites have been green and had shown nothing, and what keeps this one from each. */

const verdicts = [
  'pass',
  'fail',
  'warn',
  'info',
  'not-applicable',
  'untestable',
  'inconclusive',
  'error',
] as const satisfies readonly Verdict[];

const resultFor = (id: string, verdict: Verdict): CaseResult => ({
  id,
  title: id,
  verdict,
  ...(verdict === 'pass' ? {} : { reason: 'why' }),
  durationMs: 1,
  requirements: ['enable.result'],
  findings: [],
  fences: [],
  repeat: '',
});

const runOf = (results: readonly CaseResult[]): RunResult =>
  assembleResult({
    kit: '0',
    target: { name: 'embedded', software: 'reference', version: '0' },
    seed: 1,
    startedAt: '',
    durationMs: 1,
    interrupted: false,
    calibration: { pingMs: 1, order: 'kept', patienceMs: 5000, sentinels: 1 },
    deselected: 0,
    cases: results,
  });

const exitCodeFor = (...given: readonly Verdict[]) =>
  exitCodeOf(runOf(given.map((verdict, index) => resultFor(`a/${index}`, verdict))));

/** Plays one case on the reference, or on something much like it. */
async function play(subject: Partial<Case>, target: Target = embeddedTarget): Promise<CaseResult> {
  const only: Case = {
    id: 'area/case',
    title: 'nothing is pushed',
    requirements: ['important.headline'],
    async play() {},
    judge: () => [kept],
    ...subject,
  };
  const { cases: results } = await run({
    next: takeTurns(groupByPlay(permutationsOf(only, 'usual')), createTurn()),
    catalogue,
    target,
    authority: await createAuthority(),
    seed: 1,
    jobs: 1,
    timeoutScale: 1,
    signal: new AbortController().signal,
  });
  const [result] = results;
  if (!result || results.length > 1) throw new Error(`${results.length} results for one case`);
  return result;
}

const kept = check('important.headline', true, { expected: '', actual: '', evidence: [] });

describe('A filter that matches nothing is no success', () => {
  test.each([['run'], ['stress']])(
    '%s ends with 4 and names the nearest',
    async (command) => {
      const { code, stdout, stderr } = await cli(command, '--filter', 'importance/haedline');
      expect({ code, stdout }).toEqual({ code: exitCodes.nothingVerified, stdout: '' });
      expect(stderr).toContain('did you mean "importance/headline"?');
    },
    30_000,
  );

  test('nor is a good one beside it', async () => {
    const { code } = await cli('run', '--filter', 'importance/headline', 'importance/haedline');
    expect(code).toBe(exitCodes.nothingVerified);
  }, 30_000);
});

describe('A failure is reported as one', () => {
  /** Of the JUnit report, by another parser than the one whose elements wrote it. */
  const filed = (report: string) => {
    const document = XmlDocument.fromString(report);
    try {
      const count = (path: string) => document.find(path).length;
      const sum = (name: string) => Number(document.get(`/testsuites/@${name}`)?.content);
      return {
        counted: {
          tests: count('//testsuite/testcase'),
          failures: count('//testcase[failure]'),
          errors: count('//testcase[error]'),
          skipped: count('//testcase[skipped]'),
        },
        summed: {
          tests: sum('tests'),
          failures: sum('failures'),
          errors: sum('errors'),
          skipped: sum('skipped'),
        },
      };
    } finally {
      document.dispose();
    }
  };

  test.each([
    ['pass', {}],
    ['warn', {}],
    ['info', {}],
    ['fail', { failures: 1 }],
    ['not-applicable', { skipped: 1 }],
    ['untestable', { errors: 1 }],
    ['inconclusive', { errors: 1 }],
    ['error', { errors: 1 }],
  ] as const)('in JUnit: %s', (verdict, own) => {
    const expected = { tests: 1, failures: 0, errors: 0, skipped: 0, ...own };
    const report = junitReport(runOf([resultFor('area/case', verdict)]));
    expect(filed(report)).toEqual({ counted: expected, summed: expected });
  });

  test('in JUnit, all together, as the file that was looked at by eye has it', async () => {
    const report = junitReport(runOf(verdicts.map((verdict) => resultFor(`area/${verdict}`, verdict))));
    await expect(report).toMatchFileSnapshot('golden/junit.xml');
    expect(filed(report).counted).toEqual({ tests: 8, failures: 1, errors: 3, skipped: 1 });
  });
});

describe('A set-up that fails is no success', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vacuous-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const unreachable = join(folder, 'unreachable.json');
  writeFileSync(
    unreachable,
    // Nobody listens on the port for discarding.
    JSON.stringify({
      host: '127.0.0.1',
      port: 9,
      domains: ['capulet.example'],
      push: { host: 'push.capulet.example', listen: '127.0.0.1', port: 0 },
    }),
  );

  test.each([['run'], ['stress', '--rounds', '1'], ['explore', '--runs', '1'], ['doctor']])(
    'of %s, by a file that is not there',
    async (...command) => {
      expect((await cli(...command, '--target', join(folder, 'none.json'))).code).toBe(exitCodes.usage);
    },
    30_000,
  );

  test.each([['run'], ['stress', '--rounds', '1'], ['explore', '--runs', '1']])(
    'of %s, by a server that is not there',
    async (...command) => {
      const { code } = await cli(...command, '--target', unreachable, '--timeout-scale', '0.5');
      expect([exitCodes.targetDidNotStart, exitCodes.usage]).toContain(code);
    },
    60_000,
  );

  test.each([
    ['spec', 'check', 'none.xml'],
    ['spec', 'coverage', 'none.xml'],
    ['explain', 'none/none'],
    ['mutants', 'run', 'none/none'],
    ['push-service', '--key', 'none'],
  ])(
    'of %s %s',
    async (...command) => {
      const { code } = await cli(...command);
      expect([exitCodes.usage, exitCodes.nothingVerified]).toContain(code);
    },
    30_000,
  );
});

describe('An exit code is a name, not a number of failures', () => {
  test('256 of them do not wrap to success', () => {
    expect(exitCodeFor(...Array.from({ length: 256 }, () => 'fail' as const))).toBe(1);
  });

  test('each has its own, within what a process can end with, and none but success is 0', () => {
    const codes = Object.values(exitCodes);
    expect(new Set(codes).size).toBe(codes.length);
    for (const code of codes) expect(code % 256).toBe(code);
    expect(Object.entries(exitCodes).filter(([, code]) => code === 0)).toEqual([['conformant', 0]]);
  });

  test.each([
    ['pass', 0],
    ['warn', 0],
    ['info', 0],
    ['fail', 1],
    ['untestable', 5],
    ['inconclusive', 5],
    ['error', 5],
    ['not-applicable', 0],
  ] as const)('with one %s beside a pass it is %i', (verdict, code) => {
    expect(exitCodeFor('pass', verdict)).toBe(code);
  });
});

describe('A lost fence proves nothing:', () => {
  const nothing = { absence: 'sentinel', judge: () => [{ ...kept, claimsAbsence: true as const }] } as const;

  test('a sentinel that was not pushed', async () => {
    const result = await play({
      ...nothing,
      async play(stage) {
        const juliet = await stage.account('juliet');
        await stage.fence.sentinel(juliet, stage.subscribe('juliet/phone'));
      },
    });
    expect(result).toMatchObject({ verdict: 'inconclusive', fences: [{ state: 'lost' }] });
  }, 30_000);

  test('a sentinel that could not be sent, for nobody knows what came before it', async () => {
    const result = await play({
      ...nothing,
      async play(stage) {
        const phone = await stage.connect('juliet/phone');
        const subscription = stage.subscribe('juliet/phone');
        await accept(phone, fieldsOf(subscription));
        await phone.lose();
        await stage.fence.sentinel(await stage.account('juliet'), subscription, phone);
      },
    });
    expect(result).toMatchObject({ verdict: 'inconclusive', fences: [{ state: 'lost' }] });
  }, 30_000);

  test('one that the case asked for and then paid no heed to', async () => {
    const result = await play({
      ...nothing,
      async play(stage) {
        const juliet = await stage.account('juliet');
        await stage.fence.sentinel(juliet, stage.subscribe('juliet/phone')).catch(() => {});
      },
    });
    expect(result.verdict).toBe('inconclusive');
  }, 30_000);

  test('none at all is a fault of the suite', async () => {
    expect(await play(nothing)).toMatchObject({ verdict: 'error' });
    expect(await play({ judge: nothing.judge })).toMatchObject({ verdict: 'error' });
  });

  test('and the run is no success', () => {
    expect(exitCodeFor('pass', 'inconclusive')).toBe(exitCodes.inconclusive);
  });
});

describe('What cannot be tested has not passed', () => {
  const helpless: Target = { ...embeddedTarget, configurable: [] };

  test('for want of a way to set the server up', async () => {
    expect(await play({ needs: { config: { push: false } } }, helpless)).toMatchObject({
      verdict: 'untestable',
      reason: 'the target cannot be configured (push)',
    });
  });

  test('and the run is no success', () => {
    expect(exitCodeFor('pass', 'untestable')).toBe(exitCodes.inconclusive);
    expect(exitCodeFor('untestable')).toBe(exitCodes.inconclusive);
  });

  test('and it stands in the sum on top of the findings', async () => {
    const { stdout } = await cli('run', '--filter', 'discovery/feature', 'importance/headline');
    expect(stdout).toMatch(/\n2 cases in (\d+) permutations \(\d+ deselected\): \1 pass\n/);
  }, 30_000);
});

describe('A refusal has one reason', () => {
  test('for each negative has a sibling without the fault, and names one', () => {
    const [headline] = cases.filter(({ id }) => id === 'importance/headline');
    if (!headline?.negative) throw new Error('no negative to change');
    for (const [negative, complaint] of [
      [
        { ...headline.negative, sibling: 'importance/none' },
        'names a sibling importance/none that does not exist',
      ],
      [{ ...headline.negative, sibling: 'importance/error' }, 'which is itself a negative'],
      [{ ...headline.negative, fault: 'another type and another text' }, 'names more than one fault'],
      [{ ...headline.negative, fault: ' ' }, 'is a negative without a fault'],
    ] as const) {
      const changed = cases.map((each) => (each === headline ? { ...headline, negative } : each));
      expect(lintCases([{ file: 'suites', cases: changed }], catalogue).join()).toContain(complaint);
    }
  });

  test('and the two are compared, for every negative', () => {
    const source = readFileSync(join(root, 'test', 'one-fault.test.ts'), 'utf8');
    expect(source).toContain('test.each(negatives.filter(');
  });
});

describe('Nothing is left out in silence', () => {
  test('no sentence is excluded that a case tests, or that is not there', () => {
    const tested = new Set<string>(cases.flatMap(({ requirements }) => requirements));
    for (const id of Object.keys(exclusions)) {
      expect(tested.has(id), id).toBe(false);
      expect(catalogue.get(id)?.excluded, id).toBeTruthy();
    }
  });

  test('what the command line leaves out is counted', async () => {
    const { stdout } = await cli('run', '--filter', 'discovery/feature', '--report', 'json');
    const { counts }: RunResult = JSON.parse(stdout);
    // Over TCP and over WebSocket.
    expect(counts.pass).toBe(2);
    expect(counts.deselected).toBeGreaterThan(300);
  }, 30_000);

  test('a case has no way to be skipped', () => {
    const words = /\b(skip|only|todo|knownFailing)\s*[(:]/;
    const guilty = suiteFiles.filter((file) => words.test(readFileSync(join(suites, file), 'utf8')));
    expect(guilty).toEqual([]);
  });
});

const suites = join(packageRoot, 'suites');
const suiteFiles = readdirSync(suites, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.suite.ts'),
);

describe('What is written is played', () => {
  test('each case in a file is in the list, each in the list is in a file, and a deep run selects them all', async () => {
    const modules = await Promise.all(
      suiteFiles.map((file) => import(pathToFileURL(join(suites, file)).href) as Promise<{ cases: Case[] }>),
    );
    const written = modules.flatMap((module) => module.cases.map(({ id }) => id)).toSorted();
    const listed = cases.map(({ id }) => id).toSorted();
    const { stdout } = await cli('run', '--deep', '--dry-run');
    const selected = [...new Set(stdout.trimEnd().split('\n').map(withoutValues))].toSorted();
    expect(listed).toEqual(written);
    expect(selected).toEqual(written);
  }, 30_000);

  test('a case without a result is an error, and so is one with two', () => {
    const [one, other] = cases.flatMap((subject) => permutationsOf(subject, 'usual'));
    if (!one || !other) throw new Error('no cases');
    const passed = resultFor(one.path, 'pass');
    const again = (id: string) => `again ${id}`;
    expect(accountFor([one], [passed], again)).toEqual([passed]);
    expect(accountFor([one, other], [passed], again)).toMatchObject([
      { id: one.path, verdict: 'pass' },
      { id: other.path, verdict: 'error', reason: 'it was to be played, and has no result' },
    ]);
    expect(accountFor([one], [passed, passed], again)).toMatchObject([
      { verdict: 'error', reason: 'it has 2 results' },
    ]);
  });

  test('a thread that is gone with its cases ends the run as an error', async () => {
    const { code, stderr } = await inCopy(lossy, 'run', '--filter', 'importance', '--report', 'json');
    expect(code).toBe(exitCodes.inconclusive);
    expect(stderr).toMatch(/before its work was done|it was to be played/);
  }, 60_000);
});

/** Cases without the values they are played with. */
const withoutValues = (path: string) => path.split('/').slice(0, 2).join('/');

/**
 * A server that promises everything and sends nothing: it shows the feature and the key, answers every enable, and no
 * request ever leaves it.
 */
let hollow: KitCopy;
/** The kit with a thread that ends before it has played its part. */
let lossy: KitCopy;

beforeAll(() => {
  hollow = copyKit();
  hollow.rewrite(['reference/delivery'], (source, file) =>
    file.endsWith('/delivery.js')
      ? replacedOnce(source, 'const send = (line, entry, now) => {', '$& if (entry) return;')
      : source,
  );
  lossy = copyKit();
  lossy.rewrite(['harness/cli'], (source, file) =>
    file.endsWith('/run-thread.js') ? `process.exit(0);\n${source}` : source,
  );
}, 60_000);
afterAll(() => {
  hollow.close();
  lossy.close();
});

function replacedOnce(source: string, find: string, write: string): string {
  if (source.split(find).length !== 2) throw new Error(`"${find}" is not there once`);
  return source.replace(find, () => write.replace('$&', find));
}

/** Runs the command line of a copy. */
function inCopy(
  copy: KitCopy,
  ...args: readonly string[]
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const script = `import(${JSON.stringify(copy.script('main.js').href)}).then(({ main }) => main(process.argv.slice(1)))`;
  const child = spawn(process.execPath, ['-e', script, '--', ...args]);
  const text = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text.stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text.stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve({ code, ...text }));
  });
}

describe('A promise is not a deed: a server that shows the feature, answers every IQ and pushes nothing', () => {
  let result: RunResult;
  let code: number | null;

  beforeAll(async () => {
    // Many side by side and briefly, for they wait for what never comes.
    const ended = await inCopy(hollow, 'run', '--jobs', '48', '--timeout-scale', '0.5', '--report', 'json');
    code = ended.code;
    result = JSON.parse(ended.stdout);
  }, 300_000);

  test('is not conformant', () => {
    expect(code).toBe(exitCodes.nonConformant);
    expect(result.counts.fail).toBeGreaterThan(50);
    expect(result.counts.error).toBe(0);
  });

  test('passes no case whose proof is a push', () => {
    const proofs = new Set(cases.filter(({ absence }) => absence === 'sentinel').map(({ id }) => id));
    const passed = result.cases.filter(
      ({ verdict, id }) => verdict === 'pass' && proofs.has(withoutValues(id)),
    );
    expect(passed.map(({ id }) => id)).toEqual([]);
  });

  test('keeps nothing but sentences on answers', () => {
    const passed = result.cases.filter(({ verdict }) => verdict === 'pass');
    const others = passed.filter(({ requirements }) => !requirements.every((id) => answersOnly.test(id)));
    expect(others.map(({ id }) => id)).toEqual([]);
    // What it promises is there to be seen.
    expect(passed.map(({ id }) => withoutValues(id))).toContain('discovery/feature');
  });
});

/** What disco#info and the answers to enables and disables can show by themselves. */
const answersOnly =
  /^(discovery\..*|disable\.(unknown|when-off)|vapid\.key-(restart|changed)|enable\.no-echo|security\.(enable-flood|remote-entities|no-read-back))$/;

describe('All skipped is not all passed', () => {
  test('a run in which no case applied has verified nothing', () => {
    expect(exitCodeFor('not-applicable', 'not-applicable')).toBe(exitCodes.nothingVerified);
    expect(exitCodeFor()).toBe(exitCodes.nothingVerified);
  });

  /** Cases that a usual run plays, at least: fewer, and some have got lost. */
  const floors: Readonly<Record<string, number>> = {
    answer: 12,
    archive: 4,
    disable: 8,
    disconnected: 1,
    discovery: 9,
    enable: 20,
    encryption: 18,
    hibernated: 10,
    http: 8,
    importance: 38,
    live: 1,
    offline: 7,
    payload: 15,
    registration: 12,
    security: 9,
    sessions: 4,
    vapid: 22,
  };

  test('a run plays cases of every area, and no fewer than it always did', async () => {
    const { code, stdout } = await cli('run', '--report', 'json');
    expect(code).toBe(0);
    const result: RunResult = JSON.parse(stdout);
    const passed = result.cases.filter(({ verdict }) => verdict === 'pass');
    const count = (area: string) => passed.filter(({ id }) => areaOf(id) === area).length;
    const areas = [...new Set(cases.map(({ id }) => areaOf(id)))].toSorted();
    expect(Object.keys(floors).toSorted()).toEqual(areas);
    for (const area of areas) expect(count(area), area).toBeGreaterThanOrEqual(floors[area] ?? 1);
  }, 120_000);
});

describe('What fails once has failed', () => {
  test('a case is played once, whatever comes of it', async () => {
    let plays = 0;
    const result = await play({
      async play(stage) {
        plays += 1;
        const romeo = await stage.sender('romeo');
        await romeo.send(chat(await stage.account('juliet'), 'Hark!'));
      },
      judge: () => [check('important.headline', plays > 1, { expected: '', actual: '', evidence: [] })],
    });
    expect({ plays, verdict: result.verdict }).toEqual({ plays: 1, verdict: 'fail' });
  });

  test('and no test of the kit is tried again', () => {
    const files = ['harness', 'reference', 'suites', 'fixtures', 'vectors', 'mutation', 'test'].flatMap(
      (folder) =>
        readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
          .filter((name) => name.endsWith('.test.ts') && !name.includes('node_modules'))
          .map((name) => join(root, folder, name)),
    );
    expect(files.length).toBeGreaterThan(50);
    const again = /\b(retry|repeats)\s*:|\.(retry|repeats)\(|--retry/;
    const guilty = [...files, join(root, 'vitest.config.ts'), join(root, 'bin', 'test.js')].filter(
      (file) => !file.endsWith('vacuous.test.ts') && again.test(readFileSync(file, 'utf8')),
    );
    expect(guilty).toEqual([]);
  });
});
