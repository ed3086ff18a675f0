import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { AdjustableClock } from '../../reference/clock/clock.js';

/** What the parent process of a sidecar under test may order, over the channel it opened when it started it. */
export type ParentOrder =
  /** Moves the engine's clock forward. */
  | { readonly id: number; readonly order: 'advance-clock'; readonly milliseconds: number }
  /** From the first of these on, no other name exists. */
  | { readonly id: number; readonly order: 'resolve-name'; readonly name: string; readonly address: string }
  /** As `--allow-host` does. */
  | { readonly id: number; readonly order: 'allow-host'; readonly host: string };

/** What the parent is told. */
export type ParentNews =
  | { readonly news: 'ready'; readonly port: number }
  | { readonly news: 'done'; readonly id: number };

export interface Parent {
  /** Undefined without a parent that listens: then the system's is used. */
  readonly lookup: LookupFunction | undefined;
  ready(port: number): void;
  /** Lets the process end. */
  leave(): void;
}

/** Does what a parent orders. Without a channel (`fork` opens one) nobody can order anything. */
export function obeyParent(hands: {
  readonly clock: AdjustableClock;
  readonly allowedHosts: string[];
}): Parent {
  const tell = process.send?.bind(process) as ((news: ParentNews) => boolean) | undefined;
  if (!tell) return { lookup: undefined, ready() {}, leave() {} };
  const names = new Map<string, string>();
  process.on('message', (message: ParentOrder) => {
    switch (message?.order) {
      case 'advance-clock':
        hands.clock.advance(message.milliseconds);
        break;
      case 'resolve-name':
        names.set(message.name, message.address);
        break;
      case 'allow-host':
        hands.allowedHosts.push(message.host);
        break;
      default:
        // Process managers talk to their children, too.
        return;
    }
    tell({ news: 'done', id: message.id });
  });
  return {
    lookup: (name, options, callback) =>
      names.size === 0 ? systemLookup(name, options, callback) : lookupIn(names, name, options, callback),
    ready(port) {
      tell({ news: 'ready', port });
    },
    leave() {
      if (process.connected) process.disconnect();
    },
  };
}

function lookupIn(
  names: ReadonlyMap<string, string>,
  ...[name, options, callback]: Parameters<LookupFunction>
): void {
  const address = names.get(name);
  const family = address?.includes(':') ? 6 : 4;
  if (address === undefined) {
    const error: NodeJS.ErrnoException = new Error(`getaddrinfo ENOTFOUND ${name}`);
    error.code = 'ENOTFOUND';
    callback(error, '', 4);
  } else if (options.all) callback(null, [{ address, family }]);
  else callback(null, address, family);
}
