import xml, { type Element } from '@xmpp/xml';
import type { Actor, Credentials, XmppAddress } from '../../actor/actor.js';
import { connectActor } from '../../actor/client.js';
import { conditionOf, openSession, type Session } from '../../actor/session.js';
import { createRecorder } from '../../transcript/transcript.js';
import { TargetFault } from '../fault.js';

const NAMESPACE = 'jabber:iq:register';
const WEB_PUSH = 'urn:xmpp:webpush:0';

/** The accounts of a server that allows in-band registration (XEP-0077). */
export interface Accounts {
  /** @throws TargetFault `provisioning-refused` with the server's condition. */
  create(account: Credentials): Promise<void>;
  delete(account: Credentials): Promise<void>;
  setPassword(account: Credentials, password: string): Promise<void>;
  /**
   * One account asks for the answer to a request on Web Push, whatever it is: all that happened before has been told to
   * whoever answers that.
   */
  probe(): Promise<void>;
  /** Asks for the server's time (XEP-0202); Unix time in milliseconds, NaN when it does not tell. */
  time(): Promise<number>;
  /** Ends its streams; they are opened again when they are needed. */
  close(): Promise<void>;
}

/**
 * One stream for each domain makes all its accounts: a TLS handshake for each would cost more than all else that is done
 * with most of them.
 *
 * @param domain where the account that probes is.
 * @param patience milliseconds for each step.
 */
export function createAccounts(address: XmppAddress, domain: string, patience: number): Accounts {
  const registrars = new Map<string, Promise<Registrar>>();
  const sessions = new Set<Session>();
  const openRegistrar = async (domain: string) => {
    const session = await openSession({ address, domain, name: `registrar of ${domain}`, patience }, 'tcp');
    sessions.add(session);
    session.onEnd = () => {
      sessions.delete(session);
      registrars.delete(domain);
    };
    return registrarOn(session, domain);
  };
  const registrarOf = (domain: string) => {
    const known = registrars.get(domain);
    if (known) return known;
    const opened = openRegistrar(domain);
    registrars.set(domain, opened);
    // A stream that could not be opened is no reason not to try again.
    opened.catch(() => registrars.delete(domain));
    return opened;
  };
  const logIn = (credentials: Credentials) => {
    const name = `${credentials.localpart}/registration`;
    const recorder = createRecorder('registration', Date.now);
    return connectActor({ address, credentials, name, recorder, patience }, { resource: 'registration' });
  };
  /** What an account asks of its own server. */
  const ask = async (account: Credentials, ...query: Element[]) => {
    const actor = await logIn(account);
    const iq = xml('iq', { type: 'set' }, xml('query', { xmlns: NAMESPACE }, ...query));
    try {
      const answer = await actor.request(iq);
      if (answer.attrs.type !== 'result')
        throw new TargetFault('refused', `the registration of ${account.localpart}: ${conditionOf(answer)}`);
    } finally {
      await actor.close().catch(() => {});
    }
  };

  const create = async ({ localpart, domain, password }: Credentials) => {
    const registrar = await registrarOf(domain);
    const answer = await registrar(xml('username', {}, localpart), xml('password', {}, password));
    if (answer.attrs.type === 'result') return;
    throw new TargetFault(
      'provisioning-refused',
      `the server refused to register ${localpart}@${domain}: ${conditionOf(answer)}`,
    );
  };
  const prober = { localpart: 'prober', domain, password: 'prober-secret' };
  let created: Promise<void> | undefined;
  let probing: Promise<Actor> | undefined;
  const enter = async () => {
    created ??= create(prober);
    await created;
    probing ??= logIn(prober);
    return probing;
  };

  return {
    create,
    delete: (account) => ask(account, xml('remove')),
    setPassword: (account, password) =>
      ask(account, xml('username', {}, account.localpart), xml('password', {}, password)),
    async probe() {
      const actor = await enter();
      await actor.request(xml('iq', { type: 'get' }, xml('enable', { xmlns: WEB_PUSH })));
    },
    async time() {
      const actor = await enter();
      const answer = await actor.request(
        xml('iq', { type: 'get', to: domain }, xml('time', { xmlns: 'urn:xmpp:time' })),
      );
      return Date.parse(answer.getChild('time')?.getChildText('utc') ?? '');
    },
    async close() {
      const closing = [...sessions].map((session) => session.lose());
      registrars.clear();
      await Promise.allSettled([...closing, probing?.then((actor) => actor.close())]);
      probing = undefined;
    },
  };
}

/** Sends a request of registration, and gives the answer: a result or an error. */
type Registrar = (...fields: Element[]) => Promise<Element>;

function registrarOn(session: Session, domain: string): Registrar {
  const waiting = new Map<string, (answer: Element) => void>();
  let asked = 0;
  session.onElement = (element) => {
    if (element.is('iq')) waiting.get(element.attrs.id)?.(element);
  };
  return async (...fields) => {
    asked += 1;
    const id = String(asked);
    const wait = session.waits.start<Element>('answer');
    waiting.set(id, wait.resolve);
    const query = xml('query', { xmlns: NAMESPACE }, ...fields);
    await session.write(xml('iq', { type: 'set', id, to: domain }, query).toString());
    return wait.promise.finally(() => waiting.delete(id));
  };
}
