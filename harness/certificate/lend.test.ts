import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createAuthority } from './certificate.js';
import { borrowAuthority, lendAuthority } from './lend.js';

const namesOf = (cert: string) => new X509Certificate(cert).subjectAltName;

describe('An authority that is lent', () => {
  test('signs as it does at home', async () => {
    const own = createAuthority();
    const { pem, certify } = await borrowAuthority(lendAuthority(own));
    expect(pem).toBe((await own).pem);
    const { cert } = await certify(['push.example']);
    expect(new X509Certificate(cert).verify(new X509Certificate(pem).publicKey)).toBe(true);
  });

  test('gives everyone who asks at once what he asked for', async () => {
    const { certify } = await borrowAuthority(lendAuthority(createAuthority()));
    const certified = await Promise.all(['a.example', 'b.example'].map((name) => certify([name])));
    expect(certified.map(({ cert }) => namesOf(cert))).toEqual(['DNS:a.example', 'DNS:b.example']);
  });

  test('refuses what it refuses at home, and goes on', async () => {
    const { certify } = await borrowAuthority(lendAuthority(createAuthority()));
    await expect(certify([])).rejects.toThrow(TypeError);
    expect(namesOf((await certify(['a.example'])).cert)).toBe('DNS:a.example');
  });

  test('that cannot be made is not waited for', async () => {
    const unmade = Promise.reject(new Error('no random numbers'));
    await expect(borrowAuthority(lendAuthority(unmade))).rejects.toThrow('no random numbers');
  });
});
