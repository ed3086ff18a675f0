import xml from '@xmpp/xml';
import { sentinelMessage, sentinelRole, sentinelTest } from '../fence/sentinel.js';
import { examineRequest } from '../judge/examine.js';
import type { Subscription } from '../push-service/subscription.js';
import type { RunningTarget } from '../target/target.js';
import type { Entry, Recorder, RequestEntry } from '../transcript/transcript.js';
import { nameSentinel, type Senders } from './senders.js';
import { reachedWithin } from './wait.js';

/** How quick a target is and whether its pushes keep order, and what the run's waits and fences make of it. */
export interface Calibration {
  /** Median of a few pings, milliseconds. */
  readonly pingMs: number;
  /** From sending a message to its request at the push service: median and longest. Absent when none came. */
  readonly pushMs?: number;
  readonly slowestPushMs?: number;
  /**
   * Whether what was sent first was pushed first, from two senders through one registration. `unknown` when no pair came
   * whose two could be told apart.
   */
  readonly order: 'kept' | 'not-kept' | 'unknown';
  /** After so long, what was expected counts as not coming. */
  readonly patienceMs: number;
  /** Sentinels that a fence sends, each when the one before it was pushed. */
  readonly sentinels: number;
}

/** The parts of a calibration that were measured. */
export type Measured = Pick<Calibration, 'order'> & {
  readonly pings: readonly number[];
  readonly pushes: readonly number[];
};

/** Pairs of messages that are sent to see what the target makes of them. */
const rounds = 3;

/** On a machine that grows busy, what took one moment may take several. */
const slack = 5;

/**
 * Where one push may overtake another, the first sentinel proves little. The third was sent when two pushes had had time to
 * be sent, one after the other.
 */
const sentinelsWithoutOrder = 3;

/** @param patience what the target asks for, milliseconds. */
export function adapt({ pings, pushes, order }: Measured, patience: number): Calibration {
  const slowest = Math.max(...pings, ...pushes);
  return {
    pingMs: median(pings),
    ...(pushes.length > 0 ? { pushMs: median(pushes), slowestPushMs: Math.round(Math.max(...pushes)) } : {}),
    order,
    patienceMs: Math.max(patience, Math.ceil(slack * slowest)),
    sentinels: order === 'not-kept' ? sentinelsWithoutOrder : 1,
  };
}

/** The same server, given more time where it has shown that it needs it. */
export function withPatience(target: RunningTarget, patience: number): RunningTarget {
  return patience === target.patience
    ? target
    : Object.create(target, { patience: { value: patience, enumerable: true } });
}

export interface Device {
  readonly bareJid: string;
  /** Enabled, and its session has ended. */
  readonly subscription: Subscription;
  readonly recorder: Recorder;
}

/** Has two senders write in turns to somebody who is away, and looks when and in which order it is pushed. */
export async function measurePushes(
  { patience }: Pick<RunningTarget, 'patience'>,
  { bareJid, subscription, recorder }: Device,
  senders: Pick<Senders, 'jids' | 'send' | 'ping'>,
  seed: number,
  signal: AbortSignal,
): Promise<Pick<Measured, 'pushes' | 'order'>> {
  const isSentinel = sentinelTest(seed, recorder.transcript);
  const pushes: number[] = [];
  let order: Calibration['order'] = 'unknown';
  for (let round = 0; round < rounds; round += 1) {
    const arrivals: number[] = [];
    const stop = recorder.listen(({ kind }) => {
      if (kind === 'request') arrivals.push(performance.now());
    });
    const before = subscription.requests.length;
    const sent = [performance.now()];
    await senders.send(
      'romeo',
      xml('message', { to: bareJid, type: 'chat', id: `round-${round}` }, xml('body', {}, 'Hist!')),
    );
    // Answered, and the server has taken the first in before the second is sent.
    await senders.ping('romeo');
    await nameSentinel(recorder, senders, seed);
    sent.push(performance.now());
    await senders.send(sentinelRole, sentinelMessage(bareJid, round));
    const came = await reachedWithin(
      recorder,
      patience,
      signal,
      () => subscription.requests.length >= before + 2,
    );
    stop();
    const pair = subscription.requests.slice(before, before + 2);
    const [first, second] = await Promise.all(
      pair.map((entry) => isSentinelPush(recorder, entry, isSentinel)),
    );
    const inOrder = first !== true;
    const times = inOrder ? sent : sent.toReversed();
    pushes.push(...arrivals.slice(0, 2).map((arrival, index) => arrival - (times[index] ?? arrival)));
    if (!came) break;
    if (first === second) continue;
    if (!inOrder) order = 'not-kept';
    else if (order === 'unknown') order = 'kept';
  }
  return { pushes, order };
}

async function isSentinelPush(
  recorder: Recorder,
  entry: RequestEntry & Entry,
  isSentinel: (payload: unknown) => boolean,
): Promise<boolean> {
  return (await examineRequest(recorder.transcript, entry, { isSentinel })).sentinel;
}

function median(values: readonly number[]): number {
  return Math.round(values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0);
}
