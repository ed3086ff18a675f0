import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock/clock.js';
import { MAX_PLAINTEXT_OCTETS, paddedSize } from '../encryption/webpush-encryption.js';
import type { Push } from '../engine/events.js';
import { encodePayload, reducePayload } from '../payload/payload.js';
import type { Registration } from '../registry/registry.js';
import { type BackoffOptions, backoff, type Reaction, readAnswer, type TransportResult } from './answer.js';
import {
  add,
  createLine,
  discard,
  type Line,
  type LineOptions,
  newest,
  putBack,
  readyAt,
  take,
  type Waiting,
} from './line.js';
import { createRateLimit } from './rate-limit.js';
import { buildRequest, type PushRequest, topicOf, urgencyOf } from './request.js';

/** What an endpoint's answer means for the registration; the delivery says so, the host acts on it. */
export type DeliveryOutcome =
  /** Any 2xx. */
  | { readonly type: 'accepted'; readonly registration: Registration; readonly status: number }
  /** 404 or 410: the subscription is gone, and so is what waited for it. */
  | { readonly type: 'gone'; readonly registration: Registration; readonly status: number }
  /** 400, 401, 403, a redirect and other refusals of the request itself. */
  | { readonly type: 'refused'; readonly registration: Registration; readonly status: number }
  /** Given up: out of tries or out of TTL, refused by address rules, or still too large. The registration stays. */
  | { readonly type: 'dropped'; readonly registration: Registration; readonly reason: string };

/** Takes pushes and gets them to their push services: batched per conversation, retried inside their TTL, never redirected. */
export interface Delivery {
  enqueue(push: Push): void;
  /**
   * Forgets what waits for this registration: all of it, or only the pushes about these messages. A request in flight
   * goes on, but is not repeated.
   */
  discard(account: string, endpoint: string, messages?: readonly string[]): void;
  /** Resolves when nothing is in flight any more; what still waits for a time is dropped. Closes the transport. */
  close(): Promise<void>;
}

/** Sends requests. */
export interface Transport {
  /** Never rejects: whatever goes wrong is a failure with its reason. */
  post(request: PushRequest): Promise<TransportResult>;
  /** Ends what is in flight, after a short time for it to end by itself. */
  close(): Promise<void>;
}

export interface DeliveryOptions extends LineOptions {
  /** Requests for one push that may fail (5xx, no answer); throttling does not count. Default 5. */
  readonly tries: number;
  readonly backoff: BackoffOptions;
  /** The wait after a 429 that does not say how long, in milliseconds. Default 30 000. */
  readonly throttleWait: number;
  /** Requests in flight to all endpoints together. Default 256. */
  readonly maxInFlight: number;
  /** Requests of one account: so many at once, then one per `interval` milliseconds. Default 20 and 200. */
  readonly rate: { readonly burst: number; readonly interval: number };
  /** Endpoints remembered only because they must not be asked yet; the oldest is forgotten. Default 10 000. */
  readonly maxResting: number;
  /** The key that hides conversations in topics: 32 random octets, by default new ones for each process. */
  readonly topicSecret: Uint8Array;
  /** For jitter: numbers from 0 up to but not including 1. Default Math.random. */
  readonly random: () => number;
}

const defaults: Omit<DeliveryOptions, 'topicSecret'> = {
  batchWindow: 1000,
  messageTtl: 172_800,
  callTtl: 60,
  maxWaiting: 32,
  maxMerged: 50,
  tries: 5,
  backoff: { first: 1000, factor: 4, cap: 600_000 },
  throttleWait: 30_000,
  maxInFlight: 256,
  rate: { burst: 20, interval: 200 },
  maxResting: 10_000,
  random: Math.random,
};

export interface DeliveryParts {
  readonly clock: Clock;
  /**
   * Encrypts for a registration (RFC 8291), anew for each request.
   *
   * @param padTo octets of plaintext, delimiter and padding together.
   */
  readonly seal: (plaintext: Uint8Array, registration: Registration, padTo: number) => Uint8Array;
  /** The `Authorization` field for a request to a registration's endpoint (RFC 8292 §3). */
  readonly authorize: (registration: Registration) => string;
  readonly transport: Transport;
  /** The registration as it is now, since keys and consent may have changed while a push waited. Default: as enqueued. */
  readonly current?: (account: string, endpoint: string) => Registration | undefined;
  readonly onOutcome: (outcome: DeliveryOutcome) => void;
  readonly options?: Partial<DeliveryOptions>;
}

/**
 * Delivers pushes (RFC 8030 §5), one request at a time to an endpoint, so that their order stays and a service that
 * hangs or throttles delays nobody else. While a request has to wait (batch window, back-off, `Retry-After`, the
 * account's rate) further pushes of its thread join it and the newest is sent for all.
 *
 * All waiting follows `clock`. A request is made, encrypted and signed at the moment it is sent.
 */
export function createDelivery(parts: DeliveryParts): Delivery {
  const { clock, seal, authorize, transport, current, onOutcome } = parts;
  const options: DeliveryOptions = { topicSecret: randomBytes(32), ...defaults, ...parts.options };
  const rate = createRateLimit(options.rate.interval, options.rate.burst);
  const lines = new Map<string, Line>();
  /** Lines with nothing to send that only remember not to ask yet. */
  const resting = new Set<Line>();
  /** Lines that could send but for `maxInFlight`, those with something pressing apart. */
  const queues = { pressing: new Set<Line>(), other: new Set<Line>() };
  const inFlight = new Set<Promise<void>>();
  let closed = false;

  const drop = (registration: Registration, reason: string) =>
    onOutcome({ type: 'dropped', registration, reason });
  const dropEntry = (entry: Waiting | undefined, reason: string) => {
    if (entry) drop(newest(entry).registration, reason);
  };

  const wake = (line: Line, delay: number) => {
    line.cancelTimer?.();
    line.cancelTimer = clock.schedule(delay, () => advance(line));
  };

  /** Sends what may be sent, or sees to it that this is looked at again when something may. */
  const advance = (line: Line): void => {
    line.cancelTimer?.();
    line.cancelTimer = undefined;
    resting.delete(line);
    queues.pressing.delete(line);
    queues.other.delete(line);
    while (!line.busy && !closed) {
      const now = clock.now();
      const entry = earliest(line, now);
      if (!entry) {
        rest(line, now);
        return;
      }
      const at = mayBeSentAt(line, entry, now);
      // Waiting until after the TTL's end is no use.
      if (Math.max(at, now) >= entry.deadline) {
        take(line, entry);
        dropEntry(entry, 'the time to live ran out');
      } else if (at > now) {
        wake(line, at - now);
        return;
      } else if (inFlight.size >= options.maxInFlight) {
        (entry.pressing ? queues.pressing : queues.other).add(line);
        return;
      } else {
        take(line, entry);
        send(line, entry, now);
      }
    }
  };

  const mayBeSentAt = (line: Line, entry: Waiting, now: number): number =>
    Math.max(readyAt(line, entry), now + rate.wait(entry.account, now));

  /** What can be sent first; of what can be sent now, the pressing, then what is due for longest. */
  const earliest = (line: Line, now: number): Waiting | undefined => {
    const rank = (entry: Waiting) => [
      Math.max(mayBeSentAt(line, entry, now), now),
      entry.pressing ? 0 : 1,
      entry.due,
    ];
    let best: { entry: Waiting; rank: readonly number[] } | undefined;
    for (const entry of line.waiting.values()) {
      const candidate = { entry, rank: rank(entry) };
      if (!best || isLess(candidate.rank, best.rank)) best = candidate;
    }
    return best?.entry;
  };

  const rest = (line: Line, now: number): void => {
    const until = Math.max(line.askedUntil, line.backoffUntil);
    if (until <= now) {
      lines.delete(line.endpoint);
      return;
    }
    resting.add(line);
    wake(line, until - now);
    for (const oldest of resting) {
      if (resting.size <= options.maxResting) break;
      oldest.cancelTimer?.();
      resting.delete(oldest);
      lines.delete(oldest.endpoint);
    }
  };

  const send = (line: Line, entry: Waiting, now: number): void => {
    const push = newest(entry);
    const registration = current ? current(entry.account, line.endpoint) : push.registration;
    if (!registration) {
      drop(push.registration, 'the registration was removed');
      return;
    }
    if (isStricter(registration, push.registration)) {
      drop(registration, 'the client has withdrawn its consent to this payload');
      return;
    }
    let request: PushRequest;
    try {
      const ttl = Math.ceil((entry.deadline - now) / 1000);
      request = requestFor({ ...push, registration }, ttl, entry.reduced);
    } catch (error) {
      // Messages of errors stay here: this goes to logs, and not everybody writes errors without secrets.
      const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
      drop(registration, `the request could not be encrypted and signed${code}`);
      return;
    }
    rate.count(entry.account, now);
    line.busy = true;
    line.sent = entry;
    const answered = transport.post(request).then((result) => {
      inFlight.delete(answered);
      const { sent } = line;
      line.busy = false;
      line.sent = undefined;
      try {
        const reaction = readAnswer(result, clock.now());
        if (!closed || result.type === 'answer') react(line, sent, registration, reaction);
      } finally {
        // Behind the others: a line with much to send must not keep its place among those in flight.
        (sent?.pressing ? queues.pressing : queues.other).add(line);
        advanceQueued();
      }
    });
    inFlight.add(answered);
  };

  const requestFor = (push: Push, ttl: number, reduced: boolean): PushRequest => {
    const { registration } = push;
    const whole = encodePayload(push.payload);
    const fits = !reduced && whole.length <= MAX_PLAINTEXT_OCTETS;
    const plaintext = fits ? whole : encodePayload(reducePayload(push.payload));
    // Where every octet counts there is no padding.
    const padTo = fits ? paddedSize(plaintext.length) : plaintext.length + 1;
    const handling = { ttl, urgency: urgencyOf(push), topic: topicOf(options.topicSecret, push) };
    const body = seal(plaintext, registration, padTo);
    return buildRequest(registration.endpoint, authorize(registration), handling, body);
  };

  /** @param sent what was sent and not discarded since. */
  const react = (line: Line, sent: Waiting | undefined, registration: Registration, reaction: Reaction) => {
    const now = clock.now();
    if (reaction.type !== 'throttled' && reaction.type !== 'failed') {
      line.failures = 0;
      line.backoffUntil = 0;
    }
    switch (reaction.type) {
      case 'accepted':
        onOutcome({ type: 'accepted', registration, status: reaction.status });
        return;
      case 'gone':
        for (const entry of [...line.waiting.values()])
          if (entry.account === registration.account && !isNewer(newest(entry).registration, registration))
            take(line, entry);
        onOutcome({ type: 'gone', registration, status: reaction.status });
        return;
      case 'refused':
        onOutcome({ type: 'refused', registration, status: reaction.status });
        return;
      case 'futile':
        drop(registration, reaction.reason);
        return;
      case 'too-large':
        if (sent?.reduced !== false) drop(registration, 'the push service finds it too large');
        else dropEntry(putBack(line, { ...sent, due: now, reduced: true }, options), 'too many threads wait');
        return;
      case 'throttled':
      case 'failed':
        wait(line, sent, registration, reaction, now);
    }
  };

  const wait = (
    line: Line,
    sent: Waiting | undefined,
    registration: Registration,
    reaction: Reaction & { readonly type: 'throttled' | 'failed' },
    now: number,
  ) => {
    line.failures++;
    const throttled = reaction.type === 'throttled';
    const asked = reaction.wait ?? (throttled ? options.throttleWait : 0);
    const own = backoff(line.failures, options.backoff, options.random);
    // Nothing that waits now lives longer than a message, so remembering longer would only cost memory.
    const until = now + Math.min(Math.max(asked, own), options.messageTtl * 1000);
    if (throttled || reaction.wait !== undefined) line.askedUntil = until;
    else line.backoffUntil = until;
    if (!sent) return;
    const failures = sent.failures + (throttled ? 0 : 1);
    if (failures >= options.tries) drop(registration, `${reaction.reason}, out of tries`);
    else dropEntry(putBack(line, { ...sent, due: until, failures }, options), 'too many threads wait');
  };

  const advanceQueued = () => {
    while (inFlight.size < options.maxInFlight) {
      const [line] = queues.pressing.size > 0 ? queues.pressing : queues.other;
      if (!line) return;
      advance(line);
    }
  };

  return {
    enqueue(push) {
      if (closed) return;
      const { endpoint } = push.registration;
      const line = lines.get(endpoint) ?? createLine(endpoint);
      lines.set(endpoint, line);
      dropEntry(add(line, push, clock.now(), options), 'too many threads wait');
      advance(line);
    },
    discard(account, endpoint, messages) {
      const line = lines.get(endpoint);
      if (!line) return;
      discard(line, account, messages);
      advance(line);
    },
    async close() {
      closed = true;
      for (const line of lines.values()) line.cancelTimer?.();
      lines.clear();
      resting.clear();
      await transport.close();
      await Promise.all(inFlight);
    },
  };
}

function isNewer(registration: Registration, than: Registration): boolean {
  return registration.generation > than.generation;
}

/** The payload was built under another policy, and the present one forbids what it may hold. */
function isStricter({ payload: now }: Registration, { payload: before }: Registration): boolean {
  return (before.body && !now.body) || (before.sender && !now.sender);
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  for (const [index, value] of a.entries()) {
    const other = b[index] ?? 0;
    if (value !== other) return value < other;
  }
  return false;
}
