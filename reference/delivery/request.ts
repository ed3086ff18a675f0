import { createHmac } from 'node:crypto';
import type { Push } from '../engine/events.js';

/** A request for the delivery of a push message (RFC 8030 §5); always a POST. */
export interface PushRequest {
  /** The push resource, octet for octet as it was registered. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** How the message is to be treated on its way. */
export interface Handling {
  /** Whole seconds, at least 1. */
  readonly ttl: number;
  readonly urgency: 'normal' | 'high';
  /** 1 to 32 characters of base64url. */
  readonly topic: string | undefined;
}

/**
 * Puts the request together. Nothing in it but the endpoint itself says whom it is for: no JID, no message id, no
 * `User-Agent`.
 */
export function buildRequest(
  endpoint: string,
  authorization: string,
  { ttl, urgency, topic }: Handling,
  body: Uint8Array,
): PushRequest {
  const headers = {
    TTL: String(ttl),
    Urgency: urgency,
    ...(topic === undefined ? {} : { Topic: topic }),
    'Content-Encoding': 'aes128gcm',
    'Content-Type': 'application/octet-stream',
    'Content-Length': String(body.length),
    Authorization: authorization,
  };
  return { endpoint, headers, body };
}

/** A call rings for a minute at most, and what ends it is as pressing: it has to stop the ringing. */
export function isPressing(push: Pick<Push, 'urgent' | 'kind'>): boolean {
  return push.urgent || push.kind === 'call' || push.kind === 'call-retract';
}

/** RFC 8030 §5.3 has chat messages at `normal`, incoming calls at `high`. */
export function urgencyOf(push: Pick<Push, 'urgent' | 'kind'>): Handling['urgency'] {
  return isPressing(push) ? 'high' : 'normal';
}

/**
 * Pushes of one thread may take each other's place, as the newest says what the older ones said. Calls and invitations
 * form threads of their own beside the conversation's messages: "there is a message" does not say that somebody called.
 */
export function threadOf(push: Pick<Push, 'kind' | 'conversation'>): string {
  const about = push.kind === 'call-retract' ? 'call' : push.kind;
  return `${about}\0${push.conversation}`;
}

/**
 * The `Topic` under which the push service replaces an undelivered message of the same thread (RFC 8030 §5.4): the call
 * by the news that it was missed, "there is a message" by another such. A text is not replaced by the next one, so a
 * push that carries one has no topic. The push service learns nothing from it: without the secret, equal conversations
 * of two accounts or devices cannot be told from different ones.
 *
 * @param secret at least 32 random octets, known to this host alone.
 */
export function topicOf(secret: Uint8Array, push: Push): string | undefined {
  const { registration, payload, kind } = push;
  const carriesText =
    kind === 'message' && registration.payload.body && !payload.encrypted && payload.body !== undefined;
  if (carriesText) return undefined;
  const name = [registration.account, registration.endpoint, threadOf(push)].join('\0');
  return createHmac('sha256', secret).update(name).digest('base64url').slice(0, 32);
}
