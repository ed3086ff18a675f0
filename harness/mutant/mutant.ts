/** One behaviour of the reference that is wrong on purpose: what a case has to notice. */
export interface Mutant<R extends string = string> {
  /** `area/what-it-does`. */
  readonly id: string;
  /** What the server does, in one sentence. */
  readonly title: string;
  /** The sentences it breaks; only a finding on one of them counts as its death. */
  readonly breaks: readonly [R, ...R[]];
  /** Several where one check stands behind another, so that nobody would notice the first of them alone. */
  readonly patches: readonly [Patch, ...Patch[]];
}

/** A change of one compiled module of the reference, made in a copy: the reference itself knows nothing of it. */
export interface Patch {
  /** Below `dist/reference/`. */
  readonly file: string;
  /** Must occur exactly once. */
  readonly find: string | RegExp;
  readonly write: string;
}

/** A patch that does not fit the module any more. */
export class PatchError extends Error {
  override readonly name = 'PatchError';
  readonly code = 'patch-does-not-fit';
}

/**
 * The module with the change.
 *
 * @throws {PatchError} when what is to be changed is not there exactly once.
 */
export function applyPatch(source: string, { file, find, write }: Patch): string {
  const pattern = typeof find === 'string' ? new RegExp(escaped(find), 'g') : new RegExp(find.source, 'g');
  const count = [...source.matchAll(pattern)].length;
  if (count !== 1) throw new PatchError(`${String(find)} occurs ${count} times in ${file}, expected once`);
  return source.replace(pattern, () => write);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
