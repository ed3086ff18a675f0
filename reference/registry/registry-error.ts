/**
 * - `invalid-option`: the caller's mistake.
 * - `cannot-open`: the file cannot be made, read or kept to its owner.
 * - `foreign-file`: the file is something else; it was left as it is.
 * - `unsupported-version`: another version of the program wrote it; it was left as it is.
 * - `corrupt-file`: it was a registry and is damaged.
 * - `storage`: an operation failed and changed nothing.
 * - `closed`: an operation came after `close`.
 */
export type RegistryErrorCode =
  | 'invalid-option'
  | 'cannot-open'
  | 'foreign-file'
  | 'unsupported-version'
  | 'corrupt-file'
  | 'storage'
  | 'closed';

/** Names the place and the fix; holds neither endpoints nor keys. What storage said is the `cause`. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';
  readonly code: RegistryErrorCode;

  constructor(code: RegistryErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
