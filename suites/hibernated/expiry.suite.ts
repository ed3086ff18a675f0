import type { Case } from '../../harness/case/case.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { noPush, pushes } from '../scene/judge.js';
import { enabledAndHibernating } from '../scene/scene.js';
import { tellOnce } from '../scene/steps.js';
import { chat } from '../scene/webpush.js';
import { phone, unacknowledged } from './template.js';

const resumeWindow = 60_000;
const needs = { hooks: ['advanceClock'], config: { resumeWindow } } as const;

/** The step at which the session is given up. */
const over = 'the session is over';

const queued: Case<RequirementId> = {
  id: 'hibernated/expiry',
  title:
    'a message that was pushed while its session hibernated is not pushed again at the end of hibernation',
  requirements: ['hibernated.expiry-silent'],
  absence: 'sentinel',
  needs,
  async play(stage) {
    const juliet = await enabledAndHibernating(stage, phone);
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(juliet.account, 'Hark!'));
    await stage.pushed(juliet.subscription);
    stage.mark(over);
    await stage.hooks.advanceClock(resumeWindow);
    await stage.fence.sentinel(juliet.account, juliet.subscription, romeo);
  },
  judge: (evidence) => [noPush(evidence, 'hibernated.expiry-silent', phone, over)],
};

const sentBefore: Case<RequirementId> = {
  id: 'hibernated/expiry-unacknowledged',
  title: 'a message that was pushed when hibernation began is not pushed again at its end',
  requirements: ['hibernated.expiry-silent'],
  absence: 'sentinel',
  needs,
  async play(stage) {
    const { juliet, romeo } = await unacknowledged(stage, ({ account }) => [chat(account, 'Hark!')]);
    await juliet.actor.lose();
    await stage.pushed(juliet.subscription);
    stage.mark(over);
    await stage.hooks.advanceClock(resumeWindow);
    await stage.fence.sentinel(juliet.account, juliet.subscription, romeo);
  },
  judge: (evidence) => [noPush(evidence, 'hibernated.expiry-silent', phone, over)],
};

const replaced: Case<RequirementId> = {
  id: 'hibernated/replaced',
  title: 'a message that was pushed is not pushed again when a new session takes the place of the old',
  requirements: ['hibernated.expiry-silent'],
  absence: 'sentinel',
  async play(stage) {
    const juliet = await enabledAndHibernating(stage, phone);
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(juliet.account, 'Hark!'));
    await stage.pushed(juliet.subscription);
    stage.mark(over);
    // The same resource: RFC 6120 §7.7.2.2 ends the session that had it, or the server finds another resource.
    const back = await stage.connect(phone);
    await back.close();
    await stage.fence.sentinel(juliet.account, juliet.subscription, romeo);
  },
  judge: (evidence) => [noPush(evidence, 'hibernated.expiry-silent', phone, over)],
};

const restart: Case<RequirementId> = {
  id: 'hibernated/restart',
  title: 'a message that was pushed while its session hibernated is not pushed again by a restart',
  requirements: ['hibernated.expiry-silent'],
  absence: 'sentinel',
  needs: { hooks: ['restart'] },
  async play(stage) {
    const juliet = await enabledAndHibernating(stage, phone);
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(juliet.account, 'Hark!'));
    await stage.pushed(juliet.subscription);
    // The push has been answered: a server that stops is not held up by it.
    await stage.fence.sentinel(juliet.account, juliet.subscription, romeo);
    stage.mark(over);
    await stage.hooks.restart();
    const nurse = await stage.connect('nurse/desk');
    await stage.fence.sentinel(juliet.account, juliet.subscription, nurse);
  },
  judge: (evidence) => [noPush(evidence, 'hibernated.expiry-silent', phone, over)],
};

const goesOn: Case<RequirementId> = {
  id: 'hibernated/after-expiry',
  title: 'after the end of hibernation a message is pushed once',
  requirements: ['hibernated.after-expiry'],
  absence: 'sentinel',
  needs,
  async play(stage) {
    const juliet = await enabledAndHibernating(stage, phone);
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(juliet.account, 'Hark!'));
    await stage.pushed(juliet.subscription);
    await stage.hooks.advanceClock(resumeWindow);
    stage.mark(over);
    await tellOnce(stage, juliet, await stage.connect('nurse/desk'), chat(juliet.account, 'Madam!'), 2);
  },
  judge: (evidence) => [pushes(evidence, 'hibernated.after-expiry', phone, 1, over)],
};

export const cases = [queued, sentBefore, replaced, restart, goesOn];
