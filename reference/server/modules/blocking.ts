import xml, { type Element } from '@xmpp/xml';
import { type Database, migrate } from '../database.js';
import type { Core, IqHandler, IqRequest, ServerModule } from '../session/core.js';
import { type Jid, parseJid } from '../session/jid.js';
import { attribute, CLIENT, StanzaError } from '../session/stanza.js';

const BLOCKING = 'urn:xmpp:blocking';
const MOST_BLOCKED = 1000;

/** XEP-0191: JIDs an account wants nothing to do with. */
export interface Blocking extends ServerModule {
  /** Whether the account blocks the JID, by itself, its bare JID or its domain (XEP-0191 §4.1). */
  blocks(account: string, jid: Jid): boolean;
  /** The application condition for a stanza to somebody the sender blocks. */
  blockedError(): Element;
}

/** @param onChange tells the contacts: presence is taken from who is blocked and given back to who is not. */
export function createBlocking(
  core: Core,
  database: Database,
  onChange: (account: string, jid: Jid, blocked: boolean) => void,
): Blocking {
  migrate(database, 'blocking', [
    `CREATE TABLE blocking (account TEXT NOT NULL, jid TEXT NOT NULL, PRIMARY KEY (account, jid)) STRICT;`,
  ]);
  const all = database.prepare('SELECT jid FROM blocking WHERE account = ? ORDER BY jid');
  const some = database.prepare(
    'SELECT 1 AS found FROM blocking WHERE account = ? AND jid IN (?, ?, ?, ?) LIMIT 1',
  );
  const insert = database.prepare('INSERT OR IGNORE INTO blocking VALUES (?, ?)');
  const remove = database.prepare('DELETE FROM blocking WHERE account = ? AND jid = ?');
  const removeAll = database.prepare('DELETE FROM blocking WHERE account = ?');
  const listOf = (account: string) => (all.all(account) as { jid: string }[]).map((row) => row.jid);

  const namedIn = (payload: Element): Jid[] =>
    payload.getChildren('item').map((item) => {
      const jid = parseJid(attribute(item, 'jid') ?? '');
      if (!jid) throw new StanzaError('jid-malformed', { text: 'An item names no valid JID.' });
      return jid;
    });

  const push = ({ session }: IqRequest, name: 'block' | 'unblock', jids: readonly Jid[]) => {
    for (const other of core.sessions.of(session.account)) {
      if (!other.wantsBlockList) continue;
      other.send(
        xml(
          'iq',
          {
            xmlns: CLIENT,
            type: 'set',
            id: `block-${core.clock.now()}`,
            from: session.account,
            to: other.jid.full,
          },
          xml(name, BLOCKING, ...jids.map((jid) => xml('item', { jid: jid.full }))),
        ),
      );
    }
  };

  const change = (name: 'block' | 'unblock'): IqHandler => ({
    at: 'account',
    type: 'set',
    name,
    xmlns: BLOCKING,
    handle(request) {
      const { account } = request.session;
      const named = namedIn(request.payload);
      if (name === 'block' && named.length === 0)
        throw new StanzaError('bad-request', { text: 'Name at least one JID to block.' });
      const listed = listOf(account);
      if (name === 'block' && listed.length + named.length > MOST_BLOCKED)
        throw new StanzaError('resource-constraint', { text: 'The block list is full.' });
      const everything = name === 'unblock' && named.length === 0;
      const jids = everything ? listed.flatMap((text) => parseJid(text) ?? []) : named;
      for (const jid of jids) {
        // Presence is taken away while it may still be sent, and given back once it may again.
        if (name === 'block') onChange(account, jid, true);
        if (name === 'block') insert.run(account, jid.full);
        else remove.run(account, jid.full);
        if (name === 'unblock') onChange(account, jid, false);
      }
      push(request, name, everything ? [] : jids);
      return undefined;
    },
  });

  return {
    serverFeatures: [BLOCKING],
    accountFeatures: [BLOCKING],
    blocks: (account, jid) =>
      jid.bare !== account &&
      some.get(account, jid.full, jid.bare, jid.domain, `${jid.domain}/${jid.resource}`) !== undefined,
    blockedError: () => xml('blocked', 'urn:xmpp:blocking:errors'),
    iq: [
      {
        at: 'account',
        type: 'get',
        name: 'blocklist',
        xmlns: BLOCKING,
        handle({ session }) {
          session.wantsBlockList = true;
          return xml('blocklist', BLOCKING, ...listOf(session.account).map((jid) => xml('item', { jid })));
        },
      },
      change('block'),
      change('unblock'),
    ],
    deleteAccount: (account) => {
      removeAll.run(account);
    },
  };
}
