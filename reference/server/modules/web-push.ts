import type { Core, IqHandler, ServerModule } from '../session/core.js';

const WEB_PUSH = 'urn:xmpp:webpush:0';

/** Requests to enable and disable go to the engine, which answers in its own time. */
export function webPushModule(core: Core): ServerModule {
  const pass = (name: string, type: 'get' | 'set'): IqHandler => ({
    at: 'account',
    type,
    name,
    xmlns: WEB_PUSH,
    handle({ session, iq }) {
      core.emit(session.account, { type: 'iq', session: session.id, account: session.account, stanza: iq });
      return 'answered';
    },
  });
  return {
    iq: [pass('enable', 'set'), pass('disable', 'set'), pass('enable', 'get'), pass('disable', 'get')],
  };
}
