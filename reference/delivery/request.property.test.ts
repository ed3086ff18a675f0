import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPush } from './push.fixture.js';
import { buildRequest, topicOf, urgencyOf } from './request.js';

const jid = fc.oneof(fc.constant('romeo@montague.example'), fc.string({ unit: 'binary', minLength: 1 }));

test('For any push, the fields keep to the grammar of RFC 8030 §5 and tell no JID', () => {
  fc.assert(
    fc.property(
      jid,
      fc.constantFrom('message', 'call', 'call-retract', 'invite'),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.integer({ min: 1, max: 172_800 }),
      (conversation, kind, secret, ttl) => {
        const push = createPush({ conversation, kind });
        const handling = { ttl, urgency: urgencyOf(push), topic: topicOf(secret, push) };
        const { headers } = buildRequest(push.registration.endpoint, 'vapid t=a, k=b', handling, secret);
        expect(headers.TTL).toMatch(/^[0-9]+$/);
        expect(headers.Urgency).toMatch(/^(?:normal|high)$/);
        expect(headers.Topic).toMatch(/^[A-Za-z0-9_-]{1,32}$/);
        for (const value of Object.values(headers)) expect(value).toMatch(/^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/);
        expect(JSON.stringify(headers)).not.toContain('@');
      },
    ),
  );
});
