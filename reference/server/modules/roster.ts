import { randomUUID } from 'node:crypto';
import xml, { type Element } from '@xmpp/xml';
import { type Database, migrate } from '../database.js';
import type { Core, IqRequest, ServerModule } from '../session/core.js';
import { parseJid } from '../session/jid.js';
import { attribute, CLIENT, StanzaError } from '../session/stanza.js';

const ROSTER = 'jabber:iq:roster';
const MOST_GROUPS = 50;
const LONGEST_TEXT = 1023;

/** A contact (RFC 6121 §2.1.2). */
export interface RosterItem {
  /** Bare JID. */
  readonly jid: string;
  readonly name: string;
  readonly groups: readonly string[];
  /** The account sees the contact's presence. */
  readonly to: boolean;
  /** The contact sees the account's presence. */
  readonly from: boolean;
  /** The account asked to see it and was not answered yet. */
  readonly ask: boolean;
}

export interface Roster extends ServerModule {
  get(account: string, contact: string): RosterItem | undefined;
  items(account: string): readonly RosterItem[];
  /** Changes the contact, creating it, and tells the account's resources (RFC 6121 §2.1.6). */
  update(account: string, contact: string, change: Partial<Omit<RosterItem, 'jid'>>): void;
  /** Contacts whose request to see the account's presence waits for an answer, and the request. */
  requests(account: string): readonly { readonly contact: string; readonly stanza: string }[];
  /** False when there are too many. */
  addRequest(account: string, contact: string, stanza: Element): boolean;
  /** False when there was none. */
  removeRequest(account: string, contact: string): boolean;
  deleteAccount(account: string): void;
}

interface Row {
  readonly jid: string;
  readonly name: string;
  readonly groups: string;
  readonly sees: number;
  readonly seen: number;
  readonly ask: number;
}

/**
 * RFC 6121 §2.
 *
 * @param mostItems contacts of one account, and requests waiting for it.
 * @param onRemove ends the subscriptions with a contact before it is removed (RFC 6121 §2.5.2).
 */
export function createRoster(
  core: Core,
  database: Database,
  mostItems: number,
  onRemove: (account: string, item: RosterItem) => void,
): Roster {
  migrate(database, 'roster', [
    `CREATE TABLE roster (
       account TEXT NOT NULL,
       jid TEXT NOT NULL,
       name TEXT NOT NULL,
       groups TEXT NOT NULL,
       sees INTEGER NOT NULL,
       seen INTEGER NOT NULL,
       ask INTEGER NOT NULL,
       PRIMARY KEY (account, jid)
     ) STRICT;
     CREATE TABLE roster_requests (
       account TEXT NOT NULL, jid TEXT NOT NULL, stanza TEXT NOT NULL, PRIMARY KEY (account, jid)
     ) STRICT;`,
  ]);
  const selectAll = database.prepare('SELECT * FROM roster WHERE account = ? ORDER BY jid');
  const selectOne = database.prepare('SELECT * FROM roster WHERE account = ? AND jid = ?');
  const write = database.prepare('INSERT OR REPLACE INTO roster VALUES (?, ?, ?, ?, ?, ?, ?)');
  const remove = database.prepare('DELETE FROM roster WHERE account = ? AND jid = ?');
  const removeAll = database.prepare('DELETE FROM roster WHERE account = ?');
  const selectRequests = database.prepare(
    'SELECT jid AS contact, stanza FROM roster_requests WHERE account = ? ORDER BY jid',
  );
  const writeRequest = database.prepare('INSERT OR REPLACE INTO roster_requests VALUES (?, ?, ?)');
  const removeRequest = database.prepare('DELETE FROM roster_requests WHERE account = ? AND jid = ?');
  const removeRequests = database.prepare('DELETE FROM roster_requests WHERE account = ?');

  const itemOf = (row: Row): RosterItem => ({
    jid: row.jid,
    name: row.name,
    groups: JSON.parse(row.groups) as string[],
    to: row.sees === 1,
    from: row.seen === 1,
    ask: row.ask === 1,
  });
  const items = (account: string) => (selectAll.all(account) as Row[]).map(itemOf);
  const get = (account: string, contact: string) => {
    const row = selectOne.get(account, contact) as Row | undefined;
    return row && itemOf(row);
  };

  const elementOf = (item: RosterItem) =>
    xml(
      'item',
      {
        jid: item.jid,
        ...(item.name === '' ? {} : { name: item.name }),
        subscription: item.to ? (item.from ? 'both' : 'to') : item.from ? 'from' : 'none',
        ...(item.ask ? { ask: 'subscribe' } : {}),
      },
      ...item.groups.map((group) => xml('group', {}, group)),
    );

  const push = (account: string, element: Element) => {
    for (const session of core.sessions.of(account)) {
      if (!session.wantsRoster) continue;
      session.send(
        xml(
          'iq',
          { xmlns: CLIENT, type: 'set', id: randomUUID(), from: account, to: session.jid.full },
          xml('query', ROSTER, element),
        ),
      );
    }
  };

  const update: Roster['update'] = (account, contact, change) => {
    const known = get(account, contact);
    if (!known && items(account).length >= mostItems)
      throw new StanzaError('resource-constraint', { text: 'The roster is full.' });
    const item: RosterItem = {
      name: '',
      groups: [],
      to: false,
      from: false,
      ask: false,
      ...known,
      ...change,
      jid: contact,
    };
    write.run(
      account,
      contact,
      item.name,
      JSON.stringify(item.groups),
      Number(item.to),
      Number(item.from),
      Number(item.ask),
    );
    push(account, elementOf(item));
  };

  const set = ({ session, payload }: IqRequest) => {
    const { account } = session;
    const [element, ...more] = payload.getChildren('item');
    const contact = parseJid(element ? (attribute(element, 'jid') ?? '') : '');
    if (!element || more.length > 0 || !contact)
      throw new StanzaError('bad-request', { text: 'Send exactly one item with a JID.' });
    if (attribute(element, 'subscription') === 'remove') {
      const item = get(account, contact.bare);
      if (!item) throw new StanzaError('item-not-found');
      onRemove(account, item);
      remove.run(account, contact.bare);
      push(account, xml('item', { jid: contact.bare, subscription: 'remove' }));
      return undefined;
    }
    const name = attribute(element, 'name') ?? '';
    const groups = [...new Set(element.getChildren('group').map((group) => group.getText()))];
    const tooLong = (text: string) => Buffer.byteLength(text) > LONGEST_TEXT;
    if (
      tooLong(name) ||
      groups.length > MOST_GROUPS ||
      groups.some((group) => group === '' || tooLong(group))
    )
      throw new StanzaError('not-acceptable', { text: 'Name or groups are too long, too many or empty.' });
    update(account, contact.bare, { name, groups });
    return undefined;
  };

  return {
    get,
    items,
    update,
    requests: (account) => selectRequests.all(account) as { contact: string; stanza: string }[],
    addRequest(account, contact, stanza) {
      if (selectRequests.all(account).length >= mostItems) return false;
      writeRequest.run(account, contact, stanza.toString());
      return true;
    },
    removeRequest: (account, contact) => removeRequest.run(account, contact).changes > 0,
    deleteAccount(account) {
      removeAll.run(account);
      removeRequests.run(account);
    },
    iq: [
      {
        at: 'account',
        type: 'get',
        name: 'query',
        xmlns: ROSTER,
        handle({ session }) {
          session.wantsRoster = true;
          return xml('query', ROSTER, ...items(session.account).map(elementOf));
        },
      },
      { at: 'account', type: 'set', name: 'query', xmlns: ROSTER, handle: set },
    ],
  };
}
