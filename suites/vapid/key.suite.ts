import type { Case } from '../../harness/case/case.js';
import { check } from '../../harness/judge/check.js';
import type { Evidence, Examined } from '../../harness/judge/evidence.js';
import type { Finding } from '../../harness/judge/finding.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { excerpt } from '../scene/payload.js';
import { keyAsked, keysAsked, newOrigin, type Play, twoAccounts } from '../scene/plays.js';
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

function comparison(evidence: Evidence, { subscription = '', seq, vapid }: Examined): Finding {
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
function noPersonalData(id: string, title: string, play: Play): Case<RequirementId> {
  return {
    id: `vapid/${id}`,
    title,
    requirements: ['vapid.no-personal-data'],
    ...(play.needs ? { needs: play.needs } : {}),
    play: play.act,
    judge(evidence) {
      const jids = boundJids(evidence).map((jid) => jid.toLowerCase());
      const localparts = jids.map((jid) => jid.replace(/@.*/, ''));
      // A token may have been made when somebody else was told. Only the operator may have an address here: in 'sub'.
      const domains = jids.map((jid) => jid.replace(/\/.*/, '').replace(/.*@/, '@'));
      return requestsOf(evidence, play).map(({ seq, vapid }) => {
        const text = tokenText(vapid);
        const leak =
          localparts.find((name) => text.whole.includes(name)) ??
          domains.find((name) => text.withoutSubject.includes(name));
        return check('vapid.no-personal-data', leak === undefined, {
          expected: "a token without the name of an account, and without a JID but in 'sub'",
          actual: leak === undefined ? 'a token without them' : `${leak} in ${excerpt(text.whole)}`,
          evidence: [seq],
        });
      });
    },
  };
}

/** Header and claims of a token. */
function tokenText({ header, claims }: Examined['vapid']): {
  readonly whole: string;
  readonly withoutSubject: string;
} {
  const { sub, ...others } = claims ?? {};
  const withoutSubject = JSON.stringify([header, others]).toLowerCase();
  return { whole: `${withoutSubject} ${JSON.stringify(sub)?.toLowerCase() ?? ''}`, withoutSubject };
}

export const cases = [
  asAdvertised('key-as-advertised', 'a push comes with the key that was advertised', keyAsked),
  asAdvertised(
    'key-of-each-host',
    'accounts of two hosts get pushes with the key that their own host advertised',
    keysAsked,
  ),
  noPersonalData('no-personal-data', 'no token tells whom a push is for or from', twoAccounts),
  noPersonalData(
    'no-personal-data-at-first',
    'the first token for an origin does not tell it either',
    newOrigin,
  ),
];
