import { type Case, varied } from '../../harness/case/case.js';
import type { Sender, Stage } from '../../harness/case/stage.js';
import { check } from '../../harness/judge/check.js';
import type { Evidence, Examined } from '../../harness/judge/evidence.js';
import type { Finding } from '../../harness/judge/finding.js';
import type { Answer } from '../../harness/push-service/subscription.js';
import { TargetFault } from '../../harness/target/fault.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { nothingAtAll, pushes, requestsAfter } from '../scene/judge.js';
import { accept, type Device, enabledAndGone, fieldsOf } from '../scene/scene.js';
import { advanceUntil } from '../scene/time.js';
import { chat } from '../scene/webpush.js';

const told = 'the push service has answered';
const later = 'the next message';
const minute = 60 * 1000;

interface Told {
  readonly tablet: Device;
  readonly phone: Device;
  readonly romeo: Sender;
}

/** Juliet's phone gets a push that is answered like this; her tablet is the witness. */
async function answered(stage: Stage, ...answers: readonly Answer[]): Promise<Told> {
  const phone = await enabledAndGone(stage, 'juliet/phone');
  const tablet = await enabledAndGone(stage, 'nurse/tablet');
  phone.subscription.answer(...answers);
  const romeo = await stage.sender('romeo');
  await romeo.send(chat(phone.account, 'Hark!'));
  await stage.pushed(phone.subscription);
  stage.mark(told);
  return { tablet, phone, romeo };
}

/** The requests for the first message: what comes for the next one is no further try of it. */
function triesOf(evidence: Evidence): readonly Examined[] {
  const next = evidence.mark(later);
  return evidence.requests('juliet/phone').filter(({ seq }) => seq < next);
}

function triedAgain(evidence: Evidence): Finding {
  const tries = triesOf(evidence);
  return check('answer.retry', tries.length >= 2 && tries.length <= 20, {
    expected: 'from 2 to 20 tries before the next message',
    actual: tries.length === 1 ? '1 try' : `${tries.length} tries`,
    evidence: tries.map(({ seq }) => seq),
  });
}

function notTriedAgain(evidence: Evidence, requirement: RequirementId): Finding {
  const tries = triesOf(evidence);
  return check(requirement, tries.length === 1, {
    expected: '1 try before the next message',
    actual: tries.length === 1 ? '1 try' : `${tries.length} tries`,
    evidence: tries.map(({ seq }) => seq),
    claimsAbsence: true,
  });
}

/** Shows whether the registration is still there, when all that is due of the message before has come. */
async function nextMessage(stage: Stage, { account }: Device, romeo: Sender): Promise<void> {
  stage.mark(later);
  await romeo.send(chat(account, 'Hark again!'));
}

const failures: readonly (readonly [topic: string, title: string, answer: Answer])[] = [
  ['reset', 'a connection that breaks off', { type: 'reset' }],
  ...[503, 500, 502, 504].map((status): readonly [string, string, Answer] => [
    String(status),
    `an answer ${status}`,
    { type: 'status', status },
  ]),
];

const transient = failures.map(
  ([topic, title, answer]): Case<RequirementId> => ({
    id: `answer/after-${topic}`,
    title: `after ${title} the push is sent again and the registration stays`,
    requirements: ['answer.retry', 'answer.transient'],
    needs: { hooks: ['advanceClock'] },
    async play(stage) {
      const { tablet, phone, romeo } = await answered(stage, answer);
      await advanceUntil(stage, phone.subscription, 2, tablet, romeo);
      const before = phone.subscription.requests.length;
      await nextMessage(stage, phone, romeo);
      await stage.pushed(phone.subscription, before + 1);
    },
    judge: (evidence) => [
      triedAgain(evidence),
      pushes(evidence, 'answer.transient', 'juliet/phone', { atLeast: 1, atMost: 20 }, later),
    ],
  }),
);

const growing: Case<RequirementId> = {
  id: 'answer/growing-intervals',
  title: 'a push that keeps failing is tried a bounded number of times, at growing intervals, within its TTL',
  requirements: ['answer.retry'],
  needs: { hooks: ['advanceClock'] },
  async play(stage) {
    const failing = Array.from({ length: 60 }, (): Answer => ({ type: 'status', status: 503 }));
    const { tablet, phone, romeo } = await answered(stage, ...failing);
    for (let count = 2; count <= 40; count += 1) {
      const before = phone.subscription.requests.length;
      await advanceUntil(stage, phone.subscription, count, tablet, romeo);
      if (phone.subscription.requests.length === before) break;
    }
  },
  judge(evidence) {
    const requests = evidence.requests('juliet/phone');
    const first = requests[0];
    const last = requests.at(-1);
    const ttl = Number(first && headerOf(first, 'ttl'));
    const span = first && last ? (last.at - first.at) / 1000 : Number.NaN;
    return [
      check('answer.retry', requests.length >= 2 && requests.length <= 20 && span <= ttl, {
        expected: 'from 2 to 20 tries, all within the TTL of the first',
        actual: `${requests.length} tries over ${Math.round(span)} s with a TTL of ${ttl} s`,
        evidence: requests.map(({ seq }) => seq),
      }),
    ];
  },
};

const refused = varied<RequirementId, { readonly status: readonly ['403', '400', '401'] }>({
  id: 'answer/no-retry-after-refusal',
  title: 'a request that the push service refused is not sent again',
  requirements: ['answer.refused-no-retry'],
  negative: { sibling: 'answer/after-503', fault: 'the push service refuses the request', across: 'status' },
  absence: 'sentinel',
  vary: { status: ['403', '400', '401'] },
  needs: { hooks: ['advanceClock'] },
  async play(stage, { status }) {
    const { tablet, phone, romeo } = await answered(stage, { type: 'status', status: Number(status) });
    await advanceUntil(stage, phone.subscription, 2, tablet, romeo);
    await nextMessage(stage, phone, romeo);
  },
  judge: (evidence) => [notTriedAgain(evidence, 'answer.refused-no-retry')],
});

const goneOnce = [410, 404].map(
  (status): Case<RequirementId> => ({
    id: `answer/no-retry-after-${status}`,
    title: `after ${status} the push is not tried again`,
    requirements: [status === 404 ? 'answer.not-found' : 'answer.gone'],
    negative: { sibling: 'answer/after-503', fault: `the push service answers ${status}` },
    absence: 'sentinel',
    needs: { hooks: ['advanceClock'] },
    async play(stage) {
      const { tablet, phone, romeo } = await answered(stage, { type: 'status', status });
      await advanceUntil(stage, phone.subscription, 2, tablet, romeo);
      await nextMessage(stage, phone, romeo);
    },
    judge: (evidence) => [notTriedAgain(evidence, status === 404 ? 'answer.not-found' : 'answer.gone')],
  }),
);

/** When the push service will take requests again, and how it says so, on the server's clock. */
const waits = (
  [
    ['seconds', () => '600'],
    ['date', (now: number) => new Date(now + 600_000).toUTCString()],
  ] as const
).map(
  ([form, retryAfter]): Case<RequirementId> => ({
    id: `answer/retry-after-${form}`,
    title: `after 429 nothing is sent to the endpoint before the time in Retry-After, given as ${form}, and then it is`,
    requirements: ['answer.too-many-requests', 'answer.too-many-requests-keeps'],
    absence: 'sentinel',
    needs: { hooks: ['advanceClock'] },
    async play(stage) {
      const { tablet, phone, romeo } = await answered(stage, {
        type: 'status',
        status: 429,
        headers: { 'retry-after': retryAfter(stage.now()) },
      });
      await stage.fence.sentinel(tablet.account, tablet.subscription, romeo);
      await stage.hooks.advanceClock(4 * minute);
      // From somebody else, so that it does not just join what waits.
      const paris = await stage.sender('paris');
      await paris.send(chat(phone.account, 'Hark again!'));
      await stage.fence.sentinel(tablet.account, tablet.subscription, paris);
      await stage.hooks.advanceClock(5 * minute);
      await romeo.send(chat(phone.account, 'Hark once more!'));
      await stage.fence.sentinel(tablet.account, tablet.subscription, romeo);
      stage.mark('the time has passed');
      await stage.hooks.advanceClock(2 * minute);
      await romeo.send(chat(phone.account, 'Hark at last!'));
      await stage.pushed(phone.subscription, 2);
    },
    judge(evidence) {
      const passed = evidence.mark('the time has passed');
      const early = requestsAfter(evidence, 'juliet/phone', told).filter(({ seq }) => seq < passed);
      return [
        check('answer.too-many-requests', early.length === 0, {
          expected: 'no request for juliet/phone in the ten minutes of Retry-After',
          actual: early.length === 0 ? 'no request' : `${early.length} requests`,
          evidence: early.map(({ seq }) => seq),
          claimsAbsence: true,
        }),
        pushes(
          evidence,
          'answer.too-many-requests-keeps',
          'juliet/phone',
          { atLeast: 1, atMost: 4 },
          'the time has passed',
        ),
      ];
    },
  }),
);

const tooLarge: Case<RequirementId> = {
  id: 'answer/too-large',
  title: 'after 413 one smaller request is sent, and the registration stays',
  requirements: ['answer.too-large', 'answer.too-large-keeps'],
  async play(stage) {
    const phone = await enabledAndGone(stage, 'juliet/phone', { payload: { sender: true, body: true } });
    phone.subscription.answer({ type: 'status', status: 413 });
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(phone.account, 'But soft, what light through yonder window breaks? '.repeat(60)));
    await stage.pushed(phone.subscription, 2);
    stage.mark(later);
    await romeo.send(chat(phone.account, 'Hark again!'));
    await stage.pushed(phone.subscription, 3);
  },
  judge(evidence) {
    const [first, second] = triesOf(evidence);
    return [
      check(
        'answer.too-large',
        second !== undefined && first !== undefined && second.body.length < first.body.length,
        {
          expected: 'a second request with a smaller body',
          actual: second
            ? `bodies of ${first?.body.length} and then ${second.body.length} octets`
            : `${first ? 'no second' : 'no'} request`,
          evidence: [first, second].flatMap((request) => (request ? [request.seq] : [])),
        },
      ),
      pushes(evidence, 'answer.too-large-keeps', 'juliet/phone', { atLeast: 1, atMost: 2 }, later),
    ];
  },
};

/** The answer names another resource of the push service. */
async function answeredWithLocation(stage: Stage, status: number) {
  const tablet = await enabledAndGone(stage, 'nurse/tablet');
  const elsewhere = stage.subscribe('juliet/elsewhere');
  const phone = await enabledAndGone(stage, 'juliet/phone');
  phone.subscription.answer({ type: 'status', status, headers: { location: elsewhere.endpoint } });
  const romeo = await stage.sender('romeo');
  await romeo.send(chat(phone.account, 'Hark!'));
  await stage.pushed(phone.subscription);
  stage.mark(told);
  await romeo.send(chat(phone.account, 'Hark again!'));
  return { tablet, phone, romeo };
}

/** As RFC 8030 §5 has it: the location of the push message. */
const located: Case<RequirementId> = {
  id: 'answer/location-201',
  title: 'an answer 201 with a location is a success: the registration stays',
  requirements: ['answer.success'],
  async play(stage) {
    const { phone } = await answeredWithLocation(stage, 201);
    await stage.pushed(phone.subscription, 2);
  },
  judge: (evidence) => [pushes(evidence, 'answer.success', 'juliet/phone', 1, told)],
};

const redirects = [307, 301, 302, 308].map(
  (status): Case<RequirementId> => ({
    id: `answer/redirect-${status}`,
    title: `a redirect ${status} is not followed`,
    requirements: ['answer.redirect'],
    negative: { sibling: 'answer/location-201', fault: `the push service answers ${status}` },
    absence: 'sentinel',
    async play(stage) {
      const { tablet, romeo } = await answeredWithLocation(stage, status);
      await stage.fence.sentinel(tablet.account, tablet.subscription, romeo);
    },
    judge: (evidence) => [
      // What is sent on was sealed for the phone and opens for nobody there.
      nothingAtAll(evidence, 'answer.redirect', 'juliet/elsewhere'),
      check(
        'answer.redirect',
        evidence.allRequests.every(({ request }) => request.method === 'POST'),
        {
          expected: 'no request but POST',
          actual:
            [...new Set(evidence.allRequests.map(({ request }) => request.method))].join(', ') ||
            'no request',
          evidence: evidence.allRequests.map(({ seq }) => seq),
        },
      ),
    ],
  }),
);

const hanging: Case<RequirementId> = {
  id: 'answer/hanging',
  title: 'a push service that never answers delays neither IQs nor messages nor other registrations',
  requirements: ['answer.hanging'],
  async play(stage) {
    const phone = await enabledAndGone(stage, 'juliet/phone');
    const tablet = await enabledAndGone(stage, 'juliet/tablet');
    phone.subscription.answer({ type: 'hang' }, { type: 'hang' }, { type: 'hang' });
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(phone.account, 'Hark!'));
    // Both are told of the first message before the second is sent, so that the two are not told together.
    await Promise.all([stage.pushed(phone.subscription), stage.pushed(tablet.subscription)]);
    stage.mark('hanging');
    await romeo.ping();
    await romeo.send(chat(phone.account, 'Hark again!'));
    await stage.pushed(tablet.subscription, 2);
    const desk = await stage.connect('juliet/desk');
    await desk.receive('the first message', (stanza) => stanza.getChildText('body') === 'Hark!');
    await desk.receive('the second message', (stanza) => stanza.getChildText('body') === 'Hark again!');
    stage.mark('delivered');
  },
  judge(evidence) {
    const delivered = evidence.entries.find((entry) => entry.kind === 'mark' && entry.label === 'delivered');
    return [
      pushes(evidence, 'answer.hanging', 'juliet/tablet', { atLeast: 2, atMost: 2 }),
      check('answer.hanging', delivered !== undefined, {
        expected: 'a ping answered and both messages delivered while a push hangs',
        actual: delivered ? 'all of them' : 'not all of them within the time limit',
        evidence: delivered ? [delivered.seq] : [evidence.mark('hanging')],
      }),
    ];
  },
};

const endless: Case<RequirementId> = {
  id: 'answer/endless',
  title: 'an answer without end counts as given: other registrations go on and the endpoint still works',
  requirements: ['answer.hanging'],
  async play(stage) {
    const phone = await enabledAndGone(stage, 'juliet/phone');
    const tablet = await enabledAndGone(stage, 'juliet/tablet');
    phone.subscription.answer({ type: 'endless' });
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(phone.account, 'Hark!'));
    await Promise.all([stage.pushed(phone.subscription), stage.pushed(tablet.subscription)]);
    await romeo.send(chat(phone.account, 'Hark again!'));
    await stage.pushed(tablet.subscription, 2);
  },
  judge: (evidence) => [pushes(evidence, 'answer.hanging', 'juliet/tablet', { atLeast: 2, atMost: 2 })],
};

const oldGeneration: Case<RequirementId> = {
  id: 'answer/old-generation',
  title: 'a 404 for keys that were replaced meanwhile does not remove the renewed registration',
  requirements: ['answer.old-generation'],
  async play(stage) {
    const phone = await enabledAndGone(stage, 'juliet/phone');
    let release = () => {};
    const when = new Promise<void>((resolve) => {
      release = resolve;
    });
    phone.subscription.answer({ type: 'status', status: 404, when });
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(phone.account, 'Hark!'));
    await stage.pushed(phone.subscription);
    phone.subscription.rekey();
    const back = await stage.connect('juliet/phone');
    await accept(back, fieldsOf(phone.subscription), 'renew');
    await back.close();
    release();
    stage.mark(later);
    await romeo.send(chat(phone.account, 'Hark again!'));
    await stage.pushed(phone.subscription, 2);
    await romeo.send(chat(phone.account, 'Hark once more!'));
    await stage.pushed(phone.subscription, 3);
  },
  judge: (evidence) => [pushes(evidence, 'answer.old-generation', 'juliet/phone', 2, later)],
};

const notReflected: Case<RequirementId> = {
  id: 'answer/not-reflected',
  title: "nothing of a push service's answer reaches the sender or the account",
  requirements: ['answer.not-reflected', 'security.sender-learns'],
  absence: 'ping',
  async play(stage) {
    const phone = await enabledAndGone(stage, 'juliet/phone');
    const canary = 'canary-7c1f';
    phone.subscription.answer({ type: 'status', status: 403, body: canary, headers: { 'x-reason': canary } });
    const romeo = await stage.connect('romeo/desk');
    await romeo.send(chat(phone.account, 'Hark!', 'hark'));
    // Without an answer there is nothing that could have been passed on.
    if (!(await stage.pushed(phone.subscription))) throw new TargetFault('silence', 'nothing was pushed');
    const desk = await stage.connect('juliet/desk');
    await desk.receive('the message', (stanza) => stanza.getChildText('body') === 'Hark!');
    await stage.fence.ping(desk);
    await stage.fence.ping(romeo);
  },
  judge: (evidence) => [canaryNowhere(evidence), senderHearsNothing(evidence)],
};

function canaryNowhere(evidence: Evidence): Finding {
  const tellers = evidence.stanzas(undefined, 'received').filter(({ xml }) => xml.includes('canary-7c1f'));
  return check('answer.not-reflected', tellers.length === 0, {
    expected: "no stanza with anything of the push service's answer",
    actual: tellers.length === 0 ? 'none' : `${tellers.length} stanzas`,
    evidence: tellers.map(({ seq }) => seq),
    claimsAbsence: true,
  });
}

function senderHearsNothing(evidence: Evidence): Finding {
  const heard = evidence.stanzas('romeo/desk', 'received').filter(({ element }) => element?.is('message'));
  return check('security.sender-learns', heard.length === 0, {
    expected: 'no message to the sender',
    actual: heard.length === 0 ? 'none' : `${heard.length} messages`,
    evidence: heard.map(({ seq }) => seq),
    claimsAbsence: true,
  });
}

function headerOf({ request }: Examined, name: string): string | undefined {
  return request.headers.find(([field]) => field.toLowerCase() === name)?.[1];
}

export const cases = [
  ...transient,
  growing,
  refused,
  ...goneOnce,
  ...waits,
  tooLarge,
  located,
  ...redirects,
  hanging,
  endless,
  oldGeneration,
  notReflected,
];
