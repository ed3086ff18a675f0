import xml, { type Element } from '@xmpp/xml';
import type { Actor, Credentials, XmppAddress } from '../../actor/actor.js';
import { connectActor } from '../../actor/client.js';
import { createRecorder } from '../../transcript/transcript.js';

/**
 * Takes away what a case may have left in an account: registrations, messages that wait, blocked addresses, contacts. Its
 * sessions that hibernate end when somebody else binds their resource.
 *
 * @throws TargetFault when it cannot log in.
 */
export async function resetAccount(
  address: XmppAddress,
  credentials: Credentials,
  resources: readonly string[],
  patience: number,
): Promise<void> {
  const name = `${credentials.localpart}@${credentials.domain}`;
  const recorder = createRecorder('reset', Date.now);
  const connect = (resource: string, presence: 0 | 'none') =>
    connectActor({ address, credentials, name, recorder, patience }, { resource, presence });
  for (const resource of resources) await (await connect(resource, 'none')).close();
  // With presence, for that is what brings the messages out.
  const actor = await connect('reset', 0);
  try {
    await actor.request(iq('set', xml('disable', { xmlns: 'urn:xmpp:webpush:0', all: 'true' })));
    await actor.request(iq('set', xml('unblock', { xmlns: 'urn:xmpp:blocking' })));
    await actor.request(
      iq('set', xml('prefs', { xmlns: 'urn:xmpp:mam:2', default: 'always' }, xml('always'), xml('never'))),
    );
    await forgetContacts(actor);
  } finally {
    await actor.close();
  }
}

async function forgetContacts(actor: Actor): Promise<void> {
  const roster = await actor.request(iq('get', xml('query', { xmlns: 'jabber:iq:roster' })));
  for (const { attrs } of roster.getChild('query')?.getChildren('item') ?? []) {
    const item = xml('item', { jid: attrs.jid, subscription: 'remove' });
    await actor.request(iq('set', xml('query', { xmlns: 'jabber:iq:roster' }, item)));
  }
}

/** Answers do not matter: what a server has not, nothing can be left in. */
function iq(type: 'get' | 'set', child: Element): Element {
  return xml('iq', { type }, child);
}
