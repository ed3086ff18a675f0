import type { Element } from '@xmpp/xml';
import type { Actor } from '../../harness/actor/actor.js';
import { type Case, type Choice, type Negative, varied } from '../../harness/case/case.js';
import type { Account, Sender, Stage } from '../../harness/case/stage.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { type Away, everyAway, leaving, needsOf, sentTo, sessionAway } from '../scene/away.js';
import { noPush, pushed } from '../scene/judge.js';
import { member } from '../scene/payload.js';
import { joinRoom, openRoom, roomHasHandled } from '../scene/rooms.js';
import { type Device, enabled } from '../scene/scene.js';

/** The one registration every case of this area looks at. */
export const phone = 'juliet/phone';

interface Subject {
  readonly id: string;
  readonly title: string;
  readonly requirement: RequirementId;
}

/** How a case says that it is another one with one thing wrong. */
interface Negation {
  readonly negative?: Negative;
}

interface StanzaCase extends Subject {
  /** How Juliet's phone may be away, the usual way first. By default in every way. */
  readonly away?: readonly [Away, ...Away[]];
  /** What the stanza may be addressed to. By default the account alone. */
  readonly to?: readonly [Address, ...Address[]];
  /** What Romeo sends. */
  readonly stanza: (juliet: Account) => Element;
}

type Address = 'bare' | 'full';

/** What a case about one stanza has of it, whatever it claims. */
function stanzaCase({ id, title, requirement, away = everyAway, to = ['bare'], stanza }: StanzaCase) {
  const vary = { ...(away.length > 1 ? { away } : {}), ...(to.length > 1 ? { to } : {}) };
  /** The values of a choice; what has but one does not vary. */
  const chosen = (choice: Choice) => ({
    how: away.find((one) => one === choice.away) ?? away[0],
    where: to.find((one) => one === choice.to) ?? to[0],
  });
  return {
    id: `importance/${id}`,
    title,
    requirements: [requirement] as const,
    ...(Object.keys(vary).length > 0 ? { vary } : {}),
    needsFor: (choice: Choice) => needsOf(chosen(choice).how),
    send(stage: Stage, choice: Choice, romeo: Sender): Promise<Device> {
      const { how, where } = chosen(choice);
      return sentTo(stage, phone, how, romeo, ({ account, actor }) => {
        const sent = stanza(account);
        if (where === 'full') sent.attrs.to = actor.fullJid;
        return sent;
      });
    },
  };
}

/** A stanza for an account that is away is pushed. */
export function important(subject: StanzaCase & { readonly kind?: string }): Case<RequirementId> {
  const { send, ...common } = stanzaCase(subject);
  const { requirement, kind } = subject;
  return {
    ...common,
    async play(stage, choice) {
      const juliet = await send(stage, choice, await stage.sender('romeo'));
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
export function unimportant(subject: StanzaCase & Negation): Case<RequirementId> {
  const { send, ...common } = stanzaCase(subject);
  const { requirement, negative } = subject;
  return {
    ...common,
    ...(negative ? { negative } : {}),
    absence: 'sentinel',
    async play(stage, choice) {
      const romeo = await stage.sender('romeo');
      const juliet = await send(stage, choice, romeo);
      await stage.fence.sentinel(juliet.account, juliet.subscription, romeo);
    },
    judge: (evidence) => [noPush(evidence, requirement, phone)],
  };
}

interface RoomCase extends Subject {
  /** What Romeo, who owns the room and sits in it as Romeo, sends. Juliet sits there as Juliet. */
  readonly stanza: (room: string) => Element;
}

/** A stanza that reaches an account through a room, in which its phone sits while its session is away, is pushed. */
export function importantInRoom({ id, title, requirement, stanza }: RoomCase): Case<RequirementId> {
  return varied({
    id: `importance/${id}`,
    title,
    requirements: [requirement],
    vary: { away: sessionAway },
    needs: { traits: ['rooms'] },
    async play(stage, { away }) {
      const { juliet } = await saidInRoom(stage, away, stanza);
      await stage.pushed(juliet.subscription);
    },
    judge: (evidence) => [pushed(evidence, requirement, phone)],
  });
}

/** The same, and it is not pushed. */
export function unimportantInRoom(subject: RoomCase & Negation): Case<RequirementId> {
  const { id, title, requirement, negative, stanza } = subject;
  return varied({
    id: `importance/${id}`,
    title,
    requirements: [requirement],
    ...(negative ? { negative } : {}),
    absence: 'sentinel',
    vary: { away: sessionAway },
    needs: { traits: ['rooms'] },
    async play(stage, { away }) {
      const { romeo, juliet } = await saidInRoom(stage, away, stanza);
      await stage.fence.sentinel(juliet.account, juliet.subscription, romeo);
    },
    judge: (evidence) => [noPush(evidence, requirement, phone)],
  });
}

async function saidInRoom(
  stage: Stage,
  away: (typeof sessionAway)[number],
  stanza: RoomCase['stanza'],
): Promise<{ readonly romeo: Actor; readonly juliet: Device }> {
  const romeo = await stage.connect('romeo/desk');
  const room = await openRoom(stage, romeo, 'Romeo');
  const juliet = await enabled(stage, phone, { streamManagement: 'resumable' });
  await joinRoom(juliet.actor, room, 'Juliet');
  await leaving(away, juliet.actor, async () => {
    await romeo.send(stanza(room));
    await roomHasHandled(romeo, room);
  });
  return { romeo, juliet };
}

interface CarbonCase extends Subject {
  /** What happens on Juliet's desk, which is live, while her phone hibernates and gets a carbon of it. */
  readonly act: (desk: Actor, romeo: Sender) => Promise<void>;
}

/** What another device of the account said or got is pushed. */
export function importantCarbon({ id, title, requirement, act }: CarbonCase): Case<RequirementId> {
  return varied({
    id: `importance/${id}`,
    title,
    requirements: [requirement],
    vary: { away: sessionAway },
    async play(stage, { away }) {
      const { juliet } = await phoneAwayDeskLive(stage, away, act);
      await stage.pushed(juliet.subscription);
    },
    judge: (evidence) => [pushed(evidence, requirement, phone)],
  });
}

/** The same, and it is not pushed. */
export function unimportantCarbon(subject: CarbonCase & Negation): Case<RequirementId> {
  const { id, title, requirement, negative, act } = subject;
  return varied({
    id: `importance/${id}`,
    title,
    requirements: [requirement],
    ...(negative ? { negative } : {}),
    absence: 'sentinel',
    vary: { away: sessionAway },
    async play(stage, { away }) {
      const { juliet, desk, romeo } = await phoneAwayDeskLive(stage, away, act);
      await stage.fence.sentinel(juliet.account, juliet.subscription, desk, romeo);
    },
    judge: (evidence) => [noPush(evidence, requirement, phone)],
  });
}

async function phoneAwayDeskLive(
  stage: Stage,
  away: (typeof sessionAway)[number],
  act: CarbonCase['act'],
): Promise<{ readonly juliet: Device; readonly desk: Actor; readonly romeo: Sender }> {
  const juliet = await enabled(stage, phone, { streamManagement: 'resumable', carbons: true });
  const desk = await stage.connect('juliet/desk', { carbons: true });
  const romeo = await stage.sender('romeo');
  await leaving(away, juliet.actor, async () => {
    await act(desk, romeo);
    await Promise.all([desk.ping(), romeo.ping()]);
  });
  return { juliet, desk, romeo };
}
