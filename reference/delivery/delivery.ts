import type { Push } from '../engine/events.js';
import type { Registration } from '../registry/registry.js';

/** What an endpoint's answer means for the registration; the delivery says so, the host acts on it. */
export type DeliveryOutcome =
  /** Any 2xx. */
  | { readonly type: 'accepted'; readonly registration: Registration; readonly status: number }
  /** 404 or 410: the subscription is gone. */
  | { readonly type: 'gone'; readonly registration: Registration; readonly status: number }
  /** 400, 401, 403, a redirect and other refusals of the request itself. */
  | { readonly type: 'refused'; readonly registration: Registration; readonly status: number }
  /** Given up: out of tries or out of TTL, refused by address rules, or still too large. The registration stays. */
  | { readonly type: 'dropped'; readonly registration: Registration; readonly reason: string };

/** Takes pushes and gets them to their push services: batched per conversation, retried inside their TTL, never redirected. */
export interface Delivery {
  enqueue(push: Push): void;
  /** Forgets what waits for this registration: all of it, or only the pushes about these messages. */
  discard(account: string, endpoint: string, messages?: readonly string[]): void;
  /** Resolves when nothing is in flight any more; what still waits for a time is dropped. */
  close(): Promise<void>;
}
