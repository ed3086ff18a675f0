import xml, { type Element } from '@xmpp/xml';
import type { IqHandler, ServerModule } from '../session/core.js';
import type { Session } from '../session/session.js';
import { attribute, StanzaError } from '../session/stanza.js';

export const DISCO_INFO = 'http://jabber.org/protocol/disco#info';
export const DISCO_ITEMS = 'http://jabber.org/protocol/disco#items';

export interface Identity {
  readonly category: string;
  readonly type: string;
  readonly name?: string;
}

/** The answer to disco#info (XEP-0030 §3.1). */
export function discoInfo(
  identity: Identity,
  features: readonly string[],
  further: readonly Element[] = [],
): Element {
  return xml(
    'query',
    DISCO_INFO,
    xml('identity', { ...identity }),
    ...[...new Set(features)].map((feature) => xml('feature', { var: feature })),
    ...further,
  );
}

export function discoItems(items: readonly { readonly jid: string; readonly name?: string }[]): Element {
  return xml('query', DISCO_ITEMS, ...items.map((item) => xml('item', { ...item })));
}

/** What an extension tells of one account: features and data forms (XEP-0128). */
export interface AccountDisco {
  readonly features: readonly string[];
  readonly forms: readonly Element[];
}

/**
 * XEP-0030 for the server and, to its owner only, the account.
 *
 * @param ofAccount what the engine adds to the account's own disco#info.
 */
export function discoModule(
  modules: () => readonly ServerModule[],
  roomsDomain: string,
  ofAccount: (session: Session) => AccountDisco | undefined,
): ServerModule {
  const own = [DISCO_INFO, DISCO_ITEMS];
  const withoutNode = (payload: Element) => {
    if (attribute(payload, 'node')) throw new StanzaError('item-not-found');
  };
  const handler = (
    at: 'account' | 'server',
    xmlns: string,
    answer: (session: Session) => Element,
  ): IqHandler => ({
    at,
    type: 'get',
    name: 'query',
    xmlns,
    handle({ session, payload }) {
      withoutNode(payload);
      return answer(session);
    },
  });
  return {
    iq: [
      handler('server', DISCO_INFO, () =>
        discoInfo({ category: 'server', type: 'im' }, [
          ...own,
          ...modules().flatMap((module) => module.serverFeatures ?? []),
        ]),
      ),
      handler('server', DISCO_ITEMS, () => discoItems([{ jid: roomsDomain, name: 'Rooms' }])),
      handler('account', DISCO_INFO, (session) => {
        const further = ofAccount(session);
        return discoInfo(
          { category: 'account', type: 'registered' },
          [
            ...own,
            ...modules().flatMap((module) => module.accountFeatures ?? []),
            ...(further?.features ?? []),
          ],
          further?.forms,
        );
      }),
      handler('account', DISCO_ITEMS, () => discoItems([])),
    ],
  };
}
