import type { Case } from '../../harness/case/case.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { keepMessages, keepNoMessages } from '../scene/archive.js';
import { proposeCall } from '../scene/calls.js';
import { pushes } from '../scene/judge.js';
import { enabled } from '../scene/scene.js';
import { chatState, displayed, receipt } from '../scene/stanzas.js';
import { tellOnce } from '../scene/steps.js';
import { chat, message } from '../scene/webpush.js';
import { phone, silentAsleep, toldAsleep } from './template.js';

const text = 'Hark!';

const told = [
  toldAsleep({
    id: 'one-push',
    title: 'a message to an account whose session hibernates is pushed once',
    stanza: ({ account }) => chat(account, text),
  }),
  toldAsleep({
    id: 'full-jid',
    title: 'a message to the full JID of a session that hibernates is pushed once',
    stanza: ({ actor }) => chat(actor.fullJid, text),
  }),
  toldAsleep({
    // Not batched, so that nothing can hide that two triggers told it.
    id: 'call',
    title: 'a call proposal for a session that hibernates is pushed once',
    stanza: ({ account }) => proposeCall(account),
  }),
  toldAsleep({
    id: 'without-archive',
    title: 'a message for a session that hibernates is pushed though the account keeps no archive',
    prepare: keepNoMessages,
    stanza: ({ account }) => chat(account, text),
  }),
];

const carbon: Case<RequirementId> = {
  id: 'hibernated/carbon',
  title: 'a message for another device is pushed once to a session that hibernates and gets its carbon',
  requirements: ['hibernated.one-push'],
  absence: 'sentinel',
  async play(stage) {
    const juliet = await enabled(stage, phone, { streamManagement: 'resumable', carbons: true });
    await keepMessages(juliet.actor);
    const desk = await stage.connect('juliet/desk', { carbons: true });
    await juliet.actor.lose();
    await tellOnce(stage, juliet, await stage.sender('romeo'), chat(desk.fullJid, text));
  },
  judge: (evidence) => [pushes(evidence, 'hibernated.one-push', phone, 1)],
};

const silent = [
  silentAsleep({
    id: 'chat-state',
    title: 'a chat state for a session that hibernates is not pushed',
    fault: 'it is a chat state alone',
    stanza: ({ account }) => message(account, { type: 'chat' }, chatState('composing')),
  }),
  silentAsleep({
    id: 'receipt',
    title: 'a receipt for a session that hibernates is not pushed',
    fault: 'it is a receipt',
    stanza: ({ account }) => message(account, { type: 'chat' }, receipt('sent-before')),
  }),
  silentAsleep({
    id: 'marker',
    title: 'a chat marker for a session that hibernates is not pushed',
    fault: 'it is a chat marker',
    stanza: ({ account }) => message(account, { type: 'chat' }, displayed('sent-before')),
  }),
  silentAsleep({
    id: 'headline',
    title: 'a headline for a session that hibernates is not pushed',
    fault: 'its type is headline',
    stanza({ account }) {
      const stanza = chat(account, text);
      stanza.attrs.type = 'headline';
      return stanza;
    },
  }),
];

export const cases = [...told, carbon, ...silent];
