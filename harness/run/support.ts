import type { Element } from '@xmpp/xml';
import { conditionOf } from '../actor/session.js';

const WEB_PUSH = 'urn:xmpp:webpush:0';
const DISCO_INFO = 'http://jabber.org/protocol/disco#info';
const KEY_FORM = 'http://jabber.org/protocol/webpush#public-key';

/** One thing that was looked for, where, and what was there. */
export interface Look {
  readonly lookedFor: string;
  readonly where: string;
  readonly found: string;
}

/** Whether a server has Web Push at all. */
export interface Support {
  readonly isSupported: boolean;
  readonly looks: readonly Look[];
}

/** What was answered to a request: a stanza, or why there is none. */
export type Answered = Element | { readonly missing: string };

/** What a server answers to a request of which it knows nothing (RFC 6120 §8.3.3.3, §8.3.3.19). */
const unknownRequest: readonly string[] = ['feature-not-implemented', 'service-unavailable'];

/**
 * A server that neither shows Web Push nor knows an enable has none: every case would only say so again. One that does
 * either is judged in full, for the other is its fault then.
 *
 * @param account the bare JID whose owner asked.
 * @param info its disco#info, as its owner sees it.
 * @param enable the answer to an enable.
 */
export function judgeSupport(account: string, info: Answered, enable: Answered): Support {
  const query = 'missing' in info ? undefined : info.getChild('query', DISCO_INFO);
  const isListed = query?.getChildren('feature').some(({ attrs }) => attrs.var === WEB_PUSH) ?? false;
  const hasForm = query?.getChildren('x', 'jabber:x:data').some(isKeyForm) ?? false;
  const isUnknown = 'missing' in enable || unknownRequest.includes(conditionOf(enable));
  const where = `disco#info of ${account}, asked by its owner`;
  const instead = 'missing' in info ? info.missing : query === undefined ? said(info) : undefined;
  return {
    isSupported: isListed || hasForm || !isUnknown,
    looks: [
      { lookedFor: `the feature ${WEB_PUSH}`, where, found: instead ?? (isListed ? 'listed' : 'not listed') },
      { lookedFor: `a form ${KEY_FORM}`, where, found: instead ?? (hasForm ? 'there' : 'not there') },
      {
        lookedFor: 'a result for an enable',
        where: `a session of ${account}`,
        found: 'missing' in enable ? enable.missing : said(enable),
      },
    ],
  };
}

function said(answer: Element): string {
  return answer.attrs.type === 'error' ? `the error ${conditionOf(answer)}` : `a ${answer.attrs.type}`;
}

function isKeyForm(form: Element): boolean {
  return form
    .getChildren('field')
    .some((field) => field.attrs.var === 'FORM_TYPE' && field.getChildText('value') === KEY_FORM);
}
