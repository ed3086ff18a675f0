import { unarchivedAway } from '../scene/away.js';
import { callInviteStep, callMessages2021, callStep, inviteToCall, proposeCall } from '../scene/calls.js';
import { important, unimportant } from './template.js';

/** Calls, by XEP-0353 and XEP-0482. */
export const cases = [
  important({
    id: 'call',
    title: 'a call proposal is pushed as a call',
    requirement: 'important.call',
    kind: 'call',
    to: ['bare', 'full'],
    stanza: proposeCall,
  }),
  important({
    id: 'call-2021',
    title: 'a call proposal in the namespace of 2021 is pushed as a call',
    requirement: 'important.call-2021',
    kind: 'call',
    stanza: (juliet) => proposeCall(juliet, callMessages2021),
  }),
  important({
    id: 'call-retract',
    title: 'the retraction of a call proposal is pushed as such',
    requirement: 'important.call-retract',
    kind: 'call-retract',
    stanza: (juliet) => callStep(juliet, 'retract'),
  }),
  ...(['ringing', 'proceed', 'reject', 'accept', 'finish'] as const).map((step) =>
    unimportant({
      id: `call-${step}`,
      title: `a call message ${step} is not pushed`,
      requirement: 'important.call-progress',
      negative: { sibling: 'importance/call', fault: `the proposal is a ${step}` },
      stanza: (juliet) => callStep(juliet, step),
    }),
  ),
  important({
    id: 'call-invite',
    title: 'a call invite is pushed',
    requirement: 'important.call-invite',
    away: unarchivedAway,
    stanza: inviteToCall,
  }),
  ...(['accept', 'reject', 'left'] as const).map((step) =>
    unimportant({
      id: `call-invite-${step}`,
      title: `an answer ${step} to a call invite is not pushed`,
      requirement: 'important.call-progress',
      away: unarchivedAway,
      negative: { sibling: 'importance/call-invite', fault: `the invite is a ${step}` },
      stanza: (juliet) => callInviteStep(juliet, step),
    }),
  ),
];
