import { setMaxListeners } from 'node:events';
import { exitCodes } from '../run/result.js';
import { removeTemporaryFolders } from '../temporary/temporary-folder.js';

/** How long an interrupted task may take to put everything away; milliseconds. */
const grace = 2000;

/**
 * Runs a task whose signal aborts at the first SIGINT or SIGTERM, so that it can put everything away. A second one ends
 * the process at once, and so does a task that waits for somebody who says nothing. No temporary folder stays behind, however the process ends.
 */
export async function untilInterrupted<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  // As many waits listen as there are cases under way.
  setMaxListeners(0, controller.signal);
  const giveUp = () => process.exit(exitCodes.interrupted);
  let timer: NodeJS.Timeout | undefined;
  const interrupt = () => {
    if (controller.signal.aborted) giveUp();
    timer = setTimeout(giveUp, grace);
    process.stderr.write('webpush-conformance: interrupted; putting everything away\n');
    controller.abort();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt).once('exit', removeTemporaryFolders);
  try {
    return await task(controller.signal);
  } finally {
    clearTimeout(timer);
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
