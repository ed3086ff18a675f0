import { describe, expect, test, vi } from 'vitest';
import { createRecorder, type Entry } from '../transcript/transcript.js';
import { reachedWithin } from './wait.js';

const never = new AbortController().signal;
const long = 60_000;

function setting() {
  const recorder = createRecorder('area/topic', () => 0);
  const listeners = new Set<unknown>();
  const { listen } = recorder;
  const counted = {
    ...recorder,
    listen(listener: (entry: Entry) => void) {
      listeners.add(listener);
      const stop = listen(listener);
      return () => {
        listeners.delete(listener);
        return stop();
      };
    },
  };
  const mark = (label: string) => void recorder.record({ kind: 'mark', label });
  return { recorder: counted, listeners, mark };
}

const isMark = (label: string) => (entry: Entry | undefined) =>
  entry?.kind === 'mark' && entry.label === label;

describe('What is waited for', () => {
  test('is there already', async () => {
    const { recorder, listeners } = setting();
    expect(await reachedWithin(recorder, long, never, (entry) => entry === undefined)).toBe(true);
    expect(listeners.size).toBe(0);
  });

  test('comes with an entry, and none before it counts', async () => {
    const { recorder, listeners, mark } = setting();
    const seen: (Entry | undefined)[] = [];
    const reached = reachedWithin(recorder, long, never, (entry) => {
      seen.push(entry);
      return isMark('second')(entry);
    });
    mark('first');
    mark('second');
    expect(await reached).toBe(true);
    expect(seen.map((entry) => entry?.seq)).toEqual([undefined, 0, 1]);
    expect(listeners.size).toBe(0);
  });

  test('may take a while to be recognised', async () => {
    const { recorder, mark } = setting();
    const reached = reachedWithin(recorder, long, never, async (entry) => isMark('it')(entry));
    mark('it');
    expect(await reached).toBe(true);
  });

  test('does not come in time', async () => {
    vi.useFakeTimers();
    try {
      const { recorder, listeners } = setting();
      const reached = reachedWithin(recorder, long, never, () => false);
      let answer: boolean | undefined;
      reached.then((value) => {
        answer = value;
      });
      await vi.advanceTimersByTimeAsync(long - 1);
      expect(answer).toBe(undefined);
      await vi.advanceTimersByTimeAsync(1);
      expect(answer).toBe(false);
      expect(listeners.size).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test('is given up when the run ends', async () => {
    const { recorder, listeners } = setting();
    const ending = new AbortController();
    const reached = reachedWithin(recorder, long, ending.signal, () => false);
    ending.abort();
    expect(await reached).toBe(false);
    expect(listeners.size).toBe(0);
  });

  test('is not even asked for when the run has ended', async () => {
    const { recorder } = setting();
    const asked = vi.fn(() => true);
    expect(await reachedWithin(recorder, long, AbortSignal.abort(), asked)).toBe(false);
    expect(asked).not.toHaveBeenCalled();
  });

  test('leaves no timer and no listener behind', async () => {
    vi.useFakeTimers();
    try {
      const { signal } = new AbortController();
      const removed = vi.spyOn(signal, 'removeEventListener');
      const added = vi.spyOn(signal, 'addEventListener');
      await reachedWithin(setting().recorder, long, signal, () => true);
      expect(vi.getTimerCount()).toBe(0);
      expect(removed.mock.calls.map(([type, listener]) => [type, listener])).toEqual(
        added.mock.calls.map(([type, listener]) => [type, listener]),
      );
    } finally {
      vi.useRealTimers();
    }
  });

  test.each([
    ['at once', () => Promise.reject(new Error('broken transcript'))],
    [
      'later',
      (entry: Entry | undefined) => {
        if (entry) throw new Error('broken transcript');
        return false;
      },
    ],
  ])('is not taken for missing when it cannot be told (%s)', async (_, reached) => {
    const { recorder, listeners, mark } = setting();
    const waiting = reachedWithin(recorder, long, never, reached);
    mark('it');
    await expect(waiting).rejects.toThrow('broken transcript');
    expect(listeners.size).toBe(0);
  });
});
