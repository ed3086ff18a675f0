import { EventEmitter } from 'node:events';
import { client } from '@xmpp/client';
import xml, { Element } from '@xmpp/xml';
import { TargetFault } from '../target/fault.js';
import type { Recorder } from '../transcript/transcript.js';
import type { ConnectOptions, Credentials, XmppAddress } from './actor.js';
import { createReader } from './reader.js';
import { createWaits, type Wait, type Waits } from './waits.js';
import { openWire, type Wire } from './wire.js';

const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
const BIND = 'urn:ietf:params:xml:ns:xmpp-bind';
/** Every namespace of error conditions begins like this: `…-stanzas`, `…-streams`, `…-sasl`. */
const CONDITIONS = 'urn:ietf:params:xml:ns:xmpp-';
/** A server may ask for any number of rounds; the library would walk them all. */
const MOST_ITERATIONS = 100_000;

export interface Connecting {
  readonly address: XmppAddress;
  readonly domain: string;
  /** Role and resource, as it stands in the transcript. */
  readonly name: string;
  /** Absent: nothing is recorded. */
  readonly recorder?: Recorder;
  /** Milliseconds for each wait. */
  readonly patience: number;
}

/** How the server's side of a stream ended. */
export interface SessionEnd {
  /** Absent when the server closed the stream or the connection in order. */
  readonly fault?: TargetFault;
  /** Condition of the stream error, if there was one. */
  readonly condition?: string;
  /** In words. */
  readonly detail: string;
}

/** One XML stream over one connection, encrypted; authenticated once that has been asked for. */
export interface Session {
  readonly waits: Waits;
  /** Stream features as last advertised. */
  readonly features: Element;
  /** Everything at the top level of the stream after the features, in order. */
  onElement: (element: Element) => void;
  /** Once, unless this side ended the session. */
  onEnd: (end: SessionEnd) => void;
  /** Every stanza that leaves, also the answers the client library gives. */
  onStanzaSent: (xml: string) => void;
  /** SASL with the client library, and the new stream after it. */
  authenticate(credentials: Credentials, mechanism: NonNullable<ConnectOptions['mechanism']>): Promise<void>;
  write(xml: string): Promise<void>;
  /** Hands an IQ request of the server to the client library to be answered. */
  answer(iq: Element): void;
  /** Ends the stream and waits until the server has ended it too. */
  close(): Promise<void>;
  /** Cuts the connection. */
  lose(): Promise<void>;
  /** Gives up reading elements: what comes from now on goes to `onText`. */
  release(onText: (text: string) => void): Wire;
}

/** The part of the client library that is used: its stream headers, SASL, and answers to the server's IQs. */
interface Library extends EventEmitter {
  timeout: number;
  transports: readonly LibraryTransport[];
  readonly reconnect: { stop(): void };
  readonly iqCallee: {
    get(ns: string, name: string, handler: () => unknown): void;
    set(ns: string, name: string, handler: () => unknown): void;
  };
  _findTransport(service: string): LibraryTransport | undefined;
  connect(service: string): Promise<void>;
  open(options: { readonly domain: string }): Promise<unknown>;
}

interface LibraryTransport {
  new (): object;
  readonly prototype: object;
}

/**
 * Connects and opens the stream as far as its features.
 *
 * The client library runs the stream, but over a connection and a parser of ours: only they can trust the run's
 * authority, count octets before they are kept, and leave no timer behind. It is shown nothing but what it is to act on;
 * stream management, redirection and reconnecting are not among that.
 *
 * @throws TargetFault what `openWire` throws, or what the server did in place of opening a stream.
 */
export async function openSession(connecting: Connecting, transport: 'tcp' | 'websocket'): Promise<Session> {
  const { domain, name, patience } = connecting;
  const waits = createWaits(name, patience);
  const trace = tracer(connecting);
  const wire = await openWire({ address: connecting.address, domain, transport, waits, trace });
  const service = transport === 'websocket' ? 'wss://target' : 'xmpp://target';
  const footer =
    transport === 'websocket' ? '<close xmlns="urn:ietf:params:xml:ns:xmpp-framing"/>' : '</stream:stream>';

  let features: Element | undefined;
  let featuresWait: Wait<Element> | undefined;
  let secrets: { readonly username: string; readonly password: string } | undefined;
  let mechanism = '';
  let state: 'open' | 'closing' | 'ended' = 'open';
  let condition: string | undefined;
  let onText: ((text: string) => void) | undefined;
  let closing: Wait<void> | undefined;

  const write = (text: string): Promise<void> => {
    if (state !== 'open')
      return Promise.reject(new TargetFault('connection-lost', `${name}: the stream has ended`));
    trace('sent', text);
    if (STANZA.test(text)) session.onStanzaSent(text);
    return wire.write(text);
  };

  /** The server's side is over. */
  const end = (end: SessionEnd) => {
    if (state === 'ended') return;
    const wanted = state === 'closing';
    state = 'ended';
    closing?.resolve();
    void wire.finish();
    if (!wanted) session.onEnd(end);
    waits.end(end.fault ?? new TargetFault('connection-lost', end.detail));
  };
  const endedBy = (fault: TargetFault) => {
    void wire.destroy();
    end({ fault, detail: fault.message, ...(condition === undefined ? {} : { condition }) });
  };
  const endedInOrder = (detail: string) => {
    if (state === 'open') {
      trace('sent', footer);
      wire.write(footer).catch(() => {});
    }
    end({
      detail: condition === undefined ? detail : `stream error ${condition}`,
      ...(condition === undefined ? {} : { condition }),
    });
  };

  const onElement = (element: Element) => {
    trace('received', element.toString());
    if (element.is('error', 'http://etherx.jabber.org/streams')) {
      condition = conditionOf(element);
      endedInOrder('stream error');
    } else if (element.is('features', 'http://etherx.jabber.org/streams')) {
      features = element;
      featuresWait?.resolve(element);
    } else if (element.is('failure', SASL)) {
      const reason = conditionOf(element);
      featuresWait?.reject(
        new TargetFault('authentication-refused', `${name}: the server refused ${mechanism}: ${reason}`),
      );
    } else if (element.getNS() === SASL) {
      if (iterations(element) <= MOST_ITERATIONS) parser.emit('element', element);
      else endedBy(new TargetFault('flood', `SCRAM with more than ${MOST_ITERATIONS} iterations`));
    } else session.onElement(element);
  };

  let parser = new EventEmitter();
  let reader: ReturnType<typeof createReader> | undefined;
  class Parser extends EventEmitter {
    constructor() {
      super();
      parser = this;
      reader = createReader(transport === 'websocket' ? 'framed' : 'stream', {
        opened: (header) => {
          trace('received', transport === 'tcp' ? header.toString().replace(/\/>$/, '>') : header.toString());
          this.emit('start', header);
        },
        element: (element) => {
          if (state !== 'ended') onElement(element);
        },
        closed: () => {
          trace('received', footer);
          endedInOrder('the server closed the stream');
        },
        failed: endedBy,
      });
    }
  }
  class Channel extends EventEmitter {
    readonly secure = true;
    connect() {
      process.nextTick(() => this.emit('connect'));
    }
    write(text: string, written: (error?: Error) => void) {
      // Told at once: the library only listens for the answer after that, and the answer may be quick.
      write(text).catch(() => {});
      written();
    }
    end() {}
  }

  const library = client({
    service,
    domain,
    credentials: async (authenticate) => {
      if (secrets === undefined) return;
      await (authenticate as (credentials: object, mechanism: string) => Promise<void>)(secrets, mechanism);
    },
  }) as unknown as Library;
  library.reconnect.stop();
  library.timeout = 0;
  library.transports = [overChannel(library._findTransport(service), Channel, Parser)];
  library.on('error', (error: Error) => {
    featuresWait?.reject(
      error instanceof TargetFault
        ? error
        : new TargetFault('garbage', `${name}: the negotiation broke off: ${error.message}`, {
            cause: error,
          }),
    );
  });
  library.iqCallee.set('jabber:iq:roster', 'query', () => ({}));
  library.iqCallee.get('http://jabber.org/protocol/disco#info', 'query', describeClient);

  const nextFeatures = async (what: string, start: () => void): Promise<void> => {
    featuresWait = waits.start<Element>(what);
    start();
    await featuresWait.promise;
  };

  const session: Session = {
    waits,
    get features() {
      return features ?? new Element('features');
    },
    onElement() {},
    onEnd() {},
    onStanzaSent() {},
    async authenticate(credentials, chosen) {
      mechanism = chosen;
      // The library takes strings of octets in PLAIN, and strings of characters in SCRAM.
      const octets = (text: string) => (chosen === 'PLAIN' ? Buffer.from(text).toString('latin1') : text);
      secrets = { username: octets(credentials.localpart), password: octets(credentials.password) };
      const offer = features?.getChild('mechanisms', SASL);
      const offered = offer?.getChildren('mechanism').map((one) => one.getText()) ?? [];
      if (!offered.includes(chosen)) {
        throw new TargetFault(
          'authentication-refused',
          `${name}: the server offers ${offered.join(', ').slice(0, 200) || 'no SASL mechanism'}, not ${chosen}`,
        );
      }
      // Nothing else of the features: the library would take SASL2 or bind by itself.
      const only = new Element('stream:features', { 'xmlns:stream': 'http://etherx.jabber.org/streams' });
      only.append(new Element('mechanisms', { xmlns: SASL }).cnode(new Element('mechanism').t(chosen)).up());
      await nextFeatures(`answer to SASL ${chosen} and new stream features`, () =>
        parser.emit('element', only),
      );
    },
    write,
    answer: (iq) => void parser.emit('element', iq),
    async close() {
      if (state !== 'open') return;
      closing = waits.start<void>('end of the stream');
      trace('sent', footer);
      wire.write(footer).catch(() => {});
      state = 'closing';
      try {
        await closing.promise;
        await wire.finish();
      } finally {
        end({ detail: 'closed' });
        await wire.destroy();
      }
    },
    async lose() {
      if (state === 'open') state = 'closing';
      end({ detail: 'the connection was cut on purpose' });
      await wire.destroy();
    },
    release(toText) {
      onText = toText;
      return wire;
    },
  };

  try {
    await nextFeatures('stream features', () => {
      wire.read(
        (text) => (onText ?? reader?.read)?.(text),
        (fault) => {
          if (fault === undefined)
            end({ detail: 'the server closed the connection without closing the stream' });
          else endedBy(fault);
        },
      );
      library
        .connect(service)
        .then(() => library.open({ domain }))
        .catch((error) => library.emit('error', error));
    });
  } catch (error) {
    await session.lose();
    throw error;
  }
  return session;
}

/** The library's transport for the service, with another connection and parser underneath. */
function overChannel(base: LibraryTransport | undefined, Channel: object, Parser: object): LibraryTransport {
  if (base === undefined) throw new Error('@xmpp/client has no transport for this service');
  class OverChannel extends base {}
  Object.assign(OverChannel.prototype, { Socket: Channel, Parser, socketParameters: () => ({}) });
  return OverChannel;
}

function tracer({ name, recorder }: Connecting): (direction: 'sent' | 'received', xml: string) => void {
  return (direction, text) => {
    recorder?.record({ kind: 'stanza', actor: name, direction, xml: withoutSecrets(text) });
  };
}

/** What passwords could be read or guessed from. */
function withoutSecrets(text: string): string {
  return text.includes(SASL)
    ? text.replace(/^(<(?:auth|response|challenge|success)\b[^>]*>)[^<]+/, '$1…')
    : text;
}

const STANZA = /^<(?:message|presence|iq)[\s/>]/;

export function isStanza(element: Element): boolean {
  return STANZA.test(`<${element.name}>`);
}

/**
 * Resource binding (RFC 6120 §7).
 *
 * @returns the full JID as bound.
 * @throws TargetFault `refused`
 */
export async function bindResource(
  name: string,
  resource: string,
  request: (iq: Element) => Promise<Element>,
): Promise<string> {
  const bind = xml('bind', { xmlns: BIND }, xml('resource', {}, resource));
  const answer = await request(xml('iq', { type: 'set' }, bind));
  const bound = answer.getChild('bind', BIND)?.getChildText('jid');
  if (answer.attrs.type === 'result' && bound) return bound;
  throw new TargetFault('refused', `${name}: the server bound no resource: ${conditionOf(answer)}`);
}

/** The defined condition of a stanza error, stream error, or SASL or stream management failure (RFC 6120 §4.9, §6.5, §8.3). */
export function conditionOf(failed: Element): string {
  const error = failed.getChild('error') ?? failed;
  const conditions = error.getChildElements().filter((child) => child.getNS()?.startsWith(CONDITIONS));
  return conditions.find((child) => child.getName() !== 'text')?.getName() ?? 'undefined-condition';
}

function iterations(element: Element): number {
  if (element.getName() !== 'challenge') return 0;
  const challenge = Buffer.from(element.getText(), 'base64').toString();
  return Number(/(?:^|,)i=(\d+)/.exec(challenge)?.[1] ?? 0);
}

function describeClient(): Element {
  const query = new Element('query', 'http://jabber.org/protocol/disco#info');
  query.c('identity', { category: 'client', type: 'pc', name: 'conformance kit' });
  for (const feature of ['http://jabber.org/protocol/disco#info', 'urn:xmpp:ping'])
    query.c('feature', { var: feature });
  return query;
}
