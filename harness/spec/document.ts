import type { Position, SourceText } from './source-text.js';

/** A XEP, read from its source: what the rules of `spec check` look at. */
export interface SpecDocument {
  /** As the user named it. */
  readonly file: string;
  readonly title: string;
  /** `0357`, `XXXX`. */
  readonly number: string;
  readonly shortname: string;
  /** In the order of the text, subsections after what they belong to. */
  readonly sections: readonly Section[];
  /** Prose, block by block: paragraphs, list items, table cells, notes. */
  readonly passages: readonly Passage[];
  /** Normative sentences that carry an id. */
  readonly sentences: readonly MarkedSentence[];
  readonly examples: readonly Example[];
  /** The blocks of code that hold an `xs:schema`. */
  readonly schemas: readonly SchemaBlock[];
}

export interface Section {
  /** As a reader sees it: `4`, `4.2`. */
  readonly number: string;
  readonly title: string;
  readonly anchor: string | undefined;
  readonly at: Position;
}

export interface Passage {
  readonly section: Section | undefined;
  /** Markup taken away; passages, examples and notes within it are not part of it. */
  readonly source: SourceText;
  /** Where in the text the sentences with an id are. */
  readonly marked: readonly { readonly id: string; readonly start: number; readonly end: number }[];
}

/** `<span class='requirement enable.auth-length'>A server MUST …</span>`. */
export interface MarkedSentence {
  readonly id: string;
  readonly section: Section;
  readonly at: Position;
  /** White space is as in the file; `plain` has single spaces. */
  readonly source: SourceText;
  readonly plain: string;
}

export interface Example {
  readonly caption: string;
  readonly section: Section;
  readonly at: Position;
  readonly source: SourceText;
}

export interface SchemaBlock {
  readonly section: Section;
  readonly source: SourceText;
}
