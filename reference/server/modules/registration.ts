import xml from '@xmpp/xml';
import type { ServerModule } from '../session/core.js';
import type { Session } from '../session/session.js';
import { resultOf, StanzaError } from '../session/stanza.js';

const REGISTER = 'jabber:iq:register';

export interface RegistrationSetup {
  /** Throws when the password cannot be used. */
  readonly setPassword: (session: Session, password: string) => Promise<void>;
  readonly deleteAccount: (session: Session) => void;
}

/** XEP-0077 §3.2, §3.3 for those who are logged in: change the password, remove the account. */
export function registrationModule(setup: RegistrationSetup): ServerModule {
  return {
    serverFeatures: [REGISTER],
    iq: (['account', 'server'] as const).flatMap((at) => [
      {
        at,
        type: 'get',
        name: 'query',
        xmlns: REGISTER,
        handle: ({ session }) =>
          xml('query', REGISTER, xml('registered'), xml('username', {}, session.jid.local), xml('password')),
      },
      {
        at,
        type: 'set',
        name: 'query',
        xmlns: REGISTER,
        async handle({ session, iq, payload }) {
          if (payload.getChild('remove', REGISTER)) {
            session.send(resultOf(iq));
            setup.deleteAccount(session);
            return 'answered';
          }
          const username = payload.getChildText('username', REGISTER);
          const password = payload.getChildText('password', REGISTER);
          if (!username || !password)
            throw new StanzaError('bad-request', { text: 'Send username and password, or remove.' });
          if (username.toLowerCase() !== session.jid.local) throw new StanzaError('not-allowed');
          await setup.setPassword(session, password);
          return undefined;
        },
      },
    ]),
  };
}
