import xml, { type Element } from '@xmpp/xml';
import type { Credentials, XmppAddress } from '../../actor/actor.js';
import { connectActor } from '../../actor/client.js';
import { registerInBand } from '../../actor/registration.js';
import { createRecorder } from '../../transcript/transcript.js';
import { TargetFault } from '../fault.js';
import type { Hooks } from '../target.js';

/**
 * What a client may do to its own account where there is in-band registration (XEP-0077 §3.1 to §3.3). Each throws
 * TargetFault `refused` when the server does not let it.
 */
export function inBandHooks(
  address: XmppAddress,
  patience: number,
): Pick<Hooks, 'createAccount' | 'deleteAccount' | 'setPassword'> {
  const ask = async (credentials: Credentials, what: string, ...children: readonly Element[]) => {
    const name = `${credentials.localpart}@${credentials.domain}`;
    const recorder = createRecorder('in-band', Date.now);
    const actor = await connectActor(
      { address, credentials, name, recorder, patience },
      { resource: 'in-band', presence: 'none' },
    );
    try {
      const query = xml('query', { xmlns: 'jabber:iq:register' }, ...children);
      const answer = await actor.request(xml('iq', { type: 'set', to: credentials.domain }, query));
      if (answer.attrs.type !== 'result')
        throw new TargetFault('refused', `${name}: the server does not let it ${what}: ${answer.toString()}`);
    } finally {
      await actor.close();
    }
  };
  return {
    async createAccount({ localpart, domain, password }) {
      await registerInBand(address, domain, localpart, password, patience);
    },
    deleteAccount: (account) => ask(account, 'remove its account', xml('remove')),
    setPassword: (account, password) =>
      ask(
        account,
        'change its password',
        xml('username', {}, account.localpart),
        xml('password', {}, password),
      ),
  };
}
