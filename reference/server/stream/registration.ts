import xml, { type Element } from '@xmpp/xml';
import { AccountError, type Accounts } from '../accounts.js';

export const NS_REGISTER = 'jabber:iq:register';

const NS_STANZAS = 'urn:ietf:params:xml:ns:xmpp-stanzas';

const CONDITIONS = {
  exists: ['cancel', 'conflict'],
  unknown: ['cancel', 'item-not-found'],
  'bad-localpart': ['modify', 'not-acceptable'],
  'bad-password': ['modify', 'not-acceptable'],
} as const;

/** Whether an element asks about in-band registration (XEP-0077 §3.1) at `domain`. */
export function isRegistration(element: Element, domain: string): boolean {
  const { type, to } = element.attrs;
  return (
    element.is('iq', 'jabber:client') &&
    (type === 'get' || type === 'set') &&
    (to === undefined || to.toLowerCase() === domain) &&
    element.getChild('query', NS_REGISTER) !== undefined
  );
}

/** Answers a client that has no account yet: `get` with the fields it must fill in, `set` by creating the account. */
export async function answerRegistration(iq: Element, domain: string, accounts: Accounts): Promise<Element> {
  const reply = (type: 'result' | 'error', ...children: Element[]) =>
    xml('iq', { type, from: domain, ...(iq.attrs.id === undefined ? {} : { id: iq.attrs.id }) }, ...children);
  const refuse = (type: string, condition: string, text?: string) =>
    reply(
      'error',
      xml(
        'error',
        { type },
        xml(condition, { xmlns: NS_STANZAS }),
        ...(text === undefined ? [] : [xml('text', { xmlns: NS_STANZAS }, text)]),
      ),
    );

  if (iq.attrs.id === undefined) return refuse('modify', 'bad-request');
  if (iq.attrs.type === 'get')
    return reply(
      'result',
      xml(
        'query',
        { xmlns: NS_REGISTER },
        xml('instructions', {}, 'Choose a username and a password.'),
        xml('username'),
        xml('password'),
      ),
    );

  const query = iq.getChild('query', NS_REGISTER);
  if (query?.getChild('remove', NS_REGISTER)) return refuse('auth', 'registration-required');
  const username = query?.getChildText('username', NS_REGISTER);
  const password = query?.getChildText('password', NS_REGISTER);
  if (!username || !password)
    return refuse('modify', 'not-acceptable', 'Both username and password are required.');
  try {
    await accounts.create(domain, username, password);
    return reply('result');
  } catch (error) {
    if (!(error instanceof AccountError)) throw error;
    const [type, condition] = CONDITIONS[error.code];
    return refuse(type, condition, error.message);
  }
}
