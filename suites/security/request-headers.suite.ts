import xml from '@xmpp/xml';
import type { Case } from '../../harness/case/case.js';
import { check } from '../../harness/judge/check.js';
import type { Examined } from '../../harness/judge/evidence.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { excerpt } from '../scene/payload.js';
import { enabled } from '../scene/scene.js';
import { chat } from '../scene/webpush.js';
import { boundJids } from '../scene/wire.js';

const messageId = 'stanza-4b6f0d1c';
/** What Juliet's client calls itself (XEP-0115 §3). */
const software = 'https://balcony-client.example/';

const requestHeaders: Case<RequirementId> = {
  id: 'security/request-headers',
  title: "no header field of a request tells JIDs, the id of the stanza or the user's client",
  requirements: ['security.request-headers'],
  async play(stage) {
    const phone = await enabled(stage, 'juliet/phone-of-juliet');
    const caps = {
      xmlns: 'http://jabber.org/protocol/caps',
      hash: 'sha-1',
      node: software,
      ver: 'zHyEOgxTrkpSdGcQKH8EFPLsriY=',
    };
    await phone.actor.send(xml('presence', {}, xml('c', caps)));
    await phone.actor.close();
    const romeo = await stage.connect('romeo/desk-of-romeo');
    await romeo.send(chat(phone.account, 'Hark!', messageId));
    await stage.pushed(phone.subscription);
  },
  judge(evidence) {
    const jids = boundJids(evidence);
    const secrets = [
      ...jids.flatMap((jid) => [jid.replace(/@.*/, ''), jid.replace(/.*\//, '')]),
      messageId,
      'balcony-client',
    ];
    const requests = evidence.requests();
    const leaks = requests.flatMap((request) =>
      leaksOf(request, secrets).map((leak) => ({ leak, seq: request.seq })),
    );
    const [first] = leaks;
    return [
      check('security.request-headers', requests.length > 0 && !first, {
        expected: `a request without ${secrets.join(', ')} in its header fields`,
        actual: first?.leak ?? (requests.length > 0 ? 'none of them' : 'no request'),
        evidence: first ? [first.seq] : requests.map(({ seq }) => seq),
      }),
    ];
  },
};

/** Where a header field, as it is or read as base64, has one of these texts in it. */
function leaksOf({ request }: Examined, secrets: readonly string[]): readonly string[] {
  return request.headers.flatMap(([name, value]) => {
    const parts = value
      .split(/[^A-Za-z0-9+/_-]+/)
      .map((part) => Buffer.from(part, 'base64').toString('latin1'));
    const readings = [value, ...parts].map((reading) => reading.toLowerCase());
    return secrets
      .filter((secret) => readings.some((reading) => reading.includes(secret.toLowerCase())))
      .map((secret) => `${secret} in ${name}: ${excerpt(value)}`);
  });
}

export const cases = [requestHeaders];
