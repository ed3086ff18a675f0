import type { Examined } from './evidence.js';
import type { Finding } from './finding.js';
import { codingRequirements, judgeCoding } from './wire-coding.js';
import { httpRequirements, judgeHttp } from './wire-http.js';
import { judgeSequence, sequenceRequirements } from './wire-sequence.js';
import { judgeVapid, vapidRequirements } from './wire-vapid.js';

/** What a judge of requests must be told beside them. */
export interface WireContext {
  /** As in the account's disco form: base64url of 65 octets. Without it nothing is said on whose key signed. */
  readonly applicationServerKey?: string;
  /** Push resources may be plain http, as on loopback. */
  readonly httpAllowed?: boolean;
  /** Requests may come without a body (RFC 8030 allows it; XMPP Web Push does not). */
  readonly bodyOptional?: boolean;
  /** Bare JIDs that a Topic must not give away. Without them nothing is said on that. */
  readonly jids?: readonly string[];
}

/** Every requirement the judges of requests can find something on; all are in the catalogue. */
export const wireRequirements = [
  ...httpRequirements,
  ...codingRequirements,
  ...vapidRequirements,
  ...sequenceRequirements,
] as const;

export type WireRequirement = (typeof wireRequirements)[number];

/** Everything one request shows: transport, content coding, encryption and identification of the sender. */
export function judgeRequest(examined: Examined, context: WireContext = {}): readonly Finding[] {
  return [
    ...judgeHttp(examined, context),
    ...judgeCoding(examined, context),
    ...judgeVapid(examined, context),
  ];
}

/** Everything these requests of one server show, one by one and together. */
export function judgeRequests(requests: readonly Examined[], context: WireContext = {}): readonly Finding[] {
  return [...requests.flatMap((examined) => judgeRequest(examined, context)), ...judgeSequence(requests)];
}

/** The findings on some requirements: a case says what it judges and nothing else. */
export function on<R extends WireRequirement>(
  findings: readonly Finding[],
  requirements: readonly R[],
): readonly Finding[] {
  const wanted = new Set<string>(requirements);
  return findings.filter(({ requirement }) => wanted.has(requirement));
}
