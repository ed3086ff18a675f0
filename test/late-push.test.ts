import { request } from 'node:https';
import { expect, test } from 'vitest';
import type { Case } from '../harness/case/case.js';
import { check } from '../harness/judge/check.js';
import { run } from '../harness/run/run.js';
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

test('A forbidden push that comes after its case had passed turns the case', async () => {
  let endpoint = '';
  const verdicts: string[] = [];
  const cases: readonly Case[] = [
    {
      id: 'late/silent',
      title: 'nothing comes',
      requirements: ['silence'],
      async play(stage) {
        endpoint = stage.subscribe('juliet/phone').endpoint;
      },
      judge: ({ allRequests }) => [
        check('silence', allRequests.length === 0, {
          expected: 'no request',
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
    cases,
    catalogue: new Map([[sentence.id, sentence]]),
    target: embeddedTarget,
    seed: 1,
    jobs: 1,
    timeoutScale: 1,
    signal: new AbortController().signal,
    onCase: ({ id, verdict }) => void verdicts.push(`${id} ${verdict}`),
  });
  expect(verdicts).toEqual(['late/silent pass', 'late/meanwhile pass']);
  expect(results.map(({ id, verdict }) => `${id} ${verdict}`)).toEqual([
    'late/silent fail',
    'late/meanwhile pass',
  ]);
});
