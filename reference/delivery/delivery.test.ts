import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Clock, createClock } from '../clock/clock.js';
import type { Push, PushPayload } from '../engine/events.js';
import type { Registration } from '../registry/registry.js';
import type { TransportResult } from './answer.js';
import {
  createDelivery,
  type DeliveryOptions,
  type DeliveryOutcome,
  type DeliveryParts,
} from './delivery.js';
import { createPush } from './push.fixture.js';
import type { PushRequest } from './request.js';

const start = Date.UTC(2026, 10, 22, 12);
const second = 1000;

/** A request that waits for the test to answer it. */
interface Sent {
  readonly request: PushRequest;
  readonly at: number;
  /** "Encryption" in these tests leaves the plaintext readable. */
  readonly payload: PushPayload;
  readonly padTo: number;
  answer(status: number, retryAfter?: string): Promise<void>;
  fail(reason: 'timeout' | 'address-refused'): Promise<void>;
}

function setUp(options: Partial<DeliveryOptions> = {}, parts: Partial<DeliveryParts> = {}) {
  const clock = createClock(() => start);
  const sent: Sent[] = [];
  const outcomes: DeliveryOutcome[] = [];
  let inFlight = 0;
  let mostInFlight = 0;
  let sealedTo = 0;
  const delivery = createDelivery({
    clock,
    seal: (plaintext, _registration, padTo) => {
      sealedTo = padTo;
      return plaintext;
    },
    authorize: () => 'vapid t=a, k=b',
    transport: {
      post(request) {
        mostInFlight = Math.max(mostInFlight, ++inFlight);
        return new Promise((resolve) => {
          const settle = async (result: TransportResult) => {
            inFlight--;
            resolve(result);
            // The delivery reacts in the promise's turn; this one comes after it.
            await new Promise((done) => setImmediate(done));
          };
          sent.push({
            request,
            at: clock.now() - start,
            payload: JSON.parse(Buffer.from(request.body).toString()),
            padTo: sealedTo,
            answer: (status, retryAfter) =>
              settle({ type: 'answer', status, ...(retryAfter === undefined ? {} : { retryAfter }) }),
            fail: (reason) => settle({ type: 'failure', reason }),
          });
        });
      },
      close: async () => {},
    },
    onOutcome: (outcome) => outcomes.push(outcome),
    options: { random: () => 0, ...options },
    ...parts,
  });
  return {
    clock,
    delivery,
    sent,
    outcomes,
    mostInFlight: () => mostInFlight,
    /** The newest request. */
    last(): Sent {
      const request = sent.at(-1);
      if (!request) throw new Error('nothing was sent');
      return request;
    },
    enqueue: (...changes: Parameters<typeof createPush>) => delivery.enqueue(createPush(...changes)),
  };
}

const ids = (sent: readonly Sent[]) => sent.map(({ payload }) => payload.id);
const call = { kind: 'call', message: 'call' } as const;

describe('batching', () => {
  test('a push goes out when the window from the first of its conversation ends, and tells the newest', () => {
    const { clock, sent, enqueue } = setUp({ batchWindow: second });
    enqueue({ message: 'm1' });
    clock.advance(900);
    enqueue({ message: 'm2' });
    clock.advance(99);
    expect(sent).toHaveLength(0);
    clock.advance(1);
    expect(ids(sent)).toEqual(['m2']);
  });

  test('conversations, devices and accounts are not merged', async () => {
    const { clock, sent, enqueue } = setUp();
    enqueue({ message: 'm1' });
    enqueue({ message: 'm2', conversation: 'nurse@capulet.example' });
    enqueue({ message: 'm3', endpoint: 'https://push.example/p/2' });
    enqueue({ message: 'm4', account: 'nurse@capulet.example' });
    clock.advance(second);
    expect(ids(sent).sort()).toEqual(['m1', 'm3']);
    for (let next = 0; next < sent.length; next++) await sent[next]?.answer(201);
    expect(ids(sent).slice(2)).toEqual(['m2', 'm4']);
  });

  test('after a push the next message opens a window of its own', async () => {
    const { clock, sent, last, enqueue } = setUp({ batchWindow: second });
    enqueue({ message: 'm1' });
    clock.advance(second);
    await last().answer(201);
    enqueue({ message: 'm2' });
    clock.advance(second - 1);
    expect(sent).toHaveLength(1);
    clock.advance(1);
    expect(ids(sent)).toEqual(['m1', 'm2']);
  });

  test('a call waits for no window, nor does what ends it, and neither takes the message’s place', async () => {
    const { sent, clock, last, enqueue } = setUp();
    enqueue({ message: 'm1' });
    enqueue(call);
    await last().answer(201);
    enqueue({ kind: 'call-retract', message: 'retract', urgent: false });
    await last().answer(201);
    expect(ids(sent)).toEqual(['call', 'retract']);
    clock.advance(second);
    expect(ids(sent)).toEqual(['call', 'retract', 'm1']);
  });

  test('the end of a call that is just failing goes out at once in its place', async () => {
    const { clock, sent, last, enqueue } = setUp();
    enqueue(call);
    enqueue({ kind: 'call-retract', message: 'retract', urgent: false });
    await last().answer(500);
    expect(ids(sent)).toEqual(['call', 'retract']);
    await last().answer(201);
    clock.advance(60 * second);
    expect(sent).toHaveLength(2);
  });

  test('the end of a call that still waits takes its place, at once', async () => {
    const { clock, sent, last, enqueue } = setUp();
    enqueue(call);
    await last().answer(500);
    enqueue({ kind: 'call-retract', message: 'retract', urgent: false });
    expect(ids(sent)).toEqual(['call', 'retract']);
    await last().answer(201);
    clock.advance(60 * second);
    expect(sent).toHaveLength(2);
  });
});

describe('the request', () => {
  test('of a message lives for two days at normal urgency, of a call for a minute at high', () => {
    const { clock, sent, enqueue } = setUp();
    enqueue({ endpoint: 'https://push.example/p/2' });
    enqueue(call);
    clock.advance(second);
    expect(sent.map(({ request: { headers } }) => [headers.TTL, headers.Urgency])).toEqual([
      ['60', 'high'],
      ['172800', 'normal'],
    ]);
  });

  test('is padded so that lengths of texts do not show', () => {
    const { clock, sent, enqueue } = setUp();
    enqueue();
    clock.advance(second);
    expect(sent[0]?.padTo).toBe(512);
  });

  test('is made with the keys the registration has when it is sent', () => {
    const sealed: Registration[] = [];
    const { registration } = createPush();
    const current = { ...registration, generation: 2, auth: new Uint8Array(16).fill(1) };
    const { clock, enqueue } = setUp(
      {},
      {
        current: () => current,
        seal: (plaintext, target) => {
          sealed.push(target);
          return plaintext;
        },
      },
    );
    enqueue();
    clock.advance(second);
    expect(sealed).toEqual([current]);
  });

  test('is not made for a registration that is no more, or agrees to less than the payload tells', () => {
    const { registration } = createPush();
    const registrations = [undefined, { ...registration, payload: { sender: false, body: false } }];
    const { clock, sent, outcomes, enqueue } = setUp({}, { current: () => registrations.shift() });
    enqueue();
    enqueue({ conversation: 'nurse@capulet.example' });
    clock.advance(second);
    expect(sent).toHaveLength(0);
    expect(outcomes.map(({ type }) => type)).toEqual(['dropped', 'dropped']);
  });

  test('that cannot be encrypted is dropped, without the error’s text, and holds up nothing', () => {
    let first = true;
    const { clock, sent, outcomes, enqueue } = setUp(
      {},
      {
        authorize: () => {
          if (!first) return 'vapid';
          first = false;
          throw Object.assign(new Error('secret'), { code: 'unknown-key' });
        },
      },
    );
    enqueue({ message: 'm1' });
    enqueue({ message: 'm2', conversation: 'nurse@capulet.example' });
    clock.advance(second);
    expect(ids(sent)).toEqual(['m2']);
    expect(outcomes).toMatchObject([{ type: 'dropped', reason: expect.stringContaining('unknown-key') }]);
    expect(JSON.stringify(outcomes)).not.toContain('secret');
  });

  test('has the reduced payload where JIDs and nick alone are too long to encrypt', () => {
    const { clock, sent, delivery } = setUp();
    const push = createPush();
    delivery.enqueue({ ...push, payload: { ...push.payload, nick: 'x'.repeat(4000) } });
    clock.advance(second);
    expect(sent[0]?.payload).not.toHaveProperty('nick');
  });
});

describe('an answer', () => {
  test.each([200, 201, 202, 204])('%i is success and ends it', async (status) => {
    const { clock, sent, outcomes, last, enqueue } = setUp();
    enqueue();
    clock.advance(second);
    await last().answer(status);
    clock.advance(200_000 * second);
    expect(sent).toHaveLength(1);
    expect(outcomes).toMatchObject([{ type: 'accepted', status }]);
  });

  test.each([404, 410])(
    '%i says that the subscription is gone, and what waits for it goes too',
    async (status) => {
      const { clock, sent, outcomes, last, enqueue } = setUp();
      enqueue({ conversation: 'a@x' });
      enqueue({ conversation: 'b@x' });
      clock.advance(second);
      await last().answer(status);
      clock.advance(200_000 * second);
      expect(sent).toHaveLength(1);
      expect(outcomes).toMatchObject([{ type: 'gone', status, registration: { generation: 1 } }]);
    },
  );

  test('404 says nothing about a registration renewed since, nor about another account’s', async () => {
    const { clock, sent, last, enqueue } = setUp();
    const { registration } = createPush();
    enqueue({ conversation: 'a@x' });
    clock.advance(second);
    enqueue({ conversation: 'b@x', message: 'renewed', registration: { ...registration, generation: 2 } });
    enqueue({ conversation: 'c@x', message: 'other', account: 'nurse@capulet.example' });
    await last().answer(404);
    clock.advance(second);
    await last().answer(201);
    expect(ids(sent)).toEqual(['m1', 'renewed', 'other']);
  });

  test.each([301, 307, 400, 401, 403])('%i is a refusal and never tried again', async (status) => {
    const { clock, sent, outcomes, last, enqueue } = setUp();
    enqueue();
    clock.advance(second);
    await last().answer(status);
    clock.advance(200_000 * second);
    expect(sent).toHaveLength(1);
    expect(outcomes).toMatchObject([{ type: 'refused', status }]);
  });

  test('413 leads to one request with the reduced payload and no padding, and is nobody’s fault', async () => {
    const { clock, sent, outcomes, last, enqueue } = setUp();
    enqueue();
    clock.advance(second);
    await last().answer(413);
    expect(sent).toHaveLength(2);
    expect(last().payload).toMatchObject({ id: 'm1', from: 'romeo@montague.example' });
    expect(last().payload).not.toHaveProperty('body');
    expect(last().padTo).toBe(last().request.body.length + 1);
    await last().answer(413);
    clock.advance(200_000 * second);
    expect(sent).toHaveLength(2);
    expect(outcomes).toMatchObject([{ type: 'dropped', reason: expect.stringContaining('too large') }]);
  });

  test('address rules that forbid the address end it', async () => {
    const { clock, sent, outcomes, last, enqueue } = setUp();
    enqueue();
    clock.advance(second);
    await last().fail('address-refused');
    clock.advance(200_000 * second);
    expect(sent).toHaveLength(1);
    expect(outcomes).toMatchObject([{ type: 'dropped', reason: 'address-refused' }]);
  });
});

describe('throttling', () => {
  test.each([429, 406, 507])(
    'after %i nothing is sent to the endpoint before Retry-After has passed',
    async (status) => {
      const { clock, sent, outcomes, last, enqueue } = setUp();
      enqueue({ message: 'm1' });
      clock.advance(second);
      await last().answer(status, '30');
      enqueue({ message: 'm2' });
      enqueue({ ...call, conversation: 'nurse@capulet.example' });
      enqueue({ message: 'm3' });
      clock.advance(30 * second - 1);
      expect(sent).toHaveLength(1);
      clock.advance(1);
      expect(ids(sent)).toEqual(['m1', 'call']);
      await last().answer(201);
      expect(ids(sent)).toEqual(['m1', 'call', 'm3']);
      await last().answer(201);
      expect(outcomes.map(({ type }) => type)).toEqual(['accepted', 'accepted']);
    },
  );

  test('Retry-After may be a date', async () => {
    const { clock, sent, last, enqueue } = setUp();
    enqueue();
    clock.advance(second);
    await last().answer(429, new Date(start + 61 * second).toUTCString());
    clock.advance(60 * second - 1);
    expect(sent).toHaveLength(1);
    clock.advance(1);
    expect(sent).toHaveLength(2);
  });

  test('holds up no other endpoint', async () => {
    const { clock, sent, last, enqueue } = setUp();
    enqueue();
    clock.advance(second);
    await last().answer(429, '3600');
    enqueue({ endpoint: 'https://push.example/p/2' });
    clock.advance(second);
    expect(sent).toHaveLength(2);
  });

  test('without Retry-After waits by default', async () => {
    const { clock, sent, last, enqueue } = setUp({ throttleWait: 30 * second });
    enqueue();
    clock.advance(second);
    await last().answer(429);
    enqueue(call);
    clock.advance(30 * second - 1);
    expect(sent).toHaveLength(1);
    clock.advance(1);
    expect(ids(sent)).toEqual(['m1', 'call']);
  });

  test('that never ends never becomes a flood, nor a refusal of the subscription', async () => {
    const { clock, sent, outcomes, last, enqueue } = setUp();
    enqueue();
    clock.advance(second);
    for (let hour = 0; hour < 60 * 60; hour++) {
      const before = sent.length;
      await last().answer(429, '0');
      clock.advance(60 * second);
      if (sent.length === before && outcomes.length > 0) break;
    }
    expect(outcomes).toMatchObject([{ type: 'dropped', reason: expect.stringContaining('time to live') }]);
    expect(sent.length).toBeLessThan(300);
  });

  test('is remembered when nothing waits any more', async () => {
    const { clock, sent, last, enqueue } = setUp();
    enqueue(call);
    await last().answer(429, '100');
    enqueue({ message: 'm2' });
    clock.advance(100 * second - 1);
    expect(sent).toHaveLength(1);
    clock.advance(1);
    expect(ids(sent)).toEqual(['call', 'm2']);
  });
});

describe('failures', () => {
  const failures: readonly [string, (sent: Sent) => Promise<void>][] = [
    ['500', (sent) => sent.answer(500)],
    ['503', (sent) => sent.answer(503)],
    ['a timeout', (sent) => sent.fail('timeout')],
  ];
  test.each(failures)(
    '%s is tried again with growing waits, a bounded number of times',
    async (_name, fail) => {
      const { clock, sent, outcomes, last, enqueue } = setUp({ tries: 5 });
      enqueue();
      clock.advance(second);
      for (let tries = 1; tries <= 5; tries++) {
        expect(sent).toHaveLength(tries);
        await fail(last());
        clock.advance(600 * second);
      }
      expect(sent).toHaveLength(5);
      expect(outcomes).toMatchObject([{ type: 'dropped', reason: expect.stringContaining('out of tries') }]);
    },
  );

  test('wait 1, 4, 16 and 64 seconds, and the TTL shrinks by the waiting', async () => {
    const { clock, sent, last, enqueue } = setUp();
    enqueue();
    clock.advance(second);
    for (const wait of [1, 4, 16, 64]) {
      await last().answer(502);
      const { length } = sent;
      clock.advance(wait * second - 1);
      expect(sent).toHaveLength(length);
      clock.advance(1);
      expect(sent).toHaveLength(length + 1);
    }
    expect(sent.map(({ request }) => request.headers.TTL)).toEqual([
      '172800',
      '172799',
      '172795',
      '172779',
      '172715',
    ]);
  });

  test('503 with Retry-After is tried again when it has passed', async () => {
    const { clock, sent, last, enqueue } = setUp();
    enqueue();
    clock.advance(second);
    await last().answer(503, '120');
    clock.advance(120 * second - 1);
    expect(sent).toHaveLength(1);
    clock.advance(1);
    expect(sent).toHaveLength(2);
  });

  test('end when the TTL has run out', async () => {
    const { clock, sent, outcomes, last, enqueue } = setUp();
    enqueue(call);
    await last().answer(503, '61');
    clock.advance(100 * second);
    expect(sent).toHaveLength(1);
    expect(outcomes).toMatchObject([{ type: 'dropped', reason: expect.stringContaining('time to live') }]);
  });

  test('news of the conversation joins the retry with tries and a TTL of its own', async () => {
    const { clock, sent, last, enqueue } = setUp({ tries: 2 });
    enqueue({ message: 'm1' });
    clock.advance(second);
    enqueue({ message: 'm2' });
    await last().answer(500);
    clock.advance(second);
    expect(ids(sent)).toEqual(['m1', 'm2']);
    expect(last().request.headers.TTL).toBe('172800');
    await last().answer(500);
    clock.advance(4 * second);
    expect(ids(sent)).toEqual(['m1', 'm2', 'm2']);
  });

  test('success ends the back-off, and the waits start anew', async () => {
    const { clock, sent, last, enqueue } = setUp({
      backoff: { first: 10 * second, factor: 2, cap: 60 * second },
    });
    enqueue({ message: 'm1' });
    clock.advance(second);
    await last().answer(500);
    enqueue({ message: 'm2', conversation: 'nurse@capulet.example' });
    clock.advance(second);
    enqueue(call);
    await last().answer(201);
    expect(ids(sent)).toEqual(['m1', 'call', 'm2']);
    await last().answer(500);
    clock.advance(9 * second);
    expect(ids(sent)).toEqual(['m1', 'call', 'm2']);
    clock.advance(second);
    expect(ids(sent).length).toBe(4);
  });

  test('are forgotten when their back-off has passed and nothing waits', async () => {
    const { clock, sent, last, enqueue } = setUp({ tries: 2 });
    enqueue(call);
    await last().answer(500);
    clock.advance(second);
    await last().answer(500);
    clock.advance(10 * second);
    enqueue({ message: 'm2' });
    clock.advance(second);
    await last().answer(500);
    clock.advance(second);
    expect(ids(sent)).toEqual(['call', 'call', 'm2', 'm2']);
  });

  test('hold up the endpoint’s other conversations, but not a call', async () => {
    const { clock, sent, last, enqueue } = setUp({
      backoff: { first: 10 * second, factor: 2, cap: 60 * second },
    });
    enqueue({ message: 'm1' });
    clock.advance(second);
    await last().answer(500);
    enqueue({ message: 'm2', conversation: 'nurse@capulet.example' });
    clock.advance(5 * second);
    enqueue(call);
    expect(ids(sent)).toEqual(['m1', 'call']);
  });
});

describe('requests side by side', () => {
  test('to one endpoint go one after the other', async () => {
    const { clock, sent, last, enqueue, mostInFlight } = setUp();
    for (const conversation of ['a@x', 'b@x', 'c@x']) enqueue({ conversation, message: conversation });
    clock.advance(second);
    expect(ids(sent)).toEqual(['a@x']);
    await last().answer(201);
    await last().answer(201);
    expect(ids(sent)).toEqual(['a@x', 'b@x', 'c@x']);
    expect(mostInFlight()).toBe(1);
  });

  test('to one endpoint send a call before the messages that wait longer', async () => {
    const { clock, sent, last, enqueue } = setUp();
    for (const conversation of ['a@x', 'b@x']) enqueue({ conversation, message: conversation });
    clock.advance(2 * second);
    enqueue(call);
    await last().answer(201);
    expect(ids(sent)).toEqual(['a@x', 'call']);
  });

  test('to an endpoint that hangs hold up no other', () => {
    const { clock, sent, enqueue } = setUp();
    enqueue({ endpoint: 'https://push.example/hangs' });
    clock.advance(second);
    for (const id of ['1', '2', '3']) enqueue({ endpoint: `https://push.example/${id}`, message: id });
    clock.advance(second);
    expect(ids(sent)).toEqual(['m1', '1', '2', '3']);
  });

  test('are bounded in number, and a call comes first when there is room', async () => {
    const { clock, sent, enqueue, mostInFlight } = setUp({ maxInFlight: 2 });
    for (const id of ['1', '2', '3', '4']) enqueue({ endpoint: `https://push.example/${id}`, message: id });
    clock.advance(second);
    enqueue({ ...call, endpoint: 'https://push.example/5' });
    expect(ids(sent)).toEqual(['1', '2']);
    await sent[0]?.answer(201);
    expect(ids(sent)).toEqual(['1', '2', 'call']);
    await sent[1]?.answer(201);
    await sent[2]?.answer(201);
    expect(ids(sent)).toEqual(['1', '2', 'call', '3', '4']);
    expect(mostInFlight()).toBe(2);
  });
});

describe('limits', () => {
  test('of the threads that wait for a registration the quiet ones make room, and a call stays', async () => {
    const { clock, sent, outcomes, last, enqueue } = setUp({ maxWaiting: 3 });
    enqueue({ message: 'first' });
    clock.advance(second);
    await last().answer(429, '10');
    enqueue(call);
    for (const id of ['a', 'b', 'c']) enqueue({ conversation: `${id}@x`, message: id });
    enqueue({ conversation: 'b@x', message: 'b2' });
    enqueue({ conversation: 'd@x', message: 'd' });
    expect(outcomes.map(({ type }) => type)).toEqual(['dropped', 'dropped', 'dropped']);
    clock.advance(10 * second);
    for (let next = 1; next < sent.length; next++) await sent[next]?.answer(201);
    expect(ids(sent)).toEqual(['first', 'call', 'b2', 'd']);
  });

  test('of waiting threads hold for each account on a shared endpoint', async () => {
    const { clock, sent, last, enqueue } = setUp({ maxWaiting: 1 });
    enqueue({ message: 'm1' });
    enqueue({ message: 'm2', account: 'nurse@capulet.example' });
    clock.advance(second);
    await last().answer(201);
    expect(ids(sent)).toEqual(['m1', 'm2']);
  });

  test('of the pushes in a thread the oldest are forgotten', () => {
    const { clock, sent, delivery, enqueue } = setUp({ maxMerged: 2 });
    for (const message of ['m1', 'm2', 'm3']) enqueue({ message });
    const { account, endpoint } = createPush().registration;
    delivery.discard(account, endpoint, ['m2', 'm3']);
    clock.advance(second);
    expect(sent).toHaveLength(0);
  });

  test('an account over its rate has its pushes merged, and the newest goes out in time', async () => {
    const { clock, sent, enqueue } = setUp({ batchWindow: 0, rate: { burst: 2, interval: second } });
    for (const id of ['1', '2', '3'])
      enqueue({ endpoint: `https://push.example/${id}`, message: id, conversation: `${id}@x` });
    expect(ids(sent)).toEqual(['1', '2']);
    enqueue({ endpoint: 'https://push.example/3', message: '3b', conversation: '3@x' });
    enqueue({ endpoint: 'https://push.example/4', message: 'other', account: 'nurse@capulet.example' });
    expect(ids(sent)).toEqual(['1', '2', 'other']);
    clock.advance(second);
    expect(ids(sent)).toEqual(['1', '2', 'other', '3b']);
  });

  test('endpoints that only rest are forgotten above a number', async () => {
    const { sent, enqueue } = setUp({ maxResting: 1 });
    for (const id of ['1', '2']) enqueue({ ...call, endpoint: `https://push.example/${id}` });
    for (const request of [...sent]) await request.answer(429, '3600');
    for (const id of ['1', '2']) enqueue({ ...call, endpoint: `https://push.example/${id}` });
    expect(sent.map(({ request }) => request.endpoint.at(-1))).toEqual(['1', '2', '1']);
  });
});

describe('discarding', () => {
  const endpoint = createPush().registration.endpoint;
  const account = createPush().registration.account;

  test('takes back what waits for its window', () => {
    const { clock, sent, delivery, enqueue } = setUp();
    enqueue();
    delivery.discard(account, endpoint);
    clock.advance(10 * second);
    expect(sent).toHaveLength(0);
  });

  test('of some messages leaves the others: the newest that is left is told', () => {
    const { clock, sent, delivery, enqueue } = setUp();
    for (const message of ['m1', 'm2', 'm3']) enqueue({ message });
    delivery.discard(account, endpoint, ['m3', 'm1']);
    clock.advance(second);
    expect(ids(sent)).toEqual(['m2']);
  });

  test('ends retries, also that of a request in flight', async () => {
    const { clock, sent, delivery, last, enqueue } = setUp();
    enqueue();
    clock.advance(second);
    delivery.discard(account, endpoint, ['m1']);
    await last().answer(500);
    clock.advance(600 * second);
    expect(sent).toHaveLength(1);
  });

  test('what was in flight and failed becomes the older part of the news, and is told if the news is discarded', async () => {
    const { clock, sent, delivery, last, enqueue } = setUp();
    enqueue({ message: 'm1' });
    clock.advance(second);
    enqueue({ message: 'm2' });
    await last().answer(500);
    delivery.discard(account, endpoint, ['m2']);
    clock.advance(600 * second);
    expect(ids(sent)).toEqual(['m1', 'm1']);
  });

  test('leaves the other account on the same endpoint alone', () => {
    const { clock, sent, delivery, enqueue } = setUp();
    enqueue({ message: 'm1' });
    enqueue({ message: 'm2', account: 'nurse@capulet.example' });
    delivery.discard(account, endpoint);
    clock.advance(second);
    expect(ids(sent)).toEqual(['m2']);
  });
});

describe('closing', () => {
  test('drops what waits and resolves when nothing is in flight any more', async () => {
    const { clock, sent, delivery, outcomes, last, enqueue } = setUp();
    enqueue(call);
    enqueue({ message: 'm1' });
    let closed = false;
    const closing = delivery.close().then(() => {
      closed = true;
    });
    enqueue({ message: 'm2', endpoint: 'https://push.example/p/2' });
    clock.advance(10 * second);
    expect(closed).toBe(false);
    await last().answer(201);
    await closing;
    clock.advance(10 * second);
    expect(sent).toHaveLength(1);
    expect(outcomes).toMatchObject([{ type: 'accepted' }]);
  });

  test('says nothing of a request that it ended itself', async () => {
    const { delivery, outcomes, last, enqueue } = setUp({ tries: 1 });
    enqueue(call);
    const closing = delivery.close();
    await last().fail('timeout');
    await closing;
    expect(outcomes).toEqual([]);
  });

  test('leaves no task with the clock', async () => {
    const clock = createClock(() => start);
    let tasks = 0;
    const counting: Clock = {
      now: clock.now,
      schedule(delay, task) {
        tasks++;
        const cancel = clock.schedule(delay, task);
        return () => {
          tasks--;
          cancel();
        };
      },
    };
    const { delivery, last, enqueue } = setUp({}, { clock: counting });
    enqueue({ ...call, endpoint: 'https://push.example/p/2' });
    await last().answer(429, '3600');
    enqueue();
    expect(tasks).toBeGreaterThan(0);
    await delivery.close();
    expect(tasks).toBe(0);
  });
});

describe('whatever a push service answers', () => {
  interface Step {
    readonly conversation: string;
    readonly kind: Push['kind'];
    readonly status: number;
    readonly retryAfter: string | undefined;
    readonly pause: number;
  }
  const steps = fc.array(
    fc.record<Step>({
      conversation: fc.constantFrom('a@x', 'b@x', 'c@x'),
      kind: fc.constantFrom('message', 'message', 'call', 'call-retract', 'invite'),
      status: fc.constantFrom(201, 201, 400, 404, 413, 429, 500, 503),
      retryAfter: fc.constantFrom(undefined, '0', '7', '600', 'nonsense'),
      pause: fc.integer({ min: 0, max: 20_000 }),
    }),
    { minLength: 1, maxLength: 25 },
  );

  test('requests to an endpoint never overlap, TTLs stay legal, and the news of each thread is told or given up', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const { clock, sent, enqueue, outcomes, mostInFlight } = setUp();
        let answered = 0;
        const answerAll = async (status: number, retryAfter?: string) => {
          while (answered < sent.length) await sent[answered++]?.answer(status, retryAfter);
        };
        for (const [index, { conversation, kind, status, retryAfter, pause }] of script.entries()) {
          enqueue({ conversation, kind, message: `m${index}`, urgent: kind === 'call' });
          clock.advance(pause);
          // One answer a step, so that a push service that always throttles at once cannot keep the test.
          if (answered < sent.length) await sent[answered++]?.answer(status, retryAfter);
        }
        for (let round = 0; round < 10; round++) {
          await answerAll(201);
          clock.advance(700_000);
        }
        expect(mostInFlight()).toBe(1);
        for (const { request, payload } of sent) {
          const ttl = Number(request.headers.TTL);
          expect(ttl).toBeGreaterThan(0);
          expect(ttl).toBeLessThanOrEqual(payload.kind.startsWith('call') ? 60 : 172_800);
        }
        const newest = `m${script.length - 1}`;
        const lost = outcomes.some(({ type }) => type !== 'accepted');
        expect(lost || ids(sent).includes(newest)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
