import type { Sender, Stage } from '../../harness/case/stage.js';
import type { Subscription } from '../../harness/push-service/subscription.js';
import type { Device } from './scene.js';

const minute = 60 * 1000;

/** Steps that reach any sensible wait for another try within the TTL of a message, the short ones first. */
const steps = [minute / 2, 2 * minute, 10 * minute, 60 * minute, 6 * 60 * minute];

/**
 * Moves the server's clock forward until so many requests have come for a subscription, or no wait is left to try. After
 * each step a sentinel through the witness proves that the server has done what fell due.
 */
export async function advanceUntil(
  stage: Stage,
  subscription: Subscription,
  count: number,
  witness: Device,
  sender: Sender,
): Promise<void> {
  for (const step of steps) {
    await stage.fence.sentinel(witness.account, witness.subscription, sender);
    if (subscription.requests.length >= count) return;
    await stage.hooks.advanceClock(step);
  }
  await stage.fence.sentinel(witness.account, witness.subscription, sender);
}
