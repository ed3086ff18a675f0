import type { Element } from '@xmpp/xml';
import { parseElement } from '../../harness/judge/parse-element.js';
import { createClock } from '../../reference/clock/clock.js';
import { createEngine } from '../../reference/engine/engine.js';
import { classify } from '../../reference/importance/classify.js';
import { openRegistry } from '../../reference/registry/open-registry.js';
import type {
  CircumstanceExpected,
  CircumstanceInput,
  ImportanceExpected,
  ImportanceInput,
} from '../kinds.js';
import type { Opinions } from './opinion.js';

export function elementOf(stanza: string): Element {
  const element = parseElement(stanza);
  if (!element) throw new Error(`not well-formed: ${stanza}`);
  return element;
}

/** How the reference classifies a stanza; what it does with one that the text leaves to it is its own affair. */
export const stanzas: Opinions<ImportanceInput, ImportanceExpected> = ({ input, expected }) => {
  if (!parseElement(input.stanza))
    return [{ by: 'XML', expected: 'a well-formed stanza', actual: input.stanza }];
  if (expected.importance === 'either') return [];
  const { importance, kind, encrypted, rule } = classify(elementOf(input.stanza), {
    account: input.account,
    trigger: input.trigger,
    isOwnOccupant: (occupant) => input.ownOccupants.includes(occupant),
  });
  const actual =
    importance === 'unimportant'
      ? { importance, rule }
      : // Urgent ones are important, too: how soon they are pushed is told by their kind.
        { importance: 'important', kind, encrypted, rule };
  return [{ by: 'reference', expected, actual }];
};

const subscription = {
  endpoint: 'https://push.example.net/p',
  auth: 'BTBZMqHH6r4Tts7J_aSIgg',
  p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
};

/** Whether the reference's engine pushes, for a device that enabled and went away. */
export const circumstances: Opinions<CircumstanceInput, CircumstanceExpected> = ({ input, expected }) => {
  const { account, direction } = input;
  const registry = openRegistry({ path: ':memory:', maxDevices: 5 });
  try {
    const engine = createEngine({
      registry,
      clock: createClock(() => 0),
      applicationServerKey: () => subscription.p256dh,
      endpointPolicy: { allowedHosts: [] },
      importantBody: '',
      enabled: true,
    });
    const { endpoint, auth, p256dh } = subscription;
    const enable = `<iq xmlns='jabber:client' type='set' id='1'><enable xmlns='urn:xmpp:webpush:0'><endpoint>${endpoint}</endpoint><auth>${auth}</auth><p256dh>${p256dh}</p256dh></enable></iq>`;
    engine.handle({ type: 'session-started', session: 'one', account });
    engine.handle({ type: 'iq', session: 'one', account, stanza: elementOf(enable) });
    engine.handle({ type: 'session-ended', session: 'one' });
    const message = { id: '1', stanza: elementOf(input.stanza), ownOccupants: input.ownOccupants };
    const effects = engine.handle({ type: 'archived', account, message, direction });
    return [
      { by: 'reference', expected: expected.push, actual: effects.some(({ type }) => type === 'push') },
    ];
  } finally {
    registry.close();
  }
};
