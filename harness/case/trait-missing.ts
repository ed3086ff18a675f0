import type { Trait } from '../target/target.js';

/** A case came to a step that needs what the target has not: it is not applicable, whatever came before. */
export class TraitMissing extends Error {
  override readonly name = 'TraitMissing';
  readonly code = 'trait-missing';
  readonly trait: Trait;

  /** @param reason in one line, for the verdict. */
  constructor(trait: Trait, reason: string) {
    super(reason);
    this.trait = trait;
  }
}
