import { createPrivateKey, X509Certificate } from 'node:crypto';
import { connect, createServer } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { createAuthority, selfSign } from './certificate.js';

describe("A run's throw-away authority", () => {
  test('signs certificates for host names and addresses of both families', async () => {
    const authority = await createAuthority();
    const { cert } = await authority.certify(['push.example', '127.0.0.1', '::1']);
    const certificate = new X509Certificate(cert);
    expect(certificate.verify(new X509Certificate(authority.pem).publicKey)).toBe(true);
    expect(certificate.checkHost('push.example')).toBe('push.example');
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.checkIP('::1')).toBe('::1');
    expect(certificate.checkHost('other.example')).toBeUndefined();
  });

  test('is trusted by a client that was given its certificate, and by no other', async () => {
    const authority = await createAuthority();
    const server = createServer(await authority.certify(['localhost']), (socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const attempt = (ca: string) =>
      new Promise<string>((resolve) => {
        const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca }, () =>
          resolve('secure'),
        );
        socket.on('error', (error) => resolve(error.message)).resume();
      });
    expect(await attempt(authority.pem)).toBe('secure');
    expect(await attempt((await createAuthority()).pem)).not.toBe('secure');
    await new Promise((resolve) => server.close(resolve));
  });

  test('refuses a certificate for nobody', async () => {
    const authority = await createAuthority();
    await expect(authority.certify([])).rejects.toThrow(TypeError);
  });
});

test('A certificate that signed itself is for its names, and valid now and for so many days', async () => {
  const { key, cert } = await selfSign(['push.example', '192.0.2.1'], 1);
  const certificate = new X509Certificate(cert);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(certificate.checkHost('push.example')).toBe('push.example');
  expect(certificate.checkIP('192.0.2.1')).toBe('192.0.2.1');
  const hours = (text: string) => (Date.parse(text) - Date.now()) / 3_600_000;
  expect(hours(certificate.validFrom)).toBeLessThan(-23);
  expect(hours(certificate.validTo)).toBeGreaterThan(23);
  expect(hours(certificate.validTo)).toBeLessThan(25);
});
