import { TargetFault } from '../target/fault.js';

/** One wait: settled once, by whoever comes first. */
export interface Wait<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: Error) => void;
}

/** The open waits of one connection: each has one timer, and none survives the connection. */
export interface Waits {
  /** Milliseconds. */
  readonly patience: number;
  /** @param what what is waited for, as it completes "no …": `answer to the ping`. */
  start<T>(what: string): Wait<T>;
  /** Ends every open wait, and each that is started later, with this fault. The first call counts. */
  end(fault: (what: string) => TargetFault): void;
}

/**
 * @param name who waits, for the fault's text.
 * @param patience milliseconds until a wait ends with the fault `silence`.
 */
export function createWaits(name: string, patience: number): Waits {
  const open = new Set<{ readonly what: string; readonly reject: (reason: Error) => void }>();
  let ended: ((what: string) => TargetFault) | undefined;

  return {
    patience,
    start<T>(what: string): Wait<T> {
      let resolve: (value: T) => void = () => {};
      let reject: (reason: Error) => void = () => {};
      const promise = new Promise<T>((whenMet, whenNot) => {
        resolve = whenMet;
        reject = whenNot;
      });
      // Whoever started the wait may come to it late, or never: that is no unhandled rejection.
      promise.catch(() => {});
      const entry = {
        what,
        reject: (reason: Error) => {
          settle();
          reject(reason);
        },
      };
      const settle = () => {
        clearTimeout(timer);
        open.delete(entry);
      };
      const timer = setTimeout(() => {
        entry.reject(new TargetFault('silence', `${name}: no ${what} within ${patience} ms`));
      }, patience);
      open.add(entry);
      if (ended !== undefined) entry.reject(ended(what));
      return {
        promise,
        resolve: (value) => {
          settle();
          resolve(value);
        },
        reject: entry.reject,
      };
    },
    end(fault) {
      if (ended !== undefined) return;
      ended = fault;
      for (const { what, reject } of [...open]) reject(fault(what));
    },
  };
}
