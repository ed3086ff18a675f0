import { sha256 } from '@noble/hashes/sha2.js';

/**
 * Octets that look random and are the same on every machine: SHA-256 of the label, the counter and the number of the block.
 *
 * @param counter tells one try of a search from the next.
 */
export function octetsFor(label: string, length: number, counter = 0): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, block) =>
    sha256(Buffer.from(`webpush vectors ${label} ${counter} ${block}`)),
  );
  return new Uint8Array(Buffer.concat(blocks).subarray(0, length));
}

/**
 * The first counter from `from` on for which something rare comes out. Where that has been found by an earlier search,
 * `from` is what it found, so that a generation takes one try.
 */
export function search<Found>(from: number, attempt: (counter: number) => Found | undefined): Found {
  for (let counter = from; ; counter += 1) {
    const found = attempt(counter);
    if (found !== undefined) return found;
  }
}
