import type { Entry, RequestEntry } from '../transcript/transcript.js';

/** `PushSubscription.toJSON()` of the W3C Push API. */
export interface SubscriptionJson {
  readonly endpoint: string;
  readonly expirationTime: null;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

/** A subscription handed out to a user agent that is played by the suite. */
export interface Subscription {
  /** Role and device, `juliet/phone`. */
  readonly name: string;
  readonly endpoint: string;
  /** base64url without padding: 65 octets uncompressed. */
  readonly p256dh: string;
  /** base64url without padding: 16 octets. */
  readonly auth: string;
  toJSON(): SubscriptionJson;
  /** New keys for the same endpoint, as after `unsubscribe` and `subscribe` at a service that keeps the URL. */
  rekey(): void;
  /** The answers to the next requests, in order; after them requests are answered as RFC 8030 wants it again. */
  answer(...answers: readonly Answer[]): void;
  /** What came so far. */
  readonly requests: readonly (RequestEntry & Entry)[];
}

/** What the push service does with a request. */
export type Answer =
  | {
      readonly type: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      /** The answer is held back until then. */
      readonly when?: Promise<void>;
    }
  /** Reads the request and never answers. */
  | { readonly type: 'hang' }
  /** Reads the request and resets the connection; over HTTP/2 only the stream, for others may share the connection. */
  | { readonly type: 'reset' }
  /** 201 with a body that never ends. */
  | { readonly type: 'endless' };
