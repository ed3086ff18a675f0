/** Whether something is left out of a text, as authors show it: three dots, or the character for them. */
export function isElided(text: string): boolean {
  return /\.{3}|\u2026/.test(text);
}
