import type { Case } from '../../harness/case/case.js';
import { check } from '../../harness/judge/check.js';
import type { Evidence } from '../../harness/judge/evidence.js';
import type { Finding } from '../../harness/judge/finding.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { excerpt } from '../scene/payload.js';
import { keyAsked, keysAsked, type Play, twoAccounts } from '../scene/plays.js';
import { advertisedTo, boundJids, requestsOf } from '../scene/wire.js';

/** The key that was advertised is the one that comes with every push. */
function asAdvertised(id: string, title: string, play: Play): Case<RequirementId> {
  return {
    id: `vapid/${id}`,
    title,
    requirements: ['vapid.key-as-advertised'],
    ...(play.needs ? { needs: play.needs } : {}),
    play: play.act,
    judge: (evidence) => requestsOf(evidence, play).map((request) => comparison(evidence, request)),
  };
}

function comparison(
  evidence: Evidence,
  { subscription = '', seq, vapid }: ReturnType<typeof requestsOf>[number],
): Finding {
  const advertised = advertisedTo(evidence, subscription);
  return check('vapid.key-as-advertised', advertised !== undefined && vapid.key === advertised, {
    expected:
      advertised === undefined ? 'an advertised key' : `the advertised key ${advertised} for ${subscription}`,
    actual:
      advertised === undefined
        ? 'none was advertised'
        : vapid.key === undefined
          ? 'no parameter k'
          : `k=${vapid.key}`,
    evidence: [seq],
  });
}

/** The push service reads the token, and it has no business with who is told, nor with who told it. */
const noPersonalData: Case<RequirementId> = {
  id: 'vapid/no-personal-data',
  title: 'no token tells whom a push is for or from',
  requirements: ['vapid.no-personal-data'],
  play: twoAccounts.act,
  judge(evidence) {
    // The names of accounts are like no other word.
    const localparts = [...new Set(boundJids(evidence).map((jid) => jid.replace(/@.*/, '').toLowerCase()))];
    return requestsOf(evidence, twoAccounts).map(({ seq, vapid }) => {
      const text = tokenText(vapid.token);
      const leak = localparts.find((localpart) => text.toLowerCase().includes(localpart));
      return check('vapid.no-personal-data', leak === undefined, {
        expected: 'a token without the name of an account',
        actual: leak === undefined ? 'a token without it' : `${leak} in ${excerpt(text)}`,
        evidence: [seq],
      });
    });
  },
};

/** Header and claims of a token, as far as they are text. */
function tokenText(token = ''): string {
  return token
    .split('.')
    .slice(0, 2)
    .map((part) => Buffer.from(part, 'base64url').toString())
    .join(' ');
}

export const cases = [
  asAdvertised('key-as-advertised', 'a push comes with the key that was advertised', keyAsked),
  asAdvertised(
    'key-of-each-host',
    'accounts of two hosts get pushes with the key that their own host advertised',
    keysAsked,
  ),
  noPersonalData,
];
