import type { Case } from '../../harness/case/case.js';
import { check } from '../../harness/judge/check.js';
import type { Evidence } from '../../harness/judge/evidence.js';
import type { Finding } from '../../harness/judge/finding.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { keepNoMessages } from '../scene/archive.js';
import { noPush, pushes } from '../scene/judge.js';
import { enabled, enabledAndHibernating } from '../scene/scene.js';
import { acknowledgeAll, receiveFrom, resumed, sentinelAfterBatch, tellOnce } from '../scene/steps.js';
import { chat } from '../scene/webpush.js';
import { phone } from './template.js';

const silent: Case<RequirementId> = {
  id: 'hibernated/resumed',
  title: 'what a resumption delivers is not pushed again',
  requirements: ['hibernated.resumed'],
  absence: 'sentinel',
  async play(stage) {
    const juliet = await enabledAndHibernating(stage, phone);
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(juliet.account, 'Hark!'));
    await stage.pushed(juliet.subscription);
    stage.mark('resuming');
    await resumed(juliet);
    await receiveFrom(juliet.actor, romeo);
    await acknowledgeAll(juliet.actor);
    await juliet.actor.close();
    await stage.fence.sentinel(juliet.account, juliet.subscription, romeo);
  },
  judge: (evidence) => [noPush(evidence, 'hibernated.resumed', phone, 'resuming')],
};

/** Far longer than a resumption takes, so that it comes first. */
const batchWindow = 60_000;

const beforeBatch: Case<RequirementId> = {
  id: 'hibernated/resumed-before-batch',
  title: 'a message that is delivered by a resumption while its push waits is not pushed',
  requirements: ['hibernated.resumed'],
  absence: 'sentinel',
  needs: { hooks: ['advanceClock'], config: { batchWindow } },
  async play(stage) {
    const juliet = await enabledAndHibernating(stage, phone);
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(juliet.account, 'Hark!'));
    await romeo.ping();
    await resumed(juliet);
    stage.mark('resumed');
    await receiveFrom(juliet.actor, romeo);
    await acknowledgeAll(juliet.actor);
    await juliet.actor.close();
    await sentinelAfterBatch(stage, juliet, batchWindow, romeo);
  },
  judge: (evidence) => [noPush(evidence, 'hibernated.resumed', phone, 'resumed')],
};

const lostAgain = 'lost again';

const binding: Case<RequirementId> = {
  id: 'hibernated/binding',
  title: 'a session that was resumed is still bound: live it keeps pushes back, lost again it is told',
  requirements: ['hibernated.binding'],
  absence: 'sentinel',
  async play(stage) {
    const juliet = await enabledAndHibernating(stage, phone);
    await resumed(juliet);
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(juliet.account, 'Hark!'));
    await receiveFrom(juliet.actor, romeo);
    await acknowledgeAll(juliet.actor);
    stage.mark(lostAgain);
    await juliet.actor.lose();
    await tellOnce(stage, juliet, await stage.connect('nurse/desk'), chat(juliet.account, 'Madam!'));
  },
  judge: (evidence) => [
    noneBefore(evidence, lostAgain),
    pushes(evidence, 'hibernated.binding', phone, 1, lostAgain),
  ],
};

function noneBefore(evidence: Evidence, mark: string): Finding {
  const early = evidence.requests(phone).filter(({ seq }) => seq < evidence.mark(mark));
  return check('hibernated.binding', early.length === 0, {
    expected: `no request for ${phone} before "${mark}"`,
    actual: early.length === 0 ? 'no request' : `${early.length} requests`,
    evidence: early.map(({ seq }) => seq),
    claimsAbsence: true,
  });
}

const bindingAlone: Case<RequirementId> = {
  id: 'hibernated/binding-without-archive',
  title: 'a session that was resumed and is lost again is told by itself, with nothing archived',
  requirements: ['hibernated.binding'],
  absence: 'sentinel',
  async play(stage) {
    const juliet = await enabled(stage, phone, { streamManagement: 'resumable' });
    await keepNoMessages(juliet.actor, stage);
    await juliet.actor.lose();
    await resumed(juliet);
    await acknowledgeAll(juliet.actor);
    await juliet.actor.lose();
    await tellOnce(stage, juliet, await stage.sender('romeo'), chat(juliet.account, 'Hark!'));
  },
  judge: (evidence) => [pushes(evidence, 'hibernated.binding', phone, 1)],
};

const cleanClose: Case<RequirementId> = {
  id: 'hibernated/clean-close',
  title: 'closing a stream pushes nothing',
  requirements: ['hibernated.clean-close'],
  absence: 'sentinel',
  async play(stage) {
    const juliet = await enabled(stage, phone, { streamManagement: 'resumable' });
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(juliet.account, 'Hark!'));
    await receiveFrom(juliet.actor, romeo);
    await acknowledgeAll(juliet.actor);
    stage.mark('closing');
    await juliet.actor.close();
    await stage.fence.sentinel(juliet.account, juliet.subscription, romeo);
  },
  judge: (evidence) => [noPush(evidence, 'hibernated.clean-close', phone, 'closing')],
};

export const cases = [silent, beforeBatch, binding, bindingAlone, cleanClose];
