import { TargetFault, type TargetFaultCode } from '../target/fault.js';
import type { Transcript } from '../transcript/transcript.js';
import type { CaseResult } from './result.js';
import type { Outcome } from './run.js';
import { workInThread } from './thread.js';

/** One part of a run, for a thread with a push service and a target of its own. */
export interface Part {
  /** As given to `--target`. */
  readonly target: string;
  /** Ids of the cases to play. */
  readonly cases: readonly string[];
  readonly seed: number;
  readonly jobs: number;
  readonly timeoutScale: number;
  readonly wantsTranscripts: boolean;
}

/** What a thread tells. */
export type PartMessage =
  | { readonly type: 'case'; readonly result: CaseResult }
  | { readonly type: 'transcript'; readonly transcript: Transcript }
  | { readonly type: 'done'; readonly outcome: Outcome }
  | { readonly type: 'fault'; readonly code: TargetFaultCode; readonly message: string };

/** Deals ids out like cards, so that parts are alike though neighbouring cases cost alike. */
export function deal<T>(items: readonly T[], hands: number): T[][] {
  return Array.from({ length: hands }, (_, hand) => items.filter((_item, index) => index % hands === hand));
}

/**
 * Plays a part in a thread of its own.
 *
 * @param script the compiled file the thread runs; it finds the part in `workerData`.
 * @throws TargetFault as the thread met it.
 */
export function playInThread(
  script: URL,
  part: Part,
  signal: AbortSignal,
  on: { readonly case: (result: CaseResult) => void; readonly transcript: (transcript: Transcript) => void },
): Promise<Outcome> {
  return workInThread<Part, PartMessage, Outcome>(script, part, signal, (message, resolve, reject) => {
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
  });
}
