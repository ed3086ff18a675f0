import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { Authority, Certified } from './certificate.js';

/** What a thread that has borrowed an authority asks for. */
interface Wanted {
  readonly id: number;
  readonly names: readonly string[];
}

/** What it is told: first the authority's certificate, then what it asked for. */
type Given =
  | { readonly id: 0; readonly pem: string }
  | { readonly id: number; readonly certified: Certified }
  | { readonly id: number; readonly refusal: string };

/**
 * Lends an authority to a thread: reading what makes certificates takes a thread longer than all the certificates it needs.
 *
 * @param authority may still be in the making.
 * @returns a port to be transferred to the thread, for `borrowAuthority`.
 */
export function lendAuthority(authority: Promise<Authority>): MessagePort {
  const { port1: own, port2: lent } = new MessageChannel();
  const give = (given: Given) => own.postMessage(given);
  const refuse = (id: number) => (error: Error) => give({ id, refusal: error.message });
  authority.then(({ pem }) => give({ id: 0, pem }), refuse(0));
  own.on('message', ({ id, names }: Wanted) => {
    authority.then(({ certify }) => certify(names)).then((certified) => give({ id, certified }), refuse(id));
  });
  own.unref();
  return lent;
}

/**
 * The authority at the other end of a port. It keeps no thread alive.
 *
 * @throws {Error} what kept the authority from being made.
 */
export async function borrowAuthority(port: MessagePort): Promise<Authority> {
  const waiting = new Map<number, (given: Given) => void>();
  const answerTo = (id: number) => new Promise<Given>((resolve) => waiting.set(id, resolve));
  port.on('message', (given: Given) => {
    waiting.get(given.id)?.(given);
    waiting.delete(given.id);
  });
  port.unref();
  const first = await answerTo(0);
  if (!('pem' in first)) throw new Error(refusalIn(first));
  let asked = 0;
  return {
    pem: first.pem,
    async certify(names) {
      asked += 1;
      const answer = answerTo(asked);
      port.postMessage({ id: asked, names } satisfies Wanted);
      const given = await answer;
      if ('certified' in given) return given.certified;
      throw new TypeError(refusalIn(given));
    },
  };
}

const refusalIn = (given: Given) => ('refusal' in given ? given.refusal : 'an answer to another question');
