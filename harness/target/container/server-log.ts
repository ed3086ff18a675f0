import { TargetFault } from '../fault.js';
import type { Program } from './container.js';

/** What a server has printed, from its first start to its last. */
export interface ServerLog {
  /** The lines since a moment, Unix time in milliseconds. */
  since(time: number): readonly string[];
  /** For `launch`. */
  readonly add: (line: string) => void;
  /**
   * Waits until a text has been printed so many times since the mark.
   *
   * @param what the server, for the fault's text.
   * @throws TargetFault `start-failed` with its last lines when the program ends before, or takes longer.
   */
  until(text: string, times: number, program: Program, what: string, milliseconds: number): Promise<void>;
  /** A start begins here. */
  mark(): void;
  sinceMark(): readonly string[];
}

/** Lines that are kept: a server that prints without end does not fill the memory. */
const most = 10_000;

export function createServerLog(): ServerLog {
  const lines: { readonly at: number; readonly text: string }[] = [];
  let recent: string[] = [];
  const listeners = new Set<() => void>();
  return {
    since: (time) => lines.filter(({ at }) => at >= time).map(({ text }) => text),
    add(printed) {
      const line = printed.replaceAll('\t', ' ');
      lines.push({ at: Date.now(), text: line });
      recent.push(line);
      if (lines.length > most) lines.shift();
      if (recent.length > most) recent.shift();
      for (const listener of listeners) listener();
    },
    async until(text, times, program, what, milliseconds) {
      const isThere = () => recent.filter((line) => line.includes(text)).length >= times;
      if (isThere()) return;
      let timer: NodeJS.Timeout | undefined;
      let listener = () => {};
      const problem = await Promise.race([
        new Promise<undefined>((resolve) => {
          listener = () => {
            if (isThere()) resolve(undefined);
          };
          listeners.add(listener);
        }),
        program.ended.then(() => 'it ended'),
        new Promise<string>((resolve) => {
          timer = setTimeout(() => resolve(`it was not ready within ${milliseconds} ms`), milliseconds);
        }),
      ]);
      clearTimeout(timer);
      listeners.delete(listener);
      if (problem !== undefined)
        throw new TargetFault('start-failed', `${what} did not start: ${problem}${quote(recent)}`);
    },
    mark() {
      recent = [];
    },
    sinceMark: () => recent,
  };
}

/** The last lines, below what is said about them. */
export function quote(lines: readonly string[], count = 4): string {
  return lines
    .slice(-count)
    .map((line) => `\n  ${line}`)
    .join('');
}
