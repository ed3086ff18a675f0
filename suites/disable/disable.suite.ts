import xml from '@xmpp/xml';
import { type Case, varied } from '../../harness/case/case.js';
import type { Stage } from '../../harness/case/stage.js';
import { check } from '../../harness/judge/check.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { noPush, pushes, refusal, requestsAfter, result } from '../scene/judge.js';
import { accept, type Device, enabled, enabledAndGone, fieldsOf } from '../scene/scene.js';
import { addressed, by, chat, connections, disable, ownAddresses } from '../scene/webpush.js';

/** A request to disable is the same whatever it comes over, and addressed to the account or to nothing. */
const circumstances = { connection: connections, to: ownAddresses };

/** The step after which no push may come. */
const disabled = 'disabled';

const named = varied<RequirementId, typeof circumstances>({
  id: 'disable/named-endpoint',
  title: 'a disable that names the endpoint is accepted and ends its pushes, whoever is connected',
  requirements: ['disable.result', 'disable.no-more-pushes', 'disable.only-one'],
  absence: 'sentinel',
  vary: circumstances,
  async play(stage, { connection, to }) {
    const tablet = await enabledAndGone(stage, 'juliet/tablet');
    const phone = await enabled(stage, 'juliet/phone', by(connection));
    await phone.actor.request(
      addressed(disable('disable', { endpoint: phone.subscription.endpoint }), to, phone.account.bareJid),
    );
    stage.mark(disabled);
    await phone.actor.close();
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(phone.account, 'Hark!'));
    await stage.fence.sentinel(tablet.account, tablet.subscription, romeo);
  },
  judge: (evidence) => [
    result(evidence, 'disable.result', 'juliet/phone', 'disable'),
    noPush(evidence, 'disable.no-more-pushes', 'juliet/phone', disabled),
    pushes(evidence, 'disable.only-one', 'juliet/tablet', 1, disabled),
  ],
});

/** A message for two devices: the tablet is gone, and the phone hibernates. */
async function toldWhileHibernating(stage: Stage, beforeLost?: (phone: Device) => Promise<void>) {
  const tablet = await enabledAndGone(stage, 'juliet/tablet');
  const phone = await enabled(stage, 'juliet/phone', { streamManagement: 'resumable' });
  await beforeLost?.(phone);
  await phone.actor.lose();
  const romeo = await stage.sender('romeo');
  await romeo.send(chat(phone.account, 'Hark!'));
  return { tablet, phone, romeo };
}

const hibernatingEnabled: Case<RequirementId> = {
  id: 'disable/hibernating-session-enabled',
  title: 'a session that is bound to an enabled endpoint is pushed to when it hibernates',
  requirements: ['enable.result'],
  async play(stage) {
    const { phone } = await toldWhileHibernating(stage);
    await stage.pushed(phone.subscription);
  },
  judge: (evidence) => [
    result(evidence, 'enable.result', 'juliet/phone', 'enable'),
    pushes(evidence, 'enable.result', 'juliet/phone', 1),
  ],
};

const hibernating: Case<RequirementId> = {
  id: 'disable/hibernating-session',
  title: 'a session that was bound to a disabled endpoint pushes nothing when it hibernates',
  requirements: ['disable.no-more-pushes'],
  negative: { sibling: 'disable/hibernating-session-enabled', fault: 'the endpoint was disabled before' },
  absence: 'sentinel',
  async play(stage) {
    const { tablet, romeo } = await toldWhileHibernating(stage, async ({ actor, subscription }) => {
      await actor.request(disable('disable', { endpoint: subscription.endpoint }));
      stage.mark(disabled);
    });
    await stage.fence.sentinel(tablet.account, tablet.subscription, romeo);
  },
  judge: (evidence) => [noPush(evidence, 'disable.no-more-pushes', 'juliet/phone', disabled)],
};

const ownSession = varied<RequirementId, typeof circumstances>({
  id: 'disable/own-session',
  title: 'a disable without endpoint removes the registration of the session and no other',
  requirements: ['disable.own-session', 'disable.other-devices'],
  absence: 'sentinel',
  vary: circumstances,
  async play(stage, { connection, to }) {
    const tablet = await enabledAndGone(stage, 'juliet/tablet');
    const phone = await enabled(stage, 'juliet/phone', by(connection));
    await phone.actor.request(addressed(disable('disable', 'own-session'), to, phone.account.bareJid));
    stage.mark(disabled);
    await phone.actor.close();
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(phone.account, 'Hark!'));
    await stage.fence.sentinel(tablet.account, tablet.subscription, romeo);
  },
  judge: (evidence) => [
    result(evidence, 'disable.own-session', 'juliet/phone', 'disable'),
    noPush(evidence, 'disable.own-session', 'juliet/phone', disabled),
    pushes(evidence, 'disable.other-devices', 'juliet/tablet', 1, disabled),
  ],
});

const neverEnabled: Case<RequirementId> = {
  id: 'disable/session-never-enabled',
  title: 'a disable without endpoint from a session that never enabled changes nothing',
  requirements: ['disable.unknown', 'disable.other-devices'],
  async play(stage) {
    const phone = await enabledAndGone(stage, 'juliet/phone');
    const desk = await stage.connect('juliet/desk');
    await desk.request(disable('disable', 'own-session'));
    await desk.close();
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(phone.account, 'Hark!'));
    await stage.pushed(phone.subscription);
  },
  judge: (evidence) => [
    result(evidence, 'disable.unknown', 'juliet/desk', 'disable'),
    pushes(evidence, 'disable.other-devices', 'juliet/phone', 1),
  ],
};

const all = varied<RequirementId, typeof circumstances>({
  id: 'disable/all',
  title: "a disable with all='true' removes every registration of the account and none of another",
  requirements: ['disable.all', 'disable.other-account'],
  absence: 'sentinel',
  vary: circumstances,
  async play(stage, { connection, to }) {
    await enabledAndGone(stage, 'juliet/tablet');
    const phone = await enabled(stage, 'juliet/phone', by(connection));
    const nurse = await enabledAndGone(stage, 'nurse/phone');
    await phone.actor.request(addressed(disable('disable', 'all'), to, phone.account.bareJid));
    stage.mark(disabled);
    await phone.actor.close();
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(phone.account, 'Hark!'));
    await romeo.send(chat(nurse.account, 'Hark!'));
    await stage.fence.sentinel(nurse.account, nurse.subscription, romeo);
  },
  judge: (evidence) => [
    result(evidence, 'disable.all', 'juliet/phone', 'disable'),
    noPush(evidence, 'disable.all', 'juliet/phone', disabled),
    noPush(evidence, 'disable.all', 'juliet/tablet', disabled),
    pushes(evidence, 'disable.other-account', 'nurse/phone', 1, disabled),
  ],
});

const unknown: Case<RequirementId> = {
  id: 'disable/unknown-endpoint',
  title: 'a disable for an endpoint that was never enabled is answered with a result',
  requirements: ['disable.unknown'],
  async play(stage) {
    const phone = await stage.connect('juliet/phone');
    const subscription = stage.subscribe('juliet/phone');
    await phone.request(disable('disable', { endpoint: subscription.endpoint }));
    await phone.request(disable('disable-all', 'all'));
  },
  judge: (evidence) => [
    result(evidence, 'disable.unknown', 'juliet/phone', 'disable'),
    result(evidence, 'disable.unknown', 'juliet/phone', 'disable-all'),
  ],
};

const twice: Case<RequirementId> = {
  id: 'disable/twice',
  title: 'disabling the same endpoint a second time is answered with a result',
  requirements: ['disable.unknown'],
  async play(stage) {
    const phone = await enabled(stage, 'juliet/phone');
    await phone.actor.request(disable('first', { endpoint: phone.subscription.endpoint }));
    await phone.actor.request(disable('second', { endpoint: phone.subscription.endpoint }));
  },
  judge: (evidence) => [result(evidence, 'disable.unknown', 'juliet/phone', 'second')],
};

const otherSession: Case<RequirementId> = {
  id: 'disable/other-session',
  title: 'an endpoint can be disabled from another session of its account',
  requirements: ['disable.any-session', 'disable.no-more-pushes'],
  absence: 'sentinel',
  async play(stage) {
    const tablet = await enabledAndGone(stage, 'juliet/tablet');
    const phone = await enabledAndGone(stage, 'juliet/phone');
    const desk = await stage.connect('juliet/desk');
    await desk.request(disable('disable', { endpoint: phone.subscription.endpoint }));
    stage.mark(disabled);
    await desk.close();
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(phone.account, 'Hark!'));
    await stage.fence.sentinel(tablet.account, tablet.subscription, romeo);
  },
  judge: (evidence) => [
    result(evidence, 'disable.any-session', 'juliet/desk', 'disable'),
    noPush(evidence, 'disable.no-more-pushes', 'juliet/phone', disabled),
  ],
};

const otherAccount: Case<RequirementId> = {
  id: 'disable/other-account',
  title: 'a disable by one account leaves the same endpoint of another account alone',
  requirements: ['disable.other-account'],
  async play(stage) {
    const juliet = await enabledAndGone(stage, 'juliet/phone');
    const nurse = await stage.connect('nurse/phone');
    await accept(nurse, fieldsOf(juliet.subscription));
    await nurse.request(disable('disable', { endpoint: juliet.subscription.endpoint }));
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(juliet.account, 'Hark!'));
    await stage.pushed(juliet.subscription);
  },
  judge: (evidence) => [pushes(evidence, 'disable.other-account', 'juliet/phone', 1)],
};

const again: Case<RequirementId> = {
  id: 'disable/enable-again',
  title: 'an endpoint that was disabled can be enabled again',
  requirements: ['disable.enable-again'],
  async play(stage) {
    const phone = await enabled(stage, 'juliet/phone');
    await phone.actor.request(disable('disable', { endpoint: phone.subscription.endpoint }));
    await accept(phone.actor, fieldsOf(phone.subscription), 'enable-again');
    await phone.actor.close();
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(phone.account, 'Hark!'));
    await stage.pushed(phone.subscription);
  },
  judge: (evidence) => [
    result(evidence, 'disable.enable-again', 'juliet/phone', 'enable-again'),
    pushes(evidence, 'disable.enable-again', 'juliet/phone', 1),
  ],
};

const waiting: Case<RequirementId> = {
  id: 'disable/waiting-push',
  title: 'a push that awaits another try is discarded when its endpoint is disabled',
  requirements: ['disable.waiting-push'],
  absence: 'sentinel',
  needs: { hooks: ['advanceClock'] },
  async play(stage) {
    const tablet = await enabledAndGone(stage, 'juliet/tablet');
    const phone = await enabledAndGone(stage, 'juliet/phone');
    phone.subscription.answer({ type: 'status', status: 503 });
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(phone.account, 'Hark!'));
    await stage.pushed(phone.subscription);
    const desk = await stage.connect('juliet/desk');
    await desk.request(disable('disable', { endpoint: phone.subscription.endpoint }));
    await desk.close();
    stage.mark(disabled);
    // Longer than any wait for another try within the TTL of a message.
    await stage.hooks.advanceClock(24 * 3600 * 1000);
    await stage.fence.sentinel(tablet.account, tablet.subscription, romeo);
  },
  judge: (evidence) => [noPush(evidence, 'disable.waiting-push', 'juliet/phone', disabled)],
};

const whenOff: Case<RequirementId> = {
  id: 'disable/when-off',
  title: 'disabling works while Web Push is switched off',
  requirements: ['disable.when-off'],
  needs: { config: { push: false } },
  async play(stage) {
    const phone = await stage.connect('juliet/phone');
    await phone.request(disable('disable', 'all'));
  },
  judge: (evidence) => [result(evidence, 'disable.when-off', 'juliet/phone', 'disable')],
};

const malformed = (
  [
    ['endpoint-and-all', 'it names an endpoint beside all', true, 1],
    ['two-endpoints', 'it names the endpoint twice', false, 2],
  ] as const
).map(([topic, fault, withAll, endpoints]) =>
  varied<RequirementId, typeof circumstances>({
    id: `disable/${topic}`,
    title: `a disable is refused and removes nothing when ${fault}`,
    requirements: ['disable.malformed'],
    negative: { sibling: 'disable/named-endpoint', fault },
    vary: circumstances,
    async play(stage, { connection, to }) {
      await enabledAndGone(stage, 'juliet/tablet');
      const phone = await enabled(stage, 'juliet/phone', by(connection));
      const iq = disable('disable', { endpoint: phone.subscription.endpoint });
      const element = iq.getChild('disable');
      if (withAll) element?.attr('all', 'true');
      if (endpoints === 2) element?.append(xml('endpoint', {}, phone.subscription.endpoint));
      await phone.actor.request(addressed(iq, to, phone.account.bareJid));
      await phone.actor.close();
      const romeo = await stage.sender('romeo');
      await romeo.send(chat(phone.account, 'Hark!'));
      await stage.pushed(phone.subscription);
    },
    judge(evidence) {
      const still = requestsAfter(evidence, 'juliet/phone');
      return [
        refusal(evidence, 'disable.malformed', 'juliet/phone', 'disable', { conditions: ['bad-request'] }),
        check('disable.malformed', still.length > 0, {
          expected: 'the registration is still there: a push for juliet/phone',
          actual: still.length > 0 ? 'a push' : 'no push',
          evidence: still.map(({ seq }) => seq),
        }),
      ];
    },
  }),
);

export const cases = [
  named,
  hibernatingEnabled,
  hibernating,
  ownSession,
  neverEnabled,
  all,
  unknown,
  twice,
  otherSession,
  otherAccount,
  again,
  waiting,
  whenOff,
  ...malformed,
];
