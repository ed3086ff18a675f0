import { describe, expect, test } from 'vitest';
import type { EntryBody } from '../transcript/transcript.js';
import { FenceLost } from './fence.js';
import { localpartOf, sentinelClient, sentinelMessage, sentinelRole, sentinelTest } from './sentinel.js';

describe('A sentinel is known by the account it comes from', () => {
  const isSentinel = sentinelTest(7);
  const own = localpartOf(7, sentinelRole);

  test('at any resource of it', () => {
    expect(isSentinel({ v: 1, from: `${own}@capulet.example` })).toBe(true);
    expect(isSentinel({ from: `${own}@capulet.example/desk` })).toBe(true);
  });

  test.each([
    ['another role of the run', { from: `${localpartOf(7, 'romeo')}@capulet.example` }],
    ['the sentinel of another run', { from: `${localpartOf(8, sentinelRole)}@capulet.example` }],
    ['somebody who has its name further on', { from: `x${own}@capulet.example` }],
    ['nobody', { v: 1 }],
    ['what is no text', { from: [own] }],
    ['null', null],
    ['nothing', undefined],
    ['a text', own],
  ])('and not by %s', (_, payload) => {
    expect(isSentinel(payload)).toBe(false);
  });

  test('which the transcript names where the kit could not choose its name', () => {
    const entry = (actor: string, detail: string) =>
      ({ kind: 'stream', actor, event: 'connected', detail, seq: 0, at: 0 }) as const;
    const named = sentinelTest(7, {
      case: 'a/b',
      entries: [
        entry('romeo/desk', 'test1@capulet.example/desk'),
        entry('sentinel/desk', 'test2@capulet.example/desk'),
      ],
    });
    expect(named({ from: 'test2@capulet.example' })).toBe(true);
    expect(named({ from: 'test1@capulet.example' })).toBe(false);
    expect(named({ from: 'test20@capulet.example' })).toBe(false);
  });

  test('whose name says what it is, and is the same for the same seed', () => {
    expect(own).toMatch(/^sentinel-[0-9a-f]{10}$/);
    expect(localpartOf(7, sentinelRole)).toBe(own);
  });
});

describe('Where the target names the accounts, a sentinel is known by the one its client was bound to', () => {
  const lent = 'lent-3@capulet.example';
  const bound = {
    kind: 'stream',
    actor: sentinelClient,
    event: 'connected',
    detail: `${lent}/desk`,
  } as const;
  const knows = (entry: EntryBody) =>
    sentinelTest(7, { case: 'area/topic', entries: [{ ...entry, seq: 0, at: 0 }] })({ from: lent });

  test('as the transcript has it', () => {
    expect(knows(bound)).toBe(true);
  });

  test.each([
    ['another client', { ...bound, actor: 'romeo/desk' }],
    ['another account', { ...bound, detail: 'lent-4@capulet.example/desk' }],
    ['the end of its stream', { ...bound, event: 'closed' }],
    ['a stream of which nothing more is said', { kind: 'stream', actor: sentinelClient, event: 'connected' }],
    ['a step of the case', { kind: 'mark', label: lent }],
  ] as const)('and not by %s', (_, entry) => {
    expect(knows(entry)).toBe(false);
  });
});

test('The message of a sentinel is one that must push, and no two in a transcript are alike', () => {
  expect(sentinelMessage('juliet@capulet.example', 12).toString()).toBe(
    '<message to="juliet@capulet.example" type="chat" id="fence-12"><body>Sentinel</body></message>',
  );
});

test('A lost fence is told from faults of the target by its name and code', () => {
  expect(new FenceLost('of juliet/phone')).toMatchObject({
    name: 'FenceLost',
    code: 'fence-lost',
    message: 'of juliet/phone',
  });
});
