import type { Actor } from '../../harness/actor/actor.js';
import type { Case } from '../../harness/case/case.js';
import type { Stage } from '../../harness/case/stage.js';
import { check } from '../../harness/judge/check.js';
import type { Evidence } from '../../harness/judge/evidence.js';
import type { Finding } from '../../harness/judge/finding.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { answerTo, requestsAfter } from '../scene/judge.js';
import { accept, type Device, enabled, fieldsOf } from '../scene/scene.js';
import { advertisedKey, chat, discoInfo } from '../scene/webpush.js';

const needs = { hooks: ['changeKey'] } as const;
const phone = 'juliet/phone';
const desk = 'juliet/desk';
const changed = 'the key has changed';

const ask = (actor: Actor, id: string) => actor.request(discoInfo(id, actor.bareJid));

/** Juliet enables under one key, which is then changed; a session that never enables asks for both. */
async function enabledBefore(stage: Stage): Promise<{ readonly juliet: Device; readonly asking: Actor }> {
  const asking = await stage.connect(desk);
  await ask(asking, 'before');
  const juliet = await enabled(stage, phone);
  await stage.hooks.changeKey(juliet.account.domain);
  await ask(asking, 'after');
  stage.mark(changed);
  return { juliet, asking };
}

async function tell(stage: Stage, { juliet, asking }: Awaited<ReturnType<typeof enabledBefore>>) {
  await juliet.actor.close();
  await asking.close();
  const romeo = await stage.sender('romeo');
  await romeo.send(chat(juliet.account, 'Hark!'));
  await stage.pushed(juliet.subscription);
}

/** The push carries the key that was advertised at the time, and the other time it was another. */
function signedWith(evidence: Evidence, when: 'before' | 'after'): Finding {
  const keyOf = (id: string) => {
    const answer = answerTo(evidence, desk, id)?.element;
    return answer && advertisedKey(answer);
  };
  const [request] = requestsAfter(evidence, phone, changed);
  const [before, after] = [keyOf('before'), keyOf('after')];
  const key = request?.vapid.key;
  return check(
    'vapid.key-change',
    before !== after && key !== undefined && key === (when === 'before' ? before : after),
    {
      expected: `a push with the key that was advertised ${when} the change`,
      actual: `k=${key ?? '(no push)'}; advertised: ${before ?? 'none'} before, ${after ?? 'none'} after`,
      evidence: request ? [request.seq] : [],
    },
  );
}

const keeps: Case<RequirementId> = {
  id: 'vapid/key-change',
  title: 'after a change of the key a registration is pushed to with the key it was made with',
  requirements: ['vapid.key-change'],
  needs,
  async play(stage) {
    await tell(stage, await enabledBefore(stage));
  },
  judge: (evidence) => [signedWith(evidence, 'before')],
};

const renewed: Case<RequirementId> = {
  id: 'vapid/key-change-enabled-again',
  title: 'what is enabled again after a change of the key is pushed to with the new one',
  requirements: ['vapid.key-change'],
  needs,
  async play(stage) {
    const scene = await enabledBefore(stage);
    await accept(scene.juliet.actor, fieldsOf(scene.juliet.subscription), 'again');
    await tell(stage, scene);
  },
  judge: (evidence) => [signedWith(evidence, 'after')],
};

export const cases = [keeps, renewed];
