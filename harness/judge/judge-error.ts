/** How a judge can fail by the suite's own fault: never a finding against the server. */
export type JudgeErrorCode =
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
