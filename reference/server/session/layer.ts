import xml, { type Element } from '@xmpp/xml';
import type { Clock } from '../../clock/clock.js';
import type { EngineEvent, SessionId } from '../../engine/events.js';
import { AccountError, type Accounts } from '../accounts.js';
import type { Database } from '../database.js';
import { createArchive } from '../modules/archive.js';
import { archiveModule } from '../modules/archive-queries.js';
import { type Blocking, createBlocking } from '../modules/blocking.js';
import { carbonsModule } from '../modules/carbons.js';
import { CSI } from '../modules/csi.js';
import { type AccountDisco, discoModule } from '../modules/disco.js';
import { legacySessionModule } from '../modules/legacy-session.js';
import { createOffline } from '../modules/offline.js';
import { pingModule } from '../modules/ping.js';
import { createPresence, type Presence } from '../modules/presence.js';
import { registrationModule } from '../modules/registration.js';
import { createRooms } from '../modules/rooms/rooms.js';
import { createRoster } from '../modules/roster.js';
import { createSubscriptions, type Subscriptions } from '../modules/subscription.js';
import { webPushModule } from '../modules/web-push.js';
import type { StreamManagementOptions } from '../options.js';
import type { SessionLayer } from '../stream/stream.js';
import { type ConnectionSetup, serveStream } from './connection.js';
import type { Core, ServerModule } from './core.js';
import type { Jid } from './jid.js';
import { createMessages, type Messages } from './messages.js';
import { createRouter, type Router } from './router.js';
import { MANAGEMENT } from './session.js';
import { createSessionTable } from './sessions.js';
import { attribute, CLIENT, copyElement, StanzaError } from './stanza.js';

/** What one account may take of the server. */
export interface AccountLimits {
  /** Bound resources, hibernating ones included. */
  readonly sessions: number;
  readonly rosterItems: number;
  readonly offlineMessages: number;
  readonly archivedMessages: number;
}

export const DEFAULT_ACCOUNT_LIMITS: AccountLimits = {
  sessions: 20,
  rosterItems: 1000,
  offlineMessages: 500,
  archivedMessages: 10_000,
};

/** The engine of one domain, as the sessions see it. */
export interface PushEngine {
  handle(event: EngineEvent): void;
  /** What it adds to the disco#info an account's owner gets; undefined when push is off. */
  disco(): AccountDisco | undefined;
}

export interface LayerSetup {
  readonly domains: readonly string[];
  readonly roomsDomain: string;
  readonly database: Database;
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly management: StreamManagementOptions;
  readonly limits?: AccountLimits;
  readonly engineOf: (domain: string) => PushEngine | undefined;
  readonly report: (problem: unknown) => void;
}

export interface Layer extends SessionLayer {
  /** The engine's answer to an IQ; lost when the session is over. */
  reply(session: SessionId, stanza: Element): void;
  /** False when there was no such account. */
  deleteAccount(jid: Jid): boolean;
  /** @throws {AccountError} */
  setPassword(jid: Jid, password: string): Promise<void>;
  /** Ends every session; what clients did not acknowledge waits for them in storage. */
  close(): void;
}

/** Everything above the streams: sessions, routing and the protocol extensions. */
export function createSessionLayer(setup: LayerSetup): Layer {
  const { accounts, database, clock, roomsDomain } = setup;
  const limits = setup.limits ?? DEFAULT_ACCOUNT_LIMITS;

  const core: Core = {
    clock,
    domains: new Set(setup.domains),
    roomsDomain,
    sessions: createSessionTable(),
    hasAccount: (jid) => jid.local !== '' && accounts.exists(jid.domain, jid.local),
    emit(account, event) {
      // Delivery goes on whatever becomes of a notification.
      try {
        setup.engineOf(account.slice(account.indexOf('@') + 1))?.handle(event);
      } catch (problem) {
        setup.report(problem);
      }
    },
    route: (stanza, id) => router.route(stanza, id),
    report: setup.report,
  };

  const roster = createRoster(core, database, limits.rosterItems, (account, item) =>
    subscriptions.end(account, item),
  );
  const blocking: Blocking = createBlocking(core, database, (account, jid, blocked) => {
    if (roster.get(account, jid.bare)?.from) presence.show(account, jid, !blocked);
  });
  const archive = createArchive(
    database,
    (account, peer) => roster.get(account, peer.bare) !== undefined,
    limits.archivedMessages,
  );
  const offline = createOffline(database, limits.offlineMessages);
  const rooms = createRooms(core);
  const messages: Messages = createMessages({
    core,
    archive,
    offline,
    blocking,
    occupantsOf: rooms.occupantsOf,
  });
  const presence: Presence = createPresence(core, roster, blocking, messages.deliverStored);
  const subscriptions: Subscriptions = createSubscriptions(core, roster, presence, blocking);

  const deleteAccount: Layer['deleteAccount'] = ({ local, domain, bare: account }) => {
    if (!accounts.remove(domain, local)) return false;
    for (const session of core.sessions.of(account)) session.end('not-authorized');
    for (const item of roster.items(account)) subscriptions.end(account, item);
    for (const module of modules) module.deleteAccount?.(account);
    core.emit(account, { type: 'account-deleted', account });
    return true;
  };

  const setPassword: Layer['setPassword'] = async ({ local, domain, bare: account }, password) => {
    await accounts.setPassword(domain, local, password);
    core.emit(account, { type: 'credentials-changed', account });
  };

  const modules: readonly ServerModule[] = [
    roster,
    blocking,
    archiveModule(archive),
    offline,
    carbonsModule(),
    pingModule(),
    legacySessionModule(),
    registrationModule({
      setPassword: ({ jid }, password) =>
        setPassword(jid, password).catch((problem: unknown) => {
          throw problem instanceof AccountError
            ? new StanzaError('not-acceptable', { text: problem.message, cause: problem })
            : problem;
        }),
      deleteAccount: ({ jid }) => {
        deleteAccount(jid);
      },
    }),
    webPushModule(core),
    discoModule(
      () => modules,
      roomsDomain,
      ({ jid }) => setup.engineOf(jid.domain)?.disco(),
    ),
  ];
  const router: Router = createRouter({ core, modules, messages, presence, subscriptions, blocking, rooms });

  const connection: ConnectionSetup = {
    core,
    management: setup.management,
    sessionsPerAccount: limits.sessions,
    onStanza: router.receive,
    onSessionEnd(session, unacknowledged) {
      presence.sessionEnded(session);
      core.emit(session.account, { type: 'session-ended', session: session.id });
      messages.reroute(unacknowledged);
    },
  };

  return {
    features: () => [
      xml('bind', 'urn:ietf:params:xml:ns:xmpp-bind'),
      xml('session', 'urn:ietf:params:xml:ns:xmpp-session', xml('optional')),
      xml('sm', MANAGEMENT),
      xml('csi', CSI),
    ],
    onStream: (stream) => serveStream(stream, connection),
    onInternalError: setup.report,
    reply(id, stanza) {
      const session = core.sessions.get(id);
      if (!session) return;
      const to = attribute(stanza, 'to') ?? session.jid.full;
      session.send(copyElement(stanza, { xmlns: CLIENT, to }));
    },
    deleteAccount,
    setPassword,
    close() {
      for (const session of core.sessions.all()) session.end('system-shutdown');
    },
  };
}
