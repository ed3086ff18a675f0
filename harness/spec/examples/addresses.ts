import { isIP } from 'node:net';
import type { SpecRule } from '../finding.js';
import type { Position } from '../source-text.js';
import { isElided } from './ellipsis.js';
import { rarities } from './rarities.js';
import { attribute, elementsOf, error } from './structure.js';

const STREAMS = new Set(['jabber:client', 'jabber:server', 'jabber:component:accept']);

/** Attributes that hold a JID besides `from` and `to` of what is in the namespace of a stream, by namespace. */
const ADDRESSES: ReadonlyMap<string, readonly string[]> = new Map([
  ['jabber:iq:roster', ['jid']],
  ['http://jabber.org/protocol/disco#items', ['jid']],
  ['http://jabber.org/protocol/muc#admin', ['jid']],
  ['http://jabber.org/protocol/muc#user', ['jid', 'from', 'to']],
  ['http://jabber.org/protocol/pubsub', ['jid']],
  ['http://jabber.org/protocol/pubsub#owner', ['jid']],
  ['urn:xmpp:delay', ['from']],
  ['urn:xmpp:sid:0', ['by']],
  ['urn:xmpp:blocking', ['jid']],
  ['jabber:x:conference', ['jid']],
]);

/** Addresses are JIDs (RFC 7622 §3), and one that is hardly ever used is not a slip of one that often is. */
export const addressRules: SpecRule = (document) => {
  const found: { readonly value: string; readonly at: Position }[] = [];
  const faults = elementsOf(document).flatMap((node) => {
    const names = STREAMS.has(node.namespace) ? ['from', 'to', 'by'] : (ADDRESSES.get(node.namespace) ?? []);
    return names.flatMap((name) => {
      const address = attribute(node, name);
      if (!address || isElided(address.value)) return [];
      const fault = jidFault(address.value);
      if (fault !== undefined)
        return [error(document, address.at, 'example/jid', `"${address.value}" is no JID: ${fault}`)];
      found.push({ value: address.value.split('/', 1)[0] ?? '', at: address.at });
      return [];
    });
  });
  return [...faults, ...rarities(document, found, 'example/jid', 'JID')];
};

/** A resource may hold any character but those that no text holds; a nickname has blanks and more. */
const CONTROL = /\p{Cc}/u;

/** What is wrong with a JID, if anything is (RFC 7622 §3.1 to §3.4). */
export function jidFault(jid: string): string | undefined {
  const slash = jid.indexOf('/');
  const address = slash === -1 ? jid : jid.slice(0, slash);
  const resource = slash === -1 ? undefined : jid.slice(slash + 1);
  const at = address.indexOf('@');
  const localpart = at === -1 ? undefined : address.slice(0, at);
  const domain = address.slice(at + 1);
  if (jid !== jid.trim()) return 'blanks stand around it';
  if (resource === '') return 'nothing follows the slash';
  if (resource !== undefined && CONTROL.test(resource)) return 'its resource has a control character';
  if (localpart === '') return 'nothing stands before the @';
  if (localpart !== undefined && /["&'/:<>@\s]/.test(localpart))
    return `a localpart has none of " & ' / : < > @ and no blank`;
  if (domain === '') return 'it has no domain';
  if ([localpart, domain, resource].some((part) => part !== undefined && Buffer.byteLength(part) > 1023))
    return 'a part has more than 1023 octets';
  const literal = /^\[(.*)\]$/.exec(domain)?.[1];
  if (literal !== undefined) return isIP(literal) === 6 ? undefined : `${domain} is no IPv6 address`;
  if (isIP(domain)) return undefined;
  return /^[\p{L}\p{M}\p{N}_-]+(?:\.[\p{L}\p{M}\p{N}_-]+)*\.?$/u.test(domain)
    ? undefined
    : `"${domain}" is no domain`;
}
