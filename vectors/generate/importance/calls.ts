import { callInvite, callStep, hint, message, proposal } from '../stanza-text.js';
import { chat, groupchat, type ImportanceDraft, important, store, unimportant } from './draft.js';

export const calls: readonly ImportanceDraft[] = [
  important('call-propose', 'a call is proposed', 'important.call', 'call-propose', chat(proposal(), store), {
    kind: 'call',
  }),
  important(
    'call-retract',
    'a proposed call is taken back',
    'important.call-retract',
    'call-retract',
    chat(callStep('retract'), store),
    { kind: 'call-retract' },
  ),
  important(
    'call-no-store',
    'a call that is not to be stored is pushed all the same',
    'important.call',
    'call-propose',
    chat(proposal(), hint('no-store')),
    { kind: 'call' },
  ),
  important(
    'call-invite',
    'a call invite',
    'important.call-invite',
    'call-invite',
    chat(callInvite('invite')),
    { kind: 'call' },
  ),
  important(
    'call-invite-groupchat',
    'a call invite in a room',
    'important.call-invite',
    'groupchat-call-invite',
    groupchat({}, callInvite('invite')),
    { kind: 'call' },
  ),
  important(
    'call-propose-2021',
    'a call is proposed in the namespace that XEP-0353 had in 2021',
    'important.call-2021',
    'call-propose',
    chat(proposal('urn:xmpp:jingle-message:1'), store),
    { kind: 'call' },
  ),
  ...['ringing', 'proceed', 'reject', 'accept', 'finish'].map((step) =>
    unimportant(
      `call-${step}`,
      'call-propose',
      `the step of the call is ${step}`,
      'important.call-progress',
      'call-signalling',
      chat(callStep(step), store),
    ),
  ),
  ...['accept', 'reject', 'left', 'retract'].map((step) =>
    unimportant(
      `call-invite-${step}`,
      'call-invite',
      `the step is ${step}`,
      'important.call-progress',
      'call-invite-signalling',
      chat(callInvite(step)),
    ),
  ),
  unimportant(
    'call-error',
    'call-propose',
    'the type is error',
    'important.error',
    'error',
    message({ type: 'error' }, proposal(), store),
  ),
  unimportant(
    'call-propose-headline',
    'call-propose',
    'the type is headline',
    'important.headline',
    'headline',
    message({ type: 'headline' }, proposal(), store),
  ),
];
