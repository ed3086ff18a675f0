import { webcrypto } from 'node:crypto';
import { createRequire } from 'node:module';
import { isIP } from 'node:net';

// Node reads a CommonJS module twice when it is imported, once for the names of its exports; these are large.
const require = createRequire(import.meta.url);
// What the library for certificates finds its algorithms through.
require('reflect-metadata');
const {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} = require('@peculiar/x509') as typeof import('@peculiar/x509');

/** A key and the certificate for it, both PEM; the key in PKCS #8. */
export interface Certified {
  readonly key: string;
  readonly cert: string;
}

/** A certificate authority that lives as long as one run: nobody but the run's own targets is asked to trust it. */
export interface Authority {
  /** Its own certificate, PEM. */
  readonly pem: string;
  /**
   * A new key and a server certificate for it.
   *
   * @param names host names and IP addresses, at least one; all become subject alternative names (RFC 6125 §6.4).
   * @throws {TypeError} when there is no name.
   */
  certify(names: readonly string[]): Promise<Certified>;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY = 86_400_000;

cryptoProvider.set(webcrypto);

const generateKeys = () => webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

/** Valid from yesterday, so that a target whose clock is behind takes it, and for a month, so that clocks can be advanced. */
function validity(): { readonly notBefore: Date; readonly notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - DAY), notAfter: new Date(now + 31 * DAY) };
}

/**
 * A new key and a certificate for it that it signed itself: whoever trusts it trusts nobody else by that.
 *
 * @param names host names and IP addresses, at least one.
 * @param days from now, for which it is valid.
 */
export async function selfSign(names: readonly [string, ...string[]], days: number): Promise<Certified> {
  const keys = await generateKeys();
  const { notBefore } = validity();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [names[0]] }],
    keys,
    signingAlgorithm: ALGORITHM,
    notBefore,
    notAfter: new Date(Date.now() + days * DAY),
    extensions: [
      // An authority for itself alone, since some libraries trust nothing that is none.
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyCertSign, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      alternativeNames(names),
    ],
  });
  return { key: await pemOf(keys.privateKey), cert: certificate.toString('pem') };
}

const alternativeNames = (names: readonly string[]) =>
  new SubjectAlternativeNameExtension(
    names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
  );

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  return PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

/** A new authority with a P-256 key that never leaves the process. */
export async function createAuthority(): Promise<Authority> {
  const keys = await generateKeys();
  const authority = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=Throw-away authority of a webpush-conformance run',
    keys,
    signingAlgorithm: ALGORITHM,
    ...validity(),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  return {
    pem: authority.toString('pem'),
    async certify(names) {
      const [first] = names;
      if (first === undefined) throw new TypeError('A certificate needs at least one host name or address.');
      const server = await generateKeys();
      const certificate = await X509CertificateGenerator.create({
        subject: [{ CN: [first] }],
        issuer: authority.subject,
        publicKey: server.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: ALGORITHM,
        ...validity(),
        extensions: [
          new BasicConstraintsExtension(false),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
          alternativeNames(names),
        ],
      });
      return { key: await pemOf(server.privateKey), cert: certificate.toString('pem') };
    },
  };
}
