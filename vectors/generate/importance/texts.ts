import { ACCOUNT, element, message, PEER } from '../stanza-text.js';
import { asMet, chat, type ImportanceDraft, important, text, unimportant } from './draft.js';

export const texts: readonly ImportanceDraft[] = [
  important('chat-body', 'a chat message with a body', 'important.chat-body', 'chat-body', chat(text)),
  important(
    'normal-body',
    'a message of type normal with a body',
    'important.normal-body',
    'normal-body',
    message({ type: 'normal' }, text),
  ),
  important(
    'no-type',
    'a message without a type',
    'important.normal-body',
    'normal-body',
    message({ type: undefined }, text),
  ),
  important(
    'unknown-type',
    'a message of a type that does not exist counts as normal',
    'important.normal-body',
    'normal-body',
    message({ type: 'letter' }, text),
  ),
  important(
    'two-languages',
    'one of two bodies is empty',
    'important.chat-body',
    'chat-body',
    chat(element('body', {}), element('body', { 'xml:lang': 'it' }, 'O Romeo')),
  ),
  important(
    'thread',
    'a message in a thread',
    'important.chat-body',
    'chat-body',
    chat(text, element('thread', {}, 'act-2')),
  ),
  important(
    'reply',
    'a reply',
    'important.reply',
    'chat-body',
    chat(text, element('reply', { xmlns: 'urn:xmpp:reply:0', to: `${ACCOUNT}/web`, id: 'm1' })),
  ),
  important(
    'receipt-request',
    'a message that asks for a receipt',
    'important.receipt-request',
    'chat-body',
    chat(text, element('request', { xmlns: 'urn:xmpp:receipts' })),
  ),
  important(
    'markable',
    'a message that asks for markers',
    'important.chat-body',
    'chat-body',
    chat(text, element('markable', { xmlns: 'urn:xmpp:chat-markers:0' })),
  ),
  important(
    'delayed',
    'a message that was delayed',
    'important.chat-body',
    'chat-body',
    chat(text, element('delay', { xmlns: 'urn:xmpp:delay', stamp: '2026-11-22T12:00:00Z' })),
  ),
  important(
    'unknown-child',
    'a message with a child that nobody knows',
    'important.unknown-child',
    'chat-body',
    chat(text, element('propose', { xmlns: 'urn:example:unknown' })),
  ),
  important(
    'prefixed',
    'the same message with prefixes',
    'important.chat-body',
    'chat-body',
    `<c:message xmlns:c='jabber:client' type='chat' from='${PEER}/orchard' to='${ACCOUNT}'><c:body>Wherefore art thou?</c:body></c:message>`,
  ),
  unimportant(
    'empty-body',
    'chat-body',
    'the body is empty',
    'important.empty-body',
    'empty-body',
    chat(element('body', {})),
  ),
  unimportant('no-body', 'chat-body', 'there is no body', 'important.empty-body', 'no-content', chat()),
  unimportant(
    'foreign-body',
    'chat-body',
    'the body is in another namespace',
    'important.empty-body',
    'no-content',
    chat(element('body', { xmlns: 'http://www.w3.org/1999/xhtml' }, 'Wherefore art thou?')),
  ),
  unimportant(
    'headline',
    'chat-body',
    'the type is headline',
    'important.headline',
    'headline',
    message({ type: 'headline' }, text),
  ),
  unimportant(
    'error',
    'chat-body',
    'the type is error',
    'important.error',
    'error',
    message({ type: 'error' }, text),
  ),
  asMet(
    'bounce',
    'a message of the account that came back',
    'important.error',
    'error',
    message(
      { type: 'error' },
      text,
      element(
        'error',
        { type: 'cancel' },
        element('service-unavailable', { xmlns: 'urn:ietf:params:xml:ns:xmpp-stanzas' }),
      ),
    ),
  ),
  unimportant(
    'unknown-child-alone',
    'unknown-child',
    'there is no body',
    'important.unknown-child',
    'no-content',
    chat(element('propose', { xmlns: 'urn:example:unknown' })),
  ),
];

const CHAT_STATES = 'http://jabber.org/protocol/chatstates';
export const states: readonly ImportanceDraft[] = [
  'active',
  'composing',
  'paused',
  'inactive',
  'gone',
].flatMap((state) => {
  const child = element(state, { xmlns: CHAT_STATES });
  return [
    important(
      `${state}-with-body`,
      `a message with the chat state ${state}`,
      'important.chat-body',
      'chat-body',
      chat(text, child),
    ),
    unimportant(
      state,
      `${state}-with-body`,
      'the chat state stands alone',
      'important.chat-state',
      'chat-state',
      chat(child),
    ),
  ];
});

export const markers: readonly ImportanceDraft[] = ['received', 'displayed', 'acknowledged'].flatMap(
  (marker) => {
    const child = element(marker, { xmlns: 'urn:xmpp:chat-markers:0', id: 'm1' });
    return [
      important(
        `${marker}-with-body`,
        `a message that is also the marker ${marker}`,
        'important.chat-body',
        'chat-body',
        chat(text, child),
      ),
      unimportant(
        `marker-${marker}`,
        `${marker}-with-body`,
        'the marker stands alone',
        'important.marker',
        'chat-marker',
        chat(child),
      ),
    ];
  },
);

const receipt = element('received', { xmlns: 'urn:xmpp:receipts', id: 'm1' });
export const receipts: readonly ImportanceDraft[] = [
  important(
    'receipt-with-body',
    'a message that is also a receipt',
    'important.chat-body',
    'chat-body',
    chat(text, receipt),
  ),
  unimportant(
    'receipt',
    'receipt-with-body',
    'the receipt stands alone',
    'important.receipt',
    'receipt',
    chat(receipt),
  ),
];

/** In whichever way a message is on its way, the verdict is the same. */
export const triggers: readonly ImportanceDraft[] = (['archived', 'hibernated'] as const).flatMap(
  (trigger) => [
    important(
      `chat-body-${trigger}`,
      `a chat message that is ${trigger}`,
      'important.same-verdict',
      'chat-body',
      chat(text),
      { trigger },
    ),
    unimportant(
      `headline-${trigger}`,
      `chat-body-${trigger}`,
      'the type is headline',
      'important.same-verdict',
      'headline',
      message({ type: 'headline' }, text),
      trigger,
    ),
    unimportant(
      `empty-body-${trigger}`,
      `chat-body-${trigger}`,
      'the body is empty',
      'important.same-verdict',
      'empty-body',
      chat(element('body', {})),
      trigger,
    ),
  ],
);
