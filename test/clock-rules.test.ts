import { describe, expect, test } from 'vitest';
import { permutationsOf } from '../harness/case/permutation.js';
import { createAuthority } from '../harness/certificate/certificate.js';
import { groupByPlay } from '../harness/run/group.js';
import { run } from '../harness/run/run.js';
import { createTurn, takeTurns } from '../harness/run/split.js';
import { embeddedTarget } from '../harness/target/embedded.js';
import type { Target } from '../harness/target/target.js';
import { cases } from '../suites/cases.js';
import { catalogue, type RequirementId } from '../suites/requirements/catalogue.js';

/** Sentences that speak of a time so long that nobody can wait for it. */
const byClock: readonly RequirementId[] = [
  'answer.retry',
  'answer.too-many-requests',
  'answer.transient',
  'hibernated.after-expiry',
  'hibernated.batch',
  'hibernated.delayed-ack',
  'hibernated.expiry-silent',
  'registration.expiry',
  'registration.lifetime',
  'rfc8292.expiry-future',
  'rfc8292.expiry-limit',
  'security.rate',
];

const needsClock = cases.filter(({ needs }) => needs?.hooks?.includes('advanceClock'));

describe('A sentence about a long time is tested with a clock that is moved:', () => {
  test.each(byClock)('%s', (id) => {
    expect(needsClock.filter(({ requirements }) => requirements.includes(id))).not.toEqual([]);
  });
});

test('Where the clock cannot be moved, every such case is untestable, and says that it is for the clock', async () => {
  const target: Target = {
    ...embeddedTarget,
    configurable: [],
    start: async (...parameters) => ({ ...(await embeddedTarget.start(...parameters)), hooks: {} }),
  };
  const permutations = needsClock.flatMap((one) => permutationsOf(one, 'usual'));
  const { cases: results } = await run({
    next: takeTurns(groupByPlay(permutations), createTurn()),
    catalogue,
    target,
    authority: await createAuthority(),
    seed: 1,
    jobs: 1,
    timeoutScale: 1,
    signal: new AbortController().signal,
  });
  expect(results).toHaveLength(permutations.length);
  const others = results.filter(
    ({ verdict, reason }) => verdict !== 'untestable' || reason !== 'the target has no hook advanceClock',
  );
  expect(others.map(({ id, verdict, reason }) => `${id}: ${verdict}, ${reason}`)).toEqual([]);
}, 30_000);
