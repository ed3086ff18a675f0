/** BCP 14 levels. */
export type Level = 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT' | 'MAY';

/** One normative sentence: the only place where its wording and its level are written. */
export interface Requirement {
  /** Stable and semantic: `enable.auth-length`, `rfc8291.single-record`. */
  readonly id: string;
  readonly level: Level;
  readonly sentence: string;
  /** `XEP-XXXX`, `RFC 8291`. */
  readonly document: string;
  /** Number or title of the section: `4`, `Enabling`. */
  readonly section: string;
  /** Tells the accepted wording from a later one; only sentences that are taken from a text have one. */
  readonly hash?: string;
  /** Why it cannot be tested from outside, if it cannot. */
  readonly excluded?: string;
}

export type Catalogue = ReadonlyMap<string, Requirement>;
