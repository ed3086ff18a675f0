import type { Case } from '../../harness/case/case.js';
import type { Evidence, Examined } from '../../harness/judge/evidence.js';
import type { Finding } from '../../harness/judge/finding.js';
import { JudgeError } from '../../harness/judge/judge-error.js';
import { judgeRequest, on, type WireContext, type WireRequirement } from '../../harness/judge/wire.js';
import { codingRequirements } from '../../harness/judge/wire-coding.js';
import { judgeSequence, sequenceRequirements } from '../../harness/judge/wire-sequence.js';
import { vapidRequirements } from '../../harness/judge/wire-vapid.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { answerTo } from './judge.js';
import type { Play } from './plays.js';
import { roleOf } from './scene.js';
import { advertisedKey } from './webpush.js';

/** A case on sentences that requests show by themselves: something is pushed, and every request is looked at. */
export interface WireCase {
  readonly id: string;
  readonly title: string;
  readonly requirements: readonly [WireRequirement, ...WireRequirement[]];
  readonly play: Play;
}

export function wireCase(area: string, { id, title, requirements, play }: WireCase): Case<RequirementId> {
  return {
    id: `${area}/${id}`,
    title,
    requirements,
    ...(play.needs ? { needs: play.needs } : {}),
    play: play.act,
    judge: (evidence) => shown(evidence, requestsOf(evidence, play), requirements),
  };
}

/**
 * The requests a play has caused, those to a wrong URL included.
 *
 * @throws {JudgeError} `hidden` when there are fewer than the play causes.
 */
export function requestsOf(evidence: Evidence, { requests: expected }: Play): readonly Examined[] {
  const requests = evidence.allRequests.filter(({ sentinel }) => !sentinel);
  if (requests.length >= expected) return requests;
  throw new JudgeError(
    'hidden',
    `${requests.length} of ${expected} requests came: too little to judge them by`,
  );
}

/**
 * One finding for each sentence: its first break, or that all requests keep it.
 *
 * @throws {JudgeError} `hidden` when nothing is broken, but a request does not let a sentence be seen: the delimiter of a
 * message that does not open, say.
 */
export function shown(
  evidence: Evidence,
  requests: readonly Examined[],
  requirements: readonly WireRequirement[],
): readonly Finding[] {
  const single = requests.map((request) => judgeRequest(request, contextOf(evidence, request)));
  const together = judgeSequence(requests);
  const verdicts = requirements.map((requirement) => {
    const groups = contains(sequenceRequirements, requirement) ? [together] : single;
    const findings = groups.flatMap((group) => on(group, [requirement]));
    const broken = findings.find(({ met }) => !met);
    if (broken)
      return { ...broken, evidence: [...handedOut(evidence, requests, broken), ...broken.evidence] };
    return findings.length < groups.length ? hidden(requirement, single.flat()) : kept(findings);
  });
  const findings = verdicts.flatMap((verdict) => (verdict instanceof JudgeError ? [] : (verdict ?? [])));
  const error = verdicts.find((verdict) => verdict instanceof JudgeError);
  if (error && findings.every(({ met }) => met)) throw error;
  return findings;
}

/** For a request to a URL that nobody was given: the URLs that were. */
function handedOut(evidence: Evidence, requests: readonly Examined[], broken: Finding): readonly number[] {
  const strays = requests.filter(({ endpoint }) => endpoint === undefined).map(({ seq }) => seq);
  if (!broken.evidence.some((seq) => strays.includes(seq))) return [];
  return evidence.entries.filter(({ kind }) => kind === 'subscription').map(({ seq }) => seq);
}

function kept(findings: readonly Finding[]): Finding | undefined {
  const [first] = findings;
  return first && { ...first, evidence: [...new Set(findings.flatMap(({ evidence }) => evidence))] };
}

/** What the transcript tells of whom a request is for and who caused it. */
function contextOf(evidence: Evidence, { subscription }: Examined): WireContext {
  const key = subscription === undefined ? undefined : advertisedTo(evidence, subscription);
  const jids = boundJids(evidence).flatMap((jid) => [jid, jid.replace(/\/.*/, '')]);
  return { jids, ...(key === undefined ? {} : { applicationServerKey: key }) };
}

/** The key that the account of a device was told in answer to its `disco`, if it asked. */
export function advertisedTo(evidence: Evidence, device: string): string | undefined {
  const actor = evidence
    .stanzas(undefined, 'received')
    .find((stanza) => roleOf(stanza.actor) === roleOf(device) && stanza.element?.attrs.id === 'disco')?.actor;
  const answer = actor === undefined ? undefined : answerTo(evidence, actor, 'disco')?.element;
  return answer && advertisedKey(answer);
}

/** The full JIDs of all clients of the case. */
export function boundJids(evidence: Evidence): readonly string[] {
  const jids = evidence
    .stanzas(undefined, 'received')
    .flatMap(
      ({ element }) =>
        element?.getChild('bind', 'urn:ietf:params:xml:ns:xmpp-bind')?.getChildText('jid') ?? [],
    );
  // A sender that cases share was bound before this one began.
  const senders = evidence.entries.flatMap((entry) =>
    entry.kind === 'stream' && entry.detail?.includes('@') ? [entry.detail] : [],
  );
  return [...new Set([...jids, ...senders])];
}

/** Why a sentence cannot be judged: what is broken before it in the same part of the request. */
function hidden(requirement: WireRequirement, findings: readonly Finding[]): JudgeError {
  const part = [codingRequirements, vapidRequirements].find((names) => contains(names, requirement)) ?? [];
  const broken = findings.filter(({ met }) => !met);
  const cause = broken.find((finding) => contains(part, finding.requirement)) ?? broken[0];
  const detail = cause ? `: ${cause.actual} (expected: ${cause.expected})` : '';
  return new JudgeError('hidden', `${requirement} cannot be judged by this request${detail}`);
}

function contains(names: readonly string[], name: string): boolean {
  return names.includes(name);
}
