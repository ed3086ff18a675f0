import { FenceLost } from '../fence/fence.js';
import { workInThread } from '../run/thread.js';
import { TargetFault, type TargetFaultCode } from '../target/fault.js';
import type { Explored, ExploreOptions } from './explore.js';

/** The share of a thread in an exploration. */
export interface Share
  extends Pick<ExploreOptions, 'seed' | 'runs' | 'lanes' | 'allLanes' | 'path' | 'timeoutScale'> {
  /** As given to `--target`. */
  readonly target: string;
}

/** What a thread tells. */
export type ShareMessage =
  | { readonly type: 'run'; readonly steps: number; readonly requests: number }
  | { readonly type: 'done'; readonly explored: Explored }
  | { readonly type: 'fault'; readonly code: TargetFaultCode | 'fence-lost'; readonly message: string };

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
  return workInThread<Share, ShareMessage, Explored>(script, share, signal, (message, resolve, reject) => {
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
}
