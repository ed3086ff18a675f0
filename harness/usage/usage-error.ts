import { closest, distance } from 'fastest-levenshtein';

/** The command line, a file it names or a name it gives is wrong: one line that says what and how to mend it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'usage';
}

/** `; did you mean "run"?` when a known word is near enough, otherwise all there are, when these are few. */
export function suggest(word: string, known: readonly string[]): string {
  const nearest = known.length > 0 ? closest(word, known) : '';
  if (nearest && distance(word, nearest) <= Math.max(2, nearest.length / 3))
    return `; did you mean "${nearest}"?`;
  return known.length > 0 && known.length <= 12 ? `; there are: ${known.join(', ')}` : '';
}
