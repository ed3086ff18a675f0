import type { Element } from '@xmpp/xml';
import type { Actor } from '../../harness/actor/actor.js';
import type { Case } from '../../harness/case/case.js';
import type { Sender, Stage } from '../../harness/case/stage.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { noPush, pushes } from '../scene/judge.js';
import { type Device, enabled } from '../scene/scene.js';
import { receiveFrom, tellOnce } from '../scene/steps.js';
import { chat } from '../scene/webpush.js';

export const phone = 'juliet/phone';

/** The step after which the session is known to hibernate. */
const hibernating = 'hibernating';

/**
 * Juliet's phone, whose session hibernates for certain: a server may notice the loss late, but a message of the nurse was
 * told, so it has.
 */
async function asleep(
  stage: Stage,
  prepare?: (phone: Actor, stage: Stage) => Promise<void>,
): Promise<Device> {
  const juliet = await enabled(stage, phone, { streamManagement: 'resumable' });
  await prepare?.(juliet.actor, stage);
  await juliet.actor.lose();
  const nurse = await stage.connect('nurse/desk');
  await nurse.send(chat(juliet.account, 'Madam!'));
  await stage.pushed(juliet.subscription);
  stage.mark(hibernating);
  return juliet;
}

interface Subject {
  readonly id: string;
  readonly title: string;
  /** What Romeo sends. */
  readonly stanza: (juliet: Device) => Element;
}

/** A stanza that is routed to a session that hibernates is pushed once. */
export function toldAsleep(
  subject: Subject & {
    /** What the phone does after it enabled and before its connection breaks. */
    readonly prepare?: (phone: Actor, stage: Stage) => Promise<void>;
  },
): Case<RequirementId> {
  const { id, title, prepare, stanza } = subject;
  return {
    id: `hibernated/${id}`,
    title,
    requirements: ['hibernated.one-push'],
    absence: 'sentinel',
    async play(stage) {
      const juliet = await asleep(stage, prepare);
      await tellOnce(stage, juliet, await stage.sender('romeo'), stanza(juliet), 2);
    },
    judge: (evidence) => [pushes(evidence, 'hibernated.one-push', phone, 1, hibernating)],
  };
}

/** The same with a stanza that is not important: a sentinel sent after it is pushed, it is not. */
export function silentAsleep(subject: Subject & { readonly fault: string }): Case<RequirementId> {
  const { id, title, fault, stanza } = subject;
  return {
    id: `hibernated/${id}`,
    title,
    requirements: ['hibernated.unimportant'],
    negative: { sibling: 'hibernated/one-push', fault },
    absence: 'sentinel',
    async play(stage) {
      const juliet = await asleep(stage);
      const romeo = await stage.sender('romeo');
      await romeo.send(stanza(juliet));
      await stage.fence.sentinel(juliet.account, juliet.subscription, romeo);
    },
    judge: (evidence) => [noPush(evidence, 'hibernated.unimportant', phone, hibernating)],
  };
}

/** What Romeo sends reaches Juliet's phone, which says nothing about it from now on. */
export async function unacknowledged(
  stage: Stage,
  stanzas: (juliet: Device) => readonly Element[],
): Promise<{ readonly juliet: Device; readonly romeo: Sender }> {
  const juliet = await enabled(stage, phone, { streamManagement: 'resumable' });
  juliet.actor.acknowledge(false);
  const romeo = await stage.sender('romeo');
  for (const stanza of stanzas(juliet)) {
    await romeo.send(stanza);
    await receiveFrom(juliet.actor, romeo);
  }
  return { juliet, romeo };
}
