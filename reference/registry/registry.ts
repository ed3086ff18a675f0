/** One account × endpoint: where to push, with which keys, and what the client agreed to have in the payload. */
export interface Registration {
  /** Bare JID of the account. */
  readonly account: string;
  /** The push resource, compared octet for octet; never normalised. */
  readonly endpoint: string;
  /** The user agent's P-256 public key, 65 octets uncompressed (RFC 8291 §3.1). */
  readonly p256dh: Uint8Array;
  /** The authentication secret, 16 octets (RFC 8291 §3.2). */
  readonly auth: Uint8Array;
  readonly payload: PayloadPolicy;
  /** The application server key in force when the registration was made: 65 octets in base64url (RFC 8292 §4.2). */
  readonly applicationServerKey: string;
  /** Unix time in milliseconds of the last enable. */
  readonly enabledAt: number;
  /**
   * Grows with every enable on the host. An answer that belongs to an earlier generation says nothing about this one: a
   * 404 for the old keys must not remove what was enabled since.
   */
  readonly generation: number;
  /** Refusals (400, 401, 403, redirects) in a row. */
  readonly refusals: number;
}

/** What the client lets the payload tell: the sender's JID, the text of the message. */
export interface PayloadPolicy {
  readonly sender: boolean;
  readonly body: boolean;
}

export type NewRegistration = Omit<Registration, 'generation' | 'refusals'>;

/**
 * The registrations of one host, at most `maxDevices` an account. Every change is durable when the call returns, so an
 * enable may be acknowledged as soon as it did. Throws `RegistryError` when storage fails; then nothing has changed.
 */
export interface Registry {
  /**
   * Stores a registration, replacing the one with the same account and endpoint. A newcomer over the limit evicts the
   * least recently enabled; a refresh evicts nobody and protects itself. `replaces`, the endpoint the session was bound
   * to before, is removed in the same transaction and first, so that it makes room and nobody is evicted in its place.
   */
  enable(
    registration: NewRegistration,
    replaces?: string,
  ): {
    readonly registration: Registration;
    readonly evicted: readonly Registration[];
  };
  /** The registration removed, or undefined when there was none. */
  disable(account: string, endpoint: string): Registration | undefined;
  disableAll(account: string): readonly Registration[];
  /** Least recently enabled first. */
  list(account: string): readonly Registration[];
  get(account: string, endpoint: string): Registration | undefined;
  /** Removes the registration only if it still is of this generation; false when it is not there or was renewed. */
  removeGeneration(account: string, endpoint: string, generation: number): boolean;
  /** Counts one more refusal of this generation and returns the new count; 0 when it is not there or was renewed. */
  countRefusal(account: string, endpoint: string, generation: number): number;
  /** Any 2xx: refusals in a row start again from 0. */
  clearRefusals(account: string, endpoint: string, generation: number): void;
  close(): void;
}
