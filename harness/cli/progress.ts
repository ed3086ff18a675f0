import type { CaseResult } from '../run/result.js';

/** Tells how far a run has come: on a terminal in one line that changes, elsewhere in plain lines now and then. */
export interface Progress {
  onCase(result: CaseResult, done: number, total: number): void;
  /** Takes the live line away. */
  end(): void;
}

/** In plain output, a line each time another tenth of the cases is done. */
const plainSteps = 10;

/** @param stream standard error, so that reports on standard output stay clean. */
export function createProgress(stream: NodeJS.WriteStream): Progress {
  if (!stream.isTTY) {
    let step = 0;
    return {
      onCase(_, done, total) {
        const reached = Math.floor((done * plainSteps) / total);
        if (reached === step) return;
        step = reached;
        stream.write(`${done} of ${total} cases\n`);
      },
      end() {},
    };
  }
  let failed = 0;
  const redraw = (text: string) => stream.write(`\r\u001b[2K${text.slice(0, (stream.columns ?? 80) - 1)}`);
  return {
    onCase({ id, verdict }, done, total) {
      if (verdict === 'fail') failed += 1;
      redraw(`${done}/${total}${failed > 0 ? ` (${failed} failed)` : ''}  ${id}`);
    },
    end: () => void redraw(''),
  };
}

/** The same for things that have no name and no verdict, only a number. */
export function createCount(
  stream: NodeJS.WriteStream,
  things: string,
): { on(done: number, total: number): void; end(): void } {
  let step = 0;
  return {
    on(done, total) {
      if (stream.isTTY) {
        stream.write(`\r\u001b[2K${done}/${total} ${things}`);
        return;
      }
      const reached = Math.floor((done * plainSteps) / total);
      if (reached > step) stream.write(`${done} of ${total} ${things}\n`);
      step = reached;
    },
    end() {
      if (stream.isTTY) stream.write('\r\u001b[2K');
    },
  };
}
