import { openWithWebCrypto } from '../judge/open-with-webcrypto.js';
import { readVapid } from '../judge/token.js';
import { readKeys } from '../judge/user-agent-keys.js';
import type { Entry, Recorder, RequestEntry } from '../transcript/transcript.js';
import type { Browser } from './command.js';
import type { Disagreement, Model, ObservedPush } from './model.js';

/** Field of an answer that is held back, by which the record tells it from others. */
export const heldBack = 'x-held-back';

/** By what names and numbers the model knows what requests carry. */
interface Known {
  /** Roles by their bare JID. */
  readonly names: Map<string, string>;
  /** The application server keys that were advertised, in order; empty when nobody asked. */
  readonly serverKeys: string[];
}

export interface Watch extends Known {
  /** Requests so far. */
  seen(): number;
  look(): Promise<Disagreement | undefined>;
}

/** Tells the model of requests, in their order. */
export function createWatch(recorder: Recorder, model: Model): Watch {
  const requests: (RequestEntry & Entry)[] = [];
  let looked = 0;
  let wrong: Disagreement | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  const known: Known = { names: new Map(), serverKeys: [] };
  recorder.listen((entry) => {
    if (entry.kind === 'request') requests.push(entry);
  });

  const look = async (): Promise<Disagreement | undefined> => {
    while (looked < requests.length && !wrong) {
      const entry = requests[looked];
      looked += 1;
      if (entry) wrong = model.observe(await read(recorder, entry, known));
    }
    return wrong;
  };
  return {
    ...known,
    seen: () => requests.length,
    look(): Promise<Disagreement | undefined> {
      const next = turn.then(look);
      turn = next.catch(() => {});
      return next;
    },
  };
}

async function read(
  recorder: Recorder,
  entry: RequestEntry & Entry,
  { names, serverKeys }: Known,
): Promise<ObservedPush> {
  const browser = entry.subscription as Browser;
  const token = await readToken(entry, serverKeys);
  const since = sentSince(recorder, entry);
  const observed = { since, browser, at: entry.at, answer: answerIn(entry), ...(token ? { token } : {}) };
  const editions = recorder.transcript.entries.filter(
    (other) => other.kind === 'subscription' && other.name === browser,
  );
  const body = new Uint8Array(Buffer.from(entry.request.body, 'base64url'));
  for (const [index, edition] of [...editions.entries()].toReversed()) {
    if (edition.kind !== 'subscription') continue;
    const opening = await openWithWebCrypto(body, readKeys(edition));
    if (!opening.ok) continue;
    const payload = readPayload(opening.plaintext, names);
    return { ...observed, keys: index, ...(payload ? { payload } : {}) };
  }
  return observed;
}

/** Before the last move of the clock but one: the last may come when the request is still on its way, sent in the one before. */
function sentSince({ transcript }: Recorder, { seq, at }: Entry): number {
  const moves = transcript.entries.filter((entry) => entry.kind === 'clock' && entry.seq < seq);
  return moves.at(-2)?.at ?? at;
}

async function readToken(
  { request }: RequestEntry & Entry,
  serverKeys: readonly string[],
): Promise<ObservedPush['token'] | undefined> {
  const fields = request.headers.filter(([name]) => name.toLowerCase() === 'authorization');
  const { claims, key, verified } = await readVapid(fields.map(([, value]) => value));
  if (typeof claims?.exp !== 'number') return undefined;
  return {
    expires: claims.exp * 1000,
    isSigned: verified === true,
    ...(serverKeys.length > 0
      ? { keys: serverKeys.flatMap((one, place) => (one === key ? [place] : [])) }
      : {}),
  };
}

function answerIn({ answer }: RequestEntry): ObservedPush['answer'] {
  if (answer.type !== 'status') return 'reset';
  if (answer.headers?.[heldBack] === undefined) return answer.status;
  return answer.status === 404 ? 'held-404' : 'held-201';
}

function readPayload(
  plaintext: Uint8Array,
  names: ReadonlyMap<string, string>,
): ObservedPush['payload'] | undefined {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(plaintext).toString());
  } catch {
    return undefined;
  }
  if (typeof json !== 'object' || json === null) return undefined;
  const { account, from, kind, body } = json as Record<string, unknown>;
  return {
    account: names.get(String(account)) ?? String(account),
    from: names.get(String(from)) ?? 'somebody',
    isCall: kind === 'call',
    ...(typeof body === 'string' ? { text: body } : {}),
  };
}
