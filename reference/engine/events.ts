import type { Element } from '@xmpp/xml';
import type { Kind } from '../importance/importance.js';
import type { Registration } from '../registry/registry.js';

/** Names one XMPP session (a bound resource), stable over stream resumption (XEP-0198 §5). */
export type SessionId = string;

/** A message on its way to an account. */
export interface RoutedMessage {
  /**
   * The server's own name for the message, never the sender's `id`: the same for every copy (carbons) and every trigger
   * (hibernated, archived, offline), so that one message is pushed once.
   */
  readonly id: string;
  /** As it is delivered to this session or account; inside a carbon wrapper when it is a copy. */
  readonly stanza: Element;
  /** The id under which the account's archive holds it (XEP-0313), if it does. */
  readonly archiveId?: string;
  /**
   * The occupant JIDs (`room@service/nick`) under which the account sits in the room the message comes from (XEP-0045
   * §7.2): what they said is the account's own and no news to it.
   */
  readonly ownOccupants?: readonly string[];
}

/** What an XMPP server tells the engine. */
export type EngineEvent =
  /** An `enable` or `disable` IQ that a bound session addressed to its own account (or to nobody). */
  | { readonly type: 'iq'; readonly session: SessionId; readonly account: string; readonly stanza: Element }
  | {
      readonly type: 'session-started';
      readonly session: SessionId;
      readonly account: string;
      /** The registration it was bound to before the engine lost sight of it; ignored when that is gone. */
      readonly endpoint?: string;
    }
  /** Closed, replaced, found dead without stream management, or its hibernation ran out. */
  | { readonly type: 'session-ended'; readonly session: SessionId }
  /** The connection was lost and may be resumed; `unacked` is what was sent and not acknowledged. */
  | {
      readonly type: 'hibernation-started';
      readonly session: SessionId;
      readonly unacked: readonly RoutedMessage[];
    }
  | { readonly type: 'hibernation-queued'; readonly session: SessionId; readonly message: RoutedMessage }
  | { readonly type: 'resumed'; readonly session: SessionId }
  /** The connection looks open, but `unacked` has waited for an acknowledgement longer than the server's limit. */
  | { readonly type: 'ack-delayed'; readonly session: SessionId; readonly unacked: readonly RoutedMessage[] }
  | {
      readonly type: 'archived';
      readonly account: string;
      readonly message: RoutedMessage;
      readonly direction: 'incoming' | 'outgoing';
    }
  /** No session took the message and it was stored for the next login. */
  | { readonly type: 'stored-offline'; readonly account: string; readonly message: RoutedMessage }
  /** The account was deleted, or its credentials were revoked or changed. */
  | { readonly type: 'account-deleted'; readonly account: string }
  | { readonly type: 'credentials-changed'; readonly account: string };

/** One notification for one registration. */
export interface Push {
  readonly registration: Registration;
  /** `RoutedMessage.id` of the message it is about. */
  readonly message: string;
  readonly kind: Kind;
  /** Sent at once, with `Urgency: high` and a short TTL. */
  readonly urgent: boolean;
  /** Bare JID of the peer or the room: pushes of one conversation may be merged. */
  readonly conversation: string;
  readonly payload: PushPayload;
}

/** The plaintext's JSON members. */
export interface PushPayload {
  readonly v: 1;
  readonly account: string;
  readonly kind: Kind;
  readonly type: 'chat' | 'groupchat' | 'normal';
  /** Bare JID of the sender, or the room's; absent when the client asked for no sender. */
  readonly from?: string;
  /** The sender's nick in a room. */
  readonly nick?: string;
  /** The archive id, for the page to fetch the message by. */
  readonly id?: string;
  /** When the message was routed, XEP-0082 date-time in UTC. */
  readonly time: string;
  readonly encrypted?: true;
  readonly body?: string;
}

/** What the engine wants done. */
export type EngineEffect =
  | { readonly type: 'reply'; readonly session: SessionId; readonly stanza: Element }
  | { readonly type: 'push'; readonly push: Push }
  /**
   * Drop what still waits for this registration: everything, or only these messages (they were delivered by a resume).
   */
  | {
      readonly type: 'discard';
      readonly account: string;
      readonly endpoint: string;
      readonly messages?: readonly string[];
    }
  /** Something failed, storage most likely; for the operator's log, holds no secret. */
  | { readonly type: 'problem'; readonly problem: Error };
