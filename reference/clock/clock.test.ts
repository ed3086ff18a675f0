import { describe, expect, test } from 'vitest';
import { createClock } from './clock.js';

const standing = () => createClock(() => 1_000_000);

describe('a clock that is advanced', () => {
  test('runs what falls due in the order of its time, not of its scheduling', () => {
    const clock = standing();
    const ran: string[] = [];
    clock.schedule(300, () => ran.push('late'));
    clock.schedule(100, () => ran.push('early'));
    clock.schedule(100, () => ran.push('early, second'));
    clock.advance(300);
    expect(ran).toEqual(['early', 'early, second', 'late']);
  });

  test('shows each task its own due time', () => {
    const clock = standing();
    const seen: number[] = [];
    clock.schedule(50, () => seen.push(clock.now()));
    clock.schedule(70, () => seen.push(clock.now()));
    clock.advance(1000);
    expect(seen).toEqual([1_000_050, 1_000_070]);
    expect(clock.now()).toBe(1_001_000);
  });

  test('runs tasks that a task schedules, when they fall due on the way too', () => {
    const clock = standing();
    let rounds = 0;
    const again = () => {
      rounds += 1;
      clock.schedule(10, again);
    };
    clock.schedule(10, again);
    clock.advance(100);
    expect(rounds).toBe(10);
  });

  test('does not run what was cancelled, nor what is not due', () => {
    const clock = standing();
    const ran: string[] = [];
    const cancel = clock.schedule(10, () => ran.push('cancelled'));
    clock.schedule(101, () => ran.push('not due'));
    cancel();
    cancel();
    clock.advance(100);
    expect(ran).toEqual([]);
  });
});

describe('a clock that is left alone', () => {
  test('runs a task at the pace of the system', async () => {
    const clock = createClock();
    const since = clock.now();
    // A pending task does not keep a process alive, so something else must.
    const alive = setInterval(() => {}, 1000);
    await new Promise<void>((resolve) => clock.schedule(5, resolve));
    clearInterval(alive);
    expect(clock.now() - since).toBeGreaterThanOrEqual(4);
  });
});
