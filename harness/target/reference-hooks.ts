import type { LookupFunction } from 'node:net';
import type { AdjustableClock } from '../../reference/clock/clock.js';
import type { XmppServer } from '../../reference/server/server.js';
import type { Hooks } from './target.js';

/** What the reference was opened with, and can be changed while it runs. */
export interface Reference {
  readonly server: () => XmppServer;
  readonly clock: AdjustableClock;
  readonly names: Map<string, string>;
  readonly allowedHosts: string[];
}

/** What can be done to the reference while it runs. */
export function hooksOf({ server, clock, names, allowedHosts }: Reference): Omit<Hooks, 'restart' | 'crash'> {
  return {
    async advanceClock(milliseconds) {
      clock.advance(milliseconds);
    },
    async deleteAccount({ localpart, domain }) {
      server().deleteAccount(domain, localpart);
    },
    async createAccount({ localpart, domain, password }) {
      await server().createAccount(domain, localpart, password);
    },
    async setPassword({ localpart, domain }, password) {
      await server().setPassword(domain, localpart, password);
    },
    async changeKey(domain) {
      server().rotateApplicationServerKey(domain);
    },
    async resolveName(name, address) {
      names.set(name, address);
    },
    async allowHost(host) {
      allowedHosts.push(host);
    },
  };
}

/**
 * Resolves names that exist for this server alone.
 *
 * @param otherwise what is asked for the others. Default: nobody, so that no test ever asks a real resolver.
 */
export function lookupIn(names: ReadonlyMap<string, string>, otherwise?: LookupFunction): LookupFunction {
  return (name, options, callback) => {
    const address = names.get(name);
    if (address === undefined && otherwise) otherwise(name, options, callback);
    else if (address === undefined) {
      const error: NodeJS.ErrnoException = new Error(`getaddrinfo ENOTFOUND ${name}`);
      error.code = 'ENOTFOUND';
      callback(error, '', 4);
    } else if (options.all) callback(null, [{ address, family: address.includes(':') ? 6 : 4 }]);
    else callback(null, address, address.includes(':') ? 6 : 4);
  };
}
