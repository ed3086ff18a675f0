import xml, { type Element } from '@xmpp/xml';
import { TargetFault } from '../target/fault.js';
import type { Recorder, StreamEntry } from '../transcript/transcript.js';
import type { Actor, ConnectOptions, Credentials, XmppAddress } from './actor.js';
import { createMailbox } from './mailbox.js';
import { bindResource, conditionOf, isStanza, openSession, type SessionEnd } from './session.js';
import { createStreamManagement, SM, type StreamManagement } from './stream-management.js';
import type { Wait } from './waits.js';

export interface ActorSetting {
  readonly address: XmppAddress;
  readonly credentials: Credentials;
  /** Role and resource, `juliet/phone`. */
  readonly name: string;
  readonly recorder: Recorder;
  /** Milliseconds after which a wait ends. */
  readonly patience: number;
}

/**
 * Logs a client in: TLS, SASL, resource binding, then stream management, carbons and presence as asked. When it resolves
 * the server has processed all of that, presence only if that is to be waited for.
 *
 * @throws TargetFault what the server did in place of the step that was due. Nothing is left open then.
 */
export async function connectActor(setting: ActorSetting, options: ConnectOptions): Promise<Actor> {
  const { credentials, name, recorder } = setting;
  const transport = options.transport ?? 'tcp';
  const mailbox = createMailbox();
  const endWaits = new Set<Wait<string | undefined>>();
  let session = await openSession({ ...setting, domain: credentials.domain }, transport);
  let ended: SessionEnd | 'by this side' | undefined;
  let management: StreamManagement | undefined;
  let exchange: { readonly wait: Wait<Element>; readonly answers: readonly string[] } | undefined;
  let acknowledging = true;
  let asked = false;
  let ids = 0;

  const note = (event: StreamEntry['event'], detail?: string) => {
    recorder.record({ kind: 'stream', actor: name, event, ...(detail === undefined ? {} : { detail }) });
  };

  const put = (element: Element): Promise<void> => {
    if (transport === 'websocket' && isStanza(element)) element.attrs.xmlns ??= 'jabber:client';
    return session.write(element.toString());
  };

  const acknowledge = async () => {
    if (management === undefined) return;
    asked = false;
    await put(management.acknowledgement());
  };

  const onElement = (element: Element) => {
    if (isStanza(element)) {
      management?.received();
      mailbox.deliver(element);
      const { type } = element.attrs;
      if (element.is('iq') && (type === 'get' || type === 'set')) session.answer(element);
      return;
    }
    if (element.getNS() !== SM) return;
    if (element.is('r')) {
      asked = true;
      if (acknowledging) acknowledge().catch(() => {});
    } else if (element.is('a')) {
      management?.acknowledged(element.attrs.h);
    } else if (exchange?.answers.includes(element.getName())) {
      // At once, not when whoever waits comes to it: the next stanza counts already.
      if (element.is('enabled')) management = createStreamManagement(element);
      exchange.wait.resolve(element);
      exchange = undefined;
    }
  };

  const onEnd = (end: SessionEnd) => {
    ended = end;
    const broken = end.fault !== undefined;
    note(broken ? 'lost' : 'ended-by-server', end.detail);
    for (const wait of endWaits) settleEnd(wait, end);
    endWaits.clear();
  };

  /** Listens to the session and authenticates on it. */
  const enter = async () => {
    session.onElement = onElement;
    session.onEnd = onEnd;
    session.onStanzaSent = (text) => management?.sent(text);
    await session.authenticate(credentials, options.mechanism ?? 'PLAIN');
  };

  const say = (element: Element, ...answers: string[]): Promise<Element> => {
    const wait = session.waits.start<Element>(`answer to <${element.name}/>`);
    exchange = { wait, answers };
    put(element).catch(wait.reject);
    return wait.promise;
  };

  const request = (iq: Element): Promise<Element> => {
    iq.attrs.id ??= `${name.replace(/[^a-z0-9]+/gi, '-')}-${++ids}`;
    const { id } = iq.attrs;
    const payload = iq.getChildElements()[0]?.name ?? 'nothing';
    const wait = session.waits.start<Element>(`answer to iq ${id} with <${payload}/>`);
    mailbox.answer(wait, id);
    put(iq).catch(wait.reject);
    return wait.promise;
  };

  const ping = async () => {
    await request(
      xml('iq', { type: 'get', to: credentials.domain }, xml('ping', { xmlns: 'urn:xmpp:ping' })),
    );
  };

  const enableManagement = async (resumable: boolean) => {
    if (session.features.getChild('sm', SM) === undefined) {
      throw new TargetFault('refused', `${name}: the server offers no stream management (${SM})`);
    }
    const answer = await say(
      xml('enable', { xmlns: SM, ...(resumable ? { resume: 'true' } : {}) }),
      'enabled',
      'failed',
    );
    if (management === undefined || (resumable && management.id === undefined)) {
      throw new TargetFault(
        'refused',
        `${name}: ${resumable ? 'resumable ' : ''}stream management was answered with ${answer.toString().slice(0, 200)}`,
      );
    }
  };

  const login = async (): Promise<string> => {
    await enter();
    const fullJid = await bindResource(name, options.resource, request);
    note('connected', transport);
    const { streamManagement = 'none', presence = 0 } = options;
    if (streamManagement !== 'none') await enableManagement(streamManagement === 'resumable');
    if (options.carbons === true) {
      const answer = await request(
        xml('iq', { type: 'set' }, xml('enable', { xmlns: 'urn:xmpp:carbons:2' })),
      );
      if (answer.attrs.type === 'error') {
        throw new TargetFault('refused', `${name}: the server refused carbons: ${conditionOf(answer)}`);
      }
    }
    if (presence !== 'none') {
      const priority = presence === 0 ? [] : [xml('priority', {}, String(presence))];
      await put(xml('presence', {}, ...priority));
      if (options.awaitPresence ?? true) await ping();
    }
    return fullJid;
  };

  const lose = async () => {
    if (ended !== undefined) return;
    ended = 'by this side';
    note('lost', 'on purpose');
    await session.lose();
  };

  const close = async () => {
    if (ended !== undefined) return;
    if (management !== undefined && acknowledging) acknowledge().catch(() => {});
    ended = 'by this side';
    await session.close();
    note('closed');
  };

  let fullJid: string;
  try {
    fullJid = await login();
  } catch (error) {
    await session.lose();
    throw error;
  }

  return {
    name,
    fullJid,
    bareJid: `${credentials.localpart}@${credentials.domain}`,
    get features() {
      return session.features;
    },
    async send(stanza) {
      const wait = session.waits.start<void>(`room to send <${stanza.name}/>`);
      put(stanza).then(wait.resolve, wait.fail);
      await wait.promise;
    },
    request,
    receive(what, matches) {
      const wait = session.waits.start<Element>(what);
      mailbox.receive(wait, matches);
      return wait.promise;
    },
    ping,
    async setActive(active) {
      await put(xml(active ? 'active' : 'inactive', { xmlns: 'urn:xmpp:csi:0' }));
    },
    acknowledge(answer) {
      acknowledging = answer;
      if (answer && asked) acknowledge().catch(() => {});
    },
    lose,
    async resume() {
      if (management?.id === undefined)
        throw new Error(`${name} was not connected with streamManagement: 'resumable'`);
      if (ended === undefined) throw new Error(`${name} is still connected: lose() comes before resume()`);
      session = await openSession({ ...setting, domain: credentials.domain }, transport);
      ended = undefined;
      asked = false;
      try {
        await enter();
        const answer = await say(management.resumption(), 'resumed', 'failed');
        if (answer.is('failed')) {
          note('resume-refused', conditionOf(answer));
          await close();
          return 'refused';
        }
        management.acknowledged(answer.attrs.h);
        note('resumed');
        for (const stanza of management.takeUnacknowledged()) await session.write(stanza);
        return 'resumed';
      } catch (error) {
        ended ??= 'by this side';
        await session.lose();
        throw error;
      }
    },
    close,
    ended() {
      const end = ended;
      if (end !== undefined && end !== 'by this side') {
        return new Promise((resolve, reject) => settleEnd({ resolve, reject }, end));
      }
      const wait = session.waits.start<string | undefined>('end of the stream by the server');
      if (end === undefined) endWaits.add(wait);
      return wait.promise;
    },
  };
}

/** A connection that breaks off has ended too; one that was cut for what came over it has not been ended by the server. */
function settleEnd(
  { resolve, reject }: Pick<Wait<string | undefined>, 'resolve' | 'reject'>,
  { fault, condition }: SessionEnd,
): void {
  if (fault !== undefined && fault.code !== 'connection-lost') reject(fault);
  else resolve(condition);
}
