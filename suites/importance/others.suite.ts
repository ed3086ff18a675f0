import xml from '@xmpp/xml';
import type { Case } from '../../harness/case/case.js';
import { check } from '../../harness/judge/check.js';
import { TargetFault } from '../../harness/target/fault.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { sessionAway } from '../scene/away.js';
import { noPush } from '../scene/judge.js';
import { enabled, enabledAndGone } from '../scene/scene.js';
import { block, pubsubEvent } from '../scene/stanzas.js';
import { chat, discoInfo, message } from '../scene/webpush.js';
import { phone, unimportant } from './template.js';

/** Stanzas that are no messages, messages that are no news, and senders nobody wants to hear. */
export const cases: readonly Case<RequirementId>[] = [
  unimportant({
    id: 'presence',
    title: 'presence is not pushed',
    requirement: 'important.presence',
    away: sessionAway,
    to: ['full'],
    stanza: (juliet) => xml('presence', { to: juliet.bareJid }, xml('status', {}, 'Beneath the balcony')),
  }),
  unimportant({
    id: 'presence-unavailable',
    title: 'the end of a presence is not pushed',
    requirement: 'important.presence',
    away: sessionAway,
    to: ['full'],
    stanza: (juliet) => xml('presence', { to: juliet.bareJid, type: 'unavailable' }),
  }),
  {
    id: 'importance/subscription-request',
    title: 'a subscription request is pushed',
    requirements: ['important.subscription-request'],
    async play(stage) {
      const juliet = await enabledAndGone(stage, phone);
      const romeo = await stage.sender('romeo');
      await romeo.send(xml('presence', { to: juliet.account.bareJid, type: 'subscribe' }));
      // Most servers leave it at that: the sentinel ends the wait for them too.
      await stage.fence.sentinel(juliet.account, juliet.subscription, romeo);
    },
    judge(evidence) {
      const requests = evidence.requests(phone);
      return [
        check('important.subscription-request', requests.length > 0, {
          expected: `a request for ${phone}, if the server cares to`,
          actual: requests.length > 0 ? 'a request' : 'no request',
          evidence: requests.map(({ seq }) => seq),
        }),
      ];
    },
  },
  unimportant({
    id: 'iq',
    title: 'an IQ is not pushed',
    requirement: 'important.iq',
    away: sessionAway,
    to: ['full'],
    stanza: (juliet) => discoInfo('what-are-you', juliet.bareJid),
  }),
  unimportant({
    id: 'pep-event',
    title: 'a PEP event notification is not pushed',
    requirement: 'important.pep-event',
    away: sessionAway,
    to: ['full'],
    stanza: (juliet) => {
      const mood = 'http://jabber.org/protocol/mood';
      return message(juliet, {}, pubsubEvent(mood, xml('mood', { xmlns: mood }, xml('in_love'))));
    },
  }),
  unimportant({
    id: 'displayed-elsewhere',
    title: 'the news that another device displayed a message is not pushed',
    requirement: 'important.pep-event',
    away: sessionAway,
    to: ['full'],
    // XEP-0490 §3: the item is named after the conversation.
    stanza: (juliet) => {
      const node = 'urn:xmpp:mds:displayed:0';
      return message(juliet, { type: 'headline' }, pubsubEvent(node, xml('displayed', { xmlns: node })));
    },
  }),
  {
    id: 'importance/blocked',
    title: 'a message from a blocked JID is not pushed',
    requirements: ['important.blocked'],
    negative: { sibling: 'importance/chat-body', fault: 'the account has blocked the sender' },
    absence: 'sentinel',
    async play(stage) {
      const juliet = await enabled(stage, phone);
      const romeo = await stage.sender('romeo');
      stage.requires('blocking');
      const answer = await juliet.actor.request(block('block', romeo.bareJid));
      if (answer.attrs.type !== 'result') {
        throw new TargetFault('refused', `the server blocks nobody: ${answer.toString()}`);
      }
      await juliet.actor.close();
      await romeo.send(chat(juliet.account, 'Wherefore art thou?'));
      await stage.fence.sentinel(juliet.account, juliet.subscription, romeo);
    },
    judge: (evidence) => [noPush(evidence, 'important.blocked', phone)],
  },
];
