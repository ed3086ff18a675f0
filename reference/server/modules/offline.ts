import type { Element } from '@xmpp/xml';
import type { RoutedMessage } from '../../engine/events.js';
import { type Database, migrate } from '../database.js';
import type { ServerModule } from '../session/core.js';
import { messageType, parseElement } from '../session/stanza.js';

const HINTS = 'urn:xmpp:hints';

/** Elements that do not make a message worth keeping. */
const ASIDES = new Set(['http://jabber.org/protocol/chatstates', HINTS, 'urn:xmpp:sid:0']);

/** XEP-0160 §3: neither groupchat, headlines and errors, nor what says nothing but that someone types. */
export function isWorthStoring(stanza: Element): boolean {
  const type = messageType(stanza);
  if (type !== 'chat' && type !== 'normal') return false;
  if (stanza.getChild('no-store', HINTS)) return false;
  if (stanza.getChild('store', HINTS)) return true;
  return stanza.getChildElements().some((child) => !ASIDES.has(child.getNS() ?? '') && !child.is('thread'));
}

export interface StoredMessage {
  readonly message: RoutedMessage;
  /** When it reached the server. */
  readonly time: number;
}

/** Messages for accounts none of whose resources could take them (XEP-0160). */
export interface Offline extends ServerModule {
  isFull(account: string): boolean;
  store(account: string, message: RoutedMessage, time: number): void;
  /** All that is stored, oldest first; it is no longer stored afterwards. */
  take(account: string): readonly StoredMessage[];
  deleteAccount(account: string): void;
}

interface Row {
  readonly id: string;
  readonly archive_id: string | null;
  readonly time: number;
  readonly stanza: string;
}

/** @param mostPerAccount messages stored for one account; more are refused to their senders. */
export function createOffline(database: Database, mostPerAccount: number): Offline {
  migrate(database, 'offline', [
    `CREATE TABLE offline (
       position INTEGER PRIMARY KEY AUTOINCREMENT,
       account TEXT NOT NULL,
       id TEXT NOT NULL,
       archive_id TEXT,
       time INTEGER NOT NULL,
       stanza TEXT NOT NULL
     ) STRICT;
     CREATE INDEX offline_account ON offline (account, position);`,
  ]);
  const insert = database.prepare(
    'INSERT INTO offline (account, id, archive_id, time, stanza) VALUES (?, ?, ?, ?, ?)',
  );
  const select = database.prepare(
    'SELECT id, archive_id, time, stanza FROM offline WHERE account = ? ORDER BY position',
  );
  const count = database.prepare('SELECT count(*) AS count FROM offline WHERE account = ?');
  const remove = database.prepare('DELETE FROM offline WHERE account = ?');
  return {
    serverFeatures: ['msgoffline'],
    isFull: (account) => (count.get(account) as { count: number }).count >= mostPerAccount,
    store(account, message, time) {
      insert.run(account, message.id, message.archiveId ?? null, time, message.stanza.toString());
    },
    take(account) {
      const rows = select.all(account) as Row[];
      if (rows.length > 0) remove.run(account);
      return rows.map((row) => ({
        message: {
          id: row.id,
          stanza: parseElement(row.stanza),
          ...(row.archive_id === null ? {} : { archiveId: row.archive_id }),
        },
        time: row.time,
      }));
    },
    deleteAccount: (account) => {
      remove.run(account);
    },
  };
}
