import { createPublicKey, verify } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { p256 } from '@noble/curves/nist.js';
import { isPoint } from '../../harness/judge/token.js';
import { judgeVapid } from '../../harness/judge/wire-vapid.js';
import { makeTemporaryFolder } from '../../harness/temporary/temporary-folder.js';
import { generateKey, KEY_FILE, openKeyStore } from '../../reference/vapid/key.js';
import { audience, createAuthorization, createToken } from '../../reference/vapid/token.js';
import type {
  AudienceExpected,
  AudienceInput,
  IdentificationExpected,
  IdentificationInput,
  KeyExpected,
  KeyInput,
} from '../kinds.js';
import { attempt, base64url, type Opinion, type Opinions, octets } from './opinion.js';
import { examine, verdictOn } from './request.js';

/** The reference as it starts with the key in its file, and the public key that @noble works out. */
export const keys: Opinions<KeyInput, KeyExpected> = ({ input: { jwk }, expected }) => {
  const wanted = expected.result === 'valid' ? expected.k : 'refused';
  return [
    { by: 'reference', expected: wanted, actual: attempt(() => storedKey(jwk)) },
    { by: '@noble', expected: wanted, actual: attempt(() => publicKeyOf(jwk)) },
  ];
};

function storedKey(jwk: KeyInput['jwk']): string {
  const folder = makeTemporaryFolder();
  try {
    writeFileSync(join(folder, KEY_FILE), JSON.stringify({ keys: [jwk] }));
    return openKeyStore(folder).current.publicKey;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function publicKeyOf({ crv, x, y, d }: KeyInput['jwk']): string {
  const point = new Uint8Array(Buffer.concat([Uint8Array.of(4), octets(x), octets(y)]));
  const scalar = octets(d);
  const k = base64url(p256.getPublicKey(scalar, false));
  if (crv !== 'P-256' || scalar.length !== 32 || !isPoint(point) || base64url(point) !== k)
    throw new Error('no key pair');
  return k;
}

export const audiences: Opinions<AudienceInput, AudienceExpected> = async ({ input, expected }) => {
  const authorization = [
    `vapid t=${createToken(generateKey(), { aud: expected.aud, exp: 1, sub: 'mailto:a@b.example' })}`,
  ];
  const findings = judgeVapid(await identified({ ...input, authorization, now: 0, keyId: '' }), {});
  const met = findings.find(({ requirement }) => requirement === 'rfc8292.audience')?.met;
  return [
    { by: 'reference', expected: expected.aud, actual: audience(input.endpoint) },
    { by: 'judge', expected: true, actual: met },
  ];
};

/** The judge, node:crypto for the signature, and for claims such as the reference makes, its own token. */
export const requests: Opinions<IdentificationInput, IdentificationExpected> = async ({
  input,
  expected,
  requirement,
}) => {
  const examined = await identified(input);
  const findings = judgeVapid(examined, { applicationServerKey: input.applicationServerKey });
  const verdict = verdictOn(findings, requirement, expected.result);
  const [, t = '', k = ''] = /t=([\w.-]+).*k=([\w-]+)/.exec(input.authorization[0] ?? '') ?? [];
  if (expected.result === 'invalid')
    return requirement === 'rfc8292.signature'
      ? [verdict, { by: 'node:crypto', expected: false, actual: attempt(() => isSigned(t, k)) }]
      : [verdict];
  const { claims } = expected;
  const { token = '', key = '' } = examined.vapid;
  return [
    verdict,
    { by: 'judge', expected: claims, actual: examined.vapid.claims },
    { by: 'node:crypto', expected: true, actual: attempt(() => isSigned(token, key)) },
    ...ownToken(claims, token),
    ...(await ownField(input, claims.sub)),
  ];
};

function identified(input: Omit<IdentificationInput, 'applicationServerKey'>) {
  const keyId = octets(input.keyId);
  const header = Buffer.concat([Buffer.alloc(16), Buffer.from([0, 0, 16, 0, keyId.length]), keyId]);
  return examine({
    endpoint: input.endpoint,
    headers: input.authorization.map((value) => ['Authorization', value] as const),
    body: base64url(header),
    at: input.now * 1000,
  });
}

function isSigned(token: string, k: string): boolean {
  const [head = '', claims = '', signature = ''] = token.split('.');
  const point = Buffer.from(k, 'base64url');
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map(base64url);
  const key = createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '' } });
  const signed = Buffer.from(`${head}.${claims}`);
  return verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, octets(signature));
}

/** What the reference would send with this request; the judge finds nothing in it, not even what only receivers ask for. */
async function ownField(input: IdentificationInput, sub: unknown): Promise<readonly Opinion[]> {
  if (typeof sub !== 'string') return [];
  const key = generateKey();
  const authorization = [createAuthorization(sub)(input.endpoint, key, input.now * 1000)];
  const findings = judgeVapid(await identified({ ...input, authorization }), {
    applicationServerKey: key.publicKey,
  });
  const broken = findings.filter(({ met }) => !met).map(({ requirement }) => requirement);
  return [{ by: 'judge of the reference', expected: [], actual: broken }];
}

/** Header and claims are the same octets; the signature of the reference is another each time. */
function ownToken(
  claims: { readonly aud: unknown; readonly exp: unknown; readonly sub?: unknown },
  token: string,
): readonly Opinion[] {
  const { aud, exp, sub, ...more } = claims;
  if (
    typeof aud !== 'string' ||
    typeof exp !== 'number' ||
    typeof sub !== 'string' ||
    Object.keys(more).length > 0
  )
    return [];
  const key = generateKey();
  const own = createToken(key, { aud, exp, sub });
  const unsigned = (text: string) => text.slice(0, text.lastIndexOf('.'));
  const signed = new TextEncoder().encode(unsigned(own));
  const signature = octets(own.slice(own.lastIndexOf('.') + 1));
  const holds = attempt(() => p256.verify(signature, signed, octets(key.publicKey), { lowS: false }));
  return [
    { by: 'reference', expected: unsigned(token), actual: unsigned(own) },
    { by: 'reference, signature', expected: true, actual: holds },
  ];
}
