import type { Actor } from '../../harness/actor/actor.js';
import { type Case, varied } from '../../harness/case/case.js';
import type { Stage } from '../../harness/case/stage.js';
import { check } from '../../harness/judge/check.js';
import type { Evidence } from '../../harness/judge/evidence.js';
import type { Finding } from '../../harness/judge/finding.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { keepMessages, keepNoMessages, readArchive } from '../scene/archive.js';
import { proposeCall } from '../scene/calls.js';
import { noPush, pushes, result } from '../scene/judge.js';
import { toldBy } from '../scene/payload.js';
import { enabledAndGone } from '../scene/scene.js';
import { body } from '../scene/stanzas.js';
import { tellOnce } from '../scene/steps.js';
import { chat, message } from '../scene/webpush.js';
import { bounceOf, phone, sentMessage, toldOnce } from './template.js';

const tablet = 'juliet/tablet';

/** Both are stored and archived, though clients rarely send normal ones. */
const types = { type: ['chat', 'normal'] } as const;
const text = 'Hark!';

const onePush = varied<RequirementId, typeof types>({
  id: 'offline/one-push',
  title: 'a message to an account without a session causes one request for each registration',
  requirements: ['offline.one-push'],
  absence: 'sentinel',
  vary: types,
  async play(stage, { type }) {
    const first = await enabledAndGone(stage, phone);
    const second = await enabledAndGone(stage, tablet);
    const romeo = await stage.sender('romeo');
    await romeo.send(message(first.account, { type }, body(text)));
    for (const { account, subscription } of [first, second]) {
      await stage.pushed(subscription);
      await stage.fence.sentinel(account, subscription, romeo);
    }
  },
  judge: (evidence) => [phone, tablet].map((device) => pushes(evidence, 'offline.one-push', device, 1)),
});

const overWebSocket: Case<RequirementId> = {
  id: 'offline/websocket',
  title: 'a registration made over a WebSocket, as browsers make it, is pushed to',
  requirements: ['offline.one-push', 'enable.result'],
  absence: 'sentinel',
  needs: { traits: ['websocket'] },
  async play(stage) {
    const juliet = await enabledAndGone(stage, phone, { transport: 'websocket' });
    await tellOnce(stage, juliet, await stage.sender('romeo'), chat(juliet.account, text));
  },
  judge: (evidence) => [
    result(evidence, 'enable.result', phone, 'enable'),
    pushes(evidence, 'offline.one-push', phone, 1),
  ],
};

const keptTwice = async (actor: Actor, stage: Stage): Promise<void> => {
  stage.requires('archive');
  stage.requires('offline-storage');
  await keepMessages(actor);
};

const once = [
  toldOnce({
    id: 'archived-and-stored',
    title: 'a message that is both archived and stored offline is told once',
    requirement: 'offline.archive-and-offline',
    prepare: keptTwice,
    stanza: ({ account }) => chat(account, text),
  }),
  toldOnce({
    // Not batched, so that nothing can hide that two triggers told it.
    id: 'archived-and-stored-call',
    title: 'a call proposal that is both archived and stored offline is told once',
    requirement: 'offline.archive-and-offline',
    prepare: keptTwice,
    stanza: ({ account }) => proposeCall(account),
  }),
  toldOnce({
    id: 'without-archive',
    title: 'a message is pushed though the account keeps no archive',
    requirement: 'offline.one-push',
    prepare: keepNoMessages,
    stanza: ({ account }) => chat(account, text),
  }),
];

const prompt: Case<RequirementId> = {
  id: 'offline/prompt',
  title: 'the request follows the message within five seconds',
  requirements: ['offline.prompt'],
  async play(stage) {
    const juliet = await enabledAndGone(stage, phone);
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(juliet.account, text));
    await stage.pushed(juliet.subscription);
  },
  judge(evidence) {
    const sent = sentMessage(evidence, 'romeo/desk', text);
    const [request] = evidence.requests(phone);
    const took = sent && request ? request.at - sent.at : undefined;
    return [
      check('offline.prompt', took !== undefined && took <= 5000, {
        expected: `a request for ${phone} within 5000 ms of the message`,
        actual: took === undefined ? 'no request' : `a request after ${took} ms`,
        evidence: [sent, request].flatMap((entry) => entry?.seq ?? []),
      }),
    ];
  },
};

const stored: Case<RequirementId> = {
  id: 'offline/stored',
  title: 'whoever logs in on being told finds the message',
  requirements: ['offline.after-storing'],
  async play(stage) {
    const juliet = await enabledAndGone(stage, phone);
    const romeo = await stage.sender('romeo');
    await romeo.send(chat(juliet.account, text));
    await stage.pushed(juliet.subscription);
    // What was stored offline has come when the desk is connected; what was archived comes when asked for.
    await readArchive(await stage.connect('juliet/desk'));
  },
  judge(evidence) {
    const [request] = evidence.requests(phone);
    const found = evidence.stanzas('juliet/desk', 'received').find(({ xml }) => xml.includes(text));
    return [
      check('offline.after-storing', request !== undefined && found !== undefined, {
        expected: 'a request, and the message at the next login or in the archive',
        actual: `${request ? 'a request' : 'no request'}, and the message ${found ? 'was there' : 'was in neither'}`,
        evidence: [request, found].flatMap((entry) => entry?.seq ?? []),
      }),
    ];
  },
};

const fullJid: Case<RequirementId> = {
  id: 'offline/full-jid',
  title: 'a message to a full JID that is gone is told once, unless it is returned',
  requirements: ['offline.full-jid'],
  absence: 'sentinel',
  async play(stage) {
    const juliet = await enabledAndGone(stage, phone);
    const romeo = await stage.connect('romeo/desk');
    await romeo.send(chat(juliet.actor.fullJid, text, 'to-the-phone'));
    const returned = romeo.receive('the message back', ({ attrs }) => attrs.id === 'to-the-phone');
    await Promise.race([stage.pushed(juliet.subscription), returned]);
    await stage.fence.sentinel(juliet.account, juliet.subscription, romeo);
  },
  judge: (evidence) => [
    pushes(
      evidence,
      'offline.full-jid',
      phone,
      bounceOf(evidence, 'romeo/desk', 'to-the-phone') === undefined ? 1 : 0,
    ),
  ],
};

/** RFC 6121 §8.5.2.2.1: an account takes no groupchat messages while it has no available resource. */
async function misdirected(stage: Stage, type: 'chat' | 'groupchat') {
  const juliet = await enabledAndGone(stage, phone);
  const romeo = await stage.connect('romeo/desk');
  await romeo.send(message(juliet.account, { type, id: 'misdirected' }, body(text)));
  return { juliet, romeo };
}

const notBounced: Case<RequirementId> = {
  id: 'offline/not-returned',
  title: 'a message that is not returned to its sender is pushed',
  requirements: ['offline.one-push'],
  async play(stage) {
    const { juliet } = await misdirected(stage, 'chat');
    await stage.pushed(juliet.subscription);
  },
  judge: (evidence) => [pushes(evidence, 'offline.one-push', phone, 1)],
};

const bounced: Case<RequirementId> = {
  id: 'offline/returned',
  title: 'a message that is returned to its sender is not pushed',
  requirements: ['offline.not-bounced'],
  negative: { sibling: 'offline/not-returned', fault: 'its type is groupchat' },
  absence: 'sentinel',
  async play(stage) {
    const { juliet, romeo } = await misdirected(stage, 'groupchat');
    await stage.fence.sentinel(juliet.account, juliet.subscription, romeo);
  },
  judge(evidence) {
    const bounce = bounceOf(evidence, 'romeo/desk', 'misdirected');
    const requests = evidence.requests(phone);
    return [
      check('offline.not-bounced', bounce === undefined || requests.length === 0, {
        expected: `the message back at its sender, or a request for ${phone}, but not both`,
        actual: `the message ${bounce ? 'came back' : 'did not come back'}, and there was ${requests.length > 0 ? 'a request' : 'no request'}`,
        evidence: [...(bounce ? [bounce.seq] : []), ...requests.map(({ seq }) => seq)],
        claimsAbsence: true,
      }),
    ];
  },
};

const lines = ['One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine', 'Ten'] as const;
const lastLine = 'Ten';

const burst: Case<RequirementId> = {
  id: 'offline/burst',
  title: 'ten messages in a row cause one to ten requests for each registration, and the last one is told',
  requirements: ['offline.burst'],
  absence: 'sentinel',
  async play(stage) {
    // With the text, so that it shows which of the messages a request tells.
    const payload = { sender: true, body: true };
    const first = await enabledAndGone(stage, phone, { payload });
    const second = await enabledAndGone(stage, tablet, { payload });
    const romeo = await stage.sender('romeo');
    for (const line of lines) await romeo.send(chat(first.account, line));
    for (const { account, subscription } of [first, second]) {
      await stage.pushed(subscription);
      await stage.fence.sentinel(account, subscription, romeo);
    }
  },
  judge: (evidence) =>
    [phone, tablet].flatMap((device) => [
      pushes(evidence, 'offline.burst', device, { atLeast: 1, atMost: lines.length }),
      lastTold(evidence, device),
    ]),
};

/** A request tells the last message if it has its text, or where no texts are sent, if it came after the message. */
function lastTold(evidence: Evidence, device: string): Finding {
  const sent = sentMessage(evidence, 'romeo/desk', lastLine);
  const requests = evidence.requests(device).map((request) => {
    const told = toldBy(request);
    return { seq: request.seq, line: lines.find((line) => told.ok && told.members.body === line) };
  });
  const withText = requests.some(({ line }) => line !== undefined);
  const telling = requests.filter(({ seq, line }) =>
    withText ? line === lastLine : sent !== undefined && seq > sent.seq,
  );
  const told = withText ? requests.map(({ line }) => line ?? 'another text').join(', ') : 'none after it';
  return check('offline.burst', telling.length > 0, {
    expected: `a request for ${device} that tells the last message, "${lastLine}"`,
    actual: telling.length > 0 ? 'such a request' : `requests that tell: ${told}`,
    evidence: requests.map(({ seq }) => seq),
  });
}

/** The step at which the stored message is delivered. */
const login = 'login';

const deliveries = (
  [
    ['delivery-to-other-device', 'juliet/desk', 'another device'],
    ['delivery-to-same-device', phone, 'the device that was told'],
  ] as const
).map(
  ([topic, name, who]): Case<RequirementId> => ({
    id: `offline/${topic}`,
    title: `delivering stored messages to ${who} at its login pushes nothing`,
    requirements: ['offline.delivery-silent'],
    absence: 'sentinel',
    async play(stage) {
      stage.requires('offline-storage');
      const juliet = await enabledAndGone(stage, phone);
      const romeo = await stage.sender('romeo');
      await tellOnce(stage, juliet, romeo, chat(juliet.account, text));
      stage.mark(login);
      const back = await stage.connect(name);
      await back.close();
      await stage.fence.sentinel(juliet.account, juliet.subscription, romeo);
    },
    judge: (evidence) => [noPush(evidence, 'offline.delivery-silent', phone, login)],
  }),
);

export const cases = [
  onePush,
  overWebSocket,
  ...once,
  prompt,
  stored,
  fullJid,
  notBounced,
  bounced,
  burst,
  ...deliveries,
];
