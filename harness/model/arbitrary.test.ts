import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commandsFor } from './arbitrary.js';
import type { Abilities, Command } from './command.js';

const all: Abilities = {
  restart: true,
  crash: true,
  clock: true,
  changeKey: true,
  resumption: true,
  carbons: true,
};

/** What a command needs the server to be able to, apart from what every server can. */
function needOf(command: Command): keyof Abilities | undefined {
  switch (command.type) {
    case 'restart':
    case 'crash':
      return command.type;
    case 'change-key':
      return 'changeKey';
    case 'wait':
      return 'clock';
    case 'message':
      return command.hasty ? 'clock' : undefined;
    case 'connect':
    case 'enable':
      return command.management === 'resumable' ? 'resumption' : undefined;
    default:
      return undefined;
  }
}

const needsOf = (abilities: Abilities) =>
  new Set(
    fc.sample(commandsFor(abilities), { numRuns: 600, seed: 1 }).flatMap((commands) => commands.map(needOf)),
  );

describe('The sequences to explore', () => {
  test.each(['restart', 'crash', 'clock', 'changeKey', 'resumption'] as const)(
    'have steps that need %s where the server can, and none where it cannot',
    (ability) => {
      expect(needsOf(all).has(ability)).toBe(true);
      expect(needsOf({ ...all, [ability]: false }).has(ability)).toBe(false);
    },
  );

  test('are the same for the same seed', () => {
    const sample = () => fc.sample(commandsFor(all), { numRuns: 20, seed: 7 });
    expect(sample()).toEqual(sample());
  });
});
