/** Controls but the line end, marks that turn the direction of what is written, and halves of characters. */
const harmful = /(?!\n)[\p{Cc}\p{Bidi_Control}\p{Cs}]/gu;

/** What a server sends must not steer the terminal of whoever reads about it: shows such characters as `\x1b`, `\u202e`. */
export function harmless(text: string): string {
  return text.replace(harmful, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
  });
}
