import { expect, test } from 'vitest';
import { createClock } from '../clock/clock.js';
import { createFloodGuard } from './flood.js';

test('an account gets its share of a window, which begins with the first one admitted', () => {
  const clock = createClock(() => 0);
  const guard = createFloodGuard(clock, 2, 1000);
  expect([guard.admit('a'), guard.admit('a'), guard.admit('a')]).toEqual([true, true, false]);
  clock.advance(999);
  expect(guard.admit('a')).toBe(false);
  clock.advance(1);
  expect(guard.admit('a')).toBe(true);
});

test('accounts do not share, and each has a window of its own', () => {
  const clock = createClock(() => 0);
  const guard = createFloodGuard(clock, 1, 1000);
  expect(guard.admit('a')).toBe(true);
  clock.advance(500);
  expect(guard.admit('b')).toBe(true);
  clock.advance(500);
  expect([guard.admit('a'), guard.admit('b')]).toEqual([true, false]);
});
