import xml from '@xmpp/xml';
import { sessionAway, unarchivedAway } from '../scene/away.js';
import { body, chatState, displayed, hint, receipt, receiptRequest } from '../scene/stanzas.js';
import { chat, message } from '../scene/webpush.js';
import { important, unimportant } from './template.js';

/** Bodies and types, and what goes along with a message without being one. */
export const cases = [
  important({
    id: 'chat-body',
    title: 'a chat message with a body is pushed',
    requirement: 'important.chat-body',
    to: ['bare', 'full'],
    stanza: (juliet) => chat(juliet, 'Wherefore art thou?'),
  }),
  important({
    id: 'stored-body',
    title: 'a chat message with a body that is to be stored is pushed',
    requirement: 'important.chat-body',
    to: ['bare', 'full'],
    stanza: (juliet) => message(juliet, { type: 'chat' }, body('Wherefore art thou?'), hint('store')),
  }),
  important({
    id: 'otr-body',
    title: 'a chat message whose body is encrypted off the record is pushed like any other',
    requirement: 'important.chat-body',
    stanza: (juliet) => chat(juliet, '?OTR:AAMDJ+MVmSfjFZcAAAAAAQAAAAIAAADA1g5IjD1ZGLDVQEyCgCyn9hb.'),
  }),
  unimportant({
    id: 'empty-body',
    title: 'a chat message with an empty body is not pushed',
    requirement: 'important.empty-body',
    to: ['bare', 'full'],
    negative: { sibling: 'importance/chat-body', fault: 'the body is empty' },
    stanza: (juliet) => message(juliet, { type: 'chat' }, xml('body')),
  }),
  important({
    id: 'normal-body',
    title: 'a message of type normal with a body is pushed',
    requirement: 'important.normal-body',
    stanza: (juliet) => message(juliet, { type: 'normal' }, body('What man art thou?')),
  }),
  important({
    id: 'untyped-body',
    title: 'a message without a type with a body is pushed',
    requirement: 'important.normal-body',
    stanza: (juliet) => message(juliet, {}, body('What man art thou?')),
  }),
  unimportant({
    id: 'headline',
    title: 'a headline is not pushed',
    requirement: 'important.headline',
    away: sessionAway,
    to: ['full', 'bare'],
    negative: { sibling: 'importance/chat-body', fault: 'the type is headline' },
    stanza: (juliet) => message(juliet, { type: 'headline' }, body('Wherefore art thou?')),
  }),
  unimportant({
    id: 'error',
    title: 'an error with the body of the message it returns is not pushed',
    requirement: 'important.error',
    away: sessionAway,
    to: ['full'],
    negative: { sibling: 'importance/chat-body', fault: 'the message is an error' },
    stanza: (juliet) =>
      message(
        juliet,
        { type: 'error' },
        body('Wherefore art thou?'),
        xml(
          'error',
          { type: 'cancel' },
          xml('service-unavailable', { xmlns: 'urn:ietf:params:xml:ns:xmpp-stanzas' }),
        ),
      ),
  }),
  ...(['active', 'composing', 'paused', 'inactive', 'gone'] as const).map((state) =>
    unimportant({
      id: `chat-state-${state}`,
      title: `a chat state of ${state} that stands alone is not pushed`,
      requirement: 'important.chat-state',
      away: sessionAway,
      to: ['full', 'bare'],
      negative: {
        sibling: 'importance/chat-body',
        fault: 'a chat state stands in place of the body',
      },
      stanza: (juliet) => message(juliet, { type: 'chat' }, chatState(state)),
    }),
  ),
  unimportant({
    id: 'receipt',
    title: 'a delivery receipt without a body is not pushed',
    requirement: 'important.receipt',
    to: ['bare', 'full'],
    negative: { sibling: 'importance/stored-body', fault: 'a receipt stands in place of the body' },
    stanza: (juliet) => message(juliet, { type: 'chat' }, receipt('sent-before'), hint('store')),
  }),
  important({
    id: 'receipt-request',
    title: 'a message with a body that asks for a receipt is pushed',
    requirement: 'important.receipt-request',
    stanza: (juliet) => message(juliet, { type: 'chat', id: 'hark' }, body('Answer me!'), receiptRequest()),
  }),
  unimportant({
    id: 'marker',
    title: 'a chat marker without a body is not pushed',
    requirement: 'important.marker',
    negative: { sibling: 'importance/stored-body', fault: 'a chat marker stands in place of the body' },
    stanza: (juliet) => message(juliet, { type: 'chat' }, displayed('sent-before'), hint('store')),
  }),
  ...(['received', 'acknowledged'] as const).map((marker) =>
    unimportant({
      id: `marker-${marker}`,
      title: `a chat marker ${marker}, of earlier days, without a body is not pushed`,
      requirement: 'important.marker',
      negative: { sibling: 'importance/stored-body', fault: 'a chat marker stands in place of the body' },
      stanza: (juliet) =>
        message(
          juliet,
          { type: 'chat' },
          xml(marker, { xmlns: 'urn:xmpp:chat-markers:0', id: 'sent-before' }),
          hint('store'),
        ),
    }),
  ),
  unimportant({
    id: 'no-store',
    title: 'a message that is not to be stored is not pushed unless a session hibernates',
    requirement: 'important.no-store',
    away: ['offline', 'archived'],
    negative: { sibling: 'importance/chat-body', fault: 'the hint no-store is there' },
    stanza: (juliet) => message(juliet, { type: 'chat' }, body('Wherefore art thou?'), hint('no-store')),
  }),
  important({
    id: 'no-permanent-store',
    title: 'a message with a body that is not to be archived is pushed',
    requirement: 'important.no-permanent-store',
    // Not archived: that is what the hint asks for.
    away: unarchivedAway,
    stanza: (juliet) =>
      message(juliet, { type: 'chat' }, body('Read, then burn.'), hint('no-permanent-store')),
  }),
  unimportant({
    id: 'store-hint',
    title: 'a message with nothing but the hint store is not pushed',
    requirement: 'important.store-hint',
    negative: { sibling: 'importance/chat-body', fault: 'the hint store stands in place of the body' },
    stanza: (juliet) => message(juliet, { type: 'chat' }, hint('store')),
  }),
  important({
    id: 'unknown-child',
    title: 'a message with a body is pushed whatever else is in it',
    requirement: 'important.unknown-child',
    stanza: (juliet) => message(juliet, { type: 'chat' }, body('A rose'), unknownChild()),
  }),
  unimportant({
    id: 'unknown-child-alone',
    title: 'a message with nothing but a child that nobody knows is not pushed',
    requirement: 'important.unknown-child',
    negative: { sibling: 'importance/unknown-child', fault: 'the body is missing' },
    stanza: (juliet) => message(juliet, { type: 'chat' }, unknownChild()),
  }),
];

/** Of a namespace that says nothing, with elements inside that elsewhere mean something. */
function unknownChild() {
  return xml(
    'scent',
    { xmlns: 'urn:example:rose:0' },
    xml('body', {}, 'sweet'),
    xml('payload', {}, 'c3dlZXQ='),
  );
}
