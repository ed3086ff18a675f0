import { ACCOUNT, element, message, PEER } from '../stanza-text.js';
import { asMet, copied, type ImportanceDraft, open, text, unimportant } from './draft.js';

const event = (node: string) =>
  element('event', { xmlns: 'http://jabber.org/protocol/pubsub#event' }, element('items', { node }));
const presence = (type: string | undefined) =>
  element('presence', { xmlns: 'jabber:client', type, from: PEER, to: ACCOUNT });

export const others: readonly ImportanceDraft[] = [
  unimportant(
    'pep-event-with-body',
    'normal-body',
    'it is the event of a node',
    'important.pep-event',
    'pubsub-event',
    message({ type: 'normal' }, text, event('urn:xmpp:avatar:metadata')),
  ),
  asMet(
    'pep-event',
    'an avatar changed',
    'important.pep-event',
    'headline',
    message({ type: 'headline', from: PEER }, event('urn:xmpp:avatar:metadata')),
  ),
  asMet(
    'pep-event-untyped',
    'a read position of another device, without a type',
    'important.pep-event',
    'pubsub-event',
    message({ type: undefined, from: ACCOUNT }, event('urn:xmpp:mds:displayed:0')),
  ),
  asMet(
    'archive-result',
    'an answer of the archive',
    'important.empty-body',
    'archive-result',
    message(
      { type: undefined, from: ACCOUNT, to: `${ACCOUNT}/web` },
      element(
        'result',
        { xmlns: 'urn:xmpp:mam:2', id: '28482-98726' },
        element('forwarded', { xmlns: 'urn:xmpp:forward:0' }, copied(text)),
      ),
    ),
  ),
  unimportant(
    'iq-call',
    'call-propose',
    'it is an IQ',
    'important.iq',
    'iq',
    element(
      'iq',
      { xmlns: 'jabber:client', type: 'set', id: 'call-1', from: `${PEER}/orchard`, to: ACCOUNT },
      element('jingle', { xmlns: 'urn:xmpp:jingle:1', action: 'session-initiate', sid: 'a73sjjvkla37jfea' }),
    ),
  ),
  asMet(
    'iq-result',
    'an answer to a ping',
    'important.iq',
    'iq',
    element('iq', { xmlns: 'jabber:client', type: 'result', id: 'ping-1', from: PEER, to: ACCOUNT }),
  ),
  open(
    'presence-subscribe',
    'a request to subscribe',
    'important.subscription-request',
    presence('subscribe'),
  ),
  ...['unavailable', 'subscribed', 'unsubscribe', 'unsubscribed', 'probe', 'error'].map((type) =>
    unimportant(
      `presence-${type}`,
      'presence-subscribe',
      `the type is ${type}`,
      'important.presence',
      'presence',
      presence(type),
    ),
  ),
  unimportant(
    'presence',
    'presence-subscribe',
    'there is no type',
    'important.presence',
    'presence',
    presence(undefined),
  ),
];
