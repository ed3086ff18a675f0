/** RFC 3454 table B.1: joiners, variation selectors, soft hyphen and their like. */
const MAPPED_TO_NOTHING =
  /\u034f|[\u180b-\u180d]|[\ufe00-\ufe0f]|\u200d|[\u00ad\u1806\u200b\u200c\u2060\ufeff]/gu;
/** RFC 3454 table C.1.2 without U+200B, which table B.1 takes away. */
const NON_ASCII_SPACE = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/gu;
/** RFC 4013 §2.3: control, private use, non-character, surrogate, inappropriate and tagging code points. */
const PROHIBITED =
  /[\p{Cc}\p{Co}\p{Cs}\p{Noncharacter_Code_Point}\u06dd\u070f\u180e\u2028\u2029\u2061-\u2063\u206a-\u206f\ufff9-\ufffd\u2ff0-\u2ffb\u200e\u200f\u202a-\u202e\u{1d173}-\u{1d17a}\u{e0001}\u{e0020}-\u{e007f}]|\u0340|\u0341/u;

/**
 * Prepares a password (RFC 4013): mapping, normalisation and prohibited characters. The rules for bidirectional strings
 * and for code points unassigned in Unicode 3.2 are left out: they only refuse what both sides would hash alike.
 *
 * @returns undefined when a character is prohibited or nothing is left.
 */
export function saslprep(text: string): string | undefined {
  const mapped = text.replace(NON_ASCII_SPACE, ' ').replace(MAPPED_TO_NOTHING, '').normalize('NFKC');
  return mapped === '' || PROHIBITED.test(mapped) ? undefined : mapped;
}
