import xml, { type Element } from '@xmpp/xml';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { classify } from './classify.js';

const ACCOUNT = 'juliet@capulet.example';

/** Names and namespaces that the rules look for, and such as nobody looks for. */
const name = fc.oneof(
  fc.constantFrom(
    'message',
    'body',
    'subject',
    'received',
    'sent',
    'forwarded',
    'encrypted',
    'payload',
    'fallback',
    'replace',
    'retract',
    'reactions',
    'propose',
    'x',
    'invite',
    'event',
    'error',
    'iq',
    'presence',
  ),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }),
);
const namespace = fc.constantFrom(
  'jabber:client',
  'urn:xmpp:carbons:2',
  'urn:xmpp:forward:0',
  'urn:xmpp:fallback:0',
  'urn:xmpp:message-correct:0',
  'urn:xmpp:message-retract:1',
  'urn:xmpp:reactions:0',
  'urn:xmpp:jingle-message:0',
  'urn:xmpp:omemo:2',
  'eu.siacs.conversations.axolotl',
  'http://jabber.org/protocol/muc#user',
  'jabber:x:conference',
  '',
  'urn:example:nobody',
);
const text = fc.string({ unit: 'binary', maxLength: 20 });
const attributes = fc.dictionary(
  fc.constantFrom('from', 'to', 'type', 'id', 'for', 'start', 'end', 'jid', '__proto__', 'constructor'),
  fc.oneof(text, fc.constantFrom(ACCOUNT, 'error', 'groupchat', '-1', '99999999999999999999', 'NaN')),
);

const { tree } = fc.letrec<{ tree: Element }>((tie) => ({
  tree: fc
    .tuple(name, fc.option(namespace), attributes, fc.array(fc.oneof(text, tie('tree')), { maxLength: 4 }))
    .map(([tag, xmlns, attrs, children]) =>
      xml(tag, { ...attrs, ...(xmlns === null ? {} : { xmlns }) }, ...children),
    ),
}));

/** Mostly what the rules look into; a root of any other name is told by the first of them. */
const stanzas = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(attributes, fc.array(fc.oneof(text, tree), { maxLength: 4 }))
      .map(([attrs, children]) => xml('message', { ...attrs, xmlns: 'jabber:client' }, ...children)),
  },
  { weight: 1, arbitrary: tree },
);

test('No tree of elements, however hostile, makes the classifier throw or change it', () => {
  fc.assert(
    fc.property(
      stanzas,
      fc.constantFrom('offline', 'archived', 'hibernated'),
      fc.boolean(),
      (stanza, trigger, isOwnOccupant) => {
        const before = stanza.toString();
        const { importance } = classify(stanza, {
          account: ACCOUNT,
          trigger,
          isOwnOccupant: () => isOwnOccupant,
        });
        expect(['urgent', 'important', 'unimportant']).toContain(importance);
        expect(stanza.toString()).toBe(before);
      },
    ),
    { numRuns: 400 },
  );
});
