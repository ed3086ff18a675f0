import type { MessagePort } from 'node:worker_threads';
import type { Authority } from '../certificate/certificate.js';
import { lendAuthority } from '../certificate/lend.js';
import { TargetFault, type TargetFaultCode } from '../target/fault.js';
import type { Plugins } from '../target/plugins.js';
import type { Transcript } from '../transcript/transcript.js';
import type { Group } from './group.js';
import type { CaseResult } from './result.js';
import type { Outcome } from './run.js';
import { type Take, workInThread } from './thread.js';

/** One part of a run, for a thread with a push service and a target of its own. */
export interface Part {
  /** As given to `--target`. */
  readonly target: string;
  readonly plugins?: Plugins;
  /** Paths of the permutations of the whole run: the thread plays those whose turn it takes. */
  readonly cases: readonly string[];
  readonly turn: Int32Array;
  /** To be borrowed. */
  readonly authority: MessagePort;
  readonly seed: number;
  readonly jobs: number;
  readonly timeoutScale: number;
  readonly wantsTranscripts: boolean;
  /** The target is broken on purpose, so its warnings are nobody's concern. */
  readonly quiet?: boolean;
}

/** What a thread tells. */
export type PartMessage =
  | { readonly type: 'case'; readonly result: CaseResult }
  | { readonly type: 'transcript'; readonly transcript: Transcript }
  | { readonly type: 'done'; readonly outcome: Outcome }
  | { readonly type: 'fault'; readonly code: TargetFaultCode; readonly message: string };

/** Of which group the turn is, shared by the threads of a run: see `takeTurns`. */
export function createTurn(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

/** Hands out groups one by one, to all threads that share the turn: whoever is free takes the next, so that all end together. */
export function takeTurns(groups: readonly Group[], turn: Int32Array): () => Group | undefined {
  return () => groups[Atomics.add(turn, 0, 1)];
}

/**
 * Plays a part in a thread of its own.
 *
 * @param script the compiled file the thread runs; it finds the part in `workerData`.
 * @param authority is lent to the thread.
 * @throws TargetFault as the thread met it.
 */
export function playInThread(
  script: URL,
  part: Omit<Part, 'authority'>,
  authority: Promise<Authority>,
  signal: AbortSignal,
  on: { readonly case: (result: CaseResult) => void; readonly transcript: (transcript: Transcript) => void },
): Promise<Outcome> {
  const lent = lendAuthority(authority);
  const whole = { ...part, authority: lent };
  const take: Take<PartMessage, Outcome> = (message, resolve, reject) => {
    switch (message.type) {
      case 'case':
        return on.case(message.result);
      case 'transcript':
        return on.transcript(message.transcript);
      case 'done':
        return resolve(message.outcome);
      case 'fault':
        return reject(new TargetFault(message.code, message.message));
    }
  };
  return workInThread(script, whole, signal, take, [lent]);
}
