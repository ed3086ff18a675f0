import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countOneMore, createSendQueue, parseCount } from './acknowledgement.js';

const TOP = 2 ** 32 - 1;

describe('the queue of sent stanzas', () => {
  test('an acknowledgement takes exactly what it covers, wherever the count stands (XEP-0198 §4, modulo 2^32)', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.integer({ min: 0, max: TOP }), fc.integer({ min: TOP - 10, max: TOP })),
        fc.nat(20),
        fc.nat(20),
        (start, sent, acknowledged) => {
          const queue = createSendQueue<number>(start);
          for (let item = 0; item < sent; item++) queue.push(item);
          const taken = queue.acknowledge((start + acknowledged) % 2 ** 32);
          if (acknowledged > sent) {
            expect(taken).toBeUndefined();
            expect(queue.unacknowledged).toHaveLength(sent);
          } else {
            expect(taken).toEqual(Array.from({ length: acknowledged }, (_, item) => item));
            expect(queue.unacknowledged).toHaveLength(sent - acknowledged);
          }
          expect(queue.sentCount()).toBe((start + sent) % 2 ** 32);
        },
      ),
    );
  });

  test('a count that goes back is refused', () => {
    const queue = createSendQueue<string>();
    queue.push('a');
    queue.push('b');
    queue.acknowledge(2);
    expect(queue.acknowledge(1)).toBeUndefined();
  });
});

test('a count of handled stanzas starts again after 2^32 - 1', () => {
  expect([countOneMore(0), countOneMore(TOP)]).toEqual([1, 0]);
});

test.each([
  ['0', 0],
  ['4294967295', TOP],
  ['4294967296', undefined],
  ['-1', undefined],
  ['1.5', undefined],
  ['', undefined],
  [undefined, undefined],
])('h=%j is read as %j', (text, count) => {
  expect(parseCount(text)).toBe(count);
});
