import type { ConnectOptions } from '../../harness/actor/actor.js';
import type { Case } from '../../harness/case/case.js';
import type { Sender, Stage } from '../../harness/case/stage.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { keepMessages } from '../scene/archive.js';
import { noPush } from '../scene/judge.js';
import { type Device, enabled, enabledAndHibernating } from '../scene/scene.js';
import { acknowledgeAll, resumed } from '../scene/steps.js';
import { chat } from '../scene/webpush.js';

const phone = 'juliet/phone';
const text = 'Hark!';

interface LiveCase {
  readonly id: string;
  readonly title: string;
  readonly requirement?: RequirementId;
  readonly fault: string;
  /** Juliet's phone, live and enabled. */
  readonly device: (stage: Stage) => Promise<Device>;
  /** What is sent while it is live. By default Romeo writes to Juliet. */
  readonly act?: (stage: Stage, juliet: Device, romeo: Sender) => Promise<void>;
}

/** While the phone is live nothing is pushed to it. When it has left, a sentinel proves that nothing was on its way. */
function suppressed(subject: LiveCase): Case<RequirementId> {
  const { id, title, requirement = 'live.suppress', fault, device, act } = subject;
  return {
    id: `live/${id}`,
    title,
    requirements: [requirement],
    negative: { sibling: 'hibernated/one-push', fault },
    absence: 'sentinel',
    async play(stage) {
      const juliet = await device(stage);
      const romeo = await stage.sender('romeo');
      if (act) await act(stage, juliet, romeo);
      else await romeo.send(chat(juliet.account, text));
      await romeo.ping();
      await acknowledgeAll(juliet.actor);
      await juliet.actor.close();
      await stage.fence.sentinel(juliet.account, juliet.subscription, romeo);
    },
    judge: (evidence) => [noPush(evidence, requirement, phone)],
  };
}

const live =
  (options: Omit<ConnectOptions, 'resource'>) =>
  async (stage: Stage): Promise<Device> => {
    const juliet = await enabled(stage, phone, options);
    await keepMessages(juliet.actor);
    return juliet;
  };

export const cases = [
  suppressed({
    id: 'suppress',
    title: 'a session that is live and acknowledges keeps its registration from being pushed to',
    fault: 'the session is live',
    device: live({ streamManagement: 'resumable' }),
  }),
  suppressed({
    id: 'without-stream-management',
    title: 'a live session without stream management keeps its registration from being pushed to',
    fault: 'the session is live',
    device: live({}),
  }),
  suppressed({
    id: 'after-resumption',
    title: 'a session that was resumed is live again',
    fault: 'the session was resumed',
    async device(stage) {
      const juliet = await enabledAndHibernating(stage, phone);
      await resumed(juliet);
      return juliet;
    },
  }),
  suppressed({
    id: 'without-presence',
    title:
      'a live session that takes no messages for want of presence keeps its registration from being pushed to',
    fault: 'the session is live',
    device: live({ streamManagement: 'resumable', presence: 'none' }),
  }),
  suppressed({
    id: 'other-device-addressed',
    title: 'a live session keeps its registration from being pushed to when another device is addressed',
    fault: 'the session is live',
    device: live({ streamManagement: 'resumable' }),
    async act(stage, _juliet, romeo) {
      const desk = await stage.connect('juliet/desk');
      await romeo.send(chat(desk.fullJid, text));
      await romeo.ping();
      await desk.close();
    },
  }),
  suppressed({
    id: 'inactive',
    title: 'a client that says it is inactive is not pushed to for that',
    requirement: 'live.inactive',
    fault: 'the client is inactive',
    device: live({ streamManagement: 'resumable' }),
    async act(_stage, juliet, romeo) {
      await juliet.actor.setActive(false);
      await juliet.actor.ping();
      await romeo.send(chat(juliet.account, text));
      await romeo.ping();
      await acknowledgeAll(juliet.actor);
      // What was held back comes out now.
      await juliet.actor.setActive(true);
    },
  }),
];
