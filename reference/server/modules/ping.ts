import type { ServerModule } from '../session/core.js';

const PING = 'urn:xmpp:ping';

/** XEP-0199: the server, and the account on behalf of its owner, answer that they are there. */
export function pingModule(): ServerModule {
  const pong = { type: 'get', name: 'ping', xmlns: PING, handle: () => undefined } as const;
  return {
    serverFeatures: [PING],
    accountFeatures: [PING],
    iq: [
      { ...pong, at: 'server' },
      { ...pong, at: 'account' },
    ],
  };
}
