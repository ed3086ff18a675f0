import type { SessionId } from '../../engine/events.js';
import type { Jid } from './jid.js';
import type { Session } from './session.js';

/** Ended sessions whose count a late `<resume/>` is still told (XEP-0198 §5). */
const REMEMBERED_ENDED = 1000;

/** The bound resources of all accounts, hibernating ones too. */
export interface SessionTable {
  add(session: Session): void;
  remove(session: Session): void;
  get(id: SessionId): Session | undefined;
  /** By bare JID; a copy, safe to change sessions over. */
  of(account: string): readonly Session[];
  at(jid: Jid): Session | undefined;
  resumable(account: string, resumptionId: string): Session | undefined;
  /** How many stanzas a session that is over had handled. */
  handledBefore(account: string, resumptionId: string): number | undefined;
  all(): readonly Session[];
}

export function createSessionTable(): SessionTable {
  const byId = new Map<SessionId, Session>();
  const byAccount = new Map<string, Map<string, Session>>();
  const over = new Map<string, number>();
  return {
    add(session) {
      byId.set(session.id, session);
      const resources = byAccount.get(session.account) ?? new Map<string, Session>();
      resources.set(session.jid.resource, session);
      byAccount.set(session.account, resources);
    },
    remove(session) {
      byId.delete(session.id);
      const resources = byAccount.get(session.account);
      if (resources?.get(session.jid.resource) === session) resources.delete(session.jid.resource);
      if (resources?.size === 0) byAccount.delete(session.account);
      if (!session.resumptionId) return;
      over.set(`${session.account}/${session.resumptionId}`, session.handled);
      for (const oldest of over.keys()) {
        if (over.size <= REMEMBERED_ENDED) break;
        over.delete(oldest);
      }
    },
    get: (id) => byId.get(id),
    of: (account) => [...(byAccount.get(account)?.values() ?? [])],
    at: (jid) => byAccount.get(jid.bare)?.get(jid.resource),
    resumable(account, resumptionId) {
      for (const session of byAccount.get(account)?.values() ?? [])
        if (session.resumptionId === resumptionId) return session;
      return undefined;
    },
    handledBefore: (account, resumptionId) => over.get(`${account}/${resumptionId}`),
    all: () => [...byId.values()],
  };
}
