import type { Element } from '@xmpp/xml';
import type { Actor } from '../../harness/actor/actor.js';
import type { Case } from '../../harness/case/case.js';
import type { Account, Sender, Stage } from '../../harness/case/stage.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { noPush, pushed } from '../scene/judge.js';
import { member } from '../scene/payload.js';
import { joinRoom, openRoom, roomHasHandled } from '../scene/rooms.js';
import { type Device, enabled, enabledAndGone, enabledAndHibernating } from '../scene/scene.js';

/** The one registration every case of this area looks at. */
export const phone = 'juliet/phone';

interface Subject {
  readonly id: string;
  readonly title: string;
  readonly requirement: RequirementId;
}

/** How a case says that it is another one with one thing wrong. */
interface Negative {
  readonly negative?: { readonly sibling: string; readonly fault: string };
}

interface StanzaCase extends Subject {
  /** What became of Juliet's phone: by default it is offline; hibernating, it also gets what is never stored. */
  readonly state?: 'offline' | 'hibernating';
  /** What Romeo sends; `fullJid` is that of the phone. */
  readonly stanza: (juliet: Account, fullJid: string) => Element;
}

/** A stanza for an account that is away is pushed. */
export function important(subject: StanzaCase & { readonly kind?: string }): Case<RequirementId> {
  const { id, title, requirement, state, stanza, kind } = subject;
  return {
    id: `importance/${id}`,
    title,
    requirements: [requirement],
    async play(stage) {
      const juliet = await awayIn(stage, state);
      const romeo = await stage.sender('romeo');
      await romeo.send(stanza(juliet.account, juliet.actor.fullJid));
      await stage.pushed(juliet.subscription);
    },
    judge: (evidence) => [
      kind === undefined
        ? pushed(evidence, requirement, phone)
        : member(evidence, requirement, phone, 'kind', kind),
    ],
  };
}

/** A stanza that is not pushed: a sentinel sent after it is. */
export function unimportant(subject: StanzaCase & Negative): Case<RequirementId> {
  const { id, title, requirement, negative, state, stanza } = subject;
  return {
    id: `importance/${id}`,
    title,
    requirements: [requirement],
    ...(negative ? { negative } : {}),
    absence: 'sentinel',
    async play(stage) {
      const juliet = await awayIn(stage, state);
      const romeo = await stage.sender('romeo');
      await romeo.send(stanza(juliet.account, juliet.actor.fullJid));
      await stage.fence.sentinel(juliet.account, juliet.subscription, romeo);
    },
    judge: (evidence) => [noPush(evidence, requirement, phone)],
  };
}

function awayIn(stage: Stage, state: StanzaCase['state'] = 'offline'): Promise<Device> {
  return state === 'offline' ? enabledAndGone(stage, phone) : enabledAndHibernating(stage, phone);
}

interface RoomCase extends Subject {
  /** What Romeo, who owns the room and sits in it as Romeo, sends. Juliet sits there as Juliet. */
  readonly stanza: (room: string) => Element;
}

/** A stanza that reaches an account through a room, in which its phone sits and hibernates, is pushed. */
export function importantInRoom({ id, title, requirement, stanza }: RoomCase): Case<RequirementId> {
  return {
    id: `importance/${id}`,
    title,
    requirements: [requirement],
    needs: { traits: ['rooms'] },
    async play(stage) {
      const { romeo, juliet, room } = await bothInRoom(stage);
      await romeo.send(stanza(room));
      await stage.pushed(juliet.subscription);
      await roomHasHandled(romeo, room);
    },
    judge: (evidence) => [pushed(evidence, requirement, phone)],
  };
}

/** The same, and it is not pushed. */
export function unimportantInRoom(subject: RoomCase & Negative): Case<RequirementId> {
  const { id, title, requirement, negative, stanza } = subject;
  return {
    id: `importance/${id}`,
    title,
    requirements: [requirement],
    ...(negative ? { negative } : {}),
    absence: 'sentinel',
    needs: { traits: ['rooms'] },
    async play(stage) {
      const { romeo, juliet, room } = await bothInRoom(stage);
      await romeo.send(stanza(room));
      await roomHasHandled(romeo, room);
      await stage.fence.sentinel(juliet.account, juliet.subscription, romeo);
    },
    judge: (evidence) => [noPush(evidence, requirement, phone)],
  };
}

async function bothInRoom(
  stage: Stage,
): Promise<{ readonly romeo: Actor; readonly juliet: Device; readonly room: string }> {
  const romeo = await stage.connect('romeo/desk');
  const room = await openRoom(stage, romeo, 'Romeo');
  const juliet = await enabled(stage, phone, { streamManagement: 'resumable' });
  await joinRoom(juliet.actor, room, 'Juliet');
  await juliet.actor.lose();
  return { romeo, juliet, room };
}

interface CarbonCase extends Subject {
  /** What happens on Juliet's desk, which is live, while her phone hibernates and gets a carbon of it. */
  readonly act: (desk: Actor, romeo: Sender) => Promise<void>;
}

/** What another device of the account said or got is pushed. */
export function importantCarbon({ id, title, requirement, act }: CarbonCase): Case<RequirementId> {
  return {
    id: `importance/${id}`,
    title,
    requirements: [requirement],
    async play(stage) {
      const { juliet, desk, romeo } = await phoneAwayDeskLive(stage);
      await act(desk, romeo);
      await stage.pushed(juliet.subscription);
    },
    judge: (evidence) => [pushed(evidence, requirement, phone)],
  };
}

/** The same, and it is not pushed. */
export function unimportantCarbon(subject: CarbonCase & Negative): Case<RequirementId> {
  const { id, title, requirement, negative, act } = subject;
  return {
    id: `importance/${id}`,
    title,
    requirements: [requirement],
    ...(negative ? { negative } : {}),
    absence: 'sentinel',
    async play(stage) {
      const { juliet, desk, romeo } = await phoneAwayDeskLive(stage);
      await act(desk, romeo);
      await stage.fence.sentinel(juliet.account, juliet.subscription, desk, romeo);
    },
    judge: (evidence) => [noPush(evidence, requirement, phone)],
  };
}

async function phoneAwayDeskLive(
  stage: Stage,
): Promise<{ readonly juliet: Device; readonly desk: Actor; readonly romeo: Sender }> {
  const juliet = await enabled(stage, phone, { streamManagement: 'resumable', carbons: true });
  const desk = await stage.connect('juliet/desk', { carbons: true });
  const romeo = await stage.sender('romeo');
  await juliet.actor.lose();
  return { juliet, desk, romeo };
}
