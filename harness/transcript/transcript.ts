/** The ordered record of everything that crossed a wire while one case played: the only thing a judge reads. */
export interface Transcript {
  readonly case: string;
  readonly entries: readonly Entry[];
  /** What the server logged meanwhile, about this case and others, where not all is well; for people, not for judges. */
  readonly log?: string;
}

export type Entry = EntryBody & {
  /** Place in the transcript, from 0. */
  readonly seq: number;
  /** Unix time in milliseconds on the target's clock: moved along when a case advances it. */
  readonly at: number;
};

export type EntryBody =
  | StanzaEntry
  | StreamEntry
  | SubscriptionEntry
  | RequestEntry
  | FenceEntry
  | { readonly kind: 'clock'; readonly advanced: number }
  | { readonly kind: 'hook'; readonly hook: string; readonly detail?: string }
  /** A step of the case in words, so that a stranger can follow the record. */
  | { readonly kind: 'mark'; readonly label: string };

export interface StanzaEntry {
  readonly kind: 'stanza';
  /** Role and resource, `juliet/phone`. */
  readonly actor: string;
  readonly direction: 'sent' | 'received';
  /** Stanzas and stream-level elements (`<r/>`, `<resume/>`), serialised; a raw stream records its octets as text. */
  readonly xml: string;
}

export interface StreamEntry {
  readonly kind: 'stream';
  readonly actor: string;
  readonly event: 'connected' | 'closed' | 'lost' | 'resumed' | 'resume-refused' | 'ended-by-server';
  readonly detail?: string;
}

/** A browser's subscription as the case handed it out; written again when its keys change. Its keys are throw-away. */
export interface SubscriptionEntry {
  readonly kind: 'subscription';
  /** Role and device, `juliet/phone`. */
  readonly name: string;
  readonly endpoint: string;
  /** base64url: 65 octets uncompressed, 16 octets, and the 32 octets of the private scalar. */
  readonly p256dh: string;
  readonly auth: string;
  readonly privateKey: string;
}

export interface RequestEntry {
  readonly kind: 'request';
  /** The subscription whose endpoint this is; absent for a path under the case's prefix that nobody handed out. */
  readonly subscription?: string;
  readonly request: RecordedRequest;
  readonly answer: RecordedAnswer;
}

/** A request to the push service exactly as it came. */
export interface RecordedRequest {
  readonly httpVersion: '1.0' | '1.1' | '2';
  readonly method: string;
  /** The request target as sent: never normalised. */
  readonly target: string;
  /** The authority asked for: `Host`, or `:authority` in HTTP/2. */
  readonly authority: string;
  /** In order, repeated fields apart, names as sent. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** base64url; what was received before the limit when `complete` is false. */
  readonly body: string;
  readonly complete: boolean;
}

/** What the push service did with it. */
export type RecordedAnswer =
  | {
      readonly type: 'status';
      readonly status: number;
      /** Names in lower case; absent when there were none. */
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly type: 'hang' | 'reset' | 'endless' };

export interface FenceEntry {
  readonly kind: 'fence';
  readonly fence: FenceKind;
  readonly state: 'held' | 'lost';
  /** What it was put up behind, in words: `sentinel from nurse through juliet/phone`. */
  readonly detail: string;
  /** From the last stimulus to the proof, milliseconds. */
  readonly took: number;
}

/**
 * How an absence is proved. `ping`: the server answered a ping on the stream that could have carried the thing.
 * `sentinel`: a later message that must push did push.
 * `closed`: the stream ended, so nothing can follow.
 */
export type FenceKind = 'ping' | 'sentinel' | 'closed';

export interface Recorder {
  readonly transcript: Transcript;
  record(body: EntryBody): Entry;
  /** Calls back for every entry recorded from now on; returns a function that stops it. */
  listen(listener: (entry: Entry) => void): () => void;
}

/** @param now Unix time in milliseconds on the target's clock. */
export function createRecorder(caseId: string, now: () => number): Recorder {
  const entries: Entry[] = [];
  const listeners = new Set<(entry: Entry) => void>();
  return {
    transcript: { case: caseId, entries },
    record(body) {
      const entry: Entry = { ...body, seq: entries.length, at: now() };
      entries.push(entry);
      for (const listener of listeners) listener(entry);
      return entry;
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
