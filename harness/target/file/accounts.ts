import type { Credentials, XmppAddress } from '../../actor/actor.js';
import { registerInBand } from '../../actor/registration.js';
import { TargetFault } from '../fault.js';
import { resetAccount } from './reset-account.js';
import type { Accounts, Action } from './target-file.js';

/** Where the accounts of cases come from. */
export interface AccountSource {
  provision(localpart: string, domain: string): Promise<Credentials>;
  /** Takes an account back that is not needed any more; the resources it was used with. */
  release?(account: Credentials, resources: readonly string[]): Promise<void>;
}

export interface AccountSetting {
  /** Of the server as it runs. */
  readonly address: XmppAddress;
  readonly patience: number;
  /** Makes names differ from run to run, for accounts stay on a server that outlives the run. */
  readonly suffix: string;
  readonly act: (action: Action, account: Credentials) => Promise<string>;
}

/** In-band registration (XEP-0077), a command or request that makes an account, or a list to choose from. */
export async function openAccounts(
  accounts: Accounts | undefined,
  setting: AccountSetting,
): Promise<AccountSource> {
  if (accounts && 'list' in accounts) return openList(accounts.list.map(parseAccount), setting);
  const { address, patience, suffix, act } = setting;
  return {
    async provision(localpart, domain) {
      const name = `${localpart}${suffix}`;
      const account = { localpart: name, domain, password: `${name}-secret` };
      if (!accounts) return registerInBand(address, domain, name, account.password, patience);
      await act(accounts, account);
      return account;
    },
  };
}

/** Accounts that a case takes at most; with more than these for each, cases play side by side. */
const accountsOfCase = 4;

/** How many cases can play side by side with so many accounts; those that only send are shared and stay in use. */
export function jobsWith(accounts: Accounts | undefined): number {
  if (!accounts || !('list' in accounts)) return Number.POSITIVE_INFINITY;
  return Math.max(1, Math.floor(accounts.list.length / accountsOfCase) - 1);
}

/**
 * What an earlier case, or an earlier run, left in an account is taken away before the next one gets it.
 *
 * @throws TargetFault when one of them cannot log in.
 */
async function openList(
  list: readonly Credentials[],
  { address, patience }: AccountSetting,
): Promise<AccountSource> {
  const free: Credentials[] = [];
  for (const account of list) {
    await resetAccount(address, account, [], patience);
    free.push(account);
  }
  return {
    async provision(_, domain) {
      const index = free.findIndex((account) => account.domain === domain);
      const [account] = index < 0 ? [] : free.splice(index, 1);
      if (account) return account;
      const count = list.filter((one) => one.domain === domain).length;
      throw new TargetFault(
        'provisioning-refused',
        `all ${count} accounts that the target file lists for ${domain} are in use: list more there, or let the file make accounts`,
      );
    },
    async release(account, resources) {
      await resetAccount(address, account, resources, patience);
      free.push(account);
    },
  };
}

function parseAccount({ jid, password }: { readonly jid: string; readonly password: string }): Credentials {
  const at = jid.indexOf('@');
  return { localpart: jid.slice(0, at), domain: jid.slice(at + 1), password };
}
