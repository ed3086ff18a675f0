/** Digits of RFC 4648 §5, in groups of four, with the padding either complete or absent. */
const pattern = /^(?:[\w-]{4})*(?:[\w-]{2}(?:==)?|[\w-]{3}=?)?$/;

/**
 * Decodes base64url (RFC 4648 §5) strictly: padding may be there or not, everything else is refused. That is the standard
 * alphabet's `+` and `/`, blanks and line breaks, a length no encoder produces, and a last digit with bits set that no
 * octet takes (§3.5), so that two texts never stand for the same octets.
 *
 * @returns the octets, or undefined when the text is not base64url. The empty text is no octets.
 */
export function decodeBase64url(text: string): Uint8Array | undefined {
  // Node's decoder skips what it does not know, takes both alphabets and ignores surplus bits: hence both checks.
  if (!pattern.test(text)) return undefined;
  const octets = Buffer.from(text, 'base64url');
  if (octets.toString('base64url') !== text.replace(/=+$/, '')) return undefined;
  return new Uint8Array(octets);
}
