import { setMaxListeners } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { FenceLost } from '../fence/fence.js';
import { explore } from '../model/explore.js';
import type { Share, ShareMessage } from '../model/split.js';
import type { ThreadOrder } from '../run/thread.js';
import { TargetFault } from '../target/fault.js';
import { findTarget } from '../target/find.js';

/** The thread that plays one share of an exploration. */
const share = workerData as Share;
const controller = new AbortController();
setMaxListeners(0, controller.signal);
const tell = (message: ShareMessage) => parentPort?.postMessage(message);
parentPort?.on('message', (order: ThreadOrder) => {
  if (order === 'abort') controller.abort();
});

try {
  const explored = await explore({
    ...share,
    target: await findTarget(share.target),
    signal: controller.signal,
    onRun: (steps, requests) => tell({ type: 'run', steps, requests }),
  });
  tell({ type: 'done', explored });
} catch (error) {
  if (error instanceof TargetFault || error instanceof FenceLost)
    tell({ type: 'fault', code: error.code, message: error.message });
  else throw error;
} finally {
  parentPort?.close();
}
