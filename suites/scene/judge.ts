import type { Element } from '@xmpp/xml';
import { check } from '../../harness/judge/check.js';
import type { Evidence, Examined, RecordedStanza } from '../../harness/judge/evidence.js';
import type { Finding } from '../../harness/judge/finding.js';
import type { RequirementId } from '../requirements/catalogue.js';

const stanzaErrors = 'urn:ietf:params:xml:ns:xmpp-stanzas';

/** The requests for a device that came after a step of the case. */
export function requestsAfter(evidence: Evidence, device: string, mark?: string): readonly Examined[] {
  const since = mark === undefined ? -1 : evidence.mark(mark);
  return evidence.requests(device).filter((request) => request.seq > since);
}

/** How many pushes a device got, all in all or after a step. */
export function pushes(
  evidence: Evidence,
  requirement: RequirementId,
  device: string,
  expected: number | { readonly atLeast: number; readonly atMost: number },
  mark?: string,
): Finding {
  const requests = requestsAfter(evidence, device, mark);
  const range = typeof expected === 'number' ? { atLeast: expected, atMost: expected } : expected;
  const met = requests.length >= range.atLeast && requests.length <= range.atMost;
  return check(requirement, met, {
    expected: `${describeRange(range)} for ${device}${mark === undefined ? '' : ` after "${mark}"`}`,
    actual: countOf(requests.length),
    evidence: [...lastStimulus(evidence), ...requests.map((request) => request.seq)],
  });
}

/** No push for a device, all in all or after a step. */
export function noPush(
  evidence: Evidence,
  requirement: RequirementId,
  device: string,
  mark?: string,
): Finding {
  return { ...pushes(evidence, requirement, device, 0, mark), claimsAbsence: true };
}

/** That a device was told at all, by one push or several. */
export function pushed(
  evidence: Evidence,
  requirement: RequirementId,
  device: string,
  mark?: string,
): Finding {
  return pushes(evidence, requirement, device, { atLeast: 1, atMost: Number.POSITIVE_INFINITY }, mark);
}

/** No request for a device, not even for a sentinel: it is not registered. */
export function nothingAtAll(evidence: Evidence, requirement: RequirementId, device: string): Finding {
  const requests = evidence.allRequests.filter(({ subscription }) => subscription === device);
  return check(requirement, requests.length === 0, {
    expected: `no request for ${device}`,
    actual: countOf(requests.length),
    evidence: requests.map(({ seq }) => seq),
    claimsAbsence: true,
  });
}

/** The answer to the IQ that `actor` sent with this id. */
export function answerTo(evidence: Evidence, actor: string, id: string): RecordedStanza | undefined {
  return evidence
    .stanzas(actor, 'received')
    .find(({ element }) => element?.is('iq') && element.attrs.id === id && isAnswer(element));
}

/** That an IQ was answered with a result. */
export function result(evidence: Evidence, requirement: RequirementId, actor: string, id: string): Finding {
  const answer = answerTo(evidence, actor, id);
  return check(requirement, answer?.element?.attrs.type === 'result', {
    expected: `a result for the IQ ${id} of ${actor}`,
    actual: describeAnswer(answer),
    evidence: exchange(evidence, actor, id),
  });
}

/** That an IQ was answered with an error: any, or one of a type and one of some conditions. */
export function refusal(
  evidence: Evidence,
  requirement: RequirementId,
  actor: string,
  id: string,
  wanted: { readonly type?: string; readonly conditions?: readonly string[] } = {},
): Finding {
  const answer = answerTo(evidence, actor, id);
  const error = answer?.element?.attrs.type === 'error' ? answer.element.getChild('error') : undefined;
  const condition = error && conditionOf(error);
  const met =
    error !== undefined &&
    (wanted.type === undefined || error.attrs.type === wanted.type) &&
    (wanted.conditions === undefined || (condition !== undefined && wanted.conditions.includes(condition)));
  const wish = [wanted.type, wanted.conditions?.join(' or ')].filter(Boolean).join('/');
  return check(requirement, met, {
    expected: `an error${wish ? ` ${wish}` : ''} for the IQ ${id} of ${actor}`,
    actual: describeAnswer(answer),
    evidence: exchange(evidence, actor, id),
  });
}

/** The defined condition of a stanza error. */
export function conditionOf(error: Element): string | undefined {
  return error
    .getChildElements()
    .find((child) => child.getNS() === stanzaErrors && child.getName() !== 'text')
    ?.getName();
}

/** `seq` of an IQ with this id and of its answer. */
export function exchange(evidence: Evidence, actor: string, id: string): readonly number[] {
  return evidence
    .stanzas(actor)
    .filter(({ element }) => element?.is('iq') && element.attrs.id === id)
    .map(({ seq }) => seq);
}

function isAnswer(iq: Element): boolean {
  return iq.attrs.type === 'result' || iq.attrs.type === 'error';
}

function describeAnswer(answer: RecordedStanza | undefined): string {
  if (!answer?.element) return 'no answer';
  if (answer.element.attrs.type === 'result') return 'a result';
  const error = answer.element.getChild('error');
  return `an error ${error?.attrs.type ?? 'without type'}/${(error && conditionOf(error)) ?? 'without condition'}`;
}

function describeRange({ atLeast, atMost }: { readonly atLeast: number; readonly atMost: number }): string {
  if (atLeast === atMost) return countOf(atLeast);
  if (atMost === Number.POSITIVE_INFINITY) return `at least ${countOf(atLeast)}`;
  return `at least ${atLeast} and at most ${atMost} requests`;
}

function countOf(requests: number): string {
  if (requests === 0) return 'no request';
  return requests === 1 ? '1 request' : `${requests} requests`;
}

/** What was sent last before the fence: the thing that has pushed, or should have. */
export function lastStimulus(evidence: Evidence): readonly number[] {
  const last = evidence
    .stanzas(undefined, 'sent')
    .findLast(({ actor, element }) => !actor.startsWith('sentinel/') && element && isForSomebody(element));
  return last ? [last.seq] : [];
}

/** A message, presence for one JID alone, or an IQ for another client. */
function isForSomebody(stanza: Element): boolean {
  const to = String(stanza.attrs.to ?? '');
  return (
    stanza.is('message') || (stanza.is('presence') && to !== '') || (stanza.is('iq') && to.includes('/'))
  );
}
