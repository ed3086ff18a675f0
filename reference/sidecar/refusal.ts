/** Why a request of the XMPP server was turned away; stable, and part of the answer. */
export type RefusalCode =
  | 'unauthorized'
  | 'not-found'
  | 'bad-request'
  | 'too-large'
  | 'unknown-domain'
  | 'unknown-link'
  | 'out-of-order'
  | 'internal';

/** A request that is turned away and changes nothing. The message names the place and quotes no stanza. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly code: RefusalCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
