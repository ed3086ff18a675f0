import type { Example } from './document.js';
import type { Position } from './source-text.js';

/** An example, taken apart as far as it goes. */
export type ParsedExample =
  | {
      readonly kind: 'stanza' | 'stream' | 'xml';
      readonly example: Example;
      readonly roots: readonly XmlNode[];
    }
  | { readonly kind: 'http'; readonly example: Example; readonly message: HttpMessage }
  | { readonly kind: 'json'; readonly example: Example; readonly value: unknown }
  /** Anything else: prose, pseudo code, a diagram. */
  | { readonly kind: 'text'; readonly example: Example };

export interface XmlNode {
  /** As written, `stream:features`. */
  readonly name: string;
  readonly local: string;
  readonly namespace: string;
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlNode[];
  /** Text directly within it, in one piece. */
  readonly text: string;
  /** Of the first character of the text, if there is any. */
  readonly textAt: Position | undefined;
  /** True if there is an ellipsis among its children: what is left out may be anything. */
  readonly elided: boolean;
  readonly at: Position;
}

export interface XmlAttribute {
  readonly name: string;
  readonly local: string;
  readonly namespace: string;
  readonly value: string;
  readonly at: Position;
}

export interface HttpMessage {
  /** `POST /p/abc HTTP/1.1` or `HTTP/1.1 201 Created`. */
  readonly start: HttpRequestLine | HttpStatusLine;
  readonly fields: readonly HttpField[];
  readonly body: string;
  readonly bodyAt: Position | undefined;
}

export interface HttpRequestLine {
  readonly type: 'request';
  readonly method: string;
  readonly target: string;
  readonly at: Position;
}

export interface HttpStatusLine {
  readonly type: 'response';
  readonly status: number;
  readonly at: Position;
}

export interface HttpField {
  readonly name: string;
  /** Without white space around it; folded lines joined. */
  readonly value: string;
  readonly at: Position;
  readonly valueAt: Position;
}
