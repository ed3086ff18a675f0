/** What a server under test can do to a run that is not a broken sentence: stable, for reports and exit codes. */
export type TargetFaultCode =
  /** Nothing came within the time limit. */
  | 'silence'
  | 'connection-refused'
  | 'connection-lost'
  /** Bytes that are no XMPP, no TLS, no HTTP. */
  | 'garbage'
  /** More than the harness takes: a stanza, a stream or a record without end. */
  | 'flood'
  /** The server's certificate is not by the given authority, not for the domain, or expired. */
  | 'certificate-refused'
  | 'authentication-refused'
  | 'provisioning-refused'
  /** An enable, a login or another step of the set-up was answered with an error. */
  | 'refused'
  | 'start-failed'
  /** A command of the target's description failed, or did not end: there is nothing to go on with. */
  | 'hook-failed';

/** The server under test did not do its part of a step. Never the suite's own mistake, never a pass. */
export class TargetFault extends Error {
  override readonly name = 'TargetFault';
  readonly code: TargetFaultCode;

  /** @param message what was waited for or attempted, and what came instead, in one line. */
  constructor(code: TargetFaultCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
