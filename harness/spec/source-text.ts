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
