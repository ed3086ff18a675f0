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
 * is shown, and messages whose push is shown; everything else is passed over.
 */
export function planPlay(document: SpecDocument): readonly Step[] {
  const scenes = scenesOf(document);
  return scenes.flatMap((scene, index): readonly Step[] => {
    if (scene.type !== 'stanza') return [];
    const later = scenes.slice(index + 1);
    const step =
      scene.stanza.local === 'iq' ? requestStep(scene.stanza, later) : pushStep(scene.stanza, later);
    return step ? [step] : [];
  });
}

function scenesOf(document: SpecDocument): readonly Scene[] {
  return parsedExamples(document).parsed.flatMap((parsed): readonly Scene[] => {
    if ('roots' in parsed) return parsed.roots.filter(isStanza).map((stanza) => ({ type: 'stanza', stanza }));
    if (parsed.kind === 'http') return [{ type: 'http', message: parsed.message }];
    if (parsed.kind === 'json' && isObject(parsed.value) && 'v' in parsed.value)
      return [{ type: 'payload', value: parsed.value, example: parsed.example }];
    return [];
  });
}

function requestStep(iq: XmlNode, later: readonly Scene[]): RequestStep | undefined {
  const type = attribute(iq, 'type')?.value;
  const client = attribute(iq, 'from')?.value;
  const namespace = iq.children[0]?.namespace;
  if (type !== 'get' && type !== 'set') return undefined;
  if (namespace !== WEBPUSH && namespace !== DISCO) return undefined;
  if (client === undefined || !isFullJid(client)) return undefined;
  const id = attribute(iq, 'id')?.value;
  const next = later.find((scene) => scene.type === 'stanza' && attribute(scene.stanza, 'id')?.value === id);
  if (next?.type !== 'stanza' || !['result', 'error'].includes(attribute(next.stanza, 'type')?.value ?? ''))
    return undefined;
  return { type: 'request', client, iq, answer: next.stanza };
}

function pushStep(message: XmlNode, later: readonly Scene[]): PushStep | undefined {
  const sender = attribute(message, 'from')?.value;
  if (message.local !== 'message' || sender === undefined || !isFullJid(sender)) return undefined;
  const end = later.findIndex(({ type }) => type === 'stanza');
  const own = end === -1 ? later : later.slice(0, end);
  const [first, ...rest] = own;
  if (first?.type !== 'http' || first.message.start.type !== 'request') return undefined;
  const payload = rest.find((scene) => scene.type === 'payload');
  const answer = rest.find((scene) => scene.type === 'http');
  const status =
    answer?.type === 'http' && answer.message.start.type === 'response' ? answer.message.start.status : 201;
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
