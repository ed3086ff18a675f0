import type { Element } from '@xmpp/xml';
import { createClock } from '../../clock/clock.js';
import type { EngineEvent } from '../../engine/events.js';
import type { Accounts } from '../accounts.js';
import { openDatabase } from '../database.js';
import type { ClientStream, StreamCondition, StreamEnd } from '../stream/stream.js';
import { type AccountLimits, createSessionLayer, DEFAULT_ACCOUNT_LIMITS } from './layer.js';
import { attribute, CLIENT, parseElement } from './stanza.js';

/** A client at the other end of a stream that exists in memory only. */
export interface FakeClient {
  readonly jid: string;
  /** What the server sent and `take` did not hand out yet. */
  readonly received: Element[];
  readonly ended: { readonly end: StreamEnd; readonly condition?: StreamCondition } | undefined;
  /** Parses and sends. */
  write(text: string): void;
  /** All that was received, or what is named so. */
  take(name?: string): Element[];
  /** Sends an IQ and hands out its answer. */
  ask(text: string): Element;
  /** The connection breaks. */
  lose(): void;
  /** The client closes its stream. */
  close(): void;
}

/** Sessions over streams in memory, with a clock that stands still and a record of what the engine is told. */
export function createStand(limits: Partial<AccountLimits> = {}, queueSize = 100) {
  const clock = createClock(() => Date.UTC(2026, 0, 1));
  const events: EngineEvent[] = [];
  const problems: unknown[] = [];
  const known = new Set(['romeo@a.example', 'juliet@a.example', 'nurse@a.example', 'romeo@b.example']);
  const accounts: Accounts = {
    exists: (domain, localpart) => known.has(`${localpart}@${domain}`),
    create: async (domain, localpart) => {
      known.add(`${localpart}@${domain}`);
      return localpart;
    },
    setPassword: async () => {},
    remove: (domain, localpart) => known.delete(`${localpart}@${domain}`),
    verifyPassword: async () => undefined,
    scramCredentials: () => {
      throw new Error('streams in memory are authenticated already');
    },
  };
  const database = openDatabase(':memory:');
  const layer = createSessionLayer({
    domains: ['a.example', 'b.example'],
    roomsDomain: 'rooms.a.example',
    database,
    accounts,
    clock,
    management: { ackDelay: 30_000, resumeWindow: 600_000, queueSize },
    limits: { ...DEFAULT_ACCOUNT_LIMITS, ...limits },
    engineOf: () => ({
      handle: (event) => {
        events.push(event);
      },
      disco: () => ({ features: ['urn:xmpp:webpush:0'], forms: [] }),
    }),
    report: (problem) => problems.push(problem),
  });
  let streams = 0;
  let requests = 0;

  /** An authenticated stream without a resource. */
  const open = (account: string, resource = ''): FakeClient => {
    const [localpart = '', domain = ''] = account.split('@');
    let ended: FakeClient['ended'];
    const received: Element[] = [];
    const end = (how: StreamEnd, condition?: StreamCondition) => {
      if (ended) return;
      ended = condition === undefined ? { end: how } : { end: how, condition };
      stream.onEnd(how);
    };
    const stream: ClientStream = {
      id: `stream-${++streams}`,
      localpart,
      domain,
      lang: undefined,
      onElement: () => {},
      onEnd: () => {},
      established: () => {},
      send: (element) => {
        if (!ended) received.push(parseElement(element.toString()));
      },
      close: (condition) => end(condition === undefined ? 'closed' : 'lost', condition),
    };
    layer.onStream(stream);
    const write = (text: string) => stream.onElement(parseElement(text));
    const take = (name?: string) => {
      const taken = received.filter((element) => name === undefined || element.getName() === name);
      for (const element of taken) received.splice(received.indexOf(element), 1);
      return taken;
    };
    return {
      jid: resource === '' ? account : `${account}/${resource}`,
      received,
      get ended() {
        return ended;
      },
      write,
      take,
      ask(text) {
        const id = `ask-${++requests}`;
        write(text.replace(/^<iq /, `<iq xmlns='${CLIENT}' id='${id}' `));
        const answer = received.find((element) => attribute(element, 'id') === id);
        if (!answer) throw new Error(`no answer to ${text}`);
        received.splice(received.indexOf(answer), 1);
        return answer;
      },
      lose: () => end('lost'),
      close: () => end('closed'),
    };
  };

  /** A bound resource; available unless `priority` is null. */
  const connect = (jid: string, priority: number | null = 0): FakeClient => {
    const [account = '', resource = ''] = jid.split('/');
    const client = open(account, resource);
    client.ask(
      `<iq type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>${resource}</resource></bind></iq>`,
    );
    if (priority !== null)
      client.write(`<presence xmlns='${CLIENT}'><priority>${priority}</priority></presence>`);
    client.take();
    return client;
  };

  return {
    layer,
    clock,
    problems,
    database,
    open,
    connect,
    /** The engine's events since the last call, of one type or all. */
    takeEvents<Type extends EngineEvent['type']>(type: Type): Extract<EngineEvent, { type: Type }>[] {
      const taken = events.filter(
        (event): event is Extract<EngineEvent, { type: Type }> => event.type === type,
      );
      for (const event of taken) events.splice(events.indexOf(event), 1);
      return taken;
    },
    events,
  };
}

/** A chat message as a client writes it. */
export const chat = (to: string, body: string, further = '') =>
  `<message xmlns='${CLIENT}' type='chat' to='${to}' id='m-${body}'><body>${body}</body>${further}</message>`;

/** The bodies of messages, in order. */
export const bodies = (messages: readonly Element[]) =>
  messages.map((message) => message.getChildText('body'));

/** The condition of an error stanza. */
export const condition = (stanza: Element | undefined) =>
  stanza?.getChild('error')?.getChildElements()[0]?.getName();
