import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { deriveCredentials, parseClientFirst, serverFirstMessage, verifyClientFinal } from './scram.js';

/** The example exchanges of RFC 5802 §5 and RFC 7677 §3. */
const EXCHANGES = [
  {
    hash: 'sha1',
    salt: 'QSXCR+Q6sek8bf92',
    clientNonce: 'fyko+d2lbbFgONRv9qkxdawL',
    serverNonce: '3rfcNHYJY1ZVvWVs7j',
    proof: 'v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
    verifier: 'rmF9pqV8S7suAoZWja4dJRkFsKQ=',
  },
  {
    hash: 'sha256',
    salt: 'W22ZaJ0SNY7soEsUEjb6gQ==',
    clientNonce: 'rOprNGfwEbeRWgbNEkqO',
    serverNonce: '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
    proof: 'dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    verifier: '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
  },
] as const;

describe.each(EXCHANGES)('SCRAM with $hash', ({ hash, salt, clientNonce, serverNonce, proof, verifier }) => {
  const nonce = clientNonce + serverNonce;
  const exchange = async () => {
    const credentials = await deriveCredentials(hash, 'pencil', Buffer.from(salt, 'base64'), 4096);
    const first = parseClientFirst(`n,,n=user,r=${clientNonce}`);
    if (!first) throw new Error('client-first-message not understood');
    const serverFirst = serverFirstMessage(first, serverNonce, credentials);
    return {
      serverFirst,
      finish: (message: string) => verifyClientFinal(hash, first, serverFirst, credentials, message),
    };
  };

  test('gives the messages of the RFC example', async () => {
    const { serverFirst, finish } = await exchange();
    expect(serverFirst).toBe(`r=${nonce},s=${salt},i=4096`);
    expect(finish(`c=biws,r=${nonce},p=${proof}`)).toEqual({ serverFinal: `v=${verifier}` });
  });

  /** A proof by somebody who knows the password, over whatever they claim to have seen. */
  const honestProof = (serverFirst: string, withoutProof: string) => {
    const hmac = (key: Buffer, text: string) => createHmac(hash, key).update(text).digest();
    const length = hash === 'sha1' ? 20 : 32;
    const salted = pbkdf2Sync('pencil', Buffer.from(salt, 'base64'), 4096, length, hash);
    const clientKey = hmac(salted, 'Client Key');
    const storedKey = createHash(hash).update(clientKey).digest();
    const signature = hmac(storedKey, `n=user,r=${clientNonce},${serverFirst},${withoutProof}`);
    return Buffer.from(clientKey.map((octet, index) => octet ^ (signature[index] ?? 0))).toString('base64');
  };

  test.each([
    ['what was agreed on', `c=biws,r=${nonce}`, true],
    ['another channel binding than announced', `c=eSws,r=${nonce}`, false],
    ['another nonce', `c=biws,r=${nonce}x`, false],
    ['only the own nonce', `c=biws,r=${clientNonce}`, false],
  ])('a right proof over %s: accepted is $2', async (_, withoutProof, accepted) => {
    const { serverFirst, finish } = await exchange();
    const verdict = finish(`${withoutProof},p=${honestProof(serverFirst, withoutProof)}`);
    expect(verdict !== 'refused' && verdict !== 'malformed').toBe(accepted);
  });

  test.each([
    [
      'another proof',
      `c=biws,r=${nonce},p=${Buffer.alloc(hash === 'sha1' ? 20 : 32).toString('base64')}`,
      'refused',
    ],
    ['a short proof', `c=biws,r=${nonce},p=AAAA`, 'malformed'],
    ['no proof', `c=biws,r=${nonce}`, 'malformed'],
    ['nothing', '', 'malformed'],
  ])('%s is %3$s', async (_, message, verdict) => {
    expect((await exchange()).finish(message)).toBe(verdict);
  });
});

describe('client-first-message', () => {
  test('decodes comma and equals sign in names', () => {
    expect(parseClientFirst('y,a=x=2Cy,n=a=3Db,r=abc')).toEqual({
      gs2Header: 'y,a=x=2Cy,',
      authzid: 'x,y',
      username: 'a=b',
      nonce: 'abc',
      bare: 'n=a=3Db,r=abc',
    });
  });

  test.each([
    'p=tls-unique,,n=user,r=abc',
    'n,,n=us=er,r=abc',
    'n,,m=ext,n=user,r=abc',
    'n,,n=,r=abc',
    'n,,n=user,r=',
    'n,,n=user',
    'n=user,r=abc',
    '',
  ])('%j is refused', (message) => {
    expect(parseClientFirst(message)).toBeUndefined();
  });
});
