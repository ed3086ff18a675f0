import xml, { type Element } from '@xmpp/xml';
import { parseJid } from '../session/jid.js';
import { attribute, copyElement } from '../session/stanza.js';

const STANZA_ID = 'urn:xmpp:sid:0';

/** XEP-0359 §5: what claims to be by someone this server speaks for is removed; only the server itself may say that. */
export function stripStanzaIds(stanza: Element, isOurs: (domain: string) => boolean): Element {
  const copy = copyElement(stanza);
  copy.children = copy.children.filter((child) => {
    if (typeof child === 'string' || !child.is('stanza-id', STANZA_ID)) return true;
    const by = parseJid(attribute(child, 'by') ?? '');
    return by !== undefined && !isOurs(by.domain);
  });
  return copy;
}

/** A copy that names the archive's id; without an id the stanza itself. */
export function stampStanzaId(stanza: Element, by: string, id: string | undefined): Element {
  if (id === undefined) return stanza;
  const copy = copyElement(stanza);
  copy.append(xml('stanza-id', { xmlns: STANZA_ID, by, id }));
  return copy;
}

export const stanzaIdFeature = STANZA_ID;
