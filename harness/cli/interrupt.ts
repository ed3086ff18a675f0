import { setMaxListeners } from 'node:events';
import { exitCodes } from '../run/result.js';
import { removeTemporaryFolders } from '../temporary/temporary-folder.js';

/**
 * Runs a task whose signal aborts at the first SIGINT or SIGTERM, so that it can put everything away; a second one ends
 * the process at once. No temporary folder stays behind, however the process ends.
 */
export async function untilInterrupted<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  // As many waits listen as there are cases under way.
  setMaxListeners(0, controller.signal);
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    controller.abort();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt).once('exit', removeTemporaryFolders);
  try {
    return await task(controller.signal);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
