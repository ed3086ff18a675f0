import type { Case } from '../../harness/case/case.js';
import type { Stage } from '../../harness/case/stage.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { unarchivedAway } from '../scene/away.js';
import { inviteToCall } from '../scene/calls.js';
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
import { type Device, enabled, enabledAndGone } from '../scene/scene.js';
import { body, directInvite, subject } from '../scene/stanzas.js';
import { message } from '../scene/webpush.js';
import { important, importantInRoom, phone, unimportantInRoom } from './template.js';

/** Somebody says something in a room, and Juliet's phone begins to hibernate without having acknowledged it. */
async function saidInRoom(stage: Stage, by: 'romeo' | 'juliet'): Promise<Device> {
  const romeo = await stage.connect('romeo/desk');
  const room = await openRoom(stage, romeo, 'Romeo');
  const juliet = await enabled(stage, phone, { streamManagement: 'resumable' });
  await joinRoom(juliet.actor, room, 'Juliet');
  juliet.actor.acknowledge(false);
  const text = 'What light through yonder window breaks?';
  const sayer = by === 'romeo' ? romeo : juliet.actor;
  await sayer.send(message(room, { type: 'groupchat' }, body(text)));
  await juliet.actor.receive(
    'what was said',
    (stanza) => stanza.is('message') && stanza.getChildText('body') === text,
  );
  await juliet.actor.lose();
  return juliet;
}

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
  importantInRoom({
    id: 'call-invite-in-room',
    title: 'a call invite in a room is pushed',
    requirement: 'important.call-invite',
    stanza(room) {
      const invite = inviteToCall(room);
      invite.attrs.type = 'groupchat';
      return invite;
    },
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
    id: 'importance/groupchat-body-unacknowledged',
    title: 'a groupchat message with a body that is unacknowledged when hibernation begins is pushed',
    requirements: ['important.groupchat-body'],
    needs: { traits: ['rooms'] },
    async play(stage) {
      const juliet = await saidInRoom(stage, 'romeo');
      await stage.pushed(juliet.subscription);
    },
    judge: (evidence) => [pushed(evidence, 'important.groupchat-body', phone)],
  },
  {
    id: 'importance/own-reflection',
    title: "the reflection of the account's own groupchat message is not pushed",
    requirements: ['important.own-reflection'],
    negative: {
      sibling: 'importance/groupchat-body-unacknowledged',
      fault: 'the account itself said it',
    },
    absence: 'sentinel',
    needs: { traits: ['rooms'] },
    async play(stage) {
      const juliet = await saidInRoom(stage, 'juliet');
      await stage.fence.sentinel(juliet.account, juliet.subscription);
    },
    judge: (evidence) => [noPush(evidence, 'important.own-reflection', phone)],
  },
  important({
    id: 'direct-invite',
    title: 'a direct invitation to a room is pushed without a body',
    requirement: 'important.direct-invite',
    away: unarchivedAway,
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
