import { describe, expect, test } from 'vitest';
import type { DeliveryOutcome } from '../delivery/delivery.js';
import { REFUSALS_UNTIL_REMOVAL } from './engine.js';
import type { EngineEffect } from './events.js';
import {
  chat,
  type createStand,
  discarded,
  endpoint,
  JULIET,
  OTHER_P256DH,
  pushed,
  ROMEO,
  registrationOf,
  withAbsentDevices,
  withDevices,
} from './stand.fixture.js';

describe('account and credentials', () => {
  test.each(['account-deleted', 'credentials-changed'] as const)(
    '%s removes every registration and what waits for it',
    (type) => {
      const stand = withDevices('a', 'b');
      stand.enable('j', 'a', { account: JULIET });
      expect(discarded(stand.handle({ type, account: ROMEO }))).toEqual(['a', 'b']);
      expect(stand.endpoints()).toEqual([]);
      expect(stand.endpoints(JULIET)).toEqual([endpoint('a')]);
      expect(pushed(stand.hibernate('a', chat('1')))).toEqual([]);
    },
  );
});

describe('what became of a push', () => {
  const settled = (
    stand: ReturnType<typeof createStand>,
    outcome: DeliveryOutcome,
  ): readonly EngineEffect[] => stand.settle(outcome);

  test('gone removes the registration, drops what waits and unbinds the session', () => {
    const stand = withDevices('a', 'b');
    const registration = registrationOf(stand, 'a');
    expect(discarded(settled(stand, { type: 'gone', registration, status: 410 }))).toEqual(['a']);
    expect(stand.endpoints()).toEqual([endpoint('b')]);
    expect(pushed(stand.hibernate('a', chat('1')))).toEqual([]);
  });

  test('gone that belongs to keys enabled before does not remove what was enabled since', () => {
    const stand = withDevices('a');
    const registration = registrationOf(stand, 'a');
    stand.enable('a', 'a', { p256dh: OTHER_P256DH });
    expect(settled(stand, { type: 'gone', registration, status: 404 })).toEqual([]);
    expect(stand.endpoints()).toEqual([endpoint('a')]);
    expect(pushed(stand.hibernate('a', chat('1')))).toEqual(['a']);
  });

  test('refusals in a row remove it at the documented number, and success starts the count again', () => {
    const stand = withDevices('a');
    const registration = registrationOf(stand, 'a');
    const refuse = (times: number) => {
      for (let count = 0; count < times; count++)
        settled(stand, { type: 'refused', registration, status: 403 });
    };
    refuse(REFUSALS_UNTIL_REMOVAL - 1);
    settled(stand, { type: 'accepted', registration, status: 201 });
    refuse(REFUSALS_UNTIL_REMOVAL - 1);
    expect(stand.endpoints()).toEqual([endpoint('a')]);
    expect(discarded(settled(stand, { type: 'refused', registration, status: 403 }))).toEqual(['a']);
    expect(stand.endpoints()).toEqual([]);
  });

  test('a push that was given up changes nothing', () => {
    const stand = withDevices('a');
    const registration = registrationOf(stand, 'a');
    expect(settled(stand, { type: 'dropped', registration, reason: 'out of tries' })).toEqual([]);
    expect(stand.endpoints()).toEqual([endpoint('a')]);
  });
});

describe('failure', () => {
  test('storage that fails while a message is routed becomes a problem, and the message can still be pushed later', () => {
    const stand = withAbsentDevices('a');
    stand.registry.failing = true;
    expect(stand.offline(chat('1'))).toEqual([{ type: 'problem', problem: new Error('the disk is full') }]);
    stand.registry.failing = false;
    expect(pushed(stand.offline(chat('1')))).toEqual(['a']);
  });
});
