import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createClock } from '../clock/clock.js';
import type { EngineEffect, RoutedMessage } from './events.js';
import { createSessions, REMEMBERED_MESSAGES, REMEMBERED_TIME } from './sessions.js';
import {
  chat,
  createStand,
  createTestRegistry,
  discarded,
  endpoint,
  pushed,
  pushes,
  ROMEO,
} from './stand.fixture.js';

const MAX_DEVICES = 2;
const names = ['a', 'b', 'c'] as const;
const tabs = ['t', 'u', 'v'] as const;

/** What an observer who knows the rules but nothing of the engine keeps in mind, for one account. */
class Model {
  /** Session → state and, once enabled, endpoint. */
  readonly sessions = new Map<
    string,
    { hibernated: boolean; silentAbout: readonly string[]; endpoint?: string | undefined }
  >();
  /** Registrations, least recently enabled first, with the messages pushed to each. */
  readonly devices = new Map<string, Set<string>>();

  remove(name: string | undefined) {
    if (name === undefined) return;
    this.devices.delete(name);
    for (const session of this.sessions.values()) if (session.endpoint === name) session.endpoint = undefined;
  }

  isLive(name: string, message: string) {
    return [...this.sessions.values()].some(
      (session) => session.endpoint === name && !session.hibernated && !session.silentAbout.includes(message),
    );
  }

  isBound(name: string) {
    return [...this.sessions.values()].some((session) => session.endpoint === name);
  }

  /** Which of these registrations are due, which is what must be pushed, no more and no less. */
  push(message: string, candidates: readonly (string | undefined)[]): readonly string[] {
    const due = candidates.filter(
      (name): name is string =>
        name !== undefined &&
        this.devices.has(name) &&
        !this.isLive(name, message) &&
        !this.devices.get(name)?.has(message),
    );
    for (const name of due) this.devices.get(name)?.add(message);
    return due;
  }
}

type Stand = ReturnType<typeof createStand>;
type Command = fc.Command<Model, Stand>;

/** A command that may always run: it changes the model, and says what the engine must push (and drop, where given). */
function command(
  text: string,
  expected: (model: Model) => { readonly pushed: readonly string[]; readonly removed?: readonly string[] },
  act: (stand: Stand) => readonly EngineEffect[],
): Command {
  return {
    check: () => true,
    run(model, stand) {
      const { pushed: due, removed } = expected(model);
      const effects = act(stand);
      expect([...pushed(effects)].sort()).toEqual([...due].sort());
      if (removed) expect([...discarded(effects)].sort()).toEqual([...removed].sort());
      expect(stand.endpoints()).toEqual([...model.devices.keys()].map(endpoint));
    },
    toString: () => text,
  };
}

const none = { pushed: [] };
const aTab = fc.constantFrom(...tabs);
const aName = fc.constantFrom(...names);
const aMessage = fc.integer({ min: 1, max: 6 }).map(String);
const someMessages = fc.uniqueArray(aMessage, { maxLength: 3 });
const routed = (ids: readonly string[]): readonly RoutedMessage[] => ids.map((id) => chat(id));

const start = aTab.map((tab) =>
  command(
    `start ${tab}`,
    (model) => {
      model.sessions.set(tab, { hibernated: false, silentAbout: [] });
      return none;
    },
    (stand) => stand.start(tab),
  ),
);

const end = aTab.map((tab) =>
  command(
    `end ${tab}`,
    (model) => {
      model.sessions.delete(tab);
      return none;
    },
    (stand) => stand.end(tab),
  ),
);

/** Only what has a connection sends stanzas. */
const enable = fc.tuple(aTab, aName).map(
  ([tab, name]): Command => ({
    check: (model) => model.sessions.get(tab)?.hibernated === false,
    run(model, stand) {
      const session = model.sessions.get(tab);
      if (!session) return;
      const removed: string[] = [];
      if (session.endpoint !== undefined && session.endpoint !== name) {
        removed.push(session.endpoint);
        model.remove(session.endpoint);
      }
      const known = model.devices.get(name) ?? new Set<string>();
      model.devices.delete(name);
      model.devices.set(name, known);
      for (const oldest of [...model.devices.keys()].slice(0, -MAX_DEVICES)) {
        removed.push(oldest);
        model.remove(oldest);
      }
      session.endpoint = name;
      const effects = stand.enable(tab, name);
      expect(discarded(effects)).toEqual(removed);
      expect(pushed(effects)).toEqual([]);
      expect(stand.endpoints()).toEqual([...model.devices.keys()].map(endpoint));
      // Not the flood of enables is the matter here.
      stand.clock.advance(60_000);
    },
    toString: () => `enable ${name} in ${tab}`,
  }),
);

const disable = aName.map((name) =>
  command(
    `disable ${name}`,
    (model) => {
      const removed = model.devices.has(name) ? [name] : [];
      model.remove(name);
      return { pushed: [], removed };
    },
    (stand) => stand.disable('elsewhere', {}, name),
  ),
);

const gone = aName.map((name) =>
  command(
    `gone ${name}`,
    (model) => {
      model.remove(name);
      return none;
    },
    (stand) => {
      const registration = stand.registry.get(ROMEO, endpoint(name));
      return registration ? stand.settle({ type: 'gone', registration, status: 410 }) : [];
    },
  ),
);

const hibernate = fc.tuple(aTab, someMessages).map(([tab, ids]) =>
  command(
    `hibernate ${tab} with ${ids}`,
    (model) => {
      const session = model.sessions.get(tab);
      if (!session) return none;
      session.hibernated = true;
      return { pushed: ids.flatMap((id) => model.push(id, [session.endpoint])) };
    },
    (stand) => stand.hibernate(tab, ...routed(ids)),
  ),
);

/** A stanza is queued only for what has no connection. */
const queue = fc.tuple(aTab, aMessage).map(
  ([tab, id]): Command => ({
    ...command(
      `queue ${id} for ${tab}`,
      (model) => ({ pushed: model.push(id, [model.sessions.get(tab)?.endpoint]) }),
      (stand) => stand.queue(tab, chat(id)),
    ),
    check: (model) => model.sessions.get(tab)?.hibernated === true,
  }),
);

const resume = aTab.map((tab) =>
  command(
    `resume ${tab}`,
    (model) => {
      const session = model.sessions.get(tab);
      if (session) Object.assign(session, { hibernated: false, silentAbout: [] });
      return none;
    },
    (stand) => stand.resume(tab),
  ),
);

const delay = fc.tuple(aTab, someMessages).map(
  ([tab, ids]): Command => ({
    ...command(
      `delay ${ids} of ${tab}`,
      (model) => {
        const session = model.sessions.get(tab);
        if (!session) return none;
        session.silentAbout = ids;
        return { pushed: ids.flatMap((id) => model.push(id, [session.endpoint])) };
      },
      (stand) => stand.delay(tab, ...routed(ids)),
    ),
    check: (model) => model.sessions.get(tab)?.hibernated === false,
  }),
);

const offline = aMessage.map((id) =>
  command(
    `store ${id} offline`,
    (model) => ({ pushed: model.push(id, [...model.devices.keys()]) }),
    (stand) => stand.offline(chat(id)),
  ),
);

const archive = aMessage.map((id) =>
  command(
    `archive ${id}`,
    (model) => ({
      pushed: model.push(
        id,
        [...model.devices.keys()].filter((name) => !model.isBound(name)),
      ),
    }),
    (stand) => stand.archive(chat(id)),
  ),
);

test('whatever happens, each registration is pushed what is due: once, while it exists, and not while a bound session is live', () => {
  const commands = fc.commands(
    [start, end, enable, enable, disable, gone, hibernate, queue, resume, delay, offline, archive],
    { maxCommands: 40 },
  );
  fc.assert(
    fc.property(commands, (some) => {
      fc.modelRun(
        () => ({ model: new Model(), real: createStand({}, createTestRegistry(MAX_DEVICES)) }),
        some,
      );
    }),
    { numRuns: 300 },
  );
});

test('a resume drops exactly those pushes that what it delivers had caused', () => {
  fc.assert(
    fc.property(fc.uniqueArray(aMessage), fc.uniqueArray(aMessage), (before, during) => {
      const stand = createStand();
      stand.start('t');
      stand.enable('t', 'a');
      const effects = [
        stand.hibernate('t', ...routed(before)),
        ...during.map((id) => stand.queue('t', chat(id))),
      ].flat();
      const caused = pushes(effects).map((push) => push.message);
      expect(discarded(stand.resume('t'))).toEqual(caused.length ? [`a: ${caused.join(' ')}`] : []);
    }),
    { numRuns: 50 },
  );
});

test('memory for messages is bounded: of 100 000 the latest are remembered, the first is forgotten', () => {
  const sessions = createSessions(createClock(() => 0));
  sessions.bind('t', ROMEO, 'a');
  sessions.hibernate('t');
  const count = 100_000;
  for (let id = 0; id < count; id++) {
    sessions.addUnconfirmed('t', [String(id)]);
    sessions.markPushed(ROMEO, 'a', String(id));
  }
  const latest = Array.from({ length: REMEMBERED_MESSAGES }, (_, index) => String(count - 1 - index));
  expect(latest.every((id) => sessions.wasPushed(ROMEO, 'a', id))).toBe(true);
  expect(sessions.wasPushed(ROMEO, 'a', '0')).toBe(false);
  expect(sessions.resume('t')).toEqual(latest.reverse());
});

test("what a device was told is forgotten in time, its own with its next message and that of others with anybody's", () => {
  const clock = createClock(() => 0);
  const sessions = createSessions(clock);
  sessions.markPushed(ROMEO, 'a', 'old');
  sessions.markPushed(ROMEO, 'b', 'old');
  clock.advance(REMEMBERED_TIME - 1);
  sessions.markPushed(ROMEO, 'a', 'new');
  expect(['a', 'b'].map((name) => sessions.wasPushed(ROMEO, name, 'old'))).toEqual([true, true]);
  clock.advance(1);
  sessions.markPushed(ROMEO, 'a', 'newer');
  expect(['a', 'b'].map((name) => sessions.wasPushed(ROMEO, name, 'old'))).toEqual([false, false]);
  expect(sessions.wasPushed(ROMEO, 'a', 'new')).toBe(true);
});
