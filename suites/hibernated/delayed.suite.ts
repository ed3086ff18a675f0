import type { Case } from '../../harness/case/case.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { noPush, pushed, pushes } from '../scene/judge.js';
import { enabled } from '../scene/scene.js';
import { acknowledgeAll, receiveFrom } from '../scene/steps.js';
import { chat } from '../scene/webpush.js';
import { phone, unacknowledged } from './template.js';

const ackDelay = 10_000;
const needs = { hooks: ['advanceClock'], config: { ackDelay } } as const;

const delayed: Case<RequirementId> = {
  id: 'hibernated/delayed-ack',
  title: 'a message that is not acknowledged in time is pushed though the connection looks open',
  requirements: ['hibernated.delayed-ack'],
  needs,
  async play(stage) {
    const { juliet } = await unacknowledged(stage, ({ account }) => [chat(account, 'Hark!')]);
    await stage.hooks.advanceClock(ackDelay);
    await stage.pushed(juliet.subscription);
    await juliet.actor.close();
  },
  judge: (evidence) => [pushed(evidence, 'hibernated.delayed-ack', phone)],
};

const lostLater: Case<RequirementId> = {
  id: 'hibernated/delayed-ack-then-lost',
  title:
    'a message that was pushed for want of an acknowledgement is not pushed again when hibernation begins',
  requirements: ['hibernated.unacknowledged', 'hibernated.unacknowledged-once'],
  absence: 'sentinel',
  needs,
  async play(stage) {
    const { juliet, romeo } = await unacknowledged(stage, ({ account }) => [chat(account, 'Hark!')]);
    await stage.hooks.advanceClock(ackDelay);
    await stage.pushed(juliet.subscription);
    await juliet.actor.lose();
    await stage.fence.sentinel(juliet.account, juliet.subscription, romeo);
  },
  judge: (evidence) => [
    pushed(evidence, 'hibernated.unacknowledged', phone),
    pushes(evidence, 'hibernated.unacknowledged-once', phone, 1),
  ],
};

const inTime: Case<RequirementId> = {
  id: 'hibernated/ack-in-time',
  title: 'a message that was acknowledged is not pushed when the time for it has passed',
  requirements: ['live.suppress'],
  negative: { sibling: 'hibernated/delayed-ack', fault: 'the client acknowledges in time' },
  absence: 'sentinel',
  needs,
  async play(stage) {
    const juliet = await enabled(stage, phone, { streamManagement: 'resumable' });
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(juliet.account, 'Hark!'));
    await receiveFrom(juliet.actor, romeo);
    await acknowledgeAll(juliet.actor);
    await stage.hooks.advanceClock(ackDelay);
    await juliet.actor.ping();
    await juliet.actor.close();
    await stage.fence.sentinel(juliet.account, juliet.subscription, romeo);
  },
  judge: (evidence) => [noPush(evidence, 'live.suppress', phone)],
};

export const cases = [delayed, lostLater, inTime];
