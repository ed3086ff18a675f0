type Octets = ArrayBuffer | Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();

/** A browser's push subscription with its private key, for tests. It opens messages with WebCrypto alone. */
export interface TestBrowser {
  readonly p256dh: string;
  readonly auth: string;
  /** The payload's JSON (RFC 8291 §3, RFC 8188 §2). */
  open(body: Uint8Array): Promise<unknown>;
}

export async function createBrowser(): Promise<TestBrowser> {
  const { subtle } = crypto;
  const curve = { name: 'ECDH', namedCurve: 'P-256' };
  const keys = await subtle.generateKey(curve, false, ['deriveBits']);
  const publicKey = new Uint8Array(await subtle.exportKey('raw', keys.publicKey));
  const auth = crypto.getRandomValues(new Uint8Array(16));

  const expand = async (input: Octets, salt: Octets, info: Octets, octets: number) => {
    const key = await subtle.importKey('raw', input, 'HKDF', false, ['deriveBits']);
    return subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info }, key, octets * 8);
  };

  return {
    p256dh: Buffer.from(publicKey).toString('base64url'),
    auth: Buffer.from(auth).toString('base64url'),
    async open(body) {
      const message = new Uint8Array(body);
      const salt = message.slice(0, 16);
      const idLength = message[20] ?? 0;
      const sender = message.slice(21, 21 + idLength);
      const record = message.slice(21 + idLength);
      const senderKey = await subtle.importKey('raw', sender, curve, false, []);
      const secret = await subtle.deriveBits({ name: 'ECDH', public: senderKey }, keys.privateKey, 256);
      const info = new Uint8Array([...encoder.encode('WebPush: info\0'), ...publicKey, ...sender]);
      const material = await expand(secret, auth, info, 32);
      const cek = await expand(material, salt, encoder.encode('Content-Encoding: aes128gcm\0'), 16);
      const iv = await expand(material, salt, encoder.encode('Content-Encoding: nonce\0'), 12);
      const key = await subtle.importKey('raw', cek, 'AES-GCM', false, ['decrypt']);
      const padded = new Uint8Array(await subtle.decrypt({ name: 'AES-GCM', iv }, key, record));
      return JSON.parse(
        new TextDecoder('utf-8', { fatal: true }).decode(padded.slice(0, padded.lastIndexOf(2))),
      );
    },
  };
}
