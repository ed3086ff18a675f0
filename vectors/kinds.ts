/**
 * What the tests of each group are given and should come to. Octets are base64url without padding; the schemas in
 * `schemas/` say the same to other languages.
 */

export type Invalid = { readonly result: 'invalid' };

// rfc8188

export interface ContentInput {
  /** Input keying material. */
  readonly ikm: string;
  readonly body: string;
}
export interface ContentExpected {
  readonly result: 'valid';
  readonly plaintext: string;
  readonly salt: string;
  readonly recordSize: number;
  readonly keyId: string;
  readonly prk: string;
  readonly cek: string;
  readonly nonces: readonly string[];
  /** Plaintext, delimiter and padding of each record. */
  readonly records: readonly string[];
}

// rfc8291

export interface MessageInput {
  readonly plaintext: string;
  /** The user agent's public key, 65 octets. */
  readonly p256dh: string;
  readonly auth: string;
  /** The user agent's private key, 32 octets: for who opens the body. */
  readonly uaPrivate: string;
  /** The application server's private key for this message, 32 octets. */
  readonly asPrivate: string;
  readonly salt: string;
  /** Octets of zero after the delimiter. */
  readonly padding: number;
}
export interface MessageExpected {
  readonly result: 'valid';
  readonly asPublic: string;
  readonly sharedSecret: string;
  readonly prkKey: string;
  readonly keyInfo: string;
  readonly ikm: string;
  readonly prk: string;
  readonly cek: string;
  readonly nonce: string;
  readonly body: string;
}
export interface BodyInput {
  readonly p256dh: string;
  readonly auth: string;
  readonly uaPrivate: string;
  readonly body: string;
}
interface BodyOpened {
  readonly result: 'valid';
  readonly plaintext: string;
  readonly padding: number;
}
/** `opens`: the sender broke a rule, but a user agent may read the body all the same. */
export type BodyExpected = BodyOpened | { readonly result: 'invalid'; readonly opens: boolean };
export interface RecipientInput {
  readonly p256dh: string;
  readonly auth: string;
  /** The plaintext is so many octets of `a`. */
  readonly plaintextOctets: number;
}
export type RecipientExpected = { readonly result: 'valid'; readonly bodyOctets: number } | Invalid;

// rfc8292

export interface KeyInput {
  readonly jwk: {
    readonly kty: string;
    readonly crv: string;
    readonly x: string;
    readonly y: string;
    readonly d: string;
  };
}
export type KeyExpected = { readonly result: 'valid'; readonly k: string } | Invalid;
export interface IdentificationInput {
  /** Values of all Authorization fields. */
  readonly authorization: readonly string[];
  readonly endpoint: string;
  /** When the request comes, in seconds since 1970. */
  readonly now: number;
  /** The key the subscription is restricted to. */
  readonly applicationServerKey: string;
  /** The key id of the body. */
  readonly keyId: string;
}
export type IdentificationExpected =
  | {
      readonly result: 'valid';
      readonly claims: { readonly aud: unknown; readonly exp: unknown; readonly sub?: unknown };
    }
  | Invalid;
export interface AudienceInput {
  readonly endpoint: string;
}
export interface AudienceExpected {
  readonly result: 'valid';
  readonly aud: string;
}

// subscription, stanza

export type Condition = 'bad-request' | 'not-acceptable' | 'any';
/** `conditions`: the defined conditions the text leaves to the server, all of type modify; `any` for any error. */
export interface Refused {
  readonly result: 'invalid';
  readonly conditions: readonly Condition[];
}
export interface SubscriptionInput {
  readonly endpoint: string;
  readonly p256dh: string;
  readonly auth: string;
}
export type SubscriptionExpected = { readonly result: 'valid' } | Refused;

export interface StanzaInput {
  readonly stanza: string;
}
export interface EnableExpected {
  readonly result: 'valid';
  readonly enable: {
    readonly endpoint: string;
    readonly auth: string;
    readonly p256dh: string;
    readonly payload: { readonly sender: boolean; readonly body: boolean };
  };
}
export interface DisableExpected {
  readonly result: 'valid';
  readonly disable: { readonly endpoint: string } | 'all' | 'own-session';
}
/** A stanza of another protocol: whoever handles it, it enables and disables nothing. */
export interface NotHandled {
  readonly result: 'invalid';
  readonly conditions: readonly ['none'];
}

// importance

export interface ImportanceInput {
  readonly stanza: string;
  /** Bare JID of the account that gets the stanza. */
  readonly account: string;
  readonly trigger: 'offline' | 'archived' | 'hibernated';
  /** Occupant JIDs under which the account is in rooms. */
  readonly ownOccupants: readonly string[];
}
export interface ImportanceExpected {
  /** `either`: the text leaves it to the server. */
  readonly importance: 'important' | 'unimportant' | 'either';
  /** What the payload calls it, when it is pushed. */
  readonly kind?: 'message' | 'call' | 'call-retract' | 'invite';
  /** Only when it is pushed. */
  readonly encrypted?: boolean;
  /** Name of the rule that decides, in `reference/importance/rules.ts`. */
  readonly rule?: string;
}
export interface CircumstanceInput extends ImportanceInput {
  /** Whether it came to the account or was sent by one of its own devices. */
  readonly direction: 'incoming' | 'outgoing';
}
export interface CircumstanceExpected {
  readonly push: boolean;
}

// disco

export interface DiscoInput {
  readonly stanza: string;
}
export type DiscoExpected = { readonly result: 'valid'; readonly applicationServerKey: string } | Invalid;

// payload

export interface PlaintextInput {
  readonly plaintext: string;
}
export interface PayloadMembers {
  readonly v: 1;
  readonly account: string;
  readonly kind: string;
  readonly type?: string;
  readonly from?: string;
  readonly nick?: string;
  readonly id?: string;
  readonly time?: string;
  readonly encrypted?: true;
  readonly body?: string;
}
export type PlaintextExpected =
  | { readonly result: 'valid'; readonly members: Readonly<Record<string, unknown>> }
  | Invalid;
export interface NotificationInput {
  readonly stanza: string;
  readonly account: string;
  /** The text the administrator set; empty for none. */
  readonly importantBody: string;
  readonly policy: { readonly sender: boolean; readonly body: boolean };
  /** When the server received the message. */
  readonly time: string;
  /** Id of the message in the account's archive; empty when it is not archived. */
  readonly archiveId: string;
}
export interface NotificationExpected {
  readonly payload: PayloadMembers;
}
export interface CutInput {
  readonly text: string;
  /** Room for the text, in octets of UTF-8. */
  readonly octets: number;
}
export interface CutExpected {
  /** The longest beginning that ends where a reader sees a character end. */
  readonly text: string;
  /** Octets at which the text may be cut at all: where a code point ends. */
  readonly boundaries: readonly number[];
}
