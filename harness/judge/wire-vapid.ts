import { domainToUnicode } from 'node:url';
import { p256 } from '@noble/curves/nist.js';
import { parseCredentials } from './authorization.js';
import { decodeBase64url } from './base64url.js';
import { check } from './check.js';
import type { Examined } from './evidence.js';
import type { Finding } from './finding.js';
import { memberNames } from './member-names.js';
import { isPoint, partText } from './token.js';
import type { WireContext } from './wire.js';
import { fieldsOf, list } from './wire-http.js';

/** What `judgeVapid` can find. */
export const vapidRequirements = [
  'rfc8292.authorization',
  'rfc8292.not-proxy-authorization',
  'rfc8292.parameters',
  'rfc8292.key-form',
  'rfc8292.signing-key',
  'rfc8292.separate-keys',
  'rfc8292.restricted-key',
  'rfc8292.es256',
  'rfc8292.signature',
  'rfc8292.audience',
  'rfc8292.expiry-present',
  'rfc8292.expiry-future',
  'rfc8292.expiry-limit',
  'rfc8292.subject-form',
  'rfc7515.compact',
  'rfc7515.base64url',
  'rfc7515.header',
  'rfc7515.unique-members',
  'rfc7515.critical',
  'rfc7518.signature-octets',
  'rfc7519.claims',
  'rfc7519.unique-claims',
  'rfc7519.expiry-number',
  'rfc7519.audience-form',
  'receivers.unquoted-parameters',
  'receivers.expiry-integer',
  'receivers.expiry-margin',
  'receivers.audience-string',
  'receivers.audience-ascii',
  'receivers.subject-present',
  'receivers.subject-reachable',
] as const;

type VapidRequirement = (typeof vapidRequirements)[number];
type Find = (requirement: VapidRequirement, met: boolean, expected: string, actual: string) => void;

const DAY = 86_400;
/** Clocks of push services differ by this much in the field; seconds. */
const MARGIN = 300;

/** Who sent it: RFC 8292 and the JOSE standards below it. A sentence that an earlier break hides gets no finding. */
export function judgeVapid(examined: Examined, context: WireContext): readonly Finding[] {
  const findings: Finding[] = [];
  const find: Find = (requirement, met, expected, actual) =>
    void findings.push(check(requirement, met, { expected, actual, evidence: [examined.seq] }));
  judgeField(examined, find);
  judgeKey(examined, context, find);
  const { token } = examined.vapid;
  if (token !== undefined) {
    judgeToken(token, examined, find);
    judgeClaims(token, examined, find);
  }
  return findings;
}

function judgeField(examined: Examined, find: Find): void {
  const { fields } = examined.vapid;
  const proxy = fieldsOf(examined, 'proxy-authorization');
  find(
    'rfc8292.not-proxy-authorization',
    proxy.length === 0,
    'no Proxy-Authorization',
    list('Proxy-Authorization', proxy),
  );
  const [credentials, ...others] = fields.map(parseCredentials);
  const isVapid = credentials?.scheme.toLowerCase() === 'vapid';
  const problem =
    !credentials || others.length > 0
      ? `${fields.length} Authorization fields`
      : isVapid
        ? credentials.problem
        : `the scheme ${credentials.scheme}`;
  find(
    'rfc8292.authorization',
    problem === undefined,
    "one Authorization field with the scheme vapid and parameters separated by ','",
    problem ?? 'one field with the scheme vapid',
  );
  if (!isVapid) return;
  const { parameters } = credentials;
  const counts = (['t', 'k'] as const).map(
    (name) => [name, parameters.filter((parameter) => parameter.name === name).length] as const,
  );
  find(
    'rfc8292.parameters',
    counts.every(([, count]) => count === 1),
    'the parameters t and k, once each',
    counts.map(([name, count]) => `${name} ${count} times`).join(', '),
  );
  const quoted = parameters.filter((parameter) => parameter.quoted).map(({ name }) => name);
  find(
    'receivers.unquoted-parameters',
    quoted.length === 0,
    'parameters without quotation marks',
    quoted.length === 0 ? 'none in quotation marks' : `in quotation marks: ${quoted.join(', ')}`,
  );
}

function judgeKey({ vapid, coding }: Examined, context: WireContext, find: Find): void {
  const { key } = vapid;
  if (key === undefined) return;
  const octets = decodeBase64url(key);
  const proper = octets?.length === 65 && octets[0] === 4;
  find(
    'rfc8292.key-form',
    proper,
    'k as base64url without padding of 65 octets from 0x04 on',
    proper ? `k=${key}` : `${describeKey(key)}: k=${key}`,
  );
  if (octets && proper) {
    const valid = isPoint(octets);
    find(
      'rfc8292.signing-key',
      valid,
      'a point of the curve P-256',
      valid ? 'a point' : `no point: k=${key}`,
    );
  }
  if (coding) {
    const same = lax(key).equals(coding.keyid);
    find(
      'rfc8292.separate-keys',
      !same,
      'a key for signing that is not the key of the encryption',
      same ? `k and the key id are both ${key}` : 'two keys',
    );
  }
  if (context.applicationServerKey !== undefined) {
    const same = lax(key).equals(lax(context.applicationServerKey));
    find('rfc8292.restricted-key', same, `the advertised key ${context.applicationServerKey}`, `k=${key}`);
  }
}

function describeKey(key: string): string {
  if (key.includes('BEGIN')) return 'PEM';
  if (/^[{[]/.test(key)) return 'a JSON Web Key';
  if (/^(?:[0-9a-fA-F]{2}){64,66}$/.test(key)) return `${key.length / 2} octets in hexadecimal`;
  if (/=$/.test(key)) return 'base64 with padding';
  if (/[+/]/.test(key)) return 'the standard alphabet of base64';
  const octets = decodeBase64url(key);
  if (!octets) return 'no base64url';
  if (octets.length === 91 && octets[0] === 0x30) return 'a SubjectPublicKeyInfo in DER';
  if (octets.length === 33) return 'a compressed point of 33 octets';
  if (octets.length === 65) return `65 octets from 0x${Buffer.from(octets).toString('hex', 0, 1)} on`;
  return `${octets.length} octets`;
}

function judgeToken(token: string, { vapid }: Examined, find: Find): void {
  const { header, signatureOctets, verified } = vapid;
  const parts = token.split('.');
  find('rfc7515.compact', parts.length === 3, 'three parts between two dots', `${parts.length} parts`);
  const bad = parts.flatMap((part) => (part === '' || decodeBase64url(part) === undefined ? [part] : []));
  find(
    'rfc7515.base64url',
    bad.length === 0,
    'every part in base64url without padding',
    bad.length === 0 ? 'base64url' : `not base64url: ${JSON.stringify(bad[0])}`,
  );
  const headerText = partText(parts[0]) ?? '';
  find('rfc7515.header', header !== undefined, 'a JSON object as header', headerText);
  if (header) {
    find('rfc8292.es256', header.alg === 'ES256', 'alg ES256', `alg ${JSON.stringify(header.alg)}`);
    const twice = repeatedName(headerText);
    find('rfc7515.unique-members', twice === undefined, 'no member of the header twice', twice ?? headerText);
    find('rfc7515.critical', !('crit' in header), 'no extension that must be understood', headerText);
  }
  if (signatureOctets === undefined) return;
  const signature = decodeBase64url(parts[2] ?? '') ?? new Uint8Array();
  find(
    'rfc7518.signature-octets',
    signatureOctets === 64,
    'a signature of 64 octets, R and S of 32 each',
    describeSignature(signature),
  );
  if (verified !== undefined && signatureOctets === 64) {
    find(
      'rfc8292.signature',
      verified,
      'a signature that verifies with k',
      verified
        ? 'it verifies'
        : 'it does not verify: header, claims, key or signature do not belong together',
    );
  }
}

function describeSignature(signature: Uint8Array): string {
  try {
    p256.Signature.fromBytes(signature, 'der');
    return `${signature.length} octets, the DER form of ASN.1`;
  } catch {
    return `${signature.length} octets`;
  }
}

function judgeClaims(token: string, examined: Examined, find: Find): void {
  const { claims } = examined.vapid;
  const text = partText(token.split('.')[1]) ?? '';
  find('rfc7519.claims', claims !== undefined, 'a JSON object as claims', text);
  if (!claims) return;
  const twice = repeatedName(text);
  find('rfc7519.unique-claims', twice === undefined, 'no claim twice', twice ?? text);
  judgeExpiry(examined, claims.exp, find);
  judgeAudience(examined, claims.aud, find);
  judgeSubject(claims.sub, find);
}

function judgeExpiry({ at }: Examined, exp: unknown, find: Find): void {
  find('rfc8292.expiry-present', exp !== undefined, 'the claim exp', `exp ${JSON.stringify(exp)}`);
  if (exp === undefined) return;
  const isNumber = typeof exp === 'number';
  find('rfc7519.expiry-number', isNumber, 'exp as a number of seconds', `exp ${JSON.stringify(exp)}`);
  if (!isNumber) return;
  const now = at / 1000;
  const left = exp - now;
  const actual = `exp ${exp}, ${Math.abs(Math.round(left))} seconds ${left < 0 ? 'before' : 'after'} the request${
    Math.abs(exp / 1000 - now) < 2 * DAY ? ' (it looks like milliseconds)' : ''
  }`;
  find('rfc8292.expiry-future', left > 0, 'an exp after the request', actual);
  find('rfc8292.expiry-limit', left <= DAY, 'an exp at most 86400 seconds after the request', actual);
  find(
    'receivers.expiry-margin',
    left <= DAY - MARGIN || left > DAY,
    `at most ${DAY - MARGIN} seconds`,
    actual,
  );
  find('receivers.expiry-integer', Number.isInteger(exp), 'whole seconds', `exp ${exp}`);
}

function judgeAudience({ endpoint }: Examined, aud: unknown, find: Find): void {
  const audiences: unknown[] = Array.isArray(aud) ? aud : [aud];
  const strings = audiences.filter((audience) => typeof audience === 'string');
  const actual = `aud ${JSON.stringify(aud)}`;
  if (aud !== undefined) {
    const proper = strings.length === audiences.length && strings.length > 0;
    find('rfc7519.audience-form', proper, 'aud as a string or an array of strings', actual);
    if (!proper) return;
    find('receivers.audience-string', typeof aud === 'string', 'aud as a single string', actual);
  }
  if (endpoint === undefined) return;
  const { ascii, unicode } = originsOf(endpoint);
  const met = strings.includes(ascii) || strings.includes(unicode);
  const expected = ascii === unicode ? `aud ${ascii}` : `aud ${unicode} or ${ascii}`;
  find('rfc8292.audience', met, expected, met ? actual : `${actual}${describeAudience(strings[0], ascii)}`);
  if (met) find('receivers.audience-ascii', strings.includes(ascii), `aud ${ascii}`, actual);
}

/** RFC 6454 §6: default ports left out; §6.1 has the host in Unicode, §6.2 and everybody's parser in ASCII. */
function originsOf(endpoint: string): { readonly ascii: string; readonly unicode: string } {
  const { origin, protocol, hostname, port } = new URL(endpoint);
  const host = domainToUnicode(hostname) || hostname;
  return { ascii: origin, unicode: `${protocol}//${host}${port === '' ? '' : `:${port}`}` };
}

function describeAudience(aud: string | undefined, origin: string): string {
  if (aud === undefined) return '';
  const { host, hostname } = new URL(origin);
  if (aud === `${origin}/`) return ': the origin has no slash at its end';
  if (aud.startsWith(`${origin}/`)) return ': the origin has no path';
  if (aud === `${origin}:443` || aud === `${origin}:80`) return ': the default port is left out';
  if (aud === host || aud === hostname) return ': the scheme is missing';
  if (origin.startsWith(`${aud}:`)) return ': the port is missing';
  return ': another origin';
}

function judgeSubject(sub: unknown, find: Find): void {
  const actual = sub === undefined ? 'no sub' : `sub ${JSON.stringify(sub)}`;
  const proper =
    typeof sub === 'string' && /^(?:mailto:[^\s<>@]+@[^\s<>@]+|https:\/\/[^\s/?#]\S*)$/i.test(sub);
  find(
    'rfc8292.subject-form',
    sub === undefined || proper,
    'sub as a mailto: or https: URI, if there is one',
    actual,
  );
  find('receivers.subject-present', sub !== undefined, 'a sub', actual);
  // Where there is no sub, or one without a host, that is what is wrong with it.
  const host = typeof sub === 'string' ? hostOf(sub) : undefined;
  const reachable =
    host === undefined || (host.includes('.') && !/(?:^|\.)(?:localhost|invalid)\.?$/.test(host));
  find('receivers.subject-reachable', reachable, 'a sub at a host of the Internet, if it has one', actual);
}

function hostOf(uri: string): string | undefined {
  return /(?<=@|\/\/)[^/?#:>\s]+/.exec(uri)?.[0].toLowerCase();
}

function repeatedName(json: string): string | undefined {
  const names = memberNames(json);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined ? undefined : `${JSON.stringify(twice)} twice in ${json}`;
}

/** The octets meant by any spelling of base64, so that a wrong spelling is not also another key. */
function lax(text: string): Buffer {
  return Buffer.from(text, 'base64');
}
