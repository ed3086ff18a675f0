import { describe, expect, test } from 'vitest';
import type { Case } from './case.js';
import { lintCases } from './lint.js';
import type { Catalogue } from './requirement.js';

const catalogue: Catalogue = new Map(
  [
    { id: 'push.sent', level: 'MUST' as const, sentence: 'MUST', document: 'XEP-XXXX', section: '9' },
    {
      id: 'push.hidden',
      level: 'MAY' as const,
      sentence: 'MAY',
      document: 'XEP-XXXX',
      section: '9',
      excluded: 'secret',
    },
  ].map((requirement) => [requirement.id, requirement]),
);

const good: Case = {
  id: 'push/sent',
  title: 'a push is sent',
  requirements: ['push.sent'],
  async play() {},
  judge: () => [],
};

const negative: Case = {
  ...good,
  id: 'push/not-sent',
  negative: { sibling: 'push/sent', fault: 'the body is empty' },
  absence: 'sentinel',
  async play(stage) {
    await stage.fence.sentinel(await stage.account('juliet'), stage.subscribe('juliet/phone'));
  },
};

const lint = (...cases: readonly Case[]) => lintCases([good, ...cases], catalogue);

test('cases that keep the rules have no problems', () => {
  expect(lint(negative)).toEqual([]);
});

describe('the lint names the case and what is wrong with it', () => {
  const other = { ...good, id: 'push/other' };
  const rows: readonly (readonly [problem: RegExp, subject: Case])[] = [
    [/push\/sent has the id of an earlier case/, good],
    [/Push\/Other has an id that is not area\/topic/, { ...good, id: 'Push/Other' }],
    [/names no requirement/, { ...other, requirements: [] as unknown as Case['requirements'] }],
    [/push\.lost, which is not in the catalogue/, { ...other, requirements: ['push.lost'] }],
    [/push\.hidden, which is excluded: secret/, { ...other, requirements: ['push.hidden'] }],
    [/has a level in its title/, { ...other, title: 'a push MUST be sent' }],
    [/has no title/, { ...other, title: ' ' }],
    [
      /sibling push\/lost that does not exist/,
      { ...negative, negative: { sibling: 'push/lost', fault: 'none' } },
    ],
    [/names itself/, { ...negative, negative: { sibling: 'push/not-sent', fault: 'none' } }],
    [
      /more than one fault/,
      { ...negative, negative: { sibling: 'push/sent', fault: 'no body and no type' } },
    ],
    [/without a fault/, { ...negative, negative: { sibling: 'push/sent', fault: '' } }],
    [
      /uses a timer/,
      {
        ...other,
        async play() {
          await new Promise((resolve) => setTimeout(resolve, 1));
        },
      },
    ],
  ];

  test.each(rows)('%s', (problem, subject) => {
    expect(lint(subject).join('\n')).toMatch(problem);
  });
});
