import type { Case } from '../../harness/case/case.js';
import { check } from '../../harness/judge/check.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { toldBy } from '../scene/payload.js';
import { enabledAndGone } from '../scene/scene.js';
import { advanceUntil } from '../scene/time.js';
import { chat } from '../scene/webpush.js';

/** Conversations of which none can be told in the request of another: many, so that few rounds are over soon. */
const writers = Array.from({ length: 12 }, (_, index) => `suitor-${index + 1}`);
const rounds = 8;
const messages = writers.length * rounds;
/** A server may be slower than the fence now and then, and tell two messages of one conversation in one request. */
const withoutLimit = messages * 0.75;

/** A server that is flooded slowly, as on a machine that is short of time, has nothing to hold back. */
const slowEnough = (milliseconds: number) => 20 + milliseconds / 100;

const textOf = (round: number, writer: string) => `Hark! ${round} ${writer}`;
const last = textOf(rounds, writers.at(-1) ?? '');

/**
 * After each round a message to the nurse is pushed: a server without a limit has had the time to send all of the round by
 * then, so that nothing waits which the next round could join. There is no batch window, either.
 */
const flood: Case<RequirementId> = {
  id: 'security/rate',
  title: 'a hundred messages that nothing merges do not cause as many requests, and the last one is told',
  requirements: ['security.rate'],
  needs: { hooks: ['advanceClock'], config: { batchWindow: 0 } },
  async play(stage) {
    const witnesses = [
      await enabledAndGone(stage, 'nurse/phone'),
      await enabledAndGone(stage, 'laurence/phone'),
    ] as const;
    const phone = await enabledAndGone(stage, 'juliet/phone', { payload: { body: true } });
    const senders = [];
    for (const writer of writers) senders.push(await stage.sender(writer));
    for (let round = 1; round <= rounds; round += 1) {
      for (const [index, sender] of senders.entries())
        await sender.send(chat(phone.account, textOf(round, writers[index] ?? '')));
      // In turns, for the witnesses may be limited as well.
      const witness = witnesses[round % 2 === 0 ? 0 : 1];
      await stage.fence.sentinel(witness.account, witness.subscription, ...senders);
    }
    const [witness] = witnesses;
    const [sender] = senders;
    if (sender) await advanceUntil(stage, phone.subscription, messages, witness, sender);
  },
  judge(evidence) {
    const requests = evidence.requests('juliet/phone');
    const texts = requests.map((request) => {
      const told = toldBy(request);
      return told.ok ? told.members.body : undefined;
    });
    // Before the clock was moved to bring what had been held back.
    const moved = evidence.entries.find(({ kind }) => kind === 'clock')?.seq ?? Number.POSITIVE_INFINITY;
    const meanwhile = requests.filter(({ seq }) => seq < moved);
    const took = (meanwhile.at(-1)?.at ?? 0) - (meanwhile[0]?.at ?? 0);
    return [
      check('security.rate', requests.length < withoutLimit || meanwhile.length < slowEnough(took), {
        expected: `fewer than ${withoutLimit} requests for ${messages} messages, of which no two waited together, or some ten a second`,
        actual: `${requests.length} requests`,
        evidence: requests.slice(-1).map(({ seq }) => seq),
      }),
      check('security.rate', texts.includes(last), {
        expected: `"${last}" in one of the requests`,
        actual: `in none of ${requests.length}`,
        evidence: requests.slice(-1).map(({ seq }) => seq),
      }),
    ];
  },
};

export const cases = [flood];
