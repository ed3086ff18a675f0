/** A place in a file. Both count from 1; columns count UTF-16 code units, as editors and JavaScript do. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/**
 * A text read from a file, each character of which knows where it stands there: entities, CDATA sections and line ends
 * make the text of an element another one than the characters of the file.
 */
export interface SourceText {
  readonly text: string;
  /** @param offset from 0 to the text's length, which is the place after its end. */
  at(offset: number): Position;
}

/** Turns an offset in a file into a place. Lines end with LF, CR or CR LF. */
export function createLocator(source: string): (offset: number) => Position {
  const starts = [0];
  for (const { index, 0: end } of source.matchAll(/\r\n|\r|\n/g)) starts.push(index + end.length);
  return (offset) => {
    const line = lastAtMost(starts, offset);
    return { line: line + 1, column: offset - (starts[line] ?? 0) + 1 };
  };
}

/** Puts a text together from pieces of a file. */
export interface SourceTextBuilder {
  /** Characters that stand in the file as they are, from this offset on. */
  addVerbatim(text: string, offset: number): void;
  /** What one reference in the file stands for: all of it is at the place of the reference. */
  addExpanded(text: string, offset: number): void;
  /** Offset in the text of what comes next. */
  readonly length: number;
  /** @param end offset in the file of what follows the last piece. */
  build(end: number): SourceText;
}

export function createSourceText(locate: (offset: number) => Position): SourceTextBuilder {
  const parts: string[] = [];
  /** Where each piece begins, in the text and in the file. */
  const starts: number[] = [];
  const offsets: number[] = [];
  const verbatim: boolean[] = [];
  let length = 0;

  const add = (text: string, offset: number, isVerbatim: boolean): void => {
    if (text === '') return;
    parts.push(text);
    starts.push(length);
    offsets.push(offset);
    verbatim.push(isVerbatim);
    length += text.length;
  };

  return {
    addVerbatim: (text, offset) => add(text, offset, true),
    addExpanded: (text, offset) => add(text, offset, false),
    get length() {
      return length;
    },
    build(end) {
      const text = parts.join('');
      return {
        text,
        at(offset) {
          if (offset >= text.length) return locate(end);
          const piece = lastAtMost(starts, offset);
          const start = offsets[piece] ?? end;
          return locate(verbatim[piece] ? start + offset - (starts[piece] ?? 0) : start);
        },
      };
    },
  };
}

/** Index of the last number that is not above the limit, in a list that grows. */
function lastAtMost(numbers: readonly number[], limit: number): number {
  let low = 0;
  let high = numbers.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((numbers[middle] ?? 0) <= limit) low = middle;
    else high = middle - 1;
  }
  return low;
}
