import { check } from '../../harness/judge/check.js';
import type { Evidence, Examined } from '../../harness/judge/evidence.js';
import type { Finding } from '../../harness/judge/finding.js';
import { JudgeError } from '../../harness/judge/judge-error.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { lastStimulus } from './judge.js';

/** What a push tells: its members, or why they cannot be read. */
export type Told =
  | { readonly ok: true; readonly members: Readonly<Record<string, unknown>>; readonly text: string }
  | { readonly ok: false; readonly reason: string };

/** The plaintext of a push as text and as the members of a JSON object. */
export function toldBy({ opened }: Examined): Told {
  if (!opened.ok) return { ok: false, reason: `a body that does not open: ${opened.reason}` };
  const text = decodeUtf8(opened.plaintext);
  if (text === undefined) return { ok: false, reason: 'a plaintext that is not UTF-8' };
  const { json } = opened;
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return { ok: false, reason: `a plaintext that is not a JSON object: ${excerpt(text)}` };
  }
  return { ok: true, members: Object.fromEntries(Object.entries(json)), text };
}

/**
 * What a push tells, for a judge of one sentence.
 *
 * @throws {JudgeError} `hidden` when it cannot be read, unless that is what the sentence is about: other cases have the
 * findings on bodies that do not open and on plaintexts that are no JSON.
 */
function read(request: Examined, requirement: RequirementId): Told {
  const told = toldBy(request);
  if (told.ok || (requirement === 'payload.json' && request.opened.ok)) return told;
  throw new JudgeError(
    'hidden',
    `${requirement} is not to be seen: request ${request.seq} has ${told.reason}`,
  );
}

/** What a judge of payloads says about one push. */
export interface Opinion {
  readonly met: boolean;
  readonly actual: string;
}

/** A finding on the first push a device got. Without one the sentence is broken. */
export function firstPayload(
  evidence: Evidence,
  requirement: RequirementId,
  device: string,
  expected: string,
  judge: (told: Extract<Told, { ok: true }>) => Opinion,
): Finding {
  const [request] = evidence.requests(device);
  if (!request)
    return check(requirement, false, { expected, actual: 'no request', evidence: lastStimulus(evidence) });
  const told = read(request, requirement);
  const opinion = told.ok ? judge(told) : { met: false, actual: told.reason };
  return check(requirement, opinion.met, {
    expected,
    actual: opinion.actual,
    evidence: [...lastStimulus(evidence), request.seq],
  });
}

/** That the first push for a device has a member of this value. */
export function member(
  evidence: Evidence,
  requirement: RequirementId,
  device: string,
  name: string,
  value: string | undefined,
): Finding {
  const expected = value === undefined ? `no member ${name}` : `${name}: ${JSON.stringify(value)}`;
  return firstPayload(evidence, requirement, device, expected, ({ members }) => ({
    met: members[name] === value,
    actual: members[name] === undefined ? `no member ${name}` : `${name}: ${JSON.stringify(members[name])}`,
  }));
}

/** That nothing in any push for a device has one of these texts in it, whatever the member and the case of its letters. */
export function withholds(
  evidence: Evidence,
  requirement: RequirementId,
  device: string,
  what: string,
  texts: readonly string[],
): Finding {
  const requests = evidence.requests(device);
  const leaks = requests.flatMap((request) => {
    const told = read(request, requirement);
    if (!told.ok) return [{ seq: request.seq, said: told.reason }];
    // Once as sent and once without the escapes of JSON.
    const haystack = `${told.text}\n${JSON.stringify(told.members)}`.toLowerCase();
    const found = texts.find((text) => haystack.includes(text.toLowerCase()));
    return found === undefined
      ? []
      : [{ seq: request.seq, said: `${JSON.stringify(found)} in ${excerpt(told.text)}` }];
  });
  const [leak] = leaks;
  return check(requirement, requests.length > 0 && leak === undefined, {
    expected: `a push without ${what}`,
    actual: leak?.said ?? (requests.length > 0 ? `a push without ${what}` : 'no request'),
    evidence: [...lastStimulus(evidence), ...(leak ? [leak.seq] : requests.map(({ seq }) => seq))],
  });
}

/** The bare JID under which a client was bound. */
export function bareJidOf(evidence: Evidence, actor: string): string {
  for (const { element } of evidence.stanzas(actor, 'received')) {
    const jid = element?.getChild('bind', 'urn:ietf:params:xml:ns:xmpp-bind')?.getChildText('jid');
    if (jid) return jid.split('/', 1)[0] ?? jid;
  }
  // A sender that cases share was bound before this one began.
  for (const entry of evidence.entries) {
    if (entry.kind === 'stream' && entry.actor === actor && entry.detail?.includes('@')) {
      return entry.detail.split('/', 1)[0] ?? entry.detail;
    }
  }
  return `(${actor} was never bound)`;
}

/** The value of a request's header field, the first if there are several. */
export function headerOf({ request }: Examined, name: string): string | undefined {
  return request.headers.find(([field]) => field.toLowerCase() === name.toLowerCase())?.[1];
}

/** Enough of a text to recognise it, on one line of a report. */
export function excerpt(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '�');
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

function decodeUtf8(octets: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets);
  } catch {
    return undefined;
  }
}
