import type { Case } from '../../harness/case/case.js';
import { check } from '../../harness/judge/check.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { archiveIdOf, keepMessages, readArchive } from '../scene/archive.js';
import { callStep, proposeCall } from '../scene/calls.js';
import { noPush } from '../scene/judge.js';
import { bareJidOf, excerpt, firstPayload, member, withholds } from '../scene/payload.js';
import { enabled, enabledAndGone, roleOf } from '../scene/scene.js';
import { body, directInvite } from '../scene/stanzas.js';
import { chat, message } from '../scene/webpush.js';
import { nick, noSenderWanted, phone, roomOf, sender, textWanted, told, toldInRoom } from './template.js';

/** Of what a payload consists, and who it says it is from. */
export const cases: readonly Case<RequirementId>[] = [
  told({
    id: 'json',
    title: 'the plaintext is a JSON object with v, account and kind',
    requirements: ['payload.json'],
    stanza: (juliet) => chat(juliet, 'Hark!'),
    judge: (evidence) => [hasCoreMembers(evidence)],
  }),
  told({
    id: 'json-any-text',
    title: 'the plaintext is a JSON object in UTF-8 whatever the text of the message',
    requirements: ['payload.json', 'payload.text'],
    consent: textWanted,
    stanza: (juliet) => chat(juliet, awkward),
    judge(evidence) {
      const core = hasCoreMembers(evidence);
      // What is no JSON has no text to look at, and that is what is wrong with it.
      return core.met ? [core, member(evidence, 'payload.text', phone, 'body', awkward)] : [core];
    },
  }),
  told({
    id: 'account',
    title: 'account is the bare JID of the account that is told',
    requirements: ['payload.account'],
    stanza: (juliet) => chat(juliet, 'Hark!'),
    judge: (evidence) => [member(evidence, 'payload.account', phone, 'account', bareJidOf(evidence, phone))],
  }),
  told({
    id: 'kind-message',
    title: 'a message is told with the kind message',
    requirements: ['payload.kind'],
    stanza: (juliet) => chat(juliet, 'Hark!'),
    judge: (evidence) => [member(evidence, 'payload.kind', phone, 'kind', 'message')],
  }),
  told({
    id: 'kind-call',
    title: 'a call proposal is told with the kind call',
    requirements: ['payload.kind'],
    stanza: proposeCall,
    judge: (evidence) => [member(evidence, 'payload.kind', phone, 'kind', 'call')],
  }),
  {
    id: 'payload/kind-call-retract',
    title: 'the retraction of a call proposal, if it is told, has the kind call-retract',
    requirements: ['payload.kind'],
    absence: 'sentinel',
    async play(stage) {
      const juliet = await enabledAndGone(stage, phone);
      const romeo = await stage.sender(roleOf(sender));
      await romeo.send(callStep(juliet.account, 'retract'));
      await stage.fence.sentinel(juliet.account, juliet.subscription, romeo);
    },
    judge: (evidence) =>
      evidence.requests(phone).length > 0
        ? [member(evidence, 'payload.kind', phone, 'kind', 'call-retract')]
        : [noPush(evidence, 'payload.kind', phone)],
  },
  told({
    id: 'kind-invite',
    title: 'an invitation is told with the kind invite',
    requirements: ['payload.kind'],
    stanza: (juliet) =>
      message(juliet, {}, body('Come to the balcony.'), directInvite('balcony@rooms.example')),
    judge: (evidence) => [member(evidence, 'payload.kind', phone, 'kind', 'invite')],
  }),
  told({
    id: 'from',
    title: 'from is the bare JID of the sender',
    requirements: ['payload.from'],
    stanza: (juliet) => chat(juliet, 'Hark!'),
    judge: (evidence) => [member(evidence, 'payload.from', phone, 'from', bareJidOf(evidence, sender))],
  }),
  told({
    id: 'from-wanted',
    title: 'from is the bare JID of the sender when the client asked for it',
    requirements: ['payload.from'],
    consent: { sender: true, body: false },
    stanza: (juliet) => chat(juliet, 'Hark!'),
    judge: (evidence) => [member(evidence, 'payload.from', phone, 'from', bareJidOf(evidence, sender))],
  }),
  toldInRoom({
    id: 'from-room',
    title: 'from is the room and nick the occupant for a groupchat message',
    requirements: ['payload.from'],
    stanza: (room) => message(room, { type: 'groupchat' }, body('Hark!')),
    judge: (evidence) => [
      member(evidence, 'payload.from', phone, 'from', roomOf(evidence, sender)),
      member(evidence, 'payload.from', phone, 'nick', nick),
    ],
  }),
  told({
    id: 'no-sender',
    title: 'the sender is not told when the client asked for none',
    requirements: ['payload.no-sender'],
    consent: noSenderWanted,
    stanza: (juliet) => chat(juliet, 'Hark!'),
    judge: (evidence) => [
      withholds(evidence, 'payload.no-sender', phone, 'the sender', [bareJidOf(evidence, sender)]),
      member(evidence, 'payload.no-sender', phone, 'from', undefined),
    ],
  }),
  toldInRoom({
    id: 'no-sender-room',
    title: 'neither room nor nick are told when the client asked for no sender',
    requirements: ['payload.no-sender'],
    consent: noSenderWanted,
    stanza: (room) => message(room, { type: 'groupchat' }, body('Hark!')),
    judge: (evidence) => [
      withholds(evidence, 'payload.no-sender', phone, 'the sender', [roomOf(evidence, sender), nick]),
    ],
  }),
  {
    id: 'payload/id',
    title: 'id is the id of the message in the archive',
    requirements: ['payload.id'],
    async play(stage) {
      const juliet = await enabled(stage, phone);
      await keepMessages(juliet.actor);
      await juliet.actor.close();
      const romeo = await stage.sender(roleOf(sender));
      await romeo.send(chat(juliet.account, archived, 'id-of-the-sender'));
      await stage.pushed(juliet.subscription);
      const desk = await stage.connect('juliet/desk');
      await readArchive(desk);
    },
    judge(evidence) {
      const id = archiveIdOf(evidence, 'juliet/desk', archived);
      if (id !== undefined) return [member(evidence, 'payload.id', phone, 'id', id)];
      return [
        check('payload.id', true, {
          expected: 'the id of the message in the archive, if it is there',
          actual: 'the message is not in the archive',
          evidence: [],
        }),
      ];
    },
  },
];

const archived = 'Hark, and remember!';

/** Everything JSON escapes, and characters of two, three and four octets. */
const awkward = 'He said: "¿Quién — 誰 🌹?" \\ and\nleft\tus, <&> \u2028 \u0085.';

function hasCoreMembers(evidence: Parameters<Case['judge']>[0]) {
  const core = ['v', 'account', 'kind'];
  return firstPayload(
    evidence,
    'payload.json',
    phone,
    `a JSON object with the members ${core.join(', ')}`,
    ({ members, text }) => {
      const missing = core.filter((name) => members[name] === undefined);
      return {
        met: missing.length === 0,
        actual: `${missing.length === 0 ? '' : `no member ${missing.join(', ')}: `}${excerpt(text)}`,
      };
    },
  );
}
