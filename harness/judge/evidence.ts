import type { Element } from '@xmpp/xml';
import type {
  Entry,
  FenceEntry,
  RecordedAnswer,
  RecordedRequest,
  StanzaEntry,
} from '../transcript/transcript.js';

/** A request to the push service, opened and taken apart by both implementations of the judge. */
export interface Examined {
  /** `seq` of the request in the transcript. */
  readonly seq: number;
  /** Unix time in milliseconds on the target's clock. */
  readonly at: number;
  /** The subscription's name, absent when the path belongs to none. */
  readonly subscription?: string;
  /** The endpoint as it was handed out. */
  readonly endpoint?: string;
  readonly request: RecordedRequest;
  readonly answer: RecordedAnswer;
  /** The answer's status, absent when it hung, broke off or never ended. */
  readonly status?: number;
  readonly body: Uint8Array;
  /** The aes128gcm header (RFC 8188 §2.1), absent when the body is too short for one. */
  readonly coding?: { readonly salt: Uint8Array; readonly recordSize: number; readonly keyid: Uint8Array };
  readonly opened: Opened;
  readonly vapid: Vapid;
  /** True for the message of a sentinel: never counted by a judge. */
  readonly sentinel: boolean;
}

export type Opened =
  | {
      readonly ok: true;
      readonly plaintext: Uint8Array;
      /** Octets of zero after the delimiter. */
      readonly padding: number;
      /** The plaintext as JSON, absent when it is none. */
      readonly json?: unknown;
      /** `replaced` when it opens only with keys older than the newest that the browser had when the request came. */
      readonly keys: 'current' | 'replaced';
    }
  | {
      readonly ok: false;
      readonly fault: OpeningFault;
      /** What is wrong with the body, for whoever wrote what sealed it. */
      readonly reason: string;
    };

/** Where the sealing of a body that does not open went wrong, found by trying what senders are known to do. */
export type OpeningFault =
  /** Nobody was given this endpoint, so there are no keys to try. */
  | 'unattributed'
  /** There is no body, or not all of it. */
  | 'no-body'
  | 'incomplete'
  /** The header of RFC 8188 §2.1 is not there: text, the octets in base64, or nothing of the kind. */
  | 'plain-text'
  | 'header'
  /** The key id is not an uncompressed point of P-256. */
  | 'keyid'
  | 'several-records'
  | 'delimiter'
  | 'padding'
  /** From the shared secret to the input keying material (RFC 8291 §3.4). */
  | 'key-derivation'
  /** From there to the content encryption key (RFC 8188 §2.2), and to the nonce (§2.3). */
  | 'content-key'
  | 'nonce'
  /** The authentication tag is missing, cut or elsewhere, or covers more than the record. */
  | 'tag'
  /** Sealed for another subscription. */
  | 'wrong-keys'
  | 'unknown';

/** The Authorization header (RFC 8292), as far as it can be read. */
export interface Vapid {
  /** Values of all Authorization fields, as sent. */
  readonly fields: readonly string[];
  readonly token?: string;
  readonly key?: string;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly signatureOctets?: number;
  /** Signature checked with `key` by both implementations; absent when there is nothing to check. */
  readonly verified?: boolean;
}

/** What a judge sees: the transcript, with its stanzas parsed and its requests opened. */
export interface Evidence {
  readonly case: string;
  readonly entries: readonly Entry[];
  readonly fences: readonly (FenceEntry & Entry)[];
  /**
   * Requests for one subscription, or all; sentinels left out.
   *
   * @throws {JudgeError} `hidden` when sentinels were sent and a request does not open, so that it may be one of theirs.
   */
  requests(subscription?: string): readonly Examined[];
  /** Everything that came, sentinels and strays included. */
  readonly allRequests: readonly Examined[];
  stanzas(actor?: string, direction?: StanzaEntry['direction']): readonly RecordedStanza[];
  /** `seq` of the step with this label; throws when the case has no such step, for that is the suite's mistake. */
  mark(label: string): number;
}

export interface RecordedStanza {
  readonly seq: number;
  readonly at: number;
  readonly actor: string;
  readonly direction: StanzaEntry['direction'];
  /** Parsed when it is asked for; undefined when it is not well-formed by itself (a raw stream, a stream header). */
  readonly element: Element | undefined;
  readonly xml: string;
}
