import { type TransferListItem, Worker } from 'node:worker_threads';

/** What a thread is told: to stop early. */
export type ThreadOrder = 'abort';

/** How long a thread that was told to stop may take; milliseconds. Then it counts as caught in a loop and is ended. */
const grace = 5000;

/** What a thread may tell besides its result: what went wrong, or how far it is. */
interface Told {
  readonly type: string;
}

/** Settles the work of a thread by what it tells. */
export type Take<Message, Result> = (
  message: Message,
  resolve: (result: Result) => void,
  reject: (reason: Error) => void,
) => void;

/**
 * Has a part of the work done in a thread of its own.
 *
 * @param script the compiled file the thread runs; it finds its part in `workerData`, and is told `abort` to stop early.
 * @param take settles the work when the thread tells its result, or what went wrong.
 * @param transferred what of the part the thread gets for itself.
 * @throws Error when the thread ends before that.
 */
export function workInThread<Part, Message extends Told, Result>(
  script: URL,
  part: Part,
  signal: AbortSignal,
  take: Take<Message, Result>,
  transferred: readonly TransferListItem[] = [],
): Promise<Result> {
  return new Promise((resolve, reject) => {
    // Big integers and buffers by the million: a larger nursery halves the time spent on collecting them.
    const thread = new Worker(script, {
      workerData: part,
      transferList: [...transferred],
      resourceLimits: { maxYoungGenerationSizeMb: 32 },
    });
    let timer: NodeJS.Timeout | undefined;
    const abort = () => {
      thread.postMessage('abort' satisfies ThreadOrder);
      timer ??= setTimeout(() => thread.terminate(), grace);
    };
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    thread.on('message', (message: Message) => take(message, resolve, reject));
    thread.on('error', reject);
    thread.on('exit', (code) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      reject(new Error(`a thread ended with code ${code} before its work was done`));
    });
  });
}
