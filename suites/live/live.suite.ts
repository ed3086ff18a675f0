import type { ConnectOptions } from '../../harness/actor/actor.js';
import type { Case } from '../../harness/case/case.js';
import type { Sender, Stage } from '../../harness/case/stage.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { keepMessages } from '../scene/archive.js';
import { proposeCall } from '../scene/calls.js';
import { noPush, pushed } from '../scene/judge.js';
import { type Device, enabled, enabledAndHibernating } from '../scene/scene.js';
import { acknowledgeAll, resumed } from '../scene/steps.js';
import { chat } from '../scene/webpush.js';

const phone = 'juliet/phone';
const text = 'Hark!';

interface LiveCase {
  readonly id: string;
  readonly title: string;
  readonly requirement?: RequirementId;
  /** On what the message is pushed for when the phone has left. */
  readonly sentenceWhenLeft?: RequirementId;
  /** Juliet's phone, live and enabled. */
  readonly device: (stage: Stage) => Promise<Device>;
  /** By default Romeo writes to Juliet's account. */
  readonly send?: (stage: Stage, juliet: Device, romeo: Sender) => Promise<void>;
  /** What the phone does before it leaves. */
  readonly end?: (juliet: Device) => Promise<void>;
}

/**
 * While the phone is live nothing is pushed to it. When it has left, a sentinel proves that nothing was on its way; and in
 * the sibling, where it leaves before the message is sent and not after, the message is pushed.
 */
function suppressed(subject: LiveCase): readonly Case<RequirementId>[] {
  const {
    id,
    title,
    requirement = 'live.suppress',
    sentenceWhenLeft = 'offline.one-push',
    device,
    end,
  } = subject;
  const send = subject.send ?? ((_stage, juliet, romeo) => romeo.send(chat(juliet.account, text)));
  return [
    {
      id: `live/${id}`,
      title,
      requirements: [requirement],
      negative: { sibling: `live/${id}-left`, fault: 'the session is live when the message comes' },
      absence: 'sentinel',
      async play(stage) {
        const juliet = await device(stage);
        const romeo = await stage.sender('romeo');
        await send(stage, juliet, romeo);
        await romeo.ping();
        await acknowledgeAll(juliet.actor);
        await end?.(juliet);
        await juliet.actor.close();
        await stage.fence.sentinel(juliet.account, juliet.subscription, romeo);
      },
      judge: (evidence) => [noPush(evidence, requirement, phone)],
    },
    {
      id: `live/${id}-left`,
      title: `in the same situation a message is pushed when the client has left (${id.replaceAll('-', ' ')})`,
      requirements: [sentenceWhenLeft],
      async play(stage) {
        const juliet = await device(stage);
        await end?.(juliet);
        await juliet.actor.close();
        await send(stage, juliet, await stage.sender('romeo'));
        await stage.pushed(juliet.subscription);
      },
      judge: (evidence) => [pushed(evidence, sentenceWhenLeft, phone)],
    },
  ];
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
    device: live({ streamManagement: 'resumable' }),
  }),
  suppressed({
    id: 'without-stream-management',
    title: 'a live session without stream management keeps its registration from being pushed to',
    device: live({}),
  }),
  suppressed({
    id: 'after-resumption',
    title: 'a session that was resumed is live again',
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
    device: live({ streamManagement: 'resumable', presence: 'none' }),
  }),
  suppressed({
    id: 'other-device-addressed',
    title: 'a live session keeps its registration from being pushed to when another device is addressed',
    device: live({ streamManagement: 'resumable' }),
    sentenceWhenLeft: 'important.chat-body',
    async send(stage, _juliet, romeo) {
      const desk = await stage.connect('juliet/desk');
      await romeo.send(chat(desk.fullJid, text));
      await romeo.ping();
      await desk.close();
    },
  }),
  suppressed({
    // Urgent, but the client has it.
    id: 'call',
    title: 'a live session keeps its registration from being pushed to for a call',
    device: live({ streamManagement: 'resumable' }),
    sentenceWhenLeft: 'important.call',
    send: (_stage, juliet, romeo) => romeo.send(proposeCall(juliet.account)),
  }),
  suppressed({
    id: 'inactive',
    title: 'a client that says it is inactive is not pushed to for that',
    requirement: 'live.inactive',
    async device(stage) {
      const juliet = await live({ streamManagement: 'resumable' })(stage);
      stage.requires('client-state');
      await juliet.actor.setActive(false);
      await juliet.actor.ping();
      return juliet;
    },
    // What was held back comes out then.
    end: ({ actor }) => actor.setActive(true),
  }),
].flat();
