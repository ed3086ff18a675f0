import type { Case } from '../../harness/case/case.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { pushes } from '../scene/judge.js';
import { enabledAndHibernating } from '../scene/scene.js';
import { sentinelAfterBatch } from '../scene/steps.js';
import { chat } from '../scene/webpush.js';
import { phone } from './template.js';

/** Far longer than sending the messages takes. */
const batchWindow = 60_000;

const together: Case<RequirementId> = {
  id: 'hibernated/batch',
  title: 'messages of one conversation within the batch window are told in one request',
  requirements: ['hibernated.batch'],
  absence: 'sentinel',
  needs: { hooks: ['advanceClock'], config: { batchWindow } },
  async play(stage) {
    const juliet = await enabledAndHibernating(stage, phone);
    const romeo = await stage.sender('romeo');
    for (const line of ['One', 'Two', 'Three']) await romeo.send(chat(juliet.account, line));
    await romeo.ping();
    await stage.hooks.advanceClock(batchWindow);
    await stage.pushed(juliet.subscription);
    await sentinelAfterBatch(stage, juliet, batchWindow, romeo);
  },
  judge: (evidence) => [pushes(evidence, 'hibernated.batch', phone, 1)],
};

export const cases = [together];
