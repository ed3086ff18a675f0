import { describe, expect, test } from 'vitest';
import { differences } from './difference.js';
import { pathOf, readVectors } from './files.js';
import { assemble, negative, positive } from './generate/assemble.js';
import { setNames, testsOf } from './vector.js';

const stanza = (text: string) => ({ stanza: text });

describe('Two stanzas differ', () => {
  const message =
    "<message xmlns='jabber:client' type='chat' from='a@b'><body>x</body><store xmlns='urn:xmpp:hints'/></message>";
  test.each([
    [
      'in nothing when they are spelled otherwise',
      "<c:message xmlns:c='jabber:client' from='a@b' type='chat'><c:body>x</c:body> <store xmlns='urn:xmpp:hints'></store></c:message>",
      [],
    ],
    ['in an attribute', message.replace('chat', 'headline'), ['message@type']],
    ['in a text', message.replace('x</body>', 'y</body>'), ['message/body']],
    ['in a child that is missing', message.replace('<body>x</body>', ''), ['message/body']],
    ['in a child of another name', message.replace('<store', '<no-store'), ['message/store']],
    [
      'in a child of another namespace',
      message.replace('<body>', "<body xmlns='urn:example:other'>"),
      ['message/body@xmlns'],
    ],
    [
      'in two places',
      message.replace('chat', 'headline').replace('x</body>', 'y</body>'),
      ['message@type', 'message/body'],
    ],
    [
      'in two children',
      message.replace('<body>x</body>', '').replace('store', 'no-store'),
      ['message/body', 'message/store', 'message/no-store'],
    ],
  ] as const)('%s', (_, other, expected) => {
    expect(differences(stanza(message), stanza(other))).toEqual(expected);
  });
});

describe('Two inputs of the sets differ', () => {
  const inputs = new Map(
    setNames.flatMap((set) =>
      testsOf(readVectors(pathOf(set))).map(({ test: { id, input } }) => [id, input]),
    ),
  );
  test.each([
    ['rfc8291/body', 'rfc8291/salt-bit', ['body.salt']],
    ['rfc8291/body', 'rfc8291/delimiter-01', ['body.record.delimiter']],
    ['rfc8291/salt-bit', 'rfc8291/delimiter-01', ['body']],
    ['rfc8291/salt-bit', 'rfc8291/auth-other', ['auth', 'body']],
    [
      'rfc8292/wrong-aud-path',
      'rfc8292/exp-past',
      ['authorization.t.claims.aud', 'authorization.t.claims.exp'],
    ],
    ['rfc8292/alg-none', 'rfc8292/exp-past', ['authorization.t.header.alg', 'authorization.t.claims.exp']],
    ['rfc8292/signature-bit', 'rfc8292/k-padded', ['authorization.k', 'authorization.t.signature']],
    ['rfc8292/scheme-bearer', 'rfc8292/semicolon', ['authorization.scheme', 'authorization.form']],
    ['payload/v-2', 'payload/kind-case', ['plaintext.v', 'plaintext.kind']],
    ['importance/no-store', 'importance/headline', ['message@type', 'message/no-store']],
  ])('%s and %s', (one, other, expected) => {
    expect([...differences(inputs.get(one) ?? {}, inputs.get(other) ?? {})].sort()).toEqual(
      [...expected].sort(),
    );
  });
});

describe('A set cannot be put together with', () => {
  const right = positive('right', 'as it should be', { account: 'a', trigger: 'b' }, {});
  const make = (...drafts: readonly ReturnType<typeof positive>[]) =>
    assemble('disco', '', [], { group: { title: '', tests: [right, ...drafts] } });
  const wrong = (input: object, sibling = 'right', name = 'wrong') =>
    negative(name, sibling, 'a fault', 'discovery.form', input, {});

  test.each([
    ['two faults', [wrong({ account: 'c', trigger: 'd' })], 'it differs in account, trigger'],
    ['no fault', [wrong({ account: 'a', trigger: 'b' })], 'it differs in nothing'],
    [
      'a sibling that is not there',
      [wrong({ account: 'c', trigger: 'b' }, 'none')],
      'there is no sibling none',
    ],
    [
      'a sibling that has a fault',
      [wrong({ account: 'c', trigger: 'b' }), wrong({ account: 'c', trigger: 'd' }, 'wrong', 'worse')],
      'its sibling wrong has a fault itself',
    ],
    [
      'one name for two tests',
      [positive('right', '', { account: 'a' }, {})],
      'right is the name of two tests',
    ],
  ])('%s', (_, drafts, complaint) => {
    expect(() => make(...drafts)).toThrow(complaint);
  });

  test('nothing of the kind is put together, with the part that differs', () => {
    const { tests, negatives, groups } = make(wrong({ account: 'c', trigger: 'b' }));
    expect({ tests, negatives }).toEqual({ tests: 2, negatives: 1 });
    expect(groups.group?.tests[1]).toMatchObject({
      id: 'disco/wrong',
      sibling: 'disco/right',
      differs: 'account',
    });
  });
});
