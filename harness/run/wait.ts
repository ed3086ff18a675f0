import type { Entry, Recorder } from '../transcript/transcript.js';

/**
 * Resolves true as soon as `reached` says so, asked now and after every entry that is recorded; false when `patience`
 * (milliseconds) is over or `signal` aborts. The one place where the runner looks at a watch.
 */
export function reachedWithin(
  recorder: Recorder,
  patience: number,
  signal: AbortSignal,
  reached: (entry: Entry | undefined) => boolean | Promise<boolean>,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const settle = (answer: boolean) => {
      clearTimeout(timer);
      stopListening();
      signal.removeEventListener('abort', giveUp);
      resolve(answer);
    };
    const giveUp = () => settle(false);
    const ask = async (entry: Entry | undefined) => {
      try {
        if (await reached(entry)) settle(true);
      } catch (error) {
        // First come, first heard: what went wrong is no mere silence.
        reject(error);
        settle(false);
      }
    };
    const timer = setTimeout(giveUp, patience);
    const stopListening = recorder.listen(ask);
    signal.addEventListener('abort', giveUp);
    if (signal.aborted) giveUp();
    else void ask(undefined);
  });
}
