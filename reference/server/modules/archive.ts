import { randomUUID } from 'node:crypto';
import type { Element } from '@xmpp/xml';
import { type Database, migrate } from '../database.js';
import { type Jid, parseJid } from '../session/jid.js';
import { attribute, CLIENT, copyElement, messageType } from '../session/stanza.js';

const HINTS = 'urn:xmpp:hints';
const MUC_USER = 'http://jabber.org/protocol/muc#user';

/** Every how many messages the archive is cut back to its limit. */
const CUT_EVERY = 64;

/** Which messages are archived at all (XEP-0313 §5.1), before the owner's preferences are asked. */
export function isArchivable(stanza: Element): boolean {
  const type = messageType(stanza);
  if (type === 'headline' || type === 'groupchat') return false;
  // A bounce that reached a resource belongs to the conversation; others tell nothing.
  if (type === 'error') return parseJid(attribute(stanza, 'to') ?? '')?.resource !== '';
  if (stanza.getChild('no-store', HINTS) || stanza.getChild('no-permanent-store', HINTS)) return false;
  return (
    stanza.getChild('store', HINTS) !== undefined ||
    stanza.getChild('body') !== undefined ||
    stanza.getChild('subject') !== undefined ||
    stanza.getChild('encryption', 'urn:xmpp:eme:0') !== undefined ||
    stanza.getChild('x', 'jabber:x:conference') !== undefined ||
    stanza.getChild('x', MUC_USER)?.getChild('invite') !== undefined ||
    stanza.getChildElements().some((child) => ARCHIVED_PAYLOADS.has(child.getNS() ?? ''))
  );
}

const ARCHIVED_PAYLOADS = new Set([
  'urn:xmpp:receipts',
  'urn:xmpp:chat-markers:0',
  'urn:xmpp:jingle-message:0',
]);

export interface Preferences {
  readonly default: 'always' | 'never' | 'roster';
  /** Bare or full JIDs. */
  readonly always: readonly string[];
  readonly never: readonly string[];
}

/** Which messages a query asks for; all conditions hold together. */
export interface ArchiveFilter {
  readonly with?: Jid;
  /** Unix time in milliseconds, both ends included. */
  readonly start?: number;
  readonly end?: number;
  readonly beforeId?: string;
  readonly afterId?: string;
  readonly ids?: readonly string[];
}

/** RSM (XEP-0059): which page of the result. */
export interface Page {
  readonly max: number;
  readonly after?: string;
  /** Empty: the last page. */
  readonly before?: string;
}

export interface ArchivedMessage {
  readonly id: string;
  readonly time: number;
  readonly stanza: string;
}

export interface ArchivePage {
  readonly messages: readonly ArchivedMessage[];
  /** Matching messages in all pages. */
  readonly count: number;
  /** Nothing follows in the direction of paging. */
  readonly complete: boolean;
}

export interface Archive {
  /** The id under which the message is kept in the account's archive, or undefined when it is not kept. */
  store(account: string, peer: Jid, stanza: Element, time: number): string | undefined;
  /** Undefined when the page is anchored at an id the archive does not have. */
  query(account: string, filter: ArchiveFilter, page: Page): ArchivePage | undefined;
  ends(account: string): readonly ArchivedMessage[];
  preferences(account: string): Preferences;
  setPreferences(account: string, preferences: Preferences): void;
  deleteAccount(account: string): void;
}

interface Row {
  readonly position: number;
  readonly id: string;
  readonly time: number;
  readonly stanza: string;
}

/**
 * The archives of all accounts (XEP-0313).
 *
 * @param mostPerAccount messages; the oldest are given up for new ones.
 */
export function createArchive(
  database: Database,
  isContact: (account: string, peer: Jid) => boolean,
  mostPerAccount: number,
): Archive {
  migrate(database, 'archive', [
    `CREATE TABLE archive (
       position INTEGER PRIMARY KEY AUTOINCREMENT,
       account TEXT NOT NULL,
       id TEXT NOT NULL,
       peer TEXT NOT NULL,
       peer_resource TEXT NOT NULL,
       time INTEGER NOT NULL,
       stanza TEXT NOT NULL
     ) STRICT;
     CREATE INDEX archive_position ON archive (account, position);
     CREATE UNIQUE INDEX archive_id ON archive (account, id);
     CREATE TABLE archive_preferences (account TEXT PRIMARY KEY, preferences TEXT NOT NULL) STRICT;`,
  ]);
  const insert = database.prepare(
    'INSERT INTO archive (account, id, peer, peer_resource, time, stanza) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const cut = database.prepare(
    `DELETE FROM archive WHERE account = ? AND position <=
       (SELECT position FROM archive WHERE account = ? ORDER BY position DESC LIMIT 1 OFFSET ?)`,
  );
  const positionOf = database.prepare('SELECT position FROM archive WHERE account = ? AND id = ?');
  const removeAll = database.prepare('DELETE FROM archive WHERE account = ?');
  const readPreferences = database.prepare('SELECT preferences FROM archive_preferences WHERE account = ?');
  const writePreferences = database.prepare(
    'INSERT INTO archive_preferences VALUES (?, ?) ON CONFLICT (account) DO UPDATE SET preferences = excluded.preferences',
  );
  const removePreferences = database.prepare('DELETE FROM archive_preferences WHERE account = ?');
  let sinceCut = 0;

  const preferences = (account: string): Preferences => {
    const row = readPreferences.get(account) as { preferences: string } | undefined;
    return row ? (JSON.parse(row.preferences) as Preferences) : { default: 'always', always: [], never: [] };
  };

  const isWanted = (account: string, peer: Jid) => {
    const wish = preferences(account);
    const named = (list: readonly string[]) => list.includes(peer.full) || list.includes(peer.bare);
    if (named(wish.always)) return true;
    if (named(wish.never)) return false;
    return wish.default === 'always' || (wish.default === 'roster' && isContact(account, peer));
  };

  const position = (account: string, id: string): number | undefined =>
    (positionOf.get(account, id) as { position: number } | undefined)?.position;

  return {
    store(account, peer, stanza, time) {
      if (!isArchivable(stanza) || !isWanted(account, peer)) return undefined;
      const id = randomUUID();
      const text = copyElement(stanza, { xmlns: CLIENT }).toString();
      insert.run(account, id, peer.bare, peer.resource, time, text);
      sinceCut = (sinceCut + 1) % CUT_EVERY;
      if (sinceCut === 0) cut.run(account, account, mostPerAccount);
      return id;
    },
    query(account, filter, page) {
      const conditions = ['account = ?'];
      const values: (string | number)[] = [account];
      const add = (condition: string, ...further: (string | number)[]) => {
        conditions.push(condition);
        values.push(...further);
      };
      /** False when the anchor is not in the archive. */
      const anchor = (id: string | undefined, operator: '<' | '>') => {
        if (id === undefined) return true;
        const at = position(account, id);
        if (at !== undefined) add(`position ${operator} ?`, at);
        return at !== undefined;
      };
      if (filter.with) add('peer = ?', filter.with.bare);
      if (filter.with && filter.with.resource !== '') add('peer_resource = ?', filter.with.resource);
      if (filter.start !== undefined) add('time >= ?', filter.start);
      if (filter.end !== undefined) add('time <= ?', filter.end);
      if (filter.ids) add(`id IN (${filter.ids.map(() => '?').join(', ')})`, ...filter.ids);
      if (filter.ids?.some((id) => position(account, id) === undefined)) return undefined;
      if (!anchor(filter.afterId, '>') || !anchor(filter.beforeId, '<')) return undefined;
      const where = () => conditions.join(' AND ');
      const { count } = database
        .prepare(`SELECT count(*) AS count FROM archive WHERE ${where()}`)
        .get(...values) as { count: number };

      const backwards = page.before !== undefined;
      if (!anchor(page.after, '>') || !anchor(page.before || undefined, '<')) return undefined;
      // One more than asked for tells whether there is more.
      const rows = database
        .prepare(
          `SELECT position, id, time, stanza FROM archive WHERE ${where()}
           ORDER BY position ${backwards ? 'DESC' : 'ASC'} LIMIT ?`,
        )
        .all(...values, page.max + 1) as Row[];
      const messages = rows.slice(0, page.max);
      if (backwards) messages.reverse();
      return { messages, count, complete: rows.length <= page.max };
    },
    ends(account) {
      const at = (order: 'ASC' | 'DESC') =>
        database
          .prepare(
            `SELECT position, id, time, stanza FROM archive WHERE account = ? ORDER BY position ${order} LIMIT 1`,
          )
          .all(account) as Row[];
      return [...at('ASC'), ...at('DESC')];
    },
    preferences,
    setPreferences(account, wish) {
      writePreferences.run(account, JSON.stringify(wish));
    },
    deleteAccount(account) {
      removeAll.run(account);
      removePreferences.run(account);
    },
  };
}
