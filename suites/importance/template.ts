import type { Element } from '@xmpp/xml';
import type { Case } from '../../harness/case/case.js';
import type { Account } from '../../harness/case/stage.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { noPush, pushes } from '../scene/judge.js';
import { enabledAndGone } from '../scene/scene.js';

interface MessageCase {
  readonly id: string;
  readonly title: string;
  readonly requirement: RequirementId;
  /** The message Romeo sends; `to` is Juliet's account, offline with one registration. */
  readonly message: (to: Account) => Element;
}

/** A message to an account that is offline is pushed once. */
export function important({ id, title, requirement, message }: MessageCase): Case<RequirementId> {
  return {
    id: `importance/${id}`,
    title,
    requirements: [requirement],
    async play(stage) {
      const juliet = await enabledAndGone(stage, 'juliet/phone');
      const romeo = await stage.connect('romeo/desk');
      await romeo.send(message(juliet.account));
      await stage.pushed(juliet.subscription);
    },
    judge: (evidence) => [pushes(evidence, requirement, 'juliet/phone', 1)],
  };
}

/** The same message but for one fault is not pushed: a sentinel sent after it is. */
export function unimportant(
  subject: MessageCase & { readonly negative?: { readonly sibling: string; readonly fault: string } },
): Case<RequirementId> {
  const { id, title, requirement, negative, message } = subject;
  return {
    id: `importance/${id}`,
    title,
    requirements: [requirement],
    ...(negative ? { negative } : {}),
    absence: 'sentinel',
    async play(stage) {
      const juliet = await enabledAndGone(stage, 'juliet/phone');
      const romeo = await stage.connect('romeo/desk');
      await romeo.send(message(juliet.account));
      await stage.fence.sentinel(juliet.account, juliet.subscription, romeo);
    },
    judge: (evidence) => [noPush(evidence, requirement, 'juliet/phone')],
  };
}
