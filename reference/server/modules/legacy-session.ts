import type { ServerModule } from '../session/core.js';

/** RFC 3921 §3: clients that still establish a session after binding are told that they have one. */
export function legacySessionModule(): ServerModule {
  const handler = {
    type: 'set',
    name: 'session',
    xmlns: 'urn:ietf:params:xml:ns:xmpp-session',
    handle: () => undefined,
  } as const;
  return {
    iq: [
      { ...handler, at: 'account' },
      { ...handler, at: 'server' },
    ],
  };
}
