import type { Case } from '../../harness/case/case.js';
import { check } from '../../harness/judge/check.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { toldBy } from '../scene/payload.js';
import { enabledAndGone } from '../scene/scene.js';
import { advanceUntil } from '../scene/time.js';
import { chat } from '../scene/webpush.js';

const messages = 200;
const textOf = (count: number) => `Hark! ${count}`;

/** No batch window: what keeps the requests few is a limit. */
const flood: Case<RequirementId> = {
  id: 'security/rate',
  title: 'two hundred messages at once do not cause two hundred requests, and the last one is told',
  requirements: ['security.rate'],
  needs: { hooks: ['advanceClock'], config: { batchWindow: 0 } },
  async play(stage) {
    const witness = await enabledAndGone(stage, 'nurse/phone');
    const phone = await enabledAndGone(stage, 'juliet/phone', { payload: { body: true } });
    const romeo = await stage.sender('romeo');
    for (let count = 1; count <= messages; count += 1) await romeo.send(chat(phone.account, textOf(count)));
    await romeo.ping();
    await advanceUntil(stage, phone.subscription, messages, witness, romeo);
  },
  judge(evidence) {
    const requests = evidence.requests('juliet/phone');
    const last = requests.at(-1);
    const told = last && toldBy(last);
    const body = told?.ok ? told.members.body : undefined;
    const text = told?.ok === false ? told.reason : JSON.stringify(body);
    const seqs = last ? [last.seq] : [];
    return [
      check('security.rate', requests.length < messages, {
        expected: `fewer than ${messages} requests for ${messages} messages at once`,
        actual: `${requests.length} requests`,
        evidence: seqs,
      }),
      check('security.rate', body === textOf(messages), {
        expected: `"${textOf(messages)}" in the last request`,
        actual: last ? `${text} in the last of ${requests.length}` : 'no request',
        evidence: seqs,
      }),
    ];
  },
};

export const cases = [flood];
