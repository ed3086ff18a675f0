import type { Case } from '../../harness/case/case.js';
import { check } from '../../harness/judge/check.js';
import type { Evidence } from '../../harness/judge/evidence.js';
import type { Finding } from '../../harness/judge/finding.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { noPush, pushed, pushes } from '../scene/judge.js';
import { bareJidOf, toldBy } from '../scene/payload.js';
import { enabled } from '../scene/scene.js';
import { chatState } from '../scene/stanzas.js';
import { acknowledgeAll, receiveFrom, sentinelAfterBatch } from '../scene/steps.js';
import { chat, message } from '../scene/webpush.js';
import { phone, unacknowledged } from './template.js';

const one: Case<RequirementId> = {
  id: 'hibernated/unacknowledged',
  title: 'a message that is unacknowledged when its session begins to hibernate is pushed',
  requirements: ['hibernated.unacknowledged', 'hibernated.unacknowledged-once'],
  absence: 'sentinel',
  async play(stage) {
    const { juliet, romeo } = await unacknowledged(stage, ({ account }) => [chat(account, 'Hark!')]);
    await juliet.actor.lose();
    await stage.pushed(juliet.subscription);
    await stage.fence.sentinel(juliet.account, juliet.subscription, romeo);
  },
  judge: (evidence) => [
    pushed(evidence, 'hibernated.unacknowledged', phone),
    pushes(evidence, 'hibernated.unacknowledged-once', phone, 1),
  ],
};

const batchWindow = 60_000;

const three: Case<RequirementId> = {
  id: 'hibernated/unacknowledged-together',
  title: 'messages of one conversation that are unacknowledged when hibernation begins are told together',
  requirements: ['hibernated.unacknowledged', 'hibernated.unacknowledged-once'],
  absence: 'sentinel',
  // A window that no machine is too slow for.
  needs: { hooks: ['advanceClock'], config: { batchWindow } },
  async play(stage) {
    const { juliet, romeo } = await unacknowledged(stage, ({ account }) =>
      ['One', 'Two', 'Three'].map((line) => chat(account, line)),
    );
    await juliet.actor.lose();
    // Told at the end of the window, together with a sentinel that another session has seen come.
    await sentinelAfterBatch(stage, juliet, batchWindow, romeo);
    await stage.pushed(juliet.subscription);
  },
  judge: (evidence) => [
    pushed(evidence, 'hibernated.unacknowledged', phone),
    pushes(evidence, 'hibernated.unacknowledged-once', phone, 1),
  ],
};

const unimportant: Case<RequirementId> = {
  id: 'hibernated/unacknowledged-chat-state',
  title: 'a chat state that is unacknowledged when its session begins to hibernate is not pushed',
  requirements: ['hibernated.unimportant'],
  negative: { sibling: 'hibernated/unacknowledged', fault: 'it is a chat state alone' },
  absence: 'sentinel',
  async play(stage) {
    const { juliet, romeo } = await unacknowledged(stage, ({ account }) => [
      message(account, { type: 'chat' }, chatState('composing')),
    ]);
    await juliet.actor.lose();
    await stage.fence.sentinel(juliet.account, juliet.subscription, romeo);
  },
  judge: (evidence) => [noPush(evidence, 'hibernated.unimportant', phone)],
};

const acknowledged: Case<RequirementId> = {
  id: 'hibernated/acknowledged',
  title: 'a message that was acknowledged is not pushed when its session begins to hibernate',
  requirements: ['hibernated.acknowledged'],
  negative: { sibling: 'hibernated/unacknowledged', fault: 'the client acknowledged the message' },
  absence: 'sentinel',
  async play(stage) {
    const juliet = await enabled(stage, phone, { streamManagement: 'resumable' });
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(juliet.account, 'Hark!'));
    await receiveFrom(juliet.actor, romeo);
    await acknowledgeAll(juliet.actor);
    await juliet.actor.lose();
    await stage.fence.sentinel(juliet.account, juliet.subscription, romeo);
  },
  judge: (evidence) => [notToldIfAcknowledged(evidence, 'romeo/desk')],
};

const half: Case<RequirementId> = {
  id: 'hibernated/half-acknowledged',
  title: 'only the unacknowledged of two messages is pushed when their session begins to hibernate',
  requirements: ['hibernated.acknowledged', 'hibernated.unacknowledged'],
  absence: 'sentinel',
  async play(stage) {
    const juliet = await enabled(stage, phone, { streamManagement: 'resumable' });
    const nurse = await stage.connect('nurse/desk');
    await nurse.send(chat(juliet.account, 'Madam!'));
    await receiveFrom(juliet.actor, nurse);
    await acknowledgeAll(juliet.actor);
    juliet.actor.acknowledge(false);
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(juliet.account, 'Hark!'));
    await receiveFrom(juliet.actor, romeo);
    await juliet.actor.lose();
    await stage.pushed(juliet.subscription);
    await stage.fence.sentinel(juliet.account, juliet.subscription, nurse, romeo);
  },
  judge(evidence) {
    const told = tellsOf(evidence, 'romeo/desk');
    return [
      notToldIfAcknowledged(evidence, 'nurse/desk'),
      check('hibernated.unacknowledged', told.length > 0, {
        expected: `a request for ${phone} that tells of romeo/desk`,
        actual: told.length > 0 ? 'such a request' : 'no such request',
        evidence: told,
      }),
    ];
  },
};

/** `seq` of the requests for the phone that name this client's account as the sender. */
function tellsOf(evidence: Evidence, sender: string): readonly number[] {
  const from = bareJidOf(evidence, sender);
  return evidence
    .requests(phone)
    .filter((request) => {
      const told = toldBy(request);
      return told.ok && told.members.from === from;
    })
    .map(({ seq }) => seq);
}

/**
 * That the sender's message was not told although the phone acknowledged it. A client only acknowledges when it is asked:
 * what the server never asked about it may push.
 */
function notToldIfAcknowledged(evidence: Evidence, sender: string): Finding {
  const from = bareJidOf(evidence, sender);
  const got = evidence
    .stanzas(phone, 'received')
    .find(({ element }) => element?.is('message') && String(element.attrs.from).startsWith(`${from}/`));
  const answer = evidence
    .stanzas(phone, 'sent')
    .find(({ seq, element }) => got && seq > got.seq && element?.is('a', 'urn:xmpp:sm:3'));
  const told = tellsOf(evidence, sender);
  const said = answer ? 'acknowledged' : 'not asked about';
  return check('hibernated.acknowledged', told.length === 0 || answer === undefined, {
    expected: `no request that tells of ${sender} once its message was acknowledged`,
    actual: `the message was ${said}, and ${told.length === 0 ? 'not told' : 'told'}`,
    evidence: [got, answer].flatMap((entry) => entry?.seq ?? []).concat(told),
    claimsAbsence: true,
  });
}

export const cases = [one, three, unimportant, acknowledged, half];
