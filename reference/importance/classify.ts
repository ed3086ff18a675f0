import type { Element } from '@xmpp/xml';
import type { Classification, ImportanceContext } from './importance.js';
import { rules } from './rules.js';
import { findSubject, isEncrypted } from './subject.js';

/**
 * Whether a stanza is worth a notification. The table in `rules.ts` decides; extensions it does not know change nothing.
 *
 * It sees one stanza and no history, so these are the caller's: a message from a blocked JID (XEP-0191) is not delivered
 * and never comes here; muted rooms and "only when mentioned" (XEP-0492) may suppress what is important here, never the
 * other way round; a message the account sent from another device (archived as outgoing) is no event of the account's; a
 * message to oneself is judged like any other, and the registration of the session that sent it left out; a delayed
 * stanza (XEP-0203) is judged by what it says, since a replay goes to a live session and no trigger fires for it.
 *
 * @param stanza as it is delivered to the account, inside the carbon's wrapper if it is a copy. It is not changed.
 */
export function classify(stanza: Element, context: ImportanceContext): Classification {
  const subject = findSubject(stanza, context);
  const rule = rules.find(({ matches }) => matches(subject));
  if (!rule) throw new Error('The last rule matches everything.');
  return {
    importance: rule.importance,
    rule: rule.name,
    kind: rule.kind ?? 'message',
    message: subject.message,
    encrypted: isEncrypted(subject.encryption),
  };
}
