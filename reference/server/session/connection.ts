import { randomBytes } from 'node:crypto';
import xml, { type Element } from '@xmpp/xml';
import { CSI } from '../modules/csi.js';
import type { StreamManagementOptions } from '../options.js';
import type { ClientStream } from '../stream/stream.js';
import { parseCount } from './acknowledgement.js';
import type { Core } from './core.js';
import { makeJid, normaliseResource } from './jid.js';
import { createSession, MANAGEMENT, type Outgoing, type Session } from './session.js';
import { attribute, errorOf, mayBeAnswered, resultOf, STANZAS, StanzaError } from './stanza.js';

const BIND = 'urn:ietf:params:xml:ns:xmpp-bind';
const STANZA_NAMES = new Set(['iq', 'message', 'presence']);

export interface ConnectionSetup {
  readonly core: Core;
  readonly management: StreamManagementOptions;
  /** Bound resources of one account, hibernating ones included. */
  readonly sessionsPerAccount: number;
  /** A stanza of a bound session, counted but not yet looked at. */
  readonly onStanza: (session: Session, stanza: Element) => void;
  /** The session is over and out of the table. */
  readonly onSessionEnd: (session: Session, unacknowledged: readonly Outgoing[]) => void;
}

/** Serves an authenticated stream: binds a resource or resumes a session (RFC 6120 §7, XEP-0198 §5), then hands on. */
export function serveStream(stream: ClientStream, setup: ConnectionSetup): void {
  const { core } = setup;
  let session: Session | undefined;
  stream.onEnd = (end) => session?.streamEnded(stream, end);
  stream.onElement = (element) => {
    if (session) {
      if (session.isOn(stream)) receive(stream, session, element, setup);
      return;
    }
    session = negotiate(stream, element, setup);
    if (session) stream.established();
  };
  const account = makeJid(stream.localpart, stream.domain);
  if (!core.hasAccount(account)) stream.close('not-authorized');
}

function receive(stream: ClientStream, session: Session, element: Element, setup: ConnectionSetup): void {
  if (STANZA_NAMES.has(element.getName())) {
    session.countReceived();
    setup.onStanza(session, element);
  } else if (element.is('r', MANAGEMENT)) {
    session.answerAcknowledgementRequest();
  } else if (element.is('a', MANAGEMENT)) {
    const handled = parseCount(attribute(element, 'h'));
    if (handled !== undefined) session.acknowledge(handled);
  } else if (element.is('enable', MANAGEMENT)) {
    const max = parseCount(attribute(element, 'max'));
    const resume = ['true', '1'].includes(attribute(element, 'resume') ?? '');
    session.enableManagement({ resume, ...(max === undefined ? {} : { max }) });
  } else if (element.is('resume', MANAGEMENT)) {
    stream.send(xml('failed', MANAGEMENT, xml('unexpected-request', STANZAS)));
  } else if (element.is('active', CSI) || element.is('inactive', CSI)) {
    session.setActive(element.getName() === 'active');
  } else {
    session.end('unsupported-stanza-type');
  }
}

function negotiate(stream: ClientStream, element: Element, setup: ConnectionSetup): Session | undefined {
  if (element.is('resume', MANAGEMENT)) return resume(stream, element, setup);
  if (element.is('enable', MANAGEMENT)) {
    stream.send(xml('failed', MANAGEMENT, xml('unexpected-request', STANZAS)));
    return undefined;
  }
  if (element.is('iq') && attribute(element, 'type') === 'set' && element.getChild('bind', BIND))
    return bind(stream, element, setup);
  const to = attribute(element, 'to');
  const forServer = to === undefined || to === stream.domain || to === `${stream.localpart}@${stream.domain}`;
  // RFC 6120 §7.1: nothing passes before a resource is bound.
  if (!element.is('iq') || !forServer || !mayBeAnswered(element)) stream.close('not-authorized');
  else stream.send(errorOf(element, new StanzaError('not-authorized', { text: 'Bind a resource first.' })));
  return undefined;
}

function resume(stream: ClientStream, element: Element, setup: ConnectionSetup): Session | undefined {
  const { sessions } = setup.core;
  const account = makeJid(stream.localpart, stream.domain).bare;
  const previous = attribute(element, 'previd') ?? '';
  const handled = parseCount(attribute(element, 'h'));
  const session = handled === undefined ? undefined : sessions.resumable(account, previous);
  if (session && handled !== undefined) return session.resume(stream, handled) ? session : undefined;
  const before = sessions.handledBefore(account, previous);
  stream.send(
    xml(
      'failed',
      { xmlns: MANAGEMENT, ...(before === undefined ? {} : { h: String(before) }) },
      xml(handled === undefined ? 'bad-request' : 'item-not-found', STANZAS),
    ),
  );
  return undefined;
}

function bind(stream: ClientStream, iq: Element, setup: ConnectionSetup): Session | undefined {
  const { core } = setup;
  const wish = iq.getChild('bind', BIND)?.getChildText('resource') ?? '';
  const resource = wish === '' ? randomBytes(12).toString('base64url') : normaliseResource(wish);
  if (resource === undefined) {
    stream.send(errorOf(iq, new StanzaError('bad-request', { text: 'The resource is not a resourcepart.' })));
    return undefined;
  }
  const jid = makeJid(stream.localpart, stream.domain, resource);
  // RFC 6120 §7.7.2.2: the client that comes back takes the place of what it left behind.
  core.sessions.at(jid)?.end('conflict');
  if (core.sessions.of(jid.bare).length >= setup.sessionsPerAccount)
    core.sessions
      .of(jid.bare)
      .find((other) => other.hibernating)
      ?.end();
  if (core.sessions.of(jid.bare).length >= setup.sessionsPerAccount) {
    stream.send(errorOf(iq, new StanzaError('resource-constraint', { text: 'Too many sessions.' })));
    return undefined;
  }
  const session = createSession({
    jid,
    stream,
    clock: core.clock,
    management: setup.management,
    emit: (event) => core.emit(jid.bare, event),
    onEnd: (ended, unacknowledged) => {
      core.sessions.remove(ended);
      setup.onSessionEnd(ended, unacknowledged);
    },
  });
  core.sessions.add(session);
  session.send(resultOf(iq, xml('bind', BIND, xml('jid', {}, jid.full))));
  core.emit(jid.bare, { type: 'session-started', session: session.id, account: jid.bare });
  return session;
}
