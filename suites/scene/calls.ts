import xml, { type Element } from '@xmpp/xml';
import type { Account } from '../../harness/case/stage.js';
import { hint } from './stanzas.js';
import { message } from './webpush.js';

/** The steps of a call negotiation (XEP-0353 §3) after the proposal. */
export type CallStep = 'retract' | 'ringing' | 'proceed' | 'reject' | 'accept' | 'finish';

const callMessages = 'urn:xmpp:jingle-message:0';
/** Of versions 0.4 and 0.5 of XEP-0353. */
export const callMessages2021 = 'urn:xmpp:jingle-message:1';
const callId = 'ca3cf894-0582-4c4e-9f6b-7a1f9d3e2b10';

/** XEP-0353 §3.1. */
export function proposeCall(to: Pick<Account, 'bareJid'> | string, namespace = callMessages): Element {
  const audio = xml('description', { xmlns: 'urn:xmpp:jingle:apps:rtp:1', media: 'audio' });
  return message(
    to,
    { type: 'chat' },
    xml('propose', { xmlns: namespace, id: callId }, audio),
    hint('store'),
  );
}

/** XEP-0353 §3.2 to §3.7. */
export function callStep(to: Pick<Account, 'bareJid'> | string, step: CallStep): Element {
  return message(to, { type: 'chat' }, xml(step, { xmlns: callMessages, id: callId }), hint('store'));
}

const callInvites = 'urn:xmpp:call-invites:0';
const inviteId = 'call-invite-1';

/** XEP-0482 §2.1. */
export function inviteToCall(to: Pick<Account, 'bareJid'> | string): Element {
  return message(
    to,
    { type: 'chat', id: inviteId },
    xml('invite', { xmlns: callInvites, video: 'true' }, xml('jingle', { sid: 'sid-1' })),
  );
}

/** XEP-0482 §2.3 to §2.5. */
export function callInviteStep(
  to: Pick<Account, 'bareJid'> | string,
  step: 'accept' | 'reject' | 'left',
): Element {
  return message(to, { type: 'chat', id: inviteId }, xml(step, { xmlns: callInvites, id: inviteId }));
}
