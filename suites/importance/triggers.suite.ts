import type { Element } from '@xmpp/xml';
import type { Case } from '../../harness/case/case.js';
import type { Stage } from '../../harness/case/stage.js';
import { check } from '../../harness/judge/check.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { keepMessages } from '../scene/archive.js';
import { proposeCall } from '../scene/calls.js';
import { omemo } from '../scene/encrypted.js';
import { type Device, enabled, enabledAndGone, enabledAndHibernating } from '../scene/scene.js';
import { body, fallbackFor, hint, reactions, reacts, receipt, replaces } from '../scene/stanzas.js';
import { chat, message } from '../scene/webpush.js';

/** How a message finds a device that is away, each with a device in that state. */
const triggers = [
  { device: 'juliet/phone', name: 'offline', away: enabledAndGone },
  { device: 'nurse/phone', name: 'hibernating', away: enabledAndHibernating },
  { device: 'paris/phone', name: 'archived', away: goneWithDeskLive },
] as const;

/** The registration is that of a device that is gone, while another device of the account is live. */
async function goneWithDeskLive(stage: Stage, name: string): Promise<Device> {
  const device = await enabled(stage, name);
  await keepMessages(device.actor);
  await device.actor.close();
  await stage.connect(name.replace(/\/.*/, '/desk'));
  return device;
}

/** The device has a connection that fails with the message still unacknowledged. */
const unacknowledged = 'benvolio/phone';

/** One message, judged by every trigger. Each is one that servers store, so that none of them may overlook it. */
function sameVerdict(name: string, title: string, stanza: (bareJid: string) => Element): Case<RequirementId> {
  return {
    id: `importance/same-verdict-${name}`,
    title: `${title} is judged alike by every trigger`,
    requirements: ['important.same-verdict'],
    absence: 'sentinel',
    async play(stage) {
      const romeo = await stage.sender('romeo');
      const devices: Device[] = [];
      for (const { device, away } of triggers) {
        const found = await away(stage, device);
        await romeo.send(stanza(found.account.bareJid));
        devices.push(found);
      }
      const benvolio = await enabled(stage, unacknowledged, { streamManagement: 'resumable' });
      benvolio.actor.acknowledge(false);
      await romeo.send(stanza(benvolio.account.bareJid));
      await benvolio.actor.receive(`${title} of Romeo`, (received) => received.attrs.from === romeo.fullJid);
      await benvolio.actor.lose();
      for (const { account, subscription } of [...devices, benvolio]) {
        await stage.fence.sentinel(account, subscription, romeo);
      }
    },
    judge(evidence) {
      const verdicts = [...triggers, { device: unacknowledged, name: 'unacknowledged' }].map((trigger) => ({
        ...trigger,
        requests: evidence.requests(trigger.device),
      }));
      const namesOf = (wanted: boolean) =>
        verdicts.filter(({ requests }) => requests.length > 0 === wanted).map((verdict) => verdict.name);
      const [pushed, silent] = [namesOf(true), namesOf(false)];
      const split = `pushed when ${pushed.join(', ')}, not when ${silent.join(', ')}`;
      const alike = pushed.length === 0 || silent.length === 0;
      return [
        check('important.same-verdict', alike, {
          expected: 'pushed by every trigger or by none',
          actual: alike ? (silent.length === 0 ? 'pushed by every trigger' : 'pushed by none') : split,
          evidence: verdicts.flatMap(({ requests }) => requests.map(({ seq }) => seq)),
          claimsAbsence: true,
        }),
      ];
    },
  };
}

export const cases = [
  sameVerdict('body', 'a message with a body', (juliet) => chat(juliet, 'Wherefore art thou?')),
  sameVerdict('reaction', 'a reaction with a fallback body', (juliet) =>
    message(
      juliet,
      { type: 'chat' },
      reacts('sent-before', '🌹'),
      fallbackFor(reactions),
      body('🌹'),
      hint('store'),
    ),
  ),
  sameVerdict('call', 'a call proposal', proposeCall),
  sameVerdict('omemo', 'an OMEMO message without a body', (juliet) =>
    message(juliet, { type: 'chat' }, omemo('urn:xmpp:omemo:2', 'payload', juliet), hint('store')),
  ),
  sameVerdict('correction', 'a correction', (juliet) =>
    message(juliet, { type: 'chat' }, body('Wherefore art thou, Romeo?'), replaces('sent-before')),
  ),
  sameVerdict('receipt', 'a receipt', (juliet) =>
    message(juliet, { type: 'chat' }, receipt('sent-before'), hint('store')),
  ),
];
