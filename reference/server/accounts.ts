export type ScramHash = 'sha1' | 'sha256';
/** What a server keeps of a password instead of it (RFC 5802 §2.2). */
export interface ScramCredentials {
  readonly salt: Buffer;
  readonly iterations: number;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

/** Why an account could not be created or changed. */
export type AccountProblem = 'exists' | 'unknown' | 'bad-localpart' | 'bad-password';

export class AccountError extends Error {
  override readonly name = 'AccountError';
  constructor(
    readonly code: AccountProblem,
    message: string,
  ) {
    super(message);
  }
}

/** The accounts of all virtual hosts. Localparts are compared after preparation (case does not matter). */
export interface Accounts {
  exists(domain: string, localpart: string): boolean;
  /**
   * Resolves to the localpart as stored.
   *
   * @throws {AccountError} exists, bad-localpart, bad-password
   */
  create(domain: string, localpart: string, password: string): Promise<string>;
  /** @throws {AccountError} unknown, bad-password */
  setPassword(domain: string, localpart: string, password: string): Promise<void>;
  /** False if there was no such account. */
  remove(domain: string, localpart: string): boolean;
  /** The localpart as stored when the password is right; takes as long when there is no such account. */
  verifyPassword(domain: string, localpart: string, password: string): Promise<string | undefined>;
  /** For an account that does not exist: credentials no password fits, the same at every call. */
  scramCredentials(domain: string, localpart: string, hash: ScramHash): ScramCredentials;
}
