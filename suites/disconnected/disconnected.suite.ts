import xml from '@xmpp/xml';
import type { Case } from '../../harness/case/case.js';
import type { RequirementId } from '../requirements/catalogue.js';
import { pushes } from '../scene/judge.js';
import { enabled } from '../scene/scene.js';
import { tellOnce } from '../scene/steps.js';
import { chat } from '../scene/webpush.js';

const phone = 'juliet/phone';

const lost = (
  [
    ['without-stream-management', 'none', 'without stream management'],
    ['not-resumable', 'enabled', 'with stream management that cannot be resumed'],
  ] as const
).map(
  ([topic, streamManagement, which]): Case<RequirementId> => ({
    id: `disconnected/${topic}`,
    title: `after the loss of a session ${which}, a message is pushed once`,
    requirements: ['disconnected.like-offline'],
    absence: 'sentinel',
    async play(stage) {
      const juliet = await enabled(stage, phone, { streamManagement });
      const romeo = await stage.connect('romeo/desk');
      // RFC 6121 §4.6.3: who was sent presence is told of its end, so Romeo knows when the server has noticed.
      await juliet.actor.send(xml('presence', { to: romeo.fullJid }));
      await juliet.actor.ping();
      await juliet.actor.lose();
      await romeo.receive(
        `unavailable presence of ${phone}`,
        (stanza) =>
          stanza.is('presence') &&
          stanza.attrs.from === juliet.actor.fullJid &&
          stanza.attrs.type === 'unavailable',
      );
      await tellOnce(stage, juliet, romeo, chat(juliet.account, 'Hark!'));
    },
    judge: (evidence) => [pushes(evidence, 'disconnected.like-offline', phone, 1)],
  }),
);

export const cases = lost;
