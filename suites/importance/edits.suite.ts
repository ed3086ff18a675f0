import { sessionAway } from '../scene/away.js';
import {
  body,
  fallbackFor,
  hint,
  moderates,
  reactions,
  reacts,
  replaces,
  repliesTo,
  retractions,
  retracts,
} from '../scene/stanzas.js';
import { message } from '../scene/webpush.js';
import { important, unimportant } from './template.js';

/** Messages about other messages. */
export const cases = [
  unimportant({
    id: 'correction',
    title: 'the correction of a message is not pushed',
    requirement: 'important.correction',
    negative: { sibling: 'importance/chat-body', fault: 'it replaces an earlier message' },
    stanza: (juliet) =>
      message(juliet, { type: 'chat' }, body('Wherefore art thou?'), replaces('sent-before')),
  }),
  unimportant({
    id: 'retraction',
    title: 'the retraction of a message is not pushed',
    requirement: 'important.retraction',
    negative: { sibling: 'importance/stored-body', fault: 'a retraction stands in place of the body' },
    stanza: (juliet) => message(juliet, { type: 'chat' }, retracts('sent-before'), hint('store')),
  }),
  unimportant({
    id: 'retraction-with-fallback',
    title: 'the retraction of a message is not pushed for its fallback body',
    requirement: 'important.retraction',
    negative: { sibling: 'importance/stored-body', fault: 'the body is the fallback of a retraction' },
    stanza: (juliet) =>
      message(
        juliet,
        { type: 'chat' },
        body('Wherefore art thou?'),
        hint('store'),
        retracts('sent-before'),
        fallbackFor(retractions),
      ),
  }),
  unimportant({
    id: 'moderation',
    title: 'the moderation of a message is not pushed',
    requirement: 'important.moderation',
    away: sessionAway,
    to: ['full'],
    // Romeo plays the room, as not every room can moderate; to Juliet's server both are strangers.
    stanza: (juliet) =>
      message(juliet, { type: 'groupchat' }, moderates('said-before', 'balcony@rooms.example/Nurse')),
  }),
  unimportant({
    id: 'reaction',
    title: 'a reaction is not pushed',
    requirement: 'important.reaction',
    negative: { sibling: 'importance/stored-body', fault: 'a reaction stands in place of the body' },
    stanza: (juliet) => message(juliet, { type: 'chat' }, reacts('sent-before', '🌹'), hint('store')),
  }),
  unimportant({
    id: 'reaction-with-fallback',
    title: 'a reaction is not pushed for its fallback body',
    requirement: 'important.reaction',
    negative: { sibling: 'importance/stored-body', fault: 'the body is the fallback of a reaction' },
    stanza: (juliet) =>
      message(
        juliet,
        { type: 'chat' },
        body('Wherefore art thou?'),
        hint('store'),
        reacts('sent-before', '🌹'),
        fallbackFor(reactions),
      ),
  }),
  important({
    id: 'reply',
    title: 'a reply with a body is pushed',
    requirement: 'important.reply',
    stanza: (juliet) =>
      message(
        juliet,
        { type: 'chat' },
        body('By yonder moon I swear.'),
        repliesTo('sent-before', juliet.bareJid),
      ),
  }),
];
