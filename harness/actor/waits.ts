import { TargetFault } from '../target/fault.js';

/** One wait: settled once, by whoever comes first. */
export interface Wait<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: Error) => void;
  /** Rejects with the fault, its text preceded by who waited for what. */
  readonly fail: (fault: TargetFault) => void;
}

/** The open waits of one connection: each has one timer, and none survives the connection. */
export interface Waits {
  /** Milliseconds. */
  readonly patience: number;
  /** @param what what is waited for, as it completes "no …": `answer to the ping`. */
  start<T>(what: string): Wait<T>;
  /** Fails every open wait, and each that is started later. The first call counts. */
  end(fault: TargetFault): void;
}

/**
 * @param name who waits, for the fault's text.
 * @param patience milliseconds until a wait ends with the fault `silence`.
 */
export function createWaits(name: string, patience: number): Waits {
  const open = new Set<(fault: TargetFault) => void>();
  let ended: TargetFault | undefined;

  return {
    patience,
    start<T>(what: string): Wait<T> {
      let settle: (settled: () => void) => void = () => {};
      let resolve: (value: T) => void = () => {};
      let reject: (reason: Error) => void = () => {};
      const promise = new Promise<T>((whenMet, whenNot) => {
        resolve = (value) => settle(() => whenMet(value));
        reject = (reason) => settle(() => whenNot(reason));
      });
      // Whoever started the wait may come to it late, or never: that is no unhandled rejection.
      promise.catch(() => {});
      const fail = (fault: TargetFault) => {
        reject(new TargetFault(fault.code, `${name}: no ${what}: ${fault.message}`, { cause: fault }));
      };
      const timer = setTimeout(() => {
        reject(new TargetFault('silence', `${name}: no ${what} within ${patience} ms`));
      }, patience);
      settle = (settled) => {
        clearTimeout(timer);
        open.delete(fail);
        settled();
      };
      open.add(fail);
      if (ended !== undefined) fail(ended);
      return { promise, resolve, reject, fail };
    },
    end(fault) {
      if (ended !== undefined) return;
      ended = fault;
      for (const fail of [...open]) fail(fault);
    },
  };
}
