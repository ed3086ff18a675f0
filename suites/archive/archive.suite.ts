import type { Element } from '@xmpp/xml';
import type { Case } from '../../harness/case/case.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { keepMessages, keepNoMessages } from '../scene/archive.js';
import { proposeCall } from '../scene/calls.js';
import { noPush, pushes } from '../scene/judge.js';
import { type Device, enabled } from '../scene/scene.js';
import { keptAndGone, receiveFrom, tellOnce } from '../scene/steps.js';
import { chat } from '../scene/webpush.js';

const phone = 'juliet/phone';
const tablet = 'juliet/tablet';
const desk = 'juliet/desk';
const text = 'Hark!';

const otherDevice: Case<RequirementId> = {
  id: 'archive/other-device',
  title: 'a message that another device gets is pushed once to a device that is gone',
  requirements: ['archive.other-devices'],
  absence: 'sentinel',
  async play(stage) {
    const juliet = await keptAndGone(stage, phone);
    const live = await stage.connect(desk);
    await tellOnce(stage, juliet, await stage.sender('romeo'), chat(juliet.account, text));
    await live.close();
  },
  judge: (evidence) => [pushes(evidence, 'archive.other-devices', phone, 1)],
};

const otherHibernates: Case<RequirementId> = {
  id: 'archive/other-hibernates',
  title: 'a message that waits for another device, which hibernates, is pushed once to a device that is gone',
  requirements: ['archive.other-devices'],
  absence: 'sentinel',
  async play(stage) {
    const juliet = await keptAndGone(stage, phone);
    const other = await stage.connect(desk, { streamManagement: 'resumable' });
    await other.lose();
    await tellOnce(stage, juliet, await stage.sender('romeo'), chat(juliet.account, text));
  },
  judge: (evidence) => [pushes(evidence, 'archive.other-devices', phone, 1)],
};

const everyDevice: Case<RequirementId> = {
  id: 'archive/every-device',
  title:
    'a message is pushed once to each device that is gone or hibernates, and not to the one that is live',
  requirements: ['archive.other-devices', 'archive.not-twice', 'live.suppress'],
  absence: 'sentinel',
  async play(stage) {
    const gone = await keptAndGone(stage, phone);
    const hibernating = await enabled(stage, tablet, { streamManagement: 'resumable' });
    const live = await enabled(stage, desk, { streamManagement: 'resumable' });
    await hibernating.actor.lose();
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(gone.account, text));
    for (const { account, subscription } of [gone, hibernating]) {
      await stage.pushed(subscription);
      await stage.fence.sentinel(account, subscription, romeo);
    }
    await live.actor.close();
    await stage.fence.sentinel(live.account, live.subscription, romeo);
  },
  judge: (evidence) => [
    pushes(evidence, 'archive.other-devices', phone, 1),
    pushes(evidence, 'archive.not-twice', tablet, 1),
    noPush(evidence, 'live.suppress', desk),
  ],
};

/** The step after which the session is known to hibernate. */
const hibernating = 'hibernating';

const notTwice = (
  [
    ['message', 'a message', (to: Device): Element => chat(to.account, text)],
    // Not batched, so that nothing can hide that two triggers told it.
    ['call', 'a call proposal', (to: Device): Element => proposeCall(to.account)],
  ] as const
).map(
  ([topic, what, stanza]): Case<RequirementId> => ({
    id: `archive/hibernated-${topic}`,
    title: `${what} that is archived and waits for a session that hibernates is pushed once`,
    requirements: ['archive.not-twice'],
    absence: 'sentinel',
    async play(stage) {
      const juliet = await enabled(stage, phone, { streamManagement: 'resumable' });
      await keepMessages(juliet.actor);
      await stage.connect(desk);
      await juliet.actor.lose();
      // A server may notice the loss late: when a message of the nurse was told, it has.
      const nurse = await stage.sender('nurse');
      await nurse.send(chat(juliet.account, 'Madam!'));
      await stage.pushed(juliet.subscription);
      stage.mark(hibernating);
      await tellOnce(stage, juliet, await stage.sender('romeo'), stanza(juliet), 2);
    },
    judge: (evidence) => [pushes(evidence, 'archive.not-twice', phone, 1, hibernating)],
  }),
);

const outgoing: Case<RequirementId> = {
  id: 'archive/outgoing',
  title: "the account's own message from another device is not pushed to a device that is gone",
  requirements: ['archive.outgoing'],
  negative: { sibling: 'archive/other-device', fault: 'the message is one that the account sent' },
  absence: 'sentinel',
  async play(stage) {
    const juliet = await keptAndGone(stage, phone);
    const sender = await stage.connect(desk);
    await sender.send(chat((await stage.sender('romeo')).bareJid, text));
    await stage.fence.sentinel(juliet.account, juliet.subscription, sender);
    await sender.close();
  },
  judge: (evidence) => [noPush(evidence, 'archive.outgoing', phone)],
};

const outgoingCarbon: Case<RequirementId> = {
  id: 'archive/outgoing-hibernated',
  title: "the account's own message from another device is not pushed to a session that hibernates",
  requirements: ['archive.outgoing'],
  negative: { sibling: 'hibernated/carbon', fault: 'the message is one that the account sent' },
  absence: 'sentinel',
  async play(stage) {
    const juliet = await enabled(stage, phone, { streamManagement: 'resumable', carbons: true });
    await keepMessages(juliet.actor);
    const sender = await stage.connect(desk, { carbons: true });
    await juliet.actor.lose();
    await sender.send(chat((await stage.sender('romeo')).bareJid, text));
    await stage.fence.sentinel(juliet.account, juliet.subscription, sender);
  },
  judge: (evidence) => [noPush(evidence, 'archive.outgoing', phone)],
};

const noteToSelf: Case<RequirementId> = {
  id: 'archive/note-to-self',
  title: 'what the account sends to itself is not pushed to its devices',
  requirements: ['archive.outgoing'],
  negative: { sibling: 'archive/other-device', fault: 'the account itself is the sender' },
  absence: 'sentinel',
  async play(stage) {
    const juliet = await keptAndGone(stage, phone);
    const sender = await stage.connect(desk);
    await sender.send(chat(juliet.account, text));
    await stage.fence.sentinel(juliet.account, juliet.subscription, sender);
    await sender.close();
  },
  judge: (evidence) => [noPush(evidence, 'archive.outgoing', phone)],
};

const namesake: Case<RequirementId> = {
  id: 'archive/namesake',
  title: 'a message to the account of the same localpart on another host is not pushed to its sender',
  requirements: ['archive.namesake'],
  absence: 'sentinel',
  needs: { traits: ['second-domain'], hooks: ['createAccount'] },
  async play(stage) {
    const juliet = await keptAndGone(stage, phone);
    const { localpart, password } = juliet.account;
    const [, domain = ''] = stage.domains;
    await stage.hooks.createAccount({ localpart, domain, password });
    const sender = await stage.connect(desk);
    await sender.send(chat(`${localpart}@${domain}`, text));
    await stage.fence.sentinel(juliet.account, juliet.subscription, sender);
  },
  judge: (evidence) => [noPush(evidence, 'archive.namesake', phone)],
};

const preferences: Case<RequirementId> = {
  id: 'archive/preferences',
  title: 'a message that the account wants not archived is not pushed while another device gets it',
  requirements: ['archive.preferences'],
  negative: { sibling: 'archive/other-device', fault: 'the account wants nothing archived' },
  absence: 'sentinel',
  async play(stage) {
    const juliet = await enabled(stage, phone);
    await keepNoMessages(juliet.actor, stage);
    await juliet.actor.close();
    const live = await stage.connect(desk);
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(juliet.account, text));
    await receiveFrom(live, romeo);
    // A sentinel would not be archived either: it is pushed when no session is left.
    await live.close();
    await stage.fence.sentinel(juliet.account, juliet.subscription, romeo);
  },
  judge: (evidence) => [noPush(evidence, 'archive.preferences', phone)],
};

export const cases = [
  otherDevice,
  otherHibernates,
  everyDevice,
  ...notTwice,
  outgoing,
  outgoingCarbon,
  noteToSelf,
  namesake,
  preferences,
];
