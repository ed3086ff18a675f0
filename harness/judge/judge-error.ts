/** Why a judge has no finding to give. */
export type JudgeErrorCode =
  /** What the case asks about is not to be seen: nothing came, or an earlier break hides it. The one that is no fault of the suite's. */
  | 'hidden'
  /** The two implementations did not come to the same result. */
  | 'judges-disagree'
  /** A subscription in the transcript has keys that are none. */
  | 'broken-transcript'
  /** A case asks for a step it never recorded. */
  | 'unknown-mark';

export class JudgeError extends Error {
  override readonly name = 'JudgeError';
  readonly code: JudgeErrorCode;

  constructor(code: JudgeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
