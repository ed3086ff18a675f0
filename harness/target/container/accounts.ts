import xml, { type Element } from '@xmpp/xml';
import type { Credentials, XmppAddress } from '../../actor/actor.js';
import { connectActor } from '../../actor/client.js';
import { conditionOf, openSession, type Session } from '../../actor/session.js';
import { createRecorder } from '../../transcript/transcript.js';
import { TargetFault } from '../fault.js';

const NAMESPACE = 'jabber:iq:register';

/** The accounts of a server that allows in-band registration (XEP-0077). */
export interface Accounts {
  /** @throws TargetFault `provisioning-refused` with the server's condition. */
  create(account: Credentials): Promise<void>;
  delete(account: Credentials): Promise<void>;
  setPassword(account: Credentials, password: string): Promise<void>;
  /** Asks for an answer, any. */
  ping(domain: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * One stream for each domain makes all its accounts: a TLS handshake for each would cost more than all else that is done
 * with most of them.
 *
 * @param patience milliseconds for each step.
 */
export function createAccounts(address: XmppAddress, patience: number): Accounts {
  const registrars = new Map<string, Promise<Registrar>>();
  const registrarOf = (domain: string) => {
    const known = registrars.get(domain);
    if (known) return known;
    const opened = openRegistrar(address, domain, patience, () => registrars.delete(domain));
    registrars.set(domain, opened);
    // A stream that could not be opened is no reason not to try again.
    opened.catch(() => registrars.delete(domain));
    return opened;
  };
  /** What an account asks of its own server. */
  const ask = async (account: Credentials, ...query: Element[]) => {
    const actor = await connectActor(
      {
        address,
        credentials: account,
        name: `${account.localpart}/registration`,
        recorder: createRecorder('registration', Date.now),
        patience,
      },
      { resource: 'registration' },
    );
    const iq = xml('iq', { type: 'set' }, xml('query', { xmlns: NAMESPACE }, ...query));
    try {
      const answer = await actor.request(iq);
      if (answer.attrs.type !== 'result')
        throw new TargetFault('refused', `the registration of ${account.localpart}: ${conditionOf(answer)}`);
    } finally {
      await actor.close().catch(() => {});
    }
  };

  return {
    async create({ localpart, domain, password }) {
      const registrar = await registrarOf(domain);
      const fields = [xml('username', {}, localpart), xml('password', {}, password)];
      const answer = await registrar.ask('set', ...fields);
      if (answer.attrs.type === 'result') return;
      throw new TargetFault(
        'provisioning-refused',
        `the server refused to register ${localpart}@${domain}: ${conditionOf(answer)}`,
      );
    },
    async ping(domain) {
      await (await registrarOf(domain)).ask('get');
    },
    delete: (account) => ask(account, xml('remove')),
    setPassword: (account, password) =>
      ask(account, xml('username', {}, account.localpart), xml('password', {}, password)),
    async close() {
      const open = await Promise.allSettled(registrars.values());
      await Promise.all(
        open.map(async (opened) => {
          if (opened.status === 'fulfilled') await opened.value.session.lose();
        }),
      );
    },
  };
}

interface Registrar {
  readonly session: Session;
  /** Gives the answer, a result or an error. */
  ask(type: 'get' | 'set', ...fields: Element[]): Promise<Element>;
}

async function openRegistrar(
  address: XmppAddress,
  domain: string,
  patience: number,
  onEnd: () => void,
): Promise<Registrar> {
  const session = await openSession({ address, domain, name: `registrar of ${domain}`, patience }, 'tcp');
  const waiting = new Map<string, (answer: Element) => void>();
  let asked = 0;
  session.onElement = (element) => {
    if (element.is('iq')) waiting.get(element.attrs.id)?.(element);
  };
  session.onEnd = onEnd;
  return {
    session,
    async ask(type, ...fields) {
      asked += 1;
      const id = String(asked);
      const wait = session.waits.start<Element>('answer');
      waiting.set(id, wait.resolve);
      const query = xml('query', { xmlns: NAMESPACE }, ...fields);
      await session.write(xml('iq', { type, id, to: domain }, query).toString());
      return wait.promise.finally(() => waiting.delete(id));
    },
  };
}
