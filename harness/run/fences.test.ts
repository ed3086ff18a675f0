import type { Element } from '@xmpp/xml';
import { describe, expect, test } from 'vitest';
import type { Actor, RawStream } from '../actor/actor.js';
import type { Account } from '../case/stage.js';
import { FenceLost } from '../fence/fence.js';
import { localpartOf, sentinelRole } from '../fence/sentinel.js';
import { type Browser, browser, forge } from '../judge/forge.js';
import type { Subscription } from '../push-service/subscription.js';
import { createRecorder, type Entry, type RequestEntry } from '../transcript/transcript.js';
import { createFences, isRequestFor } from './fences.js';

const seed = 7;
const juliet: Account = {
  role: 'juliet',
  bareJid: 'juliet@capulet.example',
  localpart: 'juliet',
  domain: 'capulet.example',
  password: '',
};

interface Options {
  /** What the server does when a sentinel's message reaches it. */
  readonly onSentinel?: (world: World, message: Element) => void;
  readonly sentinels?: number;
  readonly patience?: number;
  readonly signal?: AbortSignal;
}

type World = ReturnType<typeof setting>;

function setting({ onSentinel, sentinels, patience = 60_000, signal }: Options = {}) {
  const recorder = createRecorder('area/topic', () => 0);
  const phone = browser('juliet/phone');
  const tablet = browser('juliet/tablet');
  const sent: { readonly role: string; readonly stanza: Element }[] = [];
  const subscriptionOf = ({ entry }: Browser) => {
    recorder.record(entry);
    const requests: (RequestEntry & Entry)[] = [];
    recorder.listen((each) => {
      if (each.kind === 'request' && each.subscription === entry.name) requests.push(each);
    });
    return { name: entry.name, requests } as unknown as Subscription;
  };
  const push = (to: Browser, role: string) =>
    recorder.record({
      kind: 'request',
      subscription: to.entry.name,
      request: forge({
        to,
        sealing: {
          plaintext: Buffer.from(JSON.stringify({ from: `${localpartOf(seed, role)}@capulet.example` })),
        },
      }),
      answer: { type: 'status', status: 201 },
    });
  const world = {
    recorder,
    phone,
    tablet,
    through: subscriptionOf(phone),
    other: subscriptionOf(tablet),
    sent,
    push,
    fences: () => recorder.transcript.entries.filter((entry) => entry.kind === 'fence'),
  };
  const fences = createFences({
    recorder,
    patience,
    seed,
    signal: signal ?? new AbortController().signal,
    ...(sentinels === undefined ? {} : { sentinels }),
    async send(role, stanza) {
      sent.push({ role, stanza });
      onSentinel?.({ ...world, ...fences }, stanza);
    },
  });
  return { ...world, ...fences };
}

/** A server that pushes the first sentinel and no other, for which nobody waits. */
function pushedOnce(): Required<Pick<Options, 'signal' | 'onSentinel'>> {
  const ending = new AbortController();
  let rounds = 0;
  return {
    signal: ending.signal,
    onSentinel({ push, phone }) {
      rounds += 1;
      if (rounds === 1) push(phone, sentinelRole);
      else ending.abort();
    },
  };
}

const pinging = (name: string, ping: () => Promise<void>) => ({ name, ping }) as unknown as Actor;

describe('A ping fence', () => {
  test('holds when the ping is answered, and says behind whom it stands and how long it took', async () => {
    const { fence, fences } = setting();
    await fence.ping(pinging('juliet/phone', async () => {}));
    expect(fences()).toMatchObject([
      { kind: 'fence', fence: 'ping', state: 'held', detail: 'of juliet/phone' },
    ]);
    const [entry] = fences();
    expect(entry?.kind === 'fence' && entry.took).toBeGreaterThanOrEqual(0);
    expect(entry?.kind === 'fence' && entry.took).toBeLessThan(5000);
  });

  test('is lost when it is not, and ends the case', async () => {
    const { fence, fences } = setting();
    await expect(fence.ping(pinging('juliet/phone', () => Promise.reject(new Error())))).rejects.toThrow(
      new FenceLost('of juliet/phone'),
    );
    expect(fences()).toMatchObject([{ fence: 'ping', state: 'lost' }]);
  });
});

describe('A fence at the end of a stream', () => {
  test.each([
    ['a client', { name: 'juliet/phone', ended: async () => undefined }],
    ['a raw stream', { name: 'juliet/phone', end: async () => '' }],
  ])('holds when that of %s has ended', async (_, stream) => {
    const { fence, fences } = setting();
    await fence.closed(stream as unknown as Actor | RawStream);
    expect(fences()).toMatchObject([{ fence: 'closed', state: 'held', detail: 'of juliet/phone' }]);
  });

  test('is lost when it does not end', async () => {
    const { fence, fences } = setting();
    const stream = { name: 'juliet/phone', ended: () => Promise.reject(new Error()) } as unknown as Actor;
    await expect(fence.closed(stream)).rejects.toThrow(FenceLost);
    expect(fences()).toMatchObject([{ fence: 'closed', state: 'lost' }]);
  });
});

describe('A sentinel', () => {
  test('holds when its message is pushed through the registration', async () => {
    const { fence, fences, through, sent } = setting({
      onSentinel: ({ push, phone }) => push(phone, sentinelRole),
    });
    await fence.sentinel(juliet, through);
    expect(fences()).toMatchObject([
      { fence: 'sentinel', state: 'held', detail: 'to juliet through juliet/phone' },
    ]);
    expect(sent.map(({ role }) => role)).toEqual([sentinelRole]);
    expect(sent[0]?.stanza.attrs).toMatchObject({ to: juliet.bareJid, id: 'fence-2' });
  });

  test('waits for a push that comes later', async () => {
    const world = setting({});
    const waiting = world.fence.sentinel(juliet, world.through);
    await new Promise(setImmediate);
    world.recorder.record({ kind: 'mark', label: 'meanwhile' });
    world.push(world.tablet, sentinelRole);
    await new Promise(setImmediate);
    expect(world.fences()).toEqual([]);
    world.push(world.phone, sentinelRole);
    await waiting;
    expect(world.fences()).toHaveLength(1);
  });

  test.each([
    ['nothing is pushed', () => {}],
    ['another message is pushed', ({ push, phone }: World) => void push(phone, 'romeo')],
    ['it is pushed to another device', ({ push, tablet }: World) => void push(tablet, sentinelRole)],
  ])('is lost when %s', async (_, onSentinel) => {
    const { fence, fences, through } = setting({ onSentinel, patience: 60 });
    await expect(fence.sentinel(juliet, through)).rejects.toThrow(
      new FenceLost('to juliet through juliet/phone'),
    );
    expect(fences()).toMatchObject([{ state: 'lost' }]);
  });

  test('is not held by the push of an earlier one', async () => {
    const { signal, onSentinel } = pushedOnce();
    const { fence, fences, through } = setting({ signal, onSentinel });
    await fence.sentinel(juliet, through);
    await expect(fence.sentinel(juliet, through)).rejects.toThrow(FenceLost);
    expect(fences()).toMatchObject([{ state: 'held' }, { state: 'lost' }]);
  });

  test('is found behind pushes of other messages', async () => {
    const { fence, fences, through } = setting({
      onSentinel({ push, phone }) {
        push(phone, 'romeo');
        push(phone, sentinelRole);
      },
    });
    await fence.sentinel(juliet, through);
    expect(fences()).toMatchObject([{ state: 'held' }]);
  });

  test('is sent when all that the others sent has been processed', async () => {
    const steps: string[] = [];
    const { fence, through } = setting({
      onSentinel({ push, phone }) {
        steps.push('sentinel');
        push(phone, sentinelRole);
      },
    });
    const sender = (name: string) =>
      pinging(name, async () => {
        await new Promise(setImmediate);
        steps.push(name);
      });
    await fence.sentinel(juliet, through, sender('romeo/desk'), sender('nurse/desk'));
    expect(steps).toEqual(['romeo/desk', 'nurse/desk', 'sentinel']);
  });

  test('is lost without being sent when one of the others gets no answer', async () => {
    const { fence, fences, through, sent } = setting();
    const silent = pinging('romeo/desk', () => Promise.reject(new Error()));
    await expect(fence.sentinel(juliet, through, silent)).rejects.toThrow(
      new FenceLost('to juliet through juliet/phone: a ping before it went unanswered'),
    );
    expect(fences()).toMatchObject([{ fence: 'sentinel', state: 'lost' }]);
    expect(sent).toEqual([]);
  });

  test('is given up when the run ends', async () => {
    const ending = new AbortController();
    const { fence, through } = setting({ signal: ending.signal, onSentinel: () => ending.abort() });
    await expect(fence.sentinel(juliet, through)).rejects.toThrow(FenceLost);
  });
});

describe('Where pushes overtake one another a sentinel', () => {
  test('is several in a row, each sent when the one before has been pushed', async () => {
    const { fence, fences, through, sent } = setting({
      sentinels: 3,
      onSentinel: ({ push, phone }) => push(phone, sentinelRole),
    });
    await fence.sentinel(juliet, through);
    expect(sent).toHaveLength(3);
    expect(new Set(sent.map(({ stanza }) => stanza.attrs.id)).size).toBe(3);
    expect(fences()).toMatchObject([{ state: 'held', detail: 'to juliet through juliet/phone, 3 in a row' }]);
  });

  test('is lost with the first that is not pushed', async () => {
    const { fence, through, sent } = setting({ sentinels: 3, ...pushedOnce() });
    await expect(fence.sentinel(juliet, through)).rejects.toThrow(FenceLost);
    expect(sent).toHaveLength(2);
  });
});

describe('A request', () => {
  test('counts for the case unless it is a sentinel', async () => {
    const { fence, through, push, phone, counts } = setting({
      onSentinel: (world) => world.push(world.phone, sentinelRole),
    });
    await fence.sentinel(juliet, through);
    const [sentinel] = through.requests;
    const message = push(phone, 'romeo') as RequestEntry & Entry;
    expect(sentinel && (await counts(sentinel))).toBe(false);
    expect(await counts(message)).toBe(true);
  });

  test('counts before the first sentinel was sent, without being opened', async () => {
    const { push, phone, counts } = setting();
    expect(await counts(push(phone, sentinelRole) as RequestEntry & Entry)).toBe(true);
  });

  test('is for the subscription whose endpoint it came to', () => {
    const { push, phone, through, other, recorder } = setting();
    const request = push(phone, 'romeo');
    expect([isRequestFor(request, through), isRequestFor(request, other)]).toEqual([true, false]);
    const subscription = recorder.transcript.entries[0];
    expect(subscription && isRequestFor(subscription, through)).toBe(false);
  });
});
