import type { Push } from '../engine/events.js';
import { isPressing, threadOf } from './request.js';

/** The pushes of one registration and thread that one request will tell about. Times are Unix times in milliseconds. */
export interface Waiting {
  readonly account: string;
  readonly thread: string;
  /** Oldest first. The newest is sent; the others are kept in case that one is discarded before. */
  readonly pushes: readonly [Push, ...Push[]];
  /** Not sent before. */
  readonly due: number;
  /** When the TTL runs out. */
  readonly deadline: number;
  readonly pressing: boolean;
  /** Failures of the newest push. */
  readonly failures: number;
  /** The push service found the whole payload too large. */
  readonly reduced: boolean;
}

/** What waits for one endpoint. Requests to it go out one after the other. */
export interface Line {
  readonly endpoint: string;
  /** By account and thread, the least recently changed first. */
  readonly waiting: Map<string, Waiting>;
  /** What is in flight; undefined also once all of it was discarded. */
  sent: Waiting | undefined;
  busy: boolean;
  /** In a row, whatever the push. */
  failures: number;
  /** The push service asked for no request before (429, `Retry-After`). */
  askedUntil: number;
  /** Our own back-off, which a pressing push need not respect. */
  backoffUntil: number;
  cancelTimer: (() => void) | undefined;
}

export interface LineOptions {
  /** From the first important push of a thread to its request, in milliseconds. Default 1000. */
  readonly batchWindow: number;
  /** Of a message, in seconds. Default 172 800. */
  readonly messageTtl: number;
  /** Of a call and what ends it, in seconds. Default 60. */
  readonly callTtl: number;
  /** Threads waiting for one registration; the one that is quiet for longest makes room. Default 32. */
  readonly maxWaiting: number;
  /** Pushes remembered in a thread; the oldest is forgotten. Default 50. */
  readonly maxMerged: number;
}

export function createLine(endpoint: string): Line {
  return {
    endpoint,
    waiting: new Map(),
    sent: undefined,
    busy: false,
    failures: 0,
    askedUntil: 0,
    backoffUntil: 0,
    cancelTimer: undefined,
  };
}

/**
 * Adds a push to its thread. The batch window counts from the thread's first push and a retry's wait goes on, but a
 * pressing push ends both. Tries and TTL start anew: this is news. Returns what had to make room, if anything.
 */
export function add(line: Line, push: Push, now: number, options: LineOptions): Waiting | undefined {
  const { account } = push.registration;
  const thread = threadOf(push);
  const older = line.waiting.get(keyOf({ account, thread }));
  const pressing = isPressing(push);
  const due = pressing ? now : (older?.due ?? now + options.batchWindow);
  const ttl = pressing ? options.callTtl : options.messageTtl;
  put(line, {
    account,
    thread,
    pushes: append(older?.pushes, [push], options.maxMerged),
    due,
    deadline: Math.max(due, now) + ttl * 1000,
    pressing,
    failures: 0,
    reduced: false,
  });
  return makeRoom(line, account, options.maxWaiting);
}

/** Puts back what was sent without success. If news came meanwhile, what was sent becomes the older part of it. */
export function putBack(line: Line, sent: Waiting, options: LineOptions): Waiting | undefined {
  const newer = line.waiting.get(keyOf(sent));
  if (newer) {
    put(line, { ...newer, pushes: append(sent.pushes, newer.pushes, options.maxMerged) });
    return undefined;
  }
  put(line, sent);
  return makeRoom(line, sent.account, options.maxWaiting);
}

/** Forgets pushes of an account: all, or those about these messages. */
export function discard(line: Line, account: string, messages?: readonly string[]): void {
  const without = (entry: Waiting): Waiting | undefined => {
    if (entry.account !== account) return entry;
    const [first, ...others] = messages
      ? entry.pushes.filter((push) => !messages.includes(push.message))
      : [];
    return first && { ...entry, pushes: [first, ...others] };
  };
  for (const [key, entry] of line.waiting) {
    const left = without(entry);
    // Setting a key that is there keeps its place.
    if (left) line.waiting.set(key, left);
    else line.waiting.delete(key);
  }
  line.sent = line.sent && without(line.sent);
}

export function take(line: Line, entry: Waiting): void {
  line.waiting.delete(keyOf(entry));
}

/** When the line would let the entry be sent. */
export function readyAt(line: Line, entry: Waiting): number {
  return Math.max(entry.due, line.askedUntil, entry.pressing ? 0 : line.backoffUntil);
}

/** The newest push, which stands for all. */
export function newest(entry: Waiting): Push {
  return entry.pushes.at(-1) ?? entry.pushes[0];
}

function keyOf({ account, thread }: Pick<Waiting, 'account' | 'thread'>): string {
  return `${account}\0${thread}`;
}

function put(line: Line, entry: Waiting): void {
  const key = keyOf(entry);
  line.waiting.delete(key);
  line.waiting.set(key, entry);
}

function append(
  older: readonly Push[] | undefined,
  newer: readonly [Push, ...Push[]],
  max: number,
): readonly [Push, ...Push[]] {
  const [first, ...others] = [...(older ?? []), ...newer].slice(-max);
  return first ? [first, ...others] : newer;
}

/** Messages make room before calls, the least recently changed first; what was added last stays. */
function makeRoom(line: Line, account: string, max: number): Waiting | undefined {
  const entries = [...line.waiting.values()].filter((entry) => entry.account === account);
  if (entries.length <= max) return undefined;
  const candidates = entries.slice(0, -1);
  const dropped = candidates.find((entry) => !entry.pressing) ?? candidates[0];
  if (dropped) take(line, dropped);
  return dropped;
}
