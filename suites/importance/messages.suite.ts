import xml from '@xmpp/xml';
import { chat, message } from '../scene/webpush.js';
import { important, unimportant } from './template.js';

export const cases = [
  important({
    id: 'chat-body',
    title: 'a chat message with a body is pushed',
    requirement: 'important.chat-body',
    message: (to) => chat(to, 'Wherefore art thou?'),
  }),
  unimportant({
    id: 'empty-body',
    title: 'a chat message with an empty body is not pushed',
    requirement: 'important.empty-body',
    negative: { sibling: 'importance/chat-body', fault: 'the body is empty' },
    message: (to) => message(to, { type: 'chat' }, xml('body')),
  }),
];
