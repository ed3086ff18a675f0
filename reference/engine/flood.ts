import type { Clock } from '../clock/clock.js';

/** Counts what an account does within a window of time, in memory bounded by the accounts active in the last two. */
export interface FloodGuard {
  /** Counts one more; false when the account has had its share of this window. */
  admit(account: string): boolean;
}

/**
 * @param limit how many are admitted in a window.
 * @param window milliseconds, from the first one admitted.
 */
export function createFloodGuard(clock: Clock, limit: number, window: number): FloodGuard {
  /** In the order in which the windows began, so that those that are over stand in front. */
  const counts = new Map<string, { readonly since: number; count: number }>();

  return {
    admit(account) {
      const now = clock.now();
      for (const [other, { since }] of counts) {
        if (now - since < window) break;
        counts.delete(other);
      }
      const current = counts.get(account);
      if (!current) {
        counts.set(account, { since: now, count: 1 });
        return true;
      }
      current.count = Math.min(current.count + 1, limit + 1);
      return current.count <= limit;
    },
  };
}
