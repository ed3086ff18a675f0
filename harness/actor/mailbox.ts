import type { Element } from '@xmpp/xml';
import type { Wait } from './waits.js';

/** The stanzas a client has received and nobody has asked for yet, and those who wait for one. */
export interface Mailbox {
  deliver(stanza: Element): void;
  /** Settles the wait with the first stanza that matches, past or future; each stanza is given out once. */
  receive(wait: Wait<Element>, matches: (stanza: Element) => boolean): void;
  /** Settles the wait with the answer to the IQ with this id. */
  answer(wait: Wait<Element>, id: string): void;
}

export function createMailbox(): Mailbox {
  const kept: Element[] = [];
  const receivers = new Map<Wait<Element>, (stanza: Element) => boolean>();
  const requests = new Map<string, Wait<Element>>();

  /** A predicate that throws is the mistake of who waits, not of the server whose stanza it looked at. */
  const matched = (wait: Wait<Element>, matches: (stanza: Element) => boolean, stanza: Element): boolean => {
    try {
      return matches(stanza);
    } catch (error) {
      wait.reject(error instanceof Error ? error : new Error(String(error)));
      return false;
    }
  };

  return {
    deliver(stanza) {
      const { type, id } = stanza.attrs;
      const request =
        stanza.is('iq') && (type === 'result' || type === 'error') ? requests.get(id) : undefined;
      if (request !== undefined) {
        requests.delete(id);
        request.resolve(stanza);
        return;
      }
      for (const [wait, matches] of receivers) {
        if (!matched(wait, matches, stanza)) continue;
        receivers.delete(wait);
        wait.resolve(stanza);
        return;
      }
      kept.push(stanza);
    },
    receive(wait, matches) {
      const place = kept.findIndex((stanza) => matched(wait, matches, stanza));
      const [stanza] = place < 0 ? [] : kept.splice(place, 1);
      if (stanza !== undefined) {
        wait.resolve(stanza);
        return;
      }
      receivers.set(wait, matches);
      wait.promise.catch(() => receivers.delete(wait));
    },
    answer(wait, id) {
      requests.set(id, wait);
      wait.promise.catch(() => {
        if (requests.get(id) === wait) requests.delete(id);
      });
    },
  };
}
