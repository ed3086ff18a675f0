import xml, { type Element } from '@xmpp/xml';
import { TargetFault } from '../target/fault.js';
import type { Credentials, XmppAddress } from './actor.js';
import { conditionOf, openSession } from './session.js';

/**
 * Creates an account by in-band registration (XEP-0077 §3.1), on a connection of its own.
 *
 * @param patience milliseconds for each step.
 * @throws TargetFault `provisioning-refused` with the server's condition, or what stood in the way of a connection.
 */
export async function registerInBand(
  address: XmppAddress,
  domain: string,
  localpart: string,
  password: string,
  patience: number,
): Promise<Credentials> {
  const name = `registration of ${localpart}@${domain}`;
  const session = await openSession({ address, domain, name, patience }, 'tcp');
  const refused = (reason: string, cause?: unknown) =>
    new TargetFault('provisioning-refused', `${name}: ${reason}`, { cause });
  try {
    const wait = session.waits.start<Element>('answer');
    session.onElement = (element) => {
      if (element.is('iq') && element.attrs.id === 'register') wait.resolve(element);
    };
    session.onEnd = ({ condition, detail }) => {
      if (condition !== undefined) wait.reject(refused(detail));
    };
    const query = xml(
      'query',
      { xmlns: 'jabber:iq:register' },
      xml('username', {}, localpart),
      xml('password', {}, password),
    );
    await session.write(xml('iq', { type: 'set', id: 'register', to: domain }, query).toString());
    const answer = await wait.promise;
    if (answer.attrs.type !== 'result') throw refused(`the server refused it: ${conditionOf(answer)}`);
    await session.close();
  } catch (error) {
    await session.lose();
    throw error;
  }
  return { localpart, domain, password };
}
