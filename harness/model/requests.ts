import type { Browser } from './command.js';
import type { Disagreement, ModelOptions, ObservedPush } from './model.js';
import { type Due, keyOf, type Message, type Registration, type State } from './state.js';

const tries = 10;
/** A request that may come has come after so many fences, or does not come. */
const patience = 2;
/** RFC 8292 §2, in milliseconds. */
const longestToken = 24 * 3_600_000;
/** A registration must be gone after so many refusals. */
const mostRefusals = 16;

/** Whose registrations ask for the text of messages. */
export const wantsText = (browser: Browser): boolean => browser === 'tablet';

/** Holds what comes against what is due. */
export function createRequests(state: State, { restTime }: ModelOptions) {
  const { endpointOf, graves, registrations, remove } = state;

  const refused = (registration: Registration, { from }: Message) => {
    registration.refusals += 1;
    registration.silence.set(from, 'answer.refused-no-retry');
    registration.hazard = 'answer.refused-many';
    if (registration.refusals >= mostRefusals) remove(registration, 'answer.refused-many');
    else if (registration.refusals > 1) registration.doubt = 'answer.refused-many';
  };

  const react = (registration: Registration, message: Message, { answer, at }: ObservedPush) => {
    const endpoint = endpointOf(registration.browser);
    switch (answer) {
      case 'held-201':
      case 'held-404': {
        const { generation } = registration;
        endpoint.unsettled = true;
        endpoint.held.push({ registration, generation, gone: answer === 'held-404' });
        return;
      }
      case 403:
        return refused(registration, message);
      case 404:
        return remove(registration, 'answer.not-found');
      case 410:
        return remove(registration, 'answer.gone');
      case 429:
      case 503:
      case 'reset': {
        endpoint.unsettled = true;
        if (answer === 429) endpoint.restUntil = at + restTime;
        registration.hazard = answer === 429 ? 'answer.too-many-requests-keeps' : 'answer.transient';
        const known = registration.again.find((again) => again.message === message);
        if (!known) registration.again.push({ message, left: tries });
        return;
      }
      default:
        registration.refusals = 0;
        if (registration.doubt === 'answer.refused-many') registration.doubt = undefined;
    }
  };

  /** What is wrong with the identification, whatever the request tells. */
  const misidentified = (
    { serverKey }: Registration,
    { token, at, since }: ObservedPush,
    actual: string,
  ): Disagreement | undefined => {
    if (!token) return undefined;
    const { expires, isSigned } = token;
    if (!isSigned)
      return { sentence: 'rfc8292.signature', expected: 'a token that its key has signed', actual };
    if (!(expires > since))
      return { sentence: 'rfc8292.expiry-future', expected: 'a token that has not expired', actual };
    if (expires > at + longestToken)
      return { sentence: 'rfc8292.expiry-limit', expected: 'a token that expires within 24 hours', actual };
    if (!token.keys || token.keys.includes(serverKey)) return undefined;
    return {
      sentence: 'vapid.key-change',
      expected: 'a request signed with the key that was advertised when it was enabled',
      actual: `${actual}, signed with ${token.keys.includes(state.serverKey) ? 'the present one' : 'another'}`,
    };
  };

  const observe = (push: ObservedPush): Disagreement | undefined => {
    const { browser, payload } = push;
    const actual = `a request for the ${browser}`;
    if (!payload)
      return { sentence: 'payload.json', expected: 'a payload that opens with keys of the browser', actual };
    const { account, from, isCall, text } = payload;
    const about = `${actual} that tells ${account} of ${isCall ? 'a call by' : 'a message from'} ${from}`;
    if (account !== 'juliet' && account !== 'nurse')
      return { sentence: 'payload.account', expected: 'a payload that names the account', actual: about };
    const key = keyOf(account, browser);
    const registration = registrations.get(key);
    if (!registration)
      return {
        sentence: graves.get(key) ?? 'payload.account',
        expected: `no request for the ${browser} of ${account}, which is not registered`,
        actual: about,
      };
    if (push.at < endpointOf(browser).restUntil)
      return {
        sentence: 'answer.too-many-requests',
        expected: `no request for the ${browser} before the time in Retry-After has passed`,
        actual: about,
      };
    if (push.keys !== registration.keys)
      return {
        sentence: 'enable.new-keys',
        expected: 'a request with the present keys',
        actual: `${about}, with other keys`,
      };
    const wrong = misidentified(registration, push, about);
    if (wrong) return wrong;
    const isThat = ({ message }: { readonly message: Message }) =>
      message.from === from && (message.kind === 'call') === isCall;
    const due =
      registration.due.find((one) => isThat(one) && one.message.id === text) ??
      registration.due.find((one) => isThat(one) && one.must) ??
      registration.due.find(isThat);
    const again = registration.again.find((one) => isThat(one) && one.left > 0);
    const lately = registration.lately.get(groupOf(from, isCall)) ?? { texts: [], taken: false };
    lately.texts.push(text ?? '');
    lately.taken ||= push.answer === 201;
    registration.lately.set(groupOf(from, isCall), lately);
    const message = due?.message ?? again?.message;
    if (!message)
      return {
        sentence: registration.silence.get(from) ?? registration.hazard ?? 'offline.burst',
        expected: `no request for the ${browser} of ${account}`,
        actual: about,
      };
    if (due) registration.due = registration.due.filter((one) => one !== due);
    else if (again) again.left -= 1;
    registration.told.add(message.id);
    registration.hazard = undefined;
    registration.silence.set(from, due?.sentence ?? 'offline.burst');
    react(registration, message, push);
    return undefined;
  };

  /** What the registration was told lately of the conversation that a message belongs to. */
  const latelyOf = ({ lately }: Registration, { from, kind }: Message) =>
    lately.get(groupOf(from, kind === 'call'));

  /** Told together with others of its conversation, of which the last must be the one that is told. */
  const isToldLately = (registration: Registration, { message }: Due): boolean => {
    const lately = latelyOf(registration, message);
    const needsText = wantsText(registration.browser) && message.kind === 'chat';
    return (
      lately !== undefined && (!needsText || lately.texts.some((text) => !isText(text) || text >= message.id))
    );
  };

  /** What the registration must have been told by now and has not. */
  const untold = (
    registration: Registration,
  ): { readonly due: Due; readonly lately: boolean } | undefined => {
    if (endpointOf(registration.browser).unsettled) return undefined;
    for (const due of registration.due) {
      const { must, message } = due;
      if (!must) continue;
      if (isToldLately(registration, due)) continue;
      return { due, lately: latelyOf(registration, message) !== undefined };
    }
    return undefined;
  };

  const missing = (): Disagreement | undefined => {
    for (const registration of registrations.values()) {
      const found = registration.doubt ? undefined : untold(registration);
      if (!found) continue;
      const { account, browser, hazard } = registration;
      const { message, sentence } = found.due;
      return {
        sentence: hazard ?? sentence,
        expected: `a request for the ${browser} of ${account} that tells of ${message.id} from ${message.from}`,
        actual: found.lately ? `only requests that tell of earlier messages` : 'none',
      };
    }
    return undefined;
  };

  const settle = () => {
    for (const registration of [...registrations.values()]) {
      const { doubt } = registration;
      if (doubt && untold(registration)) {
        remove(registration, doubt);
        continue;
      }
      // Where others are still tried again, what was told with them stays, but is owed no more.
      const told = registration.due.filter(
        (due) => latelyOf(registration, due.message)?.taken && isToldLately(registration, due),
      );
      registration.lately.clear();
      const session = state.sessionOf(registration);
      const awaited = session?.bound && session.state === 'dozing' ? session.unacknowledged : [];
      for (const due of registration.due) if (!awaited.includes(due.message)) due.age += 1;
      if (endpointOf(registration.browser).unsettled) {
        for (const due of told) due.must = false;
        continue;
      }
      registration.due = registration.due.filter(({ must, age }) => !must && age < patience);
    }
  };

  return { observe, missing, settle };
}

function groupOf(from: string, isCall: boolean): string {
  return `${from} ${isCall ? 'calls' : 'writes'}`;
}

/** A request without the text of a message tells of one that has none to tell, and may be the last. */
function isText(text: string): boolean {
  return /^m\d{3}$/.test(text);
}
