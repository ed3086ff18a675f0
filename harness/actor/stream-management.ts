import xml, { type Element } from '@xmpp/xml';

export const SM = 'urn:xmpp:sm:3';

/** The client's counters of XEP-0198 and what it would have to send again. No I/O. */
export interface StreamManagement {
  /** `previd` (XEP-0198 §5); absent when the server does not let the session be resumed. */
  readonly id?: string;
  received(): void;
  sent(xml: string): void;
  /** The server has handled `h` stanzas in all (modulo 2^32): forgets them. False for a number that cannot be. */
  acknowledged(h: string | undefined): boolean;
  acknowledgement(): Element;
  resumption(): Element;
  /** Takes what was sent and is not known to have been handled: to be sent again. */
  takeUnacknowledged(): readonly string[];
}

/** @param enabled the server's `<enabled/>`. */
export function createStreamManagement(enabled: Element): StreamManagement {
  const { id, resume } = enabled.attrs;
  const resumable = resume === 'true' || resume === '1';
  const unacknowledged: string[] = [];
  let inbound = 0;
  let outbound = 0;
  return {
    ...(resumable && typeof id === 'string' ? { id } : {}),
    received() {
      inbound = (inbound + 1) % 2 ** 32;
    },
    sent(text) {
      unacknowledged.push(text);
    },
    acknowledged(h) {
      if (h === undefined || !/^\d{1,10}$/.test(h)) return false;
      const handled = (Number(h) - outbound + 2 ** 32) % 2 ** 32;
      if (handled > unacknowledged.length) return false;
      unacknowledged.splice(0, handled);
      outbound = Number(h);
      return true;
    },
    acknowledgement: () => xml('a', { xmlns: SM, h: String(inbound) }),
    resumption: () => xml('resume', { xmlns: SM, h: String(inbound), previd: id }),
    takeUnacknowledged: () => unacknowledged.splice(0),
  };
}
