import { p256 } from '@noble/curves/nist.js';
import { base64url, join, type KeyPair, utf8 } from './message.js';

/** The right header of a token (RFC 8292 §2.4). */
export const tokenHeader = '{"typ":"JWT","alg":"ES256"}';

export const part = (text: string): string => base64url(utf8(text));

/**
 * The signature of ES256 (RFC 7518 §3.4), R and S of 32 octets each. The nonce comes from the message (RFC 6979), so the same
 * token has the same signature; S is left high where it is.
 */
export function signatureOf(signed: string, privateKey: Uint8Array): Uint8Array {
  return p256.sign(utf8(signed), privateKey, { lowS: false });
}

/** A token in compact form (RFC 7515 §7.1) from the texts of its header and its claims. */
export function tokenOf(header: string, claims: string, key: KeyPair): string {
  const signed = `${part(header)}.${part(claims)}`;
  return `${signed}.${base64url(signatureOf(signed, key.privateKey))}`;
}

/** A signature in the DER form of ASN.1, which is not that of a JWS. */
export function inDer(signature: Uint8Array): Uint8Array {
  return p256.Signature.fromBytes(signature).toBytes('der');
}

/** A private key as a JSON Web Key (RFC 7518 §6.2). */
export function jwkOf({ privateKey, publicKey }: KeyPair) {
  return {
    kty: 'EC',
    crv: 'P-256',
    x: base64url(publicKey.subarray(1, 33)),
    y: base64url(publicKey.subarray(33)),
    d: base64url(privateKey),
  } as const;
}

/** X as an uncompressed point has it, with another Y: no point of the curve but its negation has that X. */
export function offCurve(point: Uint8Array): Uint8Array {
  return point.with(64, (point[64] ?? 0) ^ 1);
}

/** The same point in 33 octets (SEC 1 §2.3.3). */
export function compressed(point: Uint8Array): Uint8Array {
  return join(Uint8Array.of(2 + ((point[64] ?? 0) & 1)), point.subarray(1, 33));
}

/** The same point in the hybrid form of X9.62. */
export function hybrid(point: Uint8Array): Uint8Array {
  return point.with(0, 6 + ((point[64] ?? 0) & 1));
}

const spkiStart = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex');

/** The same point in a SubjectPublicKeyInfo (RFC 5480 §2). */
export function spki(point: Uint8Array): Uint8Array {
  return join(spkiStart, point);
}
