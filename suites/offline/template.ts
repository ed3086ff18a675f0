import type { Element } from '@xmpp/xml';
import type { Actor } from '../../harness/actor/actor.js';
import type { Case } from '../../harness/case/case.js';
import type { Stage } from '../../harness/case/stage.js';
import type { Evidence, RecordedStanza } from '../../harness/judge/evidence.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { pushes } from '../scene/judge.js';
import { type Device, enabled } from '../scene/scene.js';
import { tellOnce } from '../scene/steps.js';

export const phone = 'juliet/phone';

interface OfflineCase {
  readonly id: string;
  readonly title: string;
  readonly requirement: RequirementId;
  /** What Juliet's phone does after it enabled and before it leaves. */
  readonly prepare?: (phone: Actor, stage: Stage) => Promise<void>;
  /** What Romeo sends when Juliet's account has no session. */
  readonly stanza: (juliet: Device) => Element;
}

/** A message to an account without a session is pushed once. */
export function toldOnce({ id, title, requirement, prepare, stanza }: OfflineCase): Case<RequirementId> {
  return {
    id: `offline/${id}`,
    title,
    requirements: [requirement],
    absence: 'sentinel',
    async play(stage) {
      const juliet = await enabled(stage, phone);
      await prepare?.(juliet.actor, stage);
      await juliet.actor.close();
      await tellOnce(stage, juliet, await stage.sender('romeo'), stanza(juliet));
    },
    judge: (evidence) => [pushes(evidence, requirement, phone, 1)],
  };
}

/** The error with which a message came back to its sender. */
export function bounceOf(evidence: Evidence, sender: string, id: string): RecordedStanza | undefined {
  return evidence
    .stanzas(sender, 'received')
    .find(
      ({ element }) => element?.is('message') && element.attrs.type === 'error' && element.attrs.id === id,
    );
}

/** The message with this body as its sender sent it. */
export function sentMessage(evidence: Evidence, sender: string, body: string): RecordedStanza | undefined {
  return evidence
    .stanzas(sender, 'sent')
    .find(({ element }) => element?.is('message') && element.getChildText('body') === body);
}
