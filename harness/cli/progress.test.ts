import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { Verdict } from '../judge/verdict.js';
import type { CaseResult } from '../run/result.js';
import { createProgress } from './progress.js';

function stand(properties: { readonly isTTY: boolean; readonly columns?: number }) {
  const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), properties);
  const progress = createProgress(stream as unknown as NodeJS.WriteStream);
  return {
    ...progress,
    play: (id: string, verdict: Verdict, done: number, total: number) =>
      progress.onCase({ id, verdict } as CaseResult, done, total),
    written: (): string => stream.read() ?? '',
  };
}

const clear = '\r\u001b[2K';

describe('On a terminal, progress', () => {
  test('is one line that is written over, counts failures, and goes away at the end', () => {
    const { play, end, written } = stand({ isTTY: true, columns: 80 });
    play('enable/one', 'pass', 1, 3);
    expect(written()).toBe(`${clear}1/3  enable/one`);
    play('enable/two', 'fail', 2, 3);
    play('enable/three', 'warn', 3, 3);
    expect(written()).toBe(`${clear}2/3 (1 failed)  enable/two${clear}3/3 (1 failed)  enable/three`);
    end();
    expect(written()).toBe(clear);
  });

  test('never reaches the last column, where a terminal would begin a new line', () => {
    const { play, written } = stand({ isTTY: true, columns: 20 });
    play('importance/a-very-long-name-indeed', 'pass', 100, 200);
    expect(written().slice(clear.length)).toHaveLength(19);
  });
});

describe('Elsewhere, progress', () => {
  test('is a plain line for each tenth, whatever the number of cases', () => {
    const { play, end, written } = stand({ isTTY: false });
    for (let done = 1; done <= 25; done += 1) play('a/b', 'fail', done, 25);
    end();
    const lines = written().trimEnd().split('\n');
    expect(lines).toHaveLength(10);
    expect(lines[0]).toBe('3 of 25 cases');
    expect(lines.at(-1)).toBe('25 of 25 cases');
  });
});
