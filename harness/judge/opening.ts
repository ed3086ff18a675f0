/** What one implementation got out of a body, before anything is said about why not. */
export type Opening =
  | { readonly ok: true; readonly plaintext: Uint8Array; readonly padding: number }
  | { readonly ok: false; readonly stage: Stage };

/**
 * How far it came: `header` the coding header is not all there; `key` the key id is no uncompressed point of P-256; `seal` the octets
 * after the header do not authenticate as one record; `delimiter` they do, but do not end in 0x02 and zeros.
 */
export type Stage = 'header' | 'key' | 'seal' | 'delimiter';
