import { callStep, proposeCall } from '../scene/calls.js';
import { omemo } from '../scene/encrypted.js';
import { body, carbon, chatState, hint } from '../scene/stanzas.js';
import { chat, message } from '../scene/webpush.js';
import { important, importantCarbon, unimportant, unimportantCarbon } from './template.js';

/** Copies of what other devices of the account get and send (XEP-0280), and forged ones. */
export const cases = [
  importantCarbon({
    id: 'received-carbon',
    title: 'a received carbon of a message with a body is pushed',
    requirement: 'important.received-carbon',
    act: (desk, romeo) => romeo.send(chat(desk.fullJid, 'It is the east.')),
  }),
  importantCarbon({
    id: 'received-carbon-omemo',
    title: 'a received carbon of an OMEMO message without a body is pushed',
    requirement: 'important.received-carbon',
    act: (desk, romeo) =>
      romeo.send(
        message(
          desk.fullJid,
          { type: 'chat' },
          omemo('urn:xmpp:omemo:2', 'payload', desk.bareJid),
          hint('store'),
        ),
      ),
  }),
  importantCarbon({
    id: 'received-carbon-call',
    title: 'a received carbon of a call proposal is pushed',
    requirement: 'important.received-carbon',
    act: (desk, romeo) => romeo.send(proposeCall(desk.fullJid)),
  }),
  unimportantCarbon({
    id: 'received-carbon-chat-state',
    title: 'a received carbon of a chat state is not pushed',
    requirement: 'important.received-carbon',
    negative: { sibling: 'importance/received-carbon', fault: 'a chat state stands in place of the body' },
    act: (desk, romeo) => romeo.send(message(desk.fullJid, { type: 'chat' }, chatState('composing'))),
  }),
  unimportantCarbon({
    id: 'sent-carbon',
    title: 'a sent carbon is not pushed',
    requirement: 'important.sent-carbon',
    negative: { sibling: 'importance/received-carbon', fault: 'the account itself sent the message' },
    act: (desk, romeo) => desk.send(chat(romeo.fullJid, 'It is the east.')),
  }),
  unimportantCarbon({
    id: 'sent-carbon-call',
    title: 'a sent carbon of a call that another device makes is not pushed',
    requirement: 'important.sent-carbon',
    negative: { sibling: 'importance/received-carbon-call', fault: 'the account itself sent the message' },
    act: (desk, romeo) => desk.send(proposeCall(romeo.fullJid)),
  }),
  ...(['proceed', 'reject'] as const).map((step) =>
    unimportantCarbon({
      id: `sent-carbon-${step}`,
      title: `a sent carbon of a ${step}, by which another device answers a call, is not pushed`,
      requirement: 'important.sent-carbon',
      act: (desk, romeo) => desk.send(callStep(romeo.fullJid, step)),
    }),
  ),
  unimportant({
    id: 'foreign-carbon',
    title: 'a carbon that a stranger made up is not pushed for what it carries',
    requirement: 'important.foreign-carbon',
    negative: { sibling: 'importance/chat-body', fault: 'a made up carbon stands in place of the body' },
    stanza: (juliet) =>
      message(juliet, { type: 'chat' }, carbon('received', copied(juliet.bareJid, 'Arise, fair sun!'))),
  }),
  important({
    id: 'foreign-carbon-with-body',
    title: 'a message with a body is pushed though a stranger made it look like a sent carbon',
    requirement: 'important.foreign-carbon',
    stanza: (juliet) =>
      message(
        juliet,
        { type: 'chat' },
        body('Arise, fair sun!'),
        carbon('sent', copied('romeo@montague.example', 'Anon!')),
      ),
  }),
];

/** A message as a server would have put it into a carbon: it says who sent it. */
function copied(to: string, text: string) {
  return message(to, { type: 'chat', from: 'nurse@capulet.example/chamber' }, body(text));
}
