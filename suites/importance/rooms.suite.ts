import type { Case } from '../../harness/case/case.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { noPush, pushed } from '../scene/judge.js';
import {
  declineInvite,
  isInvite,
  joinRoom,
  mediatedInvite,
  openRoom,
  privateMark,
  roomHasHandled,
} from '../scene/rooms.js';
import { enabled, enabledAndGone } from '../scene/scene.js';
import { body, directInvite, subject } from '../scene/stanzas.js';
import { message } from '../scene/webpush.js';
import { important, importantInRoom, phone, unimportantInRoom } from './template.js';

/** Rooms and invitations to them. */
export const cases: readonly Case<RequirementId>[] = [
  importantInRoom({
    id: 'groupchat-body',
    title: 'a groupchat message with a body is pushed',
    requirement: 'important.groupchat-body',
    stanza: (room) => message(room, { type: 'groupchat' }, body('Good morrow, all.')),
  }),
  importantInRoom({
    id: 'groupchat-subject-and-body',
    title: 'a groupchat message with a body is pushed though it has a subject',
    requirement: 'important.groupchat-body',
    stanza: (room) =>
      message(room, { type: 'groupchat' }, subject('Of the feud'), body('A plague on both your houses!')),
  }),
  unimportantInRoom({
    id: 'subject',
    title: 'a change of the subject of a room is not pushed',
    requirement: 'important.subject',
    negative: { sibling: 'importance/groupchat-body', fault: 'a subject stands in place of the body' },
    stanza: (room) => message(room, { type: 'groupchat' }, subject('The balcony')),
  }),
  importantInRoom({
    id: 'private-message',
    title: 'a private message of an occupant is pushed',
    requirement: 'important.private-message',
    stanza: (room) => message(`${room}/Juliet`, { type: 'chat' }, body('Come hither.'), privateMark()),
  }),
  {
    id: 'importance/own-reflection',
    title: "the reflection of the account's own groupchat message is not pushed",
    requirements: ['important.own-reflection'],
    negative: { sibling: 'importance/groupchat-body', fault: 'the account itself said it' },
    absence: 'sentinel',
    needs: { traits: ['rooms'] },
    async play(stage) {
      const romeo = await stage.connect('romeo/desk');
      const room = await openRoom(stage, romeo, 'Romeo');
      const juliet = await enabled(stage, phone, { streamManagement: 'resumable' });
      await joinRoom(juliet.actor, room, 'Juliet');
      // What comes back is never acknowledged, so that it is there when the session begins to hibernate.
      juliet.actor.acknowledge(false);
      await juliet.actor.send(message(room, { type: 'groupchat' }, body('O Romeo, Romeo!')));
      await juliet.actor.receive(
        'reflection of the own message',
        (stanza) => stanza.is('message') && stanza.getChildText('body') === 'O Romeo, Romeo!',
      );
      await juliet.actor.lose();
      await stage.fence.sentinel(juliet.account, juliet.subscription);
    },
    judge: (evidence) => [noPush(evidence, 'important.own-reflection', phone)],
  },
  important({
    id: 'direct-invite',
    title: 'a direct invitation to a room is pushed without a body',
    requirement: 'important.direct-invite',
    stanza: (juliet) =>
      message(juliet, {}, directInvite('balcony@rooms.example', { reason: 'The lark sings here.' })),
  }),
  {
    id: 'importance/mediated-invite',
    title: 'a mediated invitation to a room is pushed',
    requirements: ['important.mediated-invite'],
    needs: { traits: ['rooms'] },
    async play(stage) {
      const juliet = await enabledAndGone(stage, phone);
      const romeo = await stage.connect('romeo/desk');
      const room = await openRoom(stage, romeo, 'Romeo');
      await romeo.send(mediatedInvite(room, juliet.account.bareJid));
      await stage.pushed(juliet.subscription);
    },
    judge: (evidence) => [pushed(evidence, 'important.mediated-invite', phone)],
  },
  {
    id: 'importance/decline',
    title: 'the declining of an invitation is not pushed',
    requirements: ['important.decline'],
    negative: { sibling: 'importance/mediated-invite', fault: 'the room tells of a refusal' },
    absence: 'sentinel',
    needs: { traits: ['rooms'] },
    async play(stage) {
      const juliet = await enabled(stage, phone, { streamManagement: 'resumable' });
      const room = await openRoom(stage, juliet.actor, 'Juliet');
      const romeo = await stage.connect('romeo/desk');
      await juliet.actor.send(mediatedInvite(room, romeo.bareJid));
      await romeo.receive('invitation', isInvite);
      await juliet.actor.lose();
      await romeo.send(declineInvite(room, juliet.account.bareJid));
      await roomHasHandled(romeo, room);
      await stage.fence.sentinel(juliet.account, juliet.subscription, romeo);
    },
    judge: (evidence) => [noPush(evidence, 'important.decline', phone)],
  },
];
