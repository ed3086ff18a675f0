import xml, { type Element } from '@xmpp/xml';
import { WEBPUSH } from './namespace.js';

/** `<feature/>` for disco#info of the account's bare JID (XEP-0030 §3.1), shown to its owner only. */
export function discoFeature(): Element {
  return xml('feature', { var: WEBPUSH });
}

/**
 * The form in the same reply (XEP-0128 §2) that publishes the key a browser subscribes with.
 *
 * @param applicationServerKey the host's public key, 65 octets uncompressed in base64url without padding: what the Push
 *   API's `applicationServerKey` takes.
 */
export function discoForm(applicationServerKey: string): Element {
  return xml(
    'x',
    { xmlns: 'jabber:x:data', type: 'result' },
    field('FORM_TYPE', 'hidden', 'http://jabber.org/protocol/webpush#public-key'),
    field('webpush#public-key', 'text-single', applicationServerKey),
  );
}

function field(name: string, type: string, value: string): Element {
  return xml('field', { var: name, type }, xml('value', {}, value));
}
