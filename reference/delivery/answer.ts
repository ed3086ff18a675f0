import { parseRetryAfter } from './retry-after.js';

/** Why no answer came. */
export type TransportFailure =
  /** The address rules forbid the address the endpoint's host has now. */
  | 'address-refused'
  | 'name-not-resolved'
  /** TLS could not be set up, or the certificate is not trusted for this host. */
  | 'tls-failed'
  | 'connection-failed'
  | 'timeout'
  /** What came is not HTTP, or has more header octets than we read. */
  | 'malformed-answer'
  /** The endpoint or a header field cannot be written in HTTP. */
  | 'request-impossible'
  /** Our own side stopped. */
  | 'closed';

export type TransportResult =
  | { readonly type: 'answer'; readonly status: number; readonly retryAfter?: string }
  | { readonly type: 'failure'; readonly reason: TransportFailure };

/** What an answer asks of us. */
export type Reaction =
  | { readonly type: 'accepted' | 'gone' | 'refused' | 'too-large'; readonly status: number }
  /** Come back later; says nothing about subscription or message. */
  | { readonly type: 'throttled'; readonly reason: string; readonly wait?: number }
  /** Something between here and there is broken for now. `wait` in milliseconds if the service said how long. */
  | { readonly type: 'failed'; readonly reason: string; readonly wait?: number }
  /** No request can or may be made; trying again would not change that. */
  | { readonly type: 'futile'; readonly reason: string };

/**
 * Reads an answer (RFC 8030 §5, §7 and §8.4). Any 2xx is acceptance. 404 is what the RFC has for an expired
 * subscription, 410 what most services send. A redirect is not followed: nothing defines one, and the capability in the
 * URL is not ours to hand on, so it counts as a refusal like every other 4xx.
 *
 * @param now Unix time in milliseconds, to which a date in `Retry-After` is related.
 */
export function readAnswer(result: TransportResult, now: number): Reaction {
  if (result.type === 'failure') {
    const { reason } = result;
    const futile = reason === 'address-refused' || reason === 'request-impossible';
    return { type: futile ? 'futile' : 'failed', reason };
  }
  const { status } = result;
  const reason = `status ${status}`;
  const asked = result.retryAfter === undefined ? undefined : parseRetryAfter(result.retryAfter, now);
  const wait = asked === undefined ? {} : { wait: asked };
  if (status >= 200 && status < 300) return { type: 'accepted', status };
  switch (status) {
    case 404:
    case 410:
      return { type: 'gone', status };
    case 413:
      return { type: 'too-large', status };
    // WNS throttles with 406, ntfy with 507.
    case 406:
    case 429:
    case 507:
      return { type: 'throttled', reason, ...wait };
    // Request Timeout and Too Early (RFC 9110 §15.5.9, RFC 8470 §5.2) ask for the same request again.
    case 408:
    case 425:
      return { type: 'failed', reason, ...wait };
  }
  return status >= 500 ? { type: 'failed', reason, ...wait } : { type: 'refused', status };
}

export interface BackoffOptions {
  /** Before the first retry, in milliseconds. Default 1000. */
  readonly first: number;
  /** Each further wait is so many times the one before. Default 4. */
  readonly factor: number;
  /** No wait is longer, in milliseconds, before jitter. Default 600 000. */
  readonly cap: number;
}

/**
 * The wait after so many failures in a row, in milliseconds: growing exponentially, up to a quarter longer at random, so
 * that after an outage not everybody comes back at once.
 *
 * @param failures at least 1.
 * @param random gives numbers from 0 up to but not including 1.
 */
export function backoff(failures: number, options: BackoffOptions, random: () => number): number {
  const wait = Math.min(options.first * options.factor ** (failures - 1), options.cap);
  return wait * (1 + random() / 4);
}
