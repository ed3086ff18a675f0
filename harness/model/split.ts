import { Worker } from 'node:worker_threads';
import { FenceLost } from '../fence/fence.js';
import { TargetFault, type TargetFaultCode } from '../target/fault.js';
import type { Explored } from './explore.js';

/** The share of a thread in an exploration. */
export interface Share {
  /** As given to `--target`. */
  readonly target: string;
  readonly seed: number;
  readonly runs: number;
  readonly lanes: readonly number[];
  readonly allLanes: number;
  readonly path?: string;
  readonly timeoutScale: number;
}

/** What a thread tells. */
export type ShareMessage =
  | { readonly type: 'run'; readonly steps: number; readonly requests: number }
  | { readonly type: 'done'; readonly explored: Explored }
  | { readonly type: 'fault'; readonly code: TargetFaultCode | 'fence-lost'; readonly message: string };

/** What a thread is told: to stop early. */
export type ShareOrder = 'abort';

/**
 * Explores a share in a thread of its own.
 *
 * @param script the compiled file the thread runs; it finds the share in `workerData`.
 * @throws TargetFault, FenceLost as the thread met it.
 */
export function exploreInThread(
  script: URL,
  share: Share,
  signal: AbortSignal,
  onRun: (steps: number, requests: number) => void,
): Promise<Explored> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(script, {
      workerData: share,
      resourceLimits: { maxYoungGenerationSizeMb: 32 },
    });
    const abort = () => thread.postMessage('abort' satisfies ShareOrder);
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    thread.on('message', (message: ShareMessage) => {
      switch (message.type) {
        case 'run':
          return onRun(message.steps, message.requests);
        case 'done':
          return resolve(message.explored);
        case 'fault':
          return reject(
            message.code === 'fence-lost'
              ? new FenceLost(message.message)
              : new TargetFault(message.code, message.message),
          );
      }
    });
    thread.on('error', reject);
    thread.on('exit', (code) => {
      signal.removeEventListener('abort', abort);
      reject(new Error(`a thread of the exploration ended with code ${code} before it was done`));
    });
  });
}
