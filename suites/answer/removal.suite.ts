import { type Case, varied } from '../../harness/case/case.js';
import { TargetFault } from '../../harness/target/fault.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { noPush, pushes, result } from '../scene/judge.js';
import { enabledAndGone, enabledAndHibernating, fieldsOf } from '../scene/scene.js';
import { chat, enable } from '../scene/webpush.js';

/** Whether the server still has a session for the endpoint, which it must not push for either. */
const away = { offline: enabledAndGone, hibernated: enabledAndHibernating } as const;
const circumstances = { away: ['offline', 'hibernated'] } as const;

/** The step after which the endpoint is gone. */
const told = 'the push service has answered';

const removing = (
  [
    ['not-found', 'answer.not-found', 404],
    ['gone', 'answer.gone', 410],
  ] as const
).map(([topic, requirement, status]) =>
  varied<RequirementId, typeof circumstances>({
    id: `answer/${topic}`,
    title: `after ${status} nothing more is sent to the endpoint`,
    requirements: [requirement, 'answer.only-that-one'],
    negative: { sibling: 'answer/success-201', fault: `the push service answers ${status}` },
    absence: 'sentinel',
    vary: circumstances,
    async play(stage, choice) {
      // Of another account: what is removed too much must not take the fence along.
      const witness = await enabledAndGone(stage, 'nurse/tablet');
      const tablet = await enabledAndGone(stage, 'juliet/tablet');
      const phone = await away[choice.away](stage, 'juliet/phone');
      phone.subscription.answer({ type: 'status', status });
      const romeo = await stage.sender('romeo');
      await romeo.send(chat(phone.account, 'Hark!'));
      await Promise.all([stage.pushed(phone.subscription), stage.pushed(tablet.subscription)]);
      // The answer has been processed when later pushes went out.
      await stage.fence.sentinel(witness.account, witness.subscription, romeo);
      stage.mark(told);
      await romeo.send(chat(phone.account, 'Hark again!'));
      await stage.pushed(tablet.subscription, 2);
      await stage.fence.sentinel(witness.account, witness.subscription, romeo);
    },
    judge: (evidence) => [
      noPush(evidence, requirement, 'juliet/phone', told),
      pushes(evidence, 'answer.only-that-one', 'juliet/tablet', { atLeast: 1, atMost: 2 }, told),
    ],
  }),
);

const enableAgain = [410, 404].map(
  (status): Case<RequirementId> => ({
    id: `answer/enable-after-${status}`,
    title: `an endpoint removed for ${status} can be enabled again`,
    requirements: ['answer.enable-again'],
    async play(stage) {
      const phone = await enabledAndGone(stage, 'juliet/phone');
      phone.subscription.answer({ type: 'status', status });
      const romeo = await stage.sender('romeo');
      await romeo.send(chat(phone.account, 'Hark!'));
      await stage.pushed(phone.subscription);
      const back = await stage.connect('juliet/phone');
      await back.request(enable('enable-again', fieldsOf(phone.subscription)));
      await back.close();
      stage.mark(told);
      await romeo.send(chat(phone.account, 'Hark again!'));
      await stage.pushed(phone.subscription, 2);
    },
    judge: (evidence) => [
      result(evidence, 'answer.enable-again', 'juliet/phone', 'enable-again'),
      pushes(evidence, 'answer.enable-again', 'juliet/phone', { atLeast: 1, atMost: 2 }, told),
    ],
  }),
);

/** The registration still works after the answer: the next message is pushed. */
const keeping = (
  [
    ['success-201', 'answer.success', 201],
    ['success-204', 'answer.success', 204],
    ['refused-403', 'answer.refused-many', 403],
    ['success-200', 'answer.success', 200],
    ['success-202', 'answer.success', 202],
    ['refused-400', 'answer.refused-many', 400],
    ['refused-401', 'answer.refused-many', 401],
  ] as const
).map(([topic, requirement, status]) =>
  varied<RequirementId, typeof circumstances>({
    id: `answer/${topic}`,
    title: `one answer ${status} does not remove the registration`,
    requirements: [requirement],
    vary: circumstances,
    async play(stage, choice) {
      await enabledAndGone(stage, 'nurse/tablet');
      await enabledAndGone(stage, 'juliet/tablet');
      const phone = await away[choice.away](stage, 'juliet/phone');
      phone.subscription.answer({ type: 'status', status });
      const romeo = await stage.sender('romeo');
      await romeo.send(chat(phone.account, 'Hark!'));
      if (!(await stage.pushed(phone.subscription)))
        throw new TargetFault('silence', 'the first message was not pushed');
      stage.mark(told);
      await romeo.send(chat(phone.account, 'Hark again!'));
      await stage.pushed(phone.subscription, 2);
    },
    judge: (evidence) => [pushes(evidence, requirement, 'juliet/phone', 1, told)],
  }),
);

const refusedMany: Case<RequirementId> = {
  id: 'answer/refused-sixteen-times',
  title: 'a registration whose pushes are refused sixteen times in a row is removed',
  requirements: ['answer.refused-many'],
  absence: 'sentinel',
  async play(stage) {
    // Of another account, so that a limit on the requests of one account does not slow the witness down.
    const tablet = await enabledAndGone(stage, 'nurse/tablet');
    const phone = await enabledAndGone(stage, 'juliet/phone');
    phone.subscription.answer(
      ...Array.from({ length: 32 }, () => ({ type: 'status' as const, status: 403 })),
    );
    const romeo = await stage.sender('romeo');
    for (let message = 1; message <= 16; message += 1) {
      await romeo.send(chat(phone.account, `Hark ${message}!`));
      await stage.fence.sentinel(tablet.account, tablet.subscription, romeo);
    }
    stage.mark(told);
    await romeo.send(chat(phone.account, 'Hark once more!'));
    await stage.fence.sentinel(tablet.account, tablet.subscription, romeo);
  },
  judge: (evidence) => [noPush(evidence, 'answer.refused-many', 'juliet/phone', told)],
};

export const cases = [...removing, ...enableAgain, ...keeping, refusedMany];
