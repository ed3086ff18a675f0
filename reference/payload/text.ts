const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The text with every lone surrogate replaced by U+FFFD, so that it has a UTF-8 form; and a copy of its own. */
export function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

/**
 * The longest beginning of a well-formed text that takes at most `limit` octets, cut between grapheme clusters; between
 * code points where the first cluster alone is too long (somebody piled up combining marks).
 *
 * @param octets the length of a piece as it is written; at least 1 for every UTF-16 code unit of ASCII.
 */
export function cutToOctets(
  text: string,
  limit: number,
  octets: (piece: string) => number = Buffer.byteLength,
): string {
  if (limit <= 0) return '';
  if (text.length <= limit && octets(text) <= limit) return text;
  // Every code unit takes an octet or more, so nothing behind these counts. Two to spare: a boundary depends on the
  // whole character that follows, which may be a surrogate pair.
  const candidate = text.slice(0, limit + 2);
  const clusters = Array.from(graphemes.segment(candidate), ({ segment }) => segment);
  const kept = takeWhileFits(clusters, limit, octets) || takeWhileFits(candidate, limit, octets);
  // A slice would keep the whole text in memory.
  return wellFormed(kept);
}

function takeWhileFits(pieces: Iterable<string>, limit: number, octets: (piece: string) => number): string {
  let kept = '';
  let room = limit;
  for (const piece of pieces) {
    room -= octets(piece);
    if (room < 0) break;
    kept += piece;
  }
  return kept;
}
