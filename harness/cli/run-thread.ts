import { setMaxListeners } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { cases } from '../../suites/cases.js';
import { catalogue } from '../../suites/requirements/catalogue.js';
import { permutationsOf } from '../case/permutation.js';
import { borrowAuthority } from '../certificate/lend.js';
import { groupByPlay } from '../run/group.js';
import { run } from '../run/run.js';
import { type Part, type PartMessage, takeTurns } from '../run/split.js';
import type { ThreadOrder } from '../run/thread.js';
import { TargetFault } from '../target/fault.js';
import { findTarget } from '../target/find.js';

/** The thread that plays one part of a run. */
const part = workerData as Part;
const controller = new AbortController();
// As many waits listen as there are cases under way.
setMaxListeners(0, controller.signal);
const tell = (message: PartMessage) => parentPort?.postMessage(message);
parentPort?.on('message', (order: ThreadOrder) => {
  if (order === 'abort') controller.abort();
});

if (part.quiet) process.removeAllListeners('warning');

const byPath = new Map(
  cases.flatMap((subject) => permutationsOf(subject, 'every')).map((one) => [one.path, one]),
);
try {
  const outcome = await run({
    next: takeTurns(groupByPlay(part.cases.flatMap((path) => byPath.get(path) ?? [])), part.turn),
    catalogue,
    target: await findTarget(part.target, part.plugins),
    authority: await borrowAuthority(part.authority),
    seed: part.seed,
    jobs: part.jobs,
    timeoutScale: part.timeoutScale,
    signal: controller.signal,
    onCase: (result) => tell({ type: 'case', result }),
    ...(part.wantsTranscripts
      ? { onTranscript: (transcript) => tell({ type: 'transcript', transcript }) }
      : {}),
  });
  tell({ type: 'done', outcome });
} catch (error) {
  if (!(error instanceof TargetFault)) throw error;
  tell({ type: 'fault', code: error.code, message: error.message });
} finally {
  parentPort?.close();
}
