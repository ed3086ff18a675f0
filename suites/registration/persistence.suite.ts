import { type Case, type Choice, type Needs, varied } from '../../harness/case/case.js';
import { check } from '../../harness/judge/check.js';
import type { Examined } from '../../harness/judge/evidence.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { answerTo, exchange, noPush, pushes } from '../scene/judge.js';
import { enabled, enabledAndGone } from '../scene/scene.js';
import { advertisedKey, chat, disable, discoInfo } from '../scene/webpush.js';

const restarted = 'restarted';

/** In order, or as by a power cut: only then does it show what had not been written yet. */
const ends = { end: ['restart', 'crash'] } as const;
const needsOf = ({ end }: Choice<typeof ends>): Needs => ({ hooks: [end] });

const survives = varied<RequirementId, typeof ends>({
  id: 'registration/restart',
  title: 'a registration with its keys and options survives a restart',
  requirements: ['registration.restart'],
  vary: ends,
  needsFor: needsOf,
  async play(stage, { end }) {
    await enabledAndGone(stage, 'juliet/tablet');
    const phone = await enabledAndGone(stage, 'juliet/phone', { payload: { sender: true, body: true } });
    await stage.hooks[end]();
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(phone.account, 'It is the east'));
    await stage.pushed(phone.subscription);
  },
  judge(evidence) {
    const [request] = evidence.requests('juliet/phone');
    const json = request?.opened.ok ? request.opened.json : undefined;
    const body = typeof json === 'object' && json !== null && 'body' in json ? json.body : undefined;
    return [
      pushes(evidence, 'registration.restart', 'juliet/phone', 1),
      check('registration.restart', body === 'It is the east', {
        expected: 'a payload that opens with the keys enabled before, with the text the client agreed to',
        actual: describeOpened(request, body),
        evidence: request ? [request.seq] : [],
      }),
    ];
  },
});

function describeOpened(request: Examined | undefined, body: unknown): string {
  if (!request) return 'no request';
  return request.opened.ok ? `the body ${JSON.stringify(body)}` : request.opened.reason;
}

const keySurvives = varied<RequirementId, typeof ends>({
  id: 'registration/key-after-restart',
  title: 'the application server key is the same after a restart',
  requirements: ['vapid.key-restart'],
  vary: ends,
  needsFor: needsOf,
  async play(stage, { end }) {
    const before = await stage.connect('juliet/before');
    await before.request(discoInfo('disco', before.bareJid));
    await before.close();
    await stage.hooks[end]();
    const after = await stage.connect('juliet/after');
    await after.request(discoInfo('disco', after.bareJid));
  },
  judge(evidence) {
    const [before, after] = ['juliet/before', 'juliet/after'].map((actor) => {
      const answer = answerTo(evidence, actor, 'disco')?.element;
      return answer && advertisedKey(answer);
    });
    return [
      check('vapid.key-restart', before !== undefined && before === after, {
        expected: 'the same key before and after',
        actual: `${before ?? 'no key'} before, ${after ?? 'no key'} after`,
        evidence: [
          ...exchange(evidence, 'juliet/before', 'disco'),
          ...exchange(evidence, 'juliet/after', 'disco'),
        ],
      }),
    ];
  },
});

const removedStaysRemoved = varied<RequirementId, typeof ends>({
  id: 'registration/removed-restart',
  title: 'a registration that was disabled stays removed after a restart',
  requirements: ['registration.removed-restart'],
  negative: { sibling: 'registration/restart', fault: 'the endpoint was disabled before' },
  absence: 'sentinel',
  vary: ends,
  needsFor: needsOf,
  async play(stage, { end }) {
    const tablet = await enabledAndGone(stage, 'juliet/tablet');
    const phone = await enabled(stage, 'juliet/phone', { payload: { sender: true, body: true } });
    await phone.actor.request(disable('disable', { endpoint: phone.subscription.endpoint }));
    await phone.actor.close();
    await stage.hooks[end]();
    stage.mark(restarted);
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(phone.account, 'It is the east'));
    await stage.fence.sentinel(tablet.account, tablet.subscription, romeo);
  },
  judge: (evidence) => [noPush(evidence, 'registration.removed-restart', 'juliet/phone', restarted)],
});

const orderSurvives = varied<RequirementId, typeof ends>({
  id: 'registration/order-after-restart',
  title: 'after a restart it is still the least recently enabled device that goes',
  requirements: ['registration.order-restart'],
  absence: 'sentinel',
  vary: ends,
  needs: { config: { maxDevices: 3 } },
  needsFor: needsOf,
  async play(stage, { end }) {
    // Not in the order of their names, so that an order by name is found out.
    await enabledAndGone(stage, 'juliet/c-first');
    await enabledAndGone(stage, 'juliet/a-second');
    await enabledAndGone(stage, 'juliet/b-third');
    await stage.hooks[end]();
    const fourth = await enabledAndGone(stage, 'juliet/d-fourth');
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(fourth.account, 'Hark!'));
    await stage.fence.sentinel(fourth.account, fourth.subscription, romeo);
  },
  judge: (evidence) => [
    noPush(evidence, 'registration.order-restart', 'juliet/c-first'),
    pushes(evidence, 'registration.order-restart', 'juliet/a-second', 1),
    pushes(evidence, 'registration.order-restart', 'juliet/b-third', 1),
  ],
});

const crash: Case<RequirementId> = {
  id: 'registration/crash',
  title: 'a registration that was acknowledged survives the sudden death of the server',
  requirements: ['registration.restart'],
  needs: { hooks: ['crash'] },
  async play(stage) {
    const phone = await enabled(stage, 'juliet/phone');
    await stage.hooks.crash();
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(phone.account, 'Hark!'));
    await stage.pushed(phone.subscription);
  },
  judge: (evidence) => [pushes(evidence, 'registration.restart', 'juliet/phone', 1)],
};

const accountDeleted: Case<RequirementId> = {
  id: 'registration/account-deleted',
  title: 'a new account with the name of a deleted one does not inherit its registrations',
  requirements: ['registration.account-deleted'],
  absence: 'sentinel',
  needs: { hooks: ['deleteAccount', 'createAccount'] },
  async play(stage) {
    const phone = await enabledAndGone(stage, 'juliet/phone');
    await stage.hooks.deleteAccount(phone.account);
    await stage.hooks.createAccount(phone.account);
    const tablet = await enabledAndGone(stage, 'juliet/tablet');
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(phone.account, 'Hark!'));
    await stage.fence.sentinel(tablet.account, tablet.subscription, romeo);
  },
  judge: (evidence) => [noPush(evidence, 'registration.account-deleted', 'juliet/phone')],
};

const passwordChanged: Case<RequirementId> = {
  id: 'registration/password-changed',
  title: 'a changed password ends the registrations made with the old one',
  requirements: ['registration.password-changed'],
  absence: 'sentinel',
  needs: { hooks: ['setPassword'] },
  async play(stage) {
    const phone = await enabledAndGone(stage, 'juliet/phone');
    // The same password set anew: the client can still log in, its registrations are from before.
    await stage.hooks.setPassword(phone.account, phone.account.password);
    const tablet = await enabledAndGone(stage, 'juliet/tablet');
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(phone.account, 'Hark!'));
    await stage.fence.sentinel(tablet.account, tablet.subscription, romeo);
  },
  judge: (evidence) => [noPush(evidence, 'registration.password-changed', 'juliet/phone')],
};

export const cases = [
  survives,
  keySurvives,
  removedStaysRemoved,
  orderSurvives,
  crash,
  accountDeleted,
  passwordChanged,
];
