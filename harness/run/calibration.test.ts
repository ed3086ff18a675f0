import { describe, expect, test } from 'vitest';
import { localpartOf } from '../fence/sentinel.js';
import { browser, forge } from '../judge/forge.js';
import type { Subscription } from '../push-service/subscription.js';
import type { RunningTarget } from '../target/target.js';
import { createRecorder, type Entry, type RequestEntry } from '../transcript/transcript.js';
import { adapt, measurePushes, withPatience } from './calibration.js';
import type { Senders } from './senders.js';

const seed = 7;
const signal = new AbortController().signal;

/** A server that pushes what two senders sent when both have, in the order that `arrange` makes of it. */
async function measure(
  arrange: (pushes: readonly RequestEntry[]) => readonly RequestEntry[],
  patience = 2000,
) {
  const recorder = createRecorder('introduction', Date.now);
  const juliet = browser('greeter/desk');
  recorder.record(juliet.entry);
  const requests: (RequestEntry & Entry)[] = [];
  recorder.listen((entry) => {
    if (entry.kind === 'request') requests.push(entry);
  });
  const due: RequestEntry[] = [];
  const senders: Pick<Senders, 'jids' | 'send' | 'ping'> = {
    async jids(role) {
      const bareJid = `${localpartOf(seed, role)}@capulet.example`;
      return { bareJid, fullJid: `${bareJid}/desk` };
    },
    async send(role) {
      const plaintext = Buffer.from(JSON.stringify({ from: `${localpartOf(seed, role)}@capulet.example` }));
      due.push({
        kind: 'request',
        subscription: juliet.entry.name,
        request: forge({ to: juliet, sealing: { plaintext } }),
        answer: { type: 'status', status: 201 },
      });
      if (due.length === 2) for (const push of arrange(due.splice(0))) recorder.record(push);
    },
    async ping() {},
  };
  const subscription = { ...juliet.entry, requests } as unknown as Subscription;
  return measurePushes(
    { patience },
    { bareJid: 'greeter@capulet.example', subscription, recorder },
    senders,
    seed,
    signal,
  );
}

describe('Whether pushes keep order', () => {
  test('is seen when the first sender is pushed first, in every round', async () => {
    const { order, pushes } = await measure((pair) => pair);
    expect(order).toBe('kept');
    expect(pushes).toHaveLength(6);
  });

  test('is denied when one overtook another, once', async () => {
    let round = 0;
    const { order } = await measure((pair) => (++round === 2 ? pair.toReversed() : pair));
    expect(order).toBe('not-kept');
  });

  test('is unknown when nothing is pushed, and no further round is waited for', async () => {
    const since = performance.now();
    expect(await measure(() => [], 50)).toEqual({ order: 'unknown', pushes: [] });
    expect(performance.now() - since).toBeLessThan(1000);
  });

  test('is unknown when the two cannot be told apart', async () => {
    const spoilt = (push: RequestEntry): RequestEntry => ({
      ...push,
      request: { ...push.request, body: 'AAAA' },
    });
    expect((await measure((pair) => pair.map(spoilt))).order).toBe('unknown');
  });
});

describe('A run', () => {
  const measured = { pings: [1, 2, 3], pushes: [10, 20, 30], order: 'kept' } as const;

  test('keeps the patience of a target that is quick', () => {
    expect(adapt(measured, 5000)).toEqual({
      pingMs: 2,
      pushMs: 20,
      slowestPushMs: 30,
      order: 'kept',
      patienceMs: 5000,
      sentinels: 1,
    });
  });

  test('has more patience with one whose pushes take long', () => {
    expect(adapt({ ...measured, pushes: [10, 3000] }, 5000).patienceMs).toBe(15_000);
  });

  test('puts up fences of three sentinels where pushes overtake one another', () => {
    expect(adapt({ ...measured, order: 'not-kept' }, 5000).sentinels).toBe(3);
  });

  test('says nothing of pushes where none came', () => {
    expect(adapt({ ...measured, pushes: [], order: 'unknown' }, 5000)).toEqual({
      pingMs: 2,
      order: 'unknown',
      patienceMs: 5000,
      sentinels: 1,
    });
  });
});

test('A target with more patience is the same target otherwise', () => {
  const target = { patience: 1, domains: ['a.example'], now: () => 42 } as unknown as RunningTarget;
  const patient = withPatience(target, 2);
  expect([patient.patience, patient.domains, patient.now()]).toEqual([2, ['a.example'], 42]);
});
