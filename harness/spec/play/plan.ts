import type { Example, SpecDocument } from '../document.js';
import type { HttpMessage, XmlNode } from '../example.js';
import { isStanza, parsedExamples } from '../examples/parse.js';
import { attribute } from '../examples/structure.js';
import { isObject, WEBPUSH } from '../webpush/subscriptions.js';

/** A request of a client and the answer that the document shows. */
export interface RequestStep {
  readonly type: 'request';
  /** Full JID of the client. */
  readonly client: string;
  readonly iq: XmlNode;
  readonly answer: XmlNode;
}

/** A message for an account that is offline, and the push that it causes. */
export interface PushStep {
  readonly type: 'push';
  /** Full JID of who sends. */
  readonly sender: string;
  readonly message: XmlNode;
  readonly request: HttpMessage;
  /** What the body holds, when the document shows it. */
  readonly payload:
    | { readonly value: Readonly<Record<string, unknown>>; readonly example: Example }
    | undefined;
  /** What the push service answers; 201 when the document does not show it. */
  readonly status: number;
}

/** A request on Web Push that cannot be played. */
export interface SkippedStep {
  readonly type: 'skipped';
  readonly iq: XmlNode;
  readonly reason: string;
}

export type Step = RequestStep | PushStep;

type Scene =
  | { readonly type: 'stanza'; readonly stanza: XmlNode }
  | { readonly type: 'http'; readonly message: HttpMessage }
  | {
      readonly type: 'payload';
      readonly value: Readonly<Record<string, unknown>>;
      readonly example: Example;
    };

const DISCO = 'http://jabber.org/protocol/disco#info';

/**
 * What of a document can be played: it is a story, told in its order. Requests on Web Push or for disco#info whose answer
 * is shown, and messages whose push is shown. Why a request on Web Push is not among them is told; everything else is
 * passed over.
 */
export function planPlay(document: SpecDocument): readonly (Step | SkippedStep)[] {
  const scenes = scenesOf(document);
  const asked = new Set(
    scenes.flatMap((scene) =>
      scene.type === 'stanza' && isRequest(scene.stanza) ? [idOf(scene.stanza)] : [],
    ),
  );
  return scenes.flatMap((scene, index): readonly (Step | SkippedStep)[] => {
    if (scene.type !== 'stanza') return [];
    const later = scenes.slice(index + 1);
    const step =
      scene.stanza.local === 'iq' ? requestStep(scene.stanza, later, asked) : pushStep(scene.stanza, later);
    return step ? [step] : [];
  });
}

function scenesOf(document: SpecDocument): readonly Scene[] {
  return parsedExamples(document).parsed.flatMap((parsed): readonly Scene[] => {
    if ('roots' in parsed) return parsed.roots.filter(isStanza).map((stanza) => ({ type: 'stanza', stanza }));
    if (parsed.kind === 'http') return [{ type: 'http', message: parsed.message }];
    if (parsed.kind === 'json' && isObject(parsed.value) && isPayload(parsed.value))
      return [{ type: 'payload', value: parsed.value, example: parsed.example }];
    return [];
  });
}

/** Recognisable although a member is missing. */
function isPayload(value: Readonly<Record<string, unknown>>): boolean {
  return 'v' in value || 'kind' in value || 'account' in value;
}

function requestStep(
  iq: XmlNode,
  later: readonly Scene[],
  asked: ReadonlySet<string | undefined>,
): RequestStep | SkippedStep | undefined {
  const client = attribute(iq, 'from')?.value;
  const namespace = iq.children[0]?.namespace;
  if (!isRequest(iq) || (namespace !== WEBPUSH && namespace !== DISCO)) return undefined;
  const skipped = (reason: string): SkippedStep | undefined =>
    namespace === WEBPUSH ? { type: 'skipped', iq, reason } : undefined;
  if (client === undefined) return skipped('it does not say from which client it is');
  if (!isFullJid(client)) return skipped(`${client} is no full JID of a client`);
  if (iq.elided || iq.children.some(({ elided }) => elided)) return skipped('a part of it is left out');
  const answer = answerTo(iq, later, asked);
  return answer ? { type: 'request', client, iq, answer } : skipped('no answer to it is shown');
}

/** The next answer with the same id; or else the very next one if its id is that of no request, which is a slip. */
function answerTo(
  iq: XmlNode,
  later: readonly Scene[],
  asked: ReadonlySet<string | undefined>,
): XmlNode | undefined {
  const stanzas = later.flatMap((scene) => (scene.type === 'stanza' ? [scene.stanza] : []));
  const sameId = stanzas.find((stanza) => stanza.local === 'iq' && idOf(stanza) === idOf(iq));
  if (sameId) return isAnswer(sameId) ? sameId : undefined;
  const [next] = stanzas;
  return next && isAnswer(next) && !asked.has(idOf(next)) ? next : undefined;
}

function isRequest(iq: XmlNode): boolean {
  return iq.local === 'iq' && ['get', 'set'].includes(attribute(iq, 'type')?.value ?? '');
}

function isAnswer(iq: XmlNode): boolean {
  return iq.local === 'iq' && ['result', 'error'].includes(attribute(iq, 'type')?.value ?? '');
}

function idOf(iq: XmlNode): string | undefined {
  return attribute(iq, 'id')?.value;
}

function pushStep(message: XmlNode, later: readonly Scene[]): PushStep | undefined {
  const sender = attribute(message, 'from')?.value;
  if (message.local !== 'message' || sender === undefined || !isFullJid(sender)) return undefined;
  const end = later.findIndex(({ type }) => type === 'stanza');
  const own = end === -1 ? later : later.slice(0, end);
  const [first, ...rest] = own;
  if (first?.type !== 'http' || first.message.start.type !== 'request') return undefined;
  const payload = rest.find((scene) => scene.type === 'payload');
  const [status = 201] = rest.flatMap((scene) =>
    scene.type === 'http' && scene.message.start.type === 'response' ? [scene.message.start.status] : [],
  );
  return {
    type: 'push',
    sender,
    message,
    request: first.message,
    payload: payload?.type === 'payload' ? payload : undefined,
    status,
  };
}

function isFullJid(jid: string): boolean {
  return /^[^@/]+@[^@/]+\/.+$/.test(jid);
}
