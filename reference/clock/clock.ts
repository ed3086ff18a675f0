/** Time as the reference sees it, in milliseconds since 1970 (Unix time), so that a test may move it. */
export interface Clock {
  now(): number;
  /**
   * Runs `task` once, `delay` milliseconds from now. Returns a function that cancels it; cancelling twice, or after it
   * ran, does nothing. A pending task never keeps the process alive.
   */
  schedule(delay: number, task: () => void): () => void;
}

/** A clock whose time can be moved forward: every task that falls due on the way runs, in order of its due time. */
export interface AdjustableClock extends Clock {
  /** Moves the clock `milliseconds` forward and runs what falls due, each task seeing its own due time as `now()`. */
  advance(milliseconds: number): void;
}

interface Task {
  readonly due: number;
  readonly order: number;
  readonly run: () => void;
}

/**
 * The system's time plus whatever was added by `advance`. Between two calls of `advance` it runs at the system's pace,
 * so a server under test behaves normally and 72 hours still cost nothing.
 *
 * @param systemNow where the time comes from; a constant function gives a clock that stands still until advanced.
 */
export function createClock(systemNow: () => number = Date.now): AdjustableClock {
  let offset = 0;
  /** While `advance` runs, time is the due time of the task that runs, not the system's. */
  let frozenAt: number | undefined;
  let created = 0;
  const tasks = new Set<Task>();
  let timer: NodeJS.Timeout | undefined;

  const now = () => frozenAt ?? systemNow() + offset;

  const earliest = (): Task | undefined => {
    let first: Task | undefined;
    for (const task of tasks) {
      if (!first || task.due < first.due || (task.due === first.due && task.order < first.order))
        first = task;
    }
    return first;
  };

  const arm = () => {
    clearTimeout(timer);
    timer = undefined;
    const next = earliest();
    if (!next) return;
    // setTimeout fires at once for more than 2^31-1 ms; waking early only re-arms.
    timer = setTimeout(runDue, Math.min(Math.max(next.due - now(), 0), 0x7fffffff));
    timer.unref();
  };

  const runDue = () => {
    for (let next = earliest(); next && next.due <= now(); next = earliest()) {
      tasks.delete(next);
      next.run();
    }
    if (frozenAt === undefined) arm();
  };

  return {
    now,
    schedule(delay, run) {
      const task: Task = { due: now() + Math.max(delay, 0), order: created++, run };
      tasks.add(task);
      if (frozenAt === undefined) arm();
      return () => {
        if (tasks.delete(task) && frozenAt === undefined) arm();
      };
    },
    advance(milliseconds) {
      const target = now() + milliseconds;
      for (let next = earliest(); next && next.due <= target; next = earliest()) {
        tasks.delete(next);
        frozenAt = Math.max(next.due, now());
        next.run();
      }
      frozenAt = undefined;
      offset += Math.max(target - now(), 0);
      arm();
    },
  };
}
