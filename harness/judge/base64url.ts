/**
 * base64url as RFC 7515 §2 has it: no padding, no blanks, and no other spelling of the same octets. Node's own decoder swallows all
 * of these.
 *
 * @returns undefined when the text is anything else.
 */
export function decodeBase64url(text: string): Uint8Array | undefined {
  const octets = Buffer.from(text, 'base64url');
  return octets.toString('base64url') === text ? new Uint8Array(octets) : undefined;
}

export function encodeBase64url(octets: Uint8Array): string {
  return Buffer.from(octets).toString('base64url');
}
