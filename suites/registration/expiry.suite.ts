import type { Case } from '../../harness/case/case.js';
import { check } from '../../harness/judge/check.js';
import type { Evidence } from '../../harness/judge/evidence.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { proposeCall } from '../scene/calls.js';
import { requestsAfter } from '../scene/judge.js';
import { enabledAndGone } from '../scene/scene.js';
import { keptAndGone, receiveFrom } from '../scene/steps.js';
import { chat } from '../scene/webpush.js';

const phone = 'juliet/phone';
const year = 365 * 24 * 3_600_000;

/** Ways for the phone to be told, each of which may be the one that forgot to look at the age. */
const ways = ['a message', 'a call', 'a message while another device is there'] as const;

/**
 * Whether a registration has expired after a year is up to the server, but not whether it has for one message and not for
 * another: what was silent once has expired.
 */
const expired: Case<RequirementId> = {
  id: 'registration/expired',
  title: 'a registration that was not told of a message a year after it was enabled is told of nothing more',
  requirements: ['registration.expiry'],
  absence: 'sentinel',
  needs: { hooks: ['advanceClock'] },
  async play(stage) {
    const juliet = await keptAndGone(stage, phone);
    await stage.hooks.advanceClock(year);
    const nurse = await enabledAndGone(stage, 'nurse/phone');
    const romeo = await stage.sender('romeo');
    const fence = () => stage.fence.sentinel(nurse.account, nurse.subscription, romeo);
    const [message, call, archived] = ways;
    stage.mark(message);
    await romeo.send(chat(juliet.account, 'Hark!'));
    await fence();
    stage.mark(call);
    await romeo.send(proposeCall(juliet.account));
    await fence();
    stage.mark(archived);
    const desk = await stage.connect('juliet/desk');
    await romeo.send(chat(juliet.account, 'Hark again!'));
    await receiveFrom(desk, romeo);
    await fence();
  },
  judge(evidence) {
    const told = ways.map((way) => toldAfter(evidence, way));
    const firstSilent = told.indexOf(0);
    const after = firstSilent === -1 ? [] : told.slice(firstSilent + 1);
    return [
      check(
        'registration.expiry',
        after.every((count) => count === 0),
        {
          expected: 'requests for all that was sent after a year, or none from the first on that had none',
          actual: ways.map((way, index) => `${told[index]} for ${way}`).join(', '),
          evidence: evidence.requests(phone).map(({ seq }) => seq),
          claimsAbsence: true,
        },
      ),
    ];
  },
};

function toldAfter(evidence: Evidence, way: (typeof ways)[number]): number {
  const next = ways[ways.indexOf(way) + 1];
  const end = next === undefined ? Number.POSITIVE_INFINITY : evidence.mark(next);
  return requestsAfter(evidence, phone, way).filter(({ seq }) => seq < end).length;
}

export const cases = [expired];
