import { TargetFault } from '../fault.js';
import type { Program } from './container.js';

/** What a server has printed, from its first start to its last. */
export interface ServerLog {
  readonly lines: readonly string[];
  /** For `launch`. */
  readonly add: (line: string) => void;
  /**
   * Waits for a line that was printed since the last call.
   *
   * @param what the server, for the fault's text.
   * @throws TargetFault `start-failed` with its last lines when the program ends before, or says nothing for so long.
   */
  until(isIt: (line: string) => boolean, program: Program, what: string, milliseconds: number): Promise<void>;
  /** Gives the lines since the last call, and forgets them for the next. */
  take(): readonly string[];
}

/** Lines that are kept: a server that prints without end does not fill the memory. */
const most = 10_000;

export function createServerLog(): ServerLog {
  const lines: string[] = [];
  let recent: string[] = [];
  const listeners = new Set<(line: string) => void>();
  return {
    lines,
    add(line) {
      lines.push(line);
      recent.push(line);
      if (lines.length > most) lines.shift();
      if (recent.length > most) recent.shift();
      for (const listener of listeners) listener(line);
    },
    async until(isIt, program, what, milliseconds) {
      if (recent.some(isIt)) return;
      let timer: NodeJS.Timeout | undefined;
      let listener: (line: string) => void = () => {};
      const outcome = await Promise.race([
        new Promise<'found'>((resolve) => {
          listener = (line) => {
            if (isIt(line)) resolve('found');
          };
          listeners.add(listener);
        }),
        program.ended.then(() => 'it ended' as const),
        new Promise<string>((resolve) => {
          timer = setTimeout(() => resolve(`it was not ready within ${milliseconds} ms`), milliseconds);
        }),
      ]);
      clearTimeout(timer);
      listeners.delete(listener);
      if (outcome !== 'found')
        throw new TargetFault('start-failed', `${what} did not start: ${outcome}${quote(recent)}`);
    },
    take() {
      const taken = recent;
      recent = [];
      return taken;
    },
  };
}

/** The last lines, below what is said about them. */
export function quote(lines: readonly string[], count = 4): string {
  return lines
    .slice(-count)
    .map((line) => `\n  ${line.replaceAll('\t', ' ')}`)
    .join('');
}
