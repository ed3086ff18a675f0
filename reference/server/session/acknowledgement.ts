const MODULUS = 2 ** 32;

/** What was sent and not yet acknowledged, in order (XEP-0198 §4). */
export interface SendQueue<Item> {
  readonly unacknowledged: readonly Item[];
  push(item: Item): void;
  /**
   * @param handled the peer's count `h`, modulo 2^32.
   * @returns the items newly acknowledged, or undefined (and nothing changes) when `h` counts more than was sent.
   */
  acknowledge(handled: number): readonly Item[] | undefined;
  /** Modulo 2^32. */
  sentCount(): number;
}

/** @param acknowledged where the count stands at the beginning; 0 for a new stream. */
export function createSendQueue<Item>(acknowledged = 0): SendQueue<Item> {
  const items: Item[] = [];
  let base = acknowledged;
  return {
    unacknowledged: items,
    push: (item) => {
      items.push(item);
    },
    acknowledge(handled) {
      const count = (handled - base + MODULUS) % MODULUS;
      if (count > items.length) return undefined;
      base = handled;
      return items.splice(0, count);
    },
    sentCount: () => (base + items.length) % MODULUS,
  };
}

/** The next value of a count modulo 2^32. */
export const countOneMore = (count: number) => (count + 1) % MODULUS;

/** The value of an `h` attribute; undefined when it is no such count. */
export function parseCount(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,10}$/.test(text)) return undefined;
  const count = Number(text);
  return count < MODULUS ? count : undefined;
}
