/** Says how long to wait for the next request of an account. */
export interface RateLimit {
  /** Milliseconds until the account may send; 0 when it may now. */
  wait(account: string, now: number): number;
  /** Counts a request that is sent now. */
  count(account: string, now: number): void;
}

/**
 * Lets each account send `burst` requests at once and one per `interval` in the long run (the generic cell rate
 * algorithm). Only accounts that sent lately take memory.
 *
 * @param interval milliseconds.
 */
export function createRateLimit(interval: number, burst: number): RateLimit {
  /** When the account's requests so far will have been worked off. The least recently used account first. */
  const workedOffAt = new Map<string, number>();

  return {
    wait(account, now) {
      const allowance = interval * (burst - 1);
      return Math.max((workedOffAt.get(account) ?? now) - allowance - now, 0);
    },
    count(account, now) {
      const next = Math.max(workedOffAt.get(account) ?? now, now) + interval;
      workedOffAt.delete(account);
      workedOffAt.set(account, next);
      for (const [other, at] of workedOffAt) {
        if (at > now) break;
        workedOffAt.delete(other);
      }
    },
  };
}
