import type { Push } from '../engine/events.js';

/** A push for tests: a message from Romeo for Juliet's browser, and what a test changes of it. */
export function createPush(changes: Partial<Push> & { account?: string; endpoint?: string } = {}): Push {
  const { account = 'juliet@capulet.example', endpoint = 'https://push.example/p/1', ...push } = changes;
  const kind = push.kind ?? 'message';
  const conversation = push.conversation ?? 'romeo@montague.example';
  return {
    registration: {
      account,
      endpoint,
      p256dh: new Uint8Array(65),
      auth: new Uint8Array(16),
      payload: { sender: true, body: false },
      applicationServerKey: 'key',
      enabledAt: 0,
      generation: 1,
      refusals: 0,
    },
    message: 'm1',
    kind,
    urgent: kind === 'call',
    conversation,
    payload: {
      v: 1,
      account,
      kind,
      type: 'chat',
      from: conversation,
      id: push.message ?? 'm1',
      time: '2026-11-22T12:00:00.000Z',
      ...(kind === 'message' || kind === 'invite' ? { body: 'New Message!' } : {}),
    },
    ...push,
  };
}
