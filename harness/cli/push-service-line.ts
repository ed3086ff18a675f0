import type { Catalogue } from '../case/requirement.js';
import type { Examined } from '../judge/evidence.js';
import type { Finding } from '../judge/finding.js';
import { judgeRequest, type WireContext } from '../judge/wire.js';
import { judgeSequence } from '../judge/wire-sequence.js';

/** One line of `push-service`: a request and what is wrong with it, as in `schemas/push-service-request.schema.json`. */
export interface RequestLine {
  /** RFC 3339. */
  readonly at: string;
  /** From 1. */
  readonly seq: number;
  readonly method: string;
  readonly target: string;
  readonly httpVersion: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** What it was answered with. */
  readonly status?: number;
  /** Octets of the body that were taken. */
  readonly octets: number;
  readonly opened: boolean;
  /** Why it does not open. */
  readonly reason?: string;
  /** When it is UTF-8; else `plaintextBase64url`. */
  readonly plaintext?: string;
  readonly plaintextBase64url?: string;
  readonly json?: unknown;
  /** Of the token in the Authorization field. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** How many sentences were looked at and kept. */
  readonly kept: number;
  readonly findings: readonly BrokenSentence[];
}

export interface BrokenSentence {
  readonly requirement: string;
  readonly level: string;
  readonly sentence: string;
  readonly source: string;
  readonly expected: string;
  readonly actual: string;
}

/** Enough to see a salt, a key or a token again; more would grow with every request. */
const remembered = 500;

/**
 * Judges requests in the order they came, each by itself and against those before it.
 *
 * @param key the application server key the sender must use; without it, the first that is seen.
 */
export function createLineJudge(
  catalogue: Catalogue,
  key: string | undefined,
): (examined: Examined) => RequestLine {
  let earlier: readonly Examined[] = [];
  let known = key;
  return (examined) => {
    const context: WireContext = {
      bodyOptional: true,
      ...(known === undefined ? {} : { applicationServerKey: known }),
    };
    const together = judgeSequence([...earlier, examined]);
    const findings = [
      ...judgeRequest(examined, context),
      ...together.filter(({ met, evidence }) => met || evidence.includes(examined.seq)),
    ].map((finding) => (key === undefined ? asFirstKey(finding) : finding));
    known ??= examined.vapid.key;
    // What repeated an earlier request stands for it from now on: the next repetition is told of too, and each but once.
    const replaced = new Set(together.flatMap(({ met, evidence }) => (met ? [] : evidence)));
    earlier = [...earlier.filter(({ seq }) => !replaced.has(seq)), examined].slice(-remembered);
    return lineOf(examined, findings, catalogue);
  };
}

/** Nobody advertised a key: the first one became the rule. */
function asFirstKey(finding: Finding): Finding {
  if (finding.requirement !== 'rfc8292.restricted-key') return finding;
  return {
    ...finding,
    expected: finding.expected.replace('the advertised key', 'the key of the first request'),
  };
}

function lineOf(examined: Examined, findings: readonly Finding[], catalogue: Catalogue): RequestLine {
  const { request, status, opened, vapid } = examined;
  return {
    at: new Date(examined.at).toISOString(),
    seq: examined.seq,
    method: request.method,
    target: request.target,
    httpVersion: request.httpVersion,
    headers: request.headers,
    ...(status === undefined ? {} : { status }),
    octets: examined.body.length,
    opened: opened.ok,
    ...(opened.ok ? textOf(opened.plaintext) : { reason: opened.reason }),
    ...(opened.ok && opened.json !== undefined ? { json: opened.json } : {}),
    ...(vapid.claims ? { claims: vapid.claims } : {}),
    kept: findings.filter(({ met }) => met).length,
    findings: findings.filter(({ met }) => !met).map((finding) => broken(finding, catalogue)),
  };
}

function textOf(plaintext: Uint8Array): Pick<RequestLine, 'plaintext' | 'plaintextBase64url'> {
  try {
    return { plaintext: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plaintext) };
  } catch {
    return { plaintextBase64url: Buffer.from(plaintext).toString('base64url') };
  }
}

function broken({ requirement, expected, actual }: Finding, catalogue: Catalogue): BrokenSentence {
  const known = catalogue.get(requirement);
  return {
    requirement,
    level: known?.level ?? 'MUST',
    sentence: known?.sentence ?? '',
    source: known ? `${known.document} §${known.section}` : '',
    expected,
    actual,
  };
}
