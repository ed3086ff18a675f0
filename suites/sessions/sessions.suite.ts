import type { Case } from '../../harness/case/case.js';
import { check } from '../../harness/judge/check.js';
import type { Evidence } from '../../harness/judge/evidence.js';
import type { Finding } from '../../harness/judge/finding.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { pushes } from '../scene/judge.js';
import { bareJidOf, toldBy } from '../scene/payload.js';
import { type Device, enabled, enabledAndGone } from '../scene/scene.js';
import { acknowledgeAll, keptAndGone, tellOnce } from '../scene/steps.js';
import { chat } from '../scene/webpush.js';

const phone = 'juliet/phone';
const tablet = 'juliet/tablet';
const text = 'Hark!';

const twoHibernated = (
  [
    ['two-hibernated', 'the account', (to: Device) => to.account.bareJid],
    ['two-hibernated-carbon', 'one of them', (to: Device) => to.actor.fullJid],
  ] as const
).map(
  ([topic, whom, address]): Case<RequirementId> => ({
    id: `sessions/${topic}`,
    title: `two sessions that hibernate are each told once of a message to ${whom}`,
    requirements: ['sessions.two-hibernated'],
    absence: 'sentinel',
    async play(stage) {
      const options = { streamManagement: 'resumable', carbons: true } as const;
      const first = await enabled(stage, phone, options);
      const second = await enabled(stage, tablet, options);
      await first.actor.lose();
      await second.actor.lose();
      const romeo = await stage.sender('romeo');
      await romeo.send(chat(address(first), text));
      for (const { account, subscription } of [first, second]) {
        await stage.pushed(subscription);
        await stage.fence.sentinel(account, subscription, romeo);
      }
    },
    judge: (evidence) =>
      [phone, tablet].map((device) => pushes(evidence, 'sessions.two-hibernated', device, 1)),
  }),
);

const neverEnabled = (
  [
    ['never-enabled-live', 'is live', false],
    ['never-enabled-hibernating', 'hibernates', true],
  ] as const
).map(
  ([topic, state, hibernates]): Case<RequirementId> => ({
    id: `sessions/${topic}`,
    title: `a session that never enabled and ${state} does not keep the pushes of another device back`,
    requirements: ['sessions.never-enabled'],
    absence: 'sentinel',
    async play(stage) {
      const juliet = await keptAndGone(stage, phone);
      const desk = await stage.connect('juliet/desk', { streamManagement: 'resumable' });
      if (hibernates) await desk.lose();
      await tellOnce(stage, juliet, await stage.sender('romeo'), chat(juliet.account, text));
    },
    judge: (evidence) => [pushes(evidence, 'sessions.never-enabled', phone, 1)],
  }),
);

const fresh: Case<RequirementId> = {
  id: 'sessions/fresh-unbound',
  title: 'a fresh session of a device does not keep its pushes back before it enables',
  requirements: ['sessions.fresh-unbound'],
  absence: 'sentinel',
  async play(stage) {
    const juliet = await keptAndGone(stage, phone);
    const again = await stage.connect(phone, { streamManagement: 'resumable' });
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(juliet.account, text));
    await stage.pushed(juliet.subscription);
    // A sentinel would be kept back in the same way, so it comes when the session is over.
    await again.close();
    await stage.fence.sentinel(juliet.account, juliet.subscription, romeo);
  },
  judge: (evidence) => [pushes(evidence, 'sessions.fresh-unbound', phone, 1)],
};

const nurse = 'nurse/phone';

const bothAway: Case<RequirementId> = {
  id: 'sessions/two-accounts',
  title: 'two accounts on one endpoint are each told of their message, and each payload names its account',
  requirements: ['sessions.two-accounts'],
  absence: 'sentinel',
  async play(stage) {
    const juliet = await enabledAndGone(stage, phone);
    const { subscription } = juliet;
    const other = await enabledAndGone(stage, nurse, { subscription });
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(juliet.account, text));
    await romeo.send(chat(other.account, text));
    await stage.pushed(subscription, 2);
    for (const { account } of [juliet, other]) await stage.fence.sentinel(account, subscription, romeo);
  },
  judge: (evidence) => [accountsTold(evidence, phone, nurse)],
};

const oneLive: Case<RequirementId> = {
  id: 'sessions/two-accounts-one-live',
  title: 'a live session of one account does not keep back the pushes of another on the same endpoint',
  requirements: ['sessions.two-accounts'],
  absence: 'sentinel',
  async play(stage) {
    const juliet = await enabled(stage, phone, { streamManagement: 'resumable' });
    const { subscription } = juliet;
    const other = await enabledAndGone(stage, nurse, { subscription });
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(juliet.account, text));
    await romeo.send(chat(other.account, text));
    await stage.pushed(subscription);
    await acknowledgeAll(juliet.actor);
    await juliet.actor.close();
    for (const { account } of [juliet, other]) await stage.fence.sentinel(account, subscription, romeo);
  },
  judge: (evidence) => [accountsTold(evidence, nurse)],
};

/** That the requests for the shared endpoint name just these clients' accounts, each once. */
function accountsTold(evidence: Evidence, ...clients: readonly string[]): Finding {
  const requests = evidence.requests(phone);
  const names = requests.map((request) => {
    const told = toldBy(request);
    return told.ok ? String(told.members.account) : told.reason;
  });
  const wanted = clients.map((client) => bareJidOf(evidence, client));
  return check('sessions.two-accounts', names.toSorted().join() === wanted.toSorted().join(), {
    expected: `one request for each account: ${wanted.join(', ')}`,
    actual: names.length === 0 ? 'no request' : `requests for ${names.join(', ')}`,
    evidence: requests.map(({ seq }) => seq),
  });
}

export const cases = [...twoHibernated, ...neverEnabled, fresh, bothAway, oneLive];
