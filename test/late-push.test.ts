import { request } from 'node:https';
import { expect, test } from 'vitest';
import type { Case } from '../harness/case/case.js';
import { permutationsOf } from '../harness/case/permutation.js';
import { createAuthority } from '../harness/certificate/certificate.js';
import { check } from '../harness/judge/check.js';
import { groupByPlay } from '../harness/run/group.js';
import { run } from '../harness/run/run.js';
import { createTurn, takeTurns } from '../harness/run/split.js';
import { embeddedTarget } from '../harness/target/embedded.js';

const sentence = {
  id: 'silence',
  level: 'MUST NOT',
  sentence: 'Silence.',
  document: 'XEP-XXXX',
  section: '1',
} as const;

/** A POST to the push service, past every server, as a push that was held up somewhere. */
function post(endpoint: string): Promise<void> {
  const { port, pathname, host } = new URL(endpoint);
  return new Promise((resolve, reject) => {
    request(
      {
        host: '127.0.0.1',
        port,
        path: pathname,
        method: 'POST',
        headers: { host, ttl: '60' },
        rejectUnauthorized: false,
      },
      (response) => response.resume().once('end', resolve),
    )
      .once('error', reject)
      .end();
  });
}

/**
 * Verdicts of a case on a push that comes when the case has ended: as it ended, and at the end of the run.
 *
 * @param wanted how many requests the case is content with.
 */
async function verdictsOn(wanted: 0 | 1): Promise<readonly (string | undefined)[]> {
  let endpoint = '';
  const verdicts = new Map<string, string>();
  const cases: readonly Case[] = [
    {
      id: 'late/judged',
      title: 'so many requests come',
      requirements: ['silence'],
      async play(stage) {
        endpoint = stage.subscribe('juliet/phone').endpoint;
      },
      judge: ({ allRequests }) => [
        check('silence', allRequests.length === wanted, {
          expected: `${wanted} requests`,
          actual: `${allRequests.length} requests`,
          evidence: allRequests.map(({ seq }) => seq),
        }),
      ],
    },
    {
      id: 'late/meanwhile',
      title: 'another case plays',
      requirements: ['silence'],
      play: () => post(endpoint),
      judge: () => [check('silence', true, { expected: '', actual: '', evidence: [] })],
    },
  ];
  const { cases: results } = await run({
    next: takeTurns(groupByPlay(cases.flatMap((one) => permutationsOf(one, 'usual'))), createTurn()),
    catalogue: new Map([[sentence.id, sentence]]),
    target: embeddedTarget,
    authority: await createAuthority(),
    seed: 1,
    jobs: 1,
    timeoutScale: 1,
    signal: new AbortController().signal,
    onCase: ({ id, verdict }) => void verdicts.set(id, verdict),
  });
  return [verdicts.get('late/judged'), results.find(({ id }) => id === 'late/judged')?.verdict];
}

test('A forbidden push that comes after its case had passed turns the case', async () => {
  expect(await verdictsOn(0)).toEqual(['pass', 'fail']);
});

test('A push that was due and comes after its case had failed heals nothing', async () => {
  expect(await verdictsOn(1)).toEqual(['fail', 'fail']);
});
