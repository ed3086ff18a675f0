import type { Element } from '@xmpp/xml';
import type {
  Entry,
  FenceEntry,
  RequestEntry,
  StanzaEntry,
  SubscriptionEntry,
  Transcript,
} from '../transcript/transcript.js';
import { diagnose } from './diagnose.js';
import type { Evidence, Examined, Opened, RecordedStanza } from './evidence.js';
import { JudgeError } from './judge-error.js';
import { openWithNoble } from './open-with-noble.js';
import { openWithWebCrypto } from './open-with-webcrypto.js';
import type { Opening } from './opening.js';
import { parseElement } from './parse-element.js';
import { readVapid } from './token.js';
import { readKeys } from './user-agent-keys.js';

export interface ExamineOptions {
  /**
   * Tells the message of a sentinel from others.
   *
   * @param payload what the plaintext is as JSON, undefined when it is none.
   * @param subscription name of the subscription it came for.
   */
  readonly isSentinel: (payload: unknown, subscription: string) => boolean;
}

/**
 * Takes a transcript apart: its stanzas parsed, its requests opened. The transcript is all it needs, so what was stored is judged
 * as what was just played.
 *
 * @throws {JudgeError} by the suite's own fault, never by the server's.
 */
export async function createEvidence(transcript: Transcript, options: ExamineOptions): Promise<Evidence> {
  const entries = [...transcript.entries];
  const allRequests: Examined[] = [];
  for (const entry of entries) {
    if (entry.kind === 'request') allRequests.push(await examineRequest(transcript, entry, options));
  }
  const stanzas = entries.flatMap((entry) => (entry.kind === 'stanza' ? [recordedStanza(entry)] : []));
  const fences = entries.filter((entry): entry is FenceEntry & Entry => entry.kind === 'fence');
  const sentinelsWereSent = fences.some(({ fence }) => fence === 'sentinel');
  return {
    case: transcript.case,
    entries,
    fences,
    allRequests,
    requests(name) {
      const own = allRequests.filter(
        ({ sentinel, subscription }) =>
          !sentinel && subscription !== undefined && (name === undefined || subscription === name),
      );
      const sealed = own.find(({ opened }) => !opened.ok);
      if (sentinelsWereSent && sealed && !sealed.opened.ok) {
        throw new JudgeError(
          'hidden',
          `request ${sealed.seq} may be a sentinel's, but it cannot be told: ${sealed.opened.reason}`,
        );
      }
      return own;
    },
    stanzas: (actor, direction) =>
      stanzas.filter(
        (stanza) =>
          (actor === undefined || stanza.actor === actor) &&
          (direction === undefined || stanza.direction === direction),
      ),
    mark(label) {
      const found = entries.find((entry) => entry.kind === 'mark' && entry.label === label);
      if (found) return found.seq;
      throw new JudgeError('unknown-mark', `the case ${transcript.case} has no step "${label}"`);
    },
  };
}

const known = new WeakMap<RequestEntry, Promise<Examined>>();

/**
 * One request, opened. The same entry is only ever opened once.
 *
 * @param transcript what was recorded up to the request at least.
 */
export function examineRequest(
  transcript: Transcript,
  entry: RequestEntry & Entry,
  options: ExamineOptions,
): Promise<Examined> {
  const before = known.get(entry);
  if (before) return before;
  const examined = examine(transcript, entry, options);
  known.set(entry, examined);
  return examined;
}

async function examine(
  transcript: Transcript,
  entry: RequestEntry & Entry,
  { isSentinel }: ExamineOptions,
): Promise<Examined> {
  const { seq, at, request, answer, subscription } = entry;
  const body = new Uint8Array(Buffer.from(request.body, 'base64url'));
  const editions = subscription === undefined ? [] : editionsOf(transcript, entry, subscription);
  const coding = readCoding(body);
  const fields = request.headers.flatMap(([name, value]) => (/^authorization$/i.test(name) ? [value] : []));
  const endpoint = editions[0]?.endpoint;
  const [current] = editions;
  const glimpse = current && request.complete ? openWithNoble(body, readKeys(current)) : undefined;
  const seen = glimpse?.ok ? openedWith(glimpse, 'current') : undefined;
  // No judge looks at a sentinel, so one opinion is enough for it, and half of a run's requests are sentinels.
  const sentinel = seen !== undefined && subscription !== undefined && isSentinel(seen.json, subscription);
  return {
    seq,
    at,
    request,
    answer,
    body,
    opened: sentinel ? seen : await open(transcript, entry, body, editions, glimpse),
    vapid: await readVapid(fields),
    sentinel,
    ...(subscription === undefined ? {} : { subscription }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(answer.type === 'status' ? { status: answer.status } : {}),
    ...(coding ? { coding } : {}),
  };
}

/** The keys a subscription had up to a request, newest first. */
function editionsOf(
  transcript: Transcript,
  { seq, request }: RequestEntry & Entry,
  name: string,
): readonly SubscriptionEntry[] {
  const all = subscriptionsBefore(transcript, seq).filter((entry) => entry.name === name);
  // One device may have had several endpoints.
  const same = all.filter(({ endpoint }) => endpoint.endsWith(request.target));
  return (same.length > 0 ? same : all).toReversed();
}

function subscriptionsBefore({ entries }: Transcript, seq: number): readonly SubscriptionEntry[] {
  return entries.filter(
    (entry): entry is SubscriptionEntry & Entry => entry.kind === 'subscription' && entry.seq < seq,
  );
}

function readCoding(body: Uint8Array): Examined['coding'] {
  const length = body[20];
  if (length === undefined || body.length < 21 + length) return undefined;
  const view = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return { salt: body.slice(0, 16), recordSize: view.readUInt32BE(16), keyid: body.slice(21, 21 + length) };
}

async function open(
  transcript: Transcript,
  { request, seq }: RequestEntry & Entry,
  body: Uint8Array,
  editions: readonly SubscriptionEntry[],
  glimpse: Opening | undefined,
): Promise<Opened> {
  const [current] = editions;
  if (!current) {
    return {
      ok: false,
      fault: 'unattributed',
      reason: 'nobody was given this endpoint, so there are no keys to open it',
    };
  }
  if (!request.complete) {
    return {
      ok: false,
      fault: 'incomplete',
      reason: `the request ended after ${body.length} octets of its body`,
    };
  }
  if (body.length === 0) return { ok: false, fault: 'no-body', reason: 'the request has no body' };
  let stage: Extract<Opening, { ok: false }>['stage'] | undefined;
  for (const edition of editions) {
    const opening = await openTwice(body, edition, seq, edition === current ? glimpse : undefined);
    if (opening.ok) return openedWith(opening, edition === current ? 'current' : 'replaced');
    // Keys that authenticate it are the ones it was meant for.
    if (opening.stage === 'delimiter') {
      return { ok: false, ...diagnose(body, 'delimiter', readKeys(edition), []) };
    }
    stage ??= opening.stage;
  }
  const others = subscriptionsBefore(transcript, seq).map((entry) => ({
    name: entry.name,
    keys: readKeys(entry),
  }));
  return { ok: false, ...diagnose(body, stage ?? 'seal', readKeys(current), others) };
}

type Success = Extract<Opened, { ok: true }>;

function openedWith({ plaintext, padding }: Extract<Opening, { ok: true }>, keys: Success['keys']): Success {
  return { ok: true, plaintext, padding, keys, ...readJson(plaintext) };
}

async function secondOpinion(body: Uint8Array, edition: SubscriptionEntry): Promise<Opening> {
  return openWithWebCrypto(body, readKeys(edition)).catch((cause) => {
    throw new JudgeError('broken-transcript', `WebCrypto does not take the keys of ${edition.name}`, {
      cause,
    });
  });
}

/** @param glimpse what @noble says, if it was asked before. */
async function openTwice(
  body: Uint8Array,
  edition: SubscriptionEntry,
  seq: number,
  glimpse?: Opening,
): Promise<Opening> {
  const first = glimpse ?? openWithNoble(body, readKeys(edition));
  const second = await secondOpinion(body, edition);
  if (sameOpening(first, second)) return first;
  throw new JudgeError(
    'judges-disagree',
    `request ${seq}: @noble says ${describe(first)}, WebCrypto says ${describe(second)}`,
  );
}

/** Whether two implementations came to the same result. */
export function sameOpening(first: Opening, second: Opening): boolean {
  return describe(first) === describe(second);
}

/** All that there is to say of it. */
function describe(opening: Opening): string {
  if (!opening.ok) return `it fails at its ${opening.stage}`;
  return `it opens to ${Buffer.from(opening.plaintext).toString('base64url')} and ${opening.padding} octets of padding`;
}

function readJson(plaintext: Uint8Array): { readonly json?: unknown } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plaintext);
    return { json: JSON.parse(text) };
  } catch {
    return {};
  }
}

function recordedStanza({ seq, at, actor, direction, xml }: StanzaEntry & Entry): RecordedStanza {
  let parsed: { readonly element: Element | undefined } | undefined;
  return {
    seq,
    at,
    actor,
    direction,
    xml,
    get element() {
      parsed ??= { element: parseElement(xml) };
      return parsed.element;
    },
  };
}
