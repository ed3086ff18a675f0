import { type Case, type Choice, type Needs, varied } from '../../harness/case/case.js';
import type { Stage } from '../../harness/case/stage.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { noPush, pushes, result } from '../scene/judge.js';
import {
  accept,
  type Device,
  enabled,
  enabledAndGone,
  enabledAndHibernating,
  fieldsOf,
} from '../scene/scene.js';
import { chat } from '../scene/webpush.js';

/** Small, so that the limit is reached soon; the order of devices in a case is the order of their enables. */
const twoDevices = { maxDevices: 2 } as const;

/** The device that enables twice. */
const refreshed = 'juliet/refreshed';

/** Romeo writes to Juliet, and the youngest of her devices proves that all who are told have been told. */
async function tell(stage: Stage, youngest: Device): Promise<void> {
  const romeo = await stage.sender('romeo');
  await romeo.send(chat(youngest.account, 'Hark!'));
  await stage.pushed(youngest.subscription);
  await stage.fence.sentinel(youngest.account, youngest.subscription, romeo);
}

const five: Case<RequirementId> = {
  id: 'registration/five-devices',
  title: 'five devices of one account are all told',
  requirements: ['registration.five-devices'],
  async play(stage) {
    const devices: Device[] = [];
    for (const name of ['one', 'two', 'three', 'four', 'five']) {
      devices.push(await enabledAndGone(stage, `juliet/${name}`));
    }
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(await stage.account('juliet'), 'Hark!'));
    await Promise.all(devices.map(({ subscription }) => stage.pushed(subscription)));
  },
  judge: (evidence) =>
    ['one', 'two', 'three', 'four', 'five'].map((name) =>
      pushes(evidence, 'registration.five-devices', `juliet/${name}`, 1),
    ),
};

/** A limit of one, of few, and the least that servers have to take. */
const limits = { limit: ['2', '1', '5'] } as const;
const limitedTo = ({ limit }: Choice<typeof limits>): Needs => ({ config: { maxDevices: Number(limit) } });
const nth = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'].map((name) => `juliet/${name}`);

const evicts = varied<RequirementId, typeof limits>({
  id: 'registration/over-the-limit',
  title: 'one device over the limit removes the least recently enabled',
  requirements: ['registration.limit'],
  absence: 'sentinel',
  vary: limits,
  needsFor: limitedTo,
  async play(stage, { limit }) {
    const devices: Device[] = [];
    for (const name of nth.slice(0, Number(limit) + 1)) devices.push(await enabledAndGone(stage, name));
    const youngest = devices.at(-1);
    if (youngest) await tell(stage, youngest);
  },
  judge(evidence, { limit }) {
    const [oldest = '', ...others] = nth.slice(0, Number(limit) + 1);
    return [
      noPush(evidence, 'registration.limit', oldest),
      ...others.map((device) => pushes(evidence, 'registration.limit', device, 1)),
    ];
  },
});

const refresh = varied<RequirementId, typeof limits>({
  id: 'registration/refresh-at-the-limit',
  title: 'enabling an endpoint again at the limit removes nobody',
  requirements: ['registration.refresh-evicts-nobody', 'enable.same-endpoint'],
  vary: limits,
  needsFor: limitedTo,
  async play(stage, { limit }) {
    const others: Device[] = [];
    for (const name of nth.slice(1, Number(limit))) others.push(await enabledAndGone(stage, name));
    const last = await enabled(stage, refreshed);
    await accept(last.actor, fieldsOf(last.subscription), 'again');
    await last.actor.close();
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(last.account, 'Hark!'));
    await Promise.all([...others, last].map(({ subscription }) => stage.pushed(subscription)));
    await stage.fence.sentinel(last.account, last.subscription, romeo);
  },
  judge: (evidence, { limit }) => [
    ...[...nth.slice(1, Number(limit)), refreshed].map((device) =>
      pushes(evidence, 'registration.refresh-evicts-nobody', device, 1),
    ),
    result(evidence, 'enable.same-endpoint', refreshed, 'again'),
    pushes(evidence, 'enable.same-endpoint', refreshed, 1),
  ],
});

const protects: Case<RequirementId> = {
  id: 'registration/refresh-protects',
  title: 'enabling an endpoint again makes another device the next to go',
  requirements: ['registration.refresh-protects'],
  absence: 'sentinel',
  needs: { config: twoDevices },
  async play(stage) {
    const first = await enabled(stage, 'juliet/first');
    await enabledAndGone(stage, 'juliet/second');
    await accept(first.actor, fieldsOf(first.subscription), 'again');
    await first.actor.close();
    await tell(stage, await enabledAndGone(stage, 'juliet/third'));
  },
  judge: (evidence) => [
    pushes(evidence, 'registration.refresh-protects', 'juliet/first', 1),
    noPush(evidence, 'registration.refresh-protects', 'juliet/second'),
  ],
};

const evictedSession: Case<RequirementId> = {
  id: 'registration/evicted-session',
  title: 'a session whose registration had to go pushes nothing when it hibernates',
  requirements: ['registration.evicted'],
  absence: 'sentinel',
  needs: { config: twoDevices },
  async play(stage) {
    await enabledAndHibernating(stage, 'juliet/first');
    await enabledAndGone(stage, 'juliet/second');
    await tell(stage, await enabledAndGone(stage, 'juliet/third'));
  },
  judge: (evidence) => [noPush(evidence, 'registration.evicted', 'juliet/first')],
};

const perAccount: Case<RequirementId> = {
  id: 'registration/limit-per-account',
  title: 'devices of another account do not count',
  requirements: ['registration.limit-per-account'],
  needs: { config: twoDevices },
  async play(stage) {
    const juliet = await enabledAndGone(stage, 'juliet/first');
    const nurse = [await enabledAndGone(stage, 'nurse/first'), await enabledAndGone(stage, 'nurse/second')];
    const romeo = await stage.sender('romeo');
    for (const { account } of [juliet, ...nurse.slice(0, 1)]) await romeo.send(chat(account, 'Hark!'));
    await Promise.all([juliet, ...nurse].map(({ subscription }) => stage.pushed(subscription)));
  },
  // Neither account is over the limit, though both together are: nobody may have had to go.
  judge: (evidence) =>
    ['juliet/first', 'nurse/first', 'nurse/second'].map((device) =>
      pushes(evidence, 'registration.limit-per-account', device, 1),
    ),
};

const onePerSession: Case<RequirementId> = {
  id: 'registration/one-per-session',
  title: 'a session that enables another endpoint gives up its first',
  requirements: ['registration.one-per-session'],
  absence: 'sentinel',
  async play(stage) {
    const phone = await enabled(stage, 'juliet/phone');
    const renewed = stage.subscribe('juliet/renewed');
    await accept(phone.actor, fieldsOf(renewed), 'again');
    await phone.actor.close();
    await tell(stage, { ...phone, subscription: renewed });
  },
  judge: (evidence) => [
    noPush(evidence, 'registration.one-per-session', 'juliet/phone'),
    pushes(evidence, 'registration.one-per-session', 'juliet/renewed', 1),
  ],
};

const lifetime: Case<RequirementId> = {
  id: 'registration/thirty-days',
  title: 'a registration still works 30 days after it was enabled',
  requirements: ['registration.lifetime'],
  needs: { hooks: ['advanceClock'] },
  async play(stage) {
    const phone = await enabledAndGone(stage, 'juliet/phone');
    await stage.hooks.advanceClock((30 * 24 - 1) * 3600 * 1000);
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(phone.account, 'Hark!'));
    await stage.pushed(phone.subscription);
  },
  judge: (evidence) => [pushes(evidence, 'registration.lifetime', 'juliet/phone', 1)],
};

export const cases = [five, evicts, refresh, protects, evictedSession, perAccount, onePerSession, lifetime];
