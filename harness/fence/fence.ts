/** The proof that nothing more is coming did not come itself: the case is inconclusive, whatever else was seen. */
export class FenceLost extends Error {
  override readonly name = 'FenceLost';
  readonly code = 'fence-lost';
}
