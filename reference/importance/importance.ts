import type { Element } from '@xmpp/xml';

/** `urgent` is pushed at once, even past a live session's batch; `unimportant` is never pushed. */
export type Importance = 'urgent' | 'important' | 'unimportant';

/** What a notification is about, the payload's `kind`. */
export type Kind = 'message' | 'call' | 'call-retract' | 'invite';

/** Which event asks: a message kept nowhere can still be delivered by a hibernated stream, but not fetched later. */
export type Trigger = 'offline' | 'archived' | 'hibernated';

export interface ImportanceContext {
  /** Bare JID of the account the stanza is for: only its own carbons are unwrapped. */
  readonly account: string;
  readonly trigger: Trigger;
  /** True for the occupant JIDs (`room@service/nick`) under which the account itself sits in a room. */
  readonly isOwnOccupant?: (occupant: string) => boolean;
}

export interface Classification {
  readonly importance: Importance;
  /** The rule that decided, by its stable name in the table. */
  readonly rule: string;
  readonly kind: Kind;
  /** The message judged: the stanza itself, or the one inside a carbon of the own account. */
  readonly message: Element;
  /** End-to-end encrypted: its body, if any, is fallback text and never goes into a payload. */
  readonly encrypted: boolean;
}
