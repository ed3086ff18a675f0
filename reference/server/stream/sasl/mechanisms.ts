import { randomBytes } from 'node:crypto';
import type { Accounts } from '../../accounts.js';
import {
  type ClientFirst,
  parseClientFirst,
  type ScramHash,
  serverFirstMessage,
  verifyClientFinal,
} from './scram.js';

/** SASL failure conditions the server uses (RFC 6120 §6.5). */
export type SaslCondition =
  | 'aborted'
  | 'encryption-required'
  | 'incorrect-encoding'
  | 'invalid-authzid'
  | 'invalid-mechanism'
  | 'malformed-request'
  | 'not-authorized';

export type SaslStep =
  | { readonly type: 'challenge'; readonly data: string }
  | { readonly type: 'success'; readonly localpart: string; readonly data?: string }
  | { readonly type: 'failure'; readonly condition: SaslCondition };

/** One attempt to authenticate: every response of the client gives the server's next step. */
export type SaslExchange = (response: Uint8Array) => Promise<SaslStep>;

/** What an exchange needs to know. */
interface Realm {
  readonly accounts: Accounts;
  readonly domain: string;
}

const failure = (condition: SaslCondition): SaslStep => ({ type: 'failure', condition });

/** Nobody may act for another account (RFC 6120 §6.3.8): an authorization identity names the own bare JID. */
const mayActAs = (authzid: string | undefined, localpart: string, domain: string) =>
  authzid === undefined || authzid === '' || authzid.toLowerCase() === `${localpart}@${domain}`;

function decodeUtf8(octets: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets);
  } catch {
    return undefined;
  }
}

/** RFC 4616; offered over TLS only. */
function plain({ accounts, domain }: Realm): SaslExchange {
  return async (response) => {
    const [authzid, authcid, password, ...more] = decodeUtf8(response)?.split('\0') ?? [];
    if (!authcid || !password || more.length > 0) return failure('malformed-request');
    const localpart = await accounts.verifyPassword(domain, authcid, password);
    if (localpart === undefined) return failure('not-authorized');
    if (!mayActAs(authzid, localpart, domain)) return failure('invalid-authzid');
    return { type: 'success', localpart };
  };
}

/** RFC 5802, RFC 7677, without channel binding. */
function scram(hash: ScramHash, { accounts, domain }: Realm): SaslExchange {
  let begun: { first: ClientFirst; serverFirst: string } | undefined;
  return async (response) => {
    const message = decodeUtf8(response);
    if (message === undefined) return failure('malformed-request');
    if (!begun) {
      const first = parseClientFirst(message);
      if (!first) return failure('malformed-request');
      const credentials = accounts.scramCredentials(domain, first.username, hash);
      const serverFirst = serverFirstMessage(first, randomBytes(18).toString('base64'), credentials);
      begun = { first, serverFirst };
      return { type: 'challenge', data: serverFirst };
    }
    const { first, serverFirst } = begun;
    // Looked up again: the account may have been removed, or its password changed, since the first message.
    const credentials = accounts.scramCredentials(domain, first.username, hash);
    const verdict = verifyClientFinal(hash, first, serverFirst, credentials, message);
    if (verdict === 'malformed') return failure('malformed-request');
    if (verdict === 'refused' || credentials.localpart === undefined) return failure('not-authorized');
    if (!mayActAs(first.authzid, credentials.localpart, domain)) return failure('invalid-authzid');
    return { type: 'success', localpart: credentials.localpart, data: verdict.serverFinal };
  };
}

/** The mechanisms offered, best first. In each the client speaks first. */
export const MECHANISMS: ReadonlyMap<string, (realm: Realm) => SaslExchange> = new Map([
  ['SCRAM-SHA-256', (realm: Realm) => scram('sha256', realm)],
  ['SCRAM-SHA-1', (realm: Realm) => scram('sha1', realm)],
  ['PLAIN', plain],
]);

/**
 * The octets of an `<auth/>` or `<response/>` (RFC 6120 §6.4.2): base64, where `=` stands for none.
 *
 * @returns undefined when it is not base64.
 */
export function decodePayload(text: string): Buffer | undefined {
  if (text === '=') return Buffer.alloc(0);
  const octets = Buffer.from(text, 'base64');
  return octets.toString('base64') === text ? octets : undefined;
}
