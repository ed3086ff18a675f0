import { describe, expect, test } from 'vitest';
import type { Case } from './case.js';
import { lintCases } from './lint.js';
import { fencingFunctions, lintTimers } from './lint-source.js';
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

const kept = { requirement: 'push.sent', met: true, expected: '', actual: '', evidence: [] };

const negative: Case = {
  ...good,
  id: 'push/not-sent',
  negative: { sibling: 'push/sent', fault: 'the body is empty' },
  absence: 'sentinel',
  async play(stage) {
    await stage.fence.sentinel(await stage.account('juliet'), stage.subscribe('juliet/phone'));
  },
};

const lint = (...cases: readonly Case[]) =>
  lintCases([{ file: 'suites/push/push.suite.ts', cases: [good, ...cases] }], catalogue, ['tellOnce']);

test('cases that keep the rules have no problems', () => {
  expect(lint(negative)).toEqual([]);
});

describe('the lint names the file, the case and what is wrong with it', () => {
  const other = { ...good, id: 'push/other' };
  const vary = { to: ['bare', 'full'] };
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
    [/claims an absence, but its play puts up no fence/, { ...other, absence: 'sentinel' }],
    [
      /has a judge that claims an absence, but names no fence/,
      { ...other, judge: () => [{ ...kept, claimsAbsence: true }] },
    ],
    [/varies nothing/, { ...other, vary: {} }],
    [/varies to, which has but one value/, { ...other, vary: { to: ['bare'] } }],
    [/varies to, which has the same value twice/, { ...other, vary: { to: ['bare', 'bare'] } }],
    [/varies "full JID", which is no word/, { ...other, vary: { to: ['bare', 'full JID'] } }],
    [/varies "To", which is no word/, { ...other, vary: { To: ['bare', 'full'] } }],
    [/its sibling push\/sent is never played with bare, full/, { ...negative, vary }],
    [
      /has a fault across octets, which it does not vary/,
      { ...negative, negative: { sibling: 'push/sent', fault: 'the body is empty', across: 'octets' } },
    ],
  ];

  test.each(rows)('%s', (problem, subject) => {
    expect(lint(subject).join('\n')).toMatch(problem);
    expect(lint(subject)[0]).toMatch(/^suites\/push\/push\.suite\.ts: [Pp]ush\//);
  });
});

test('a fault may take several forms, which its sibling has not', () => {
  const forms = { sibling: 'push/sent', fault: 'the body is short', across: 'octets' };
  expect(lint({ ...negative, vary: { octets: ['0', '1'] }, negative: forms })).toEqual([]);
});

test('a fence may be put up by a function that the play calls', () => {
  const tellOnce = async () => {};
  expect(lint({ ...good, id: 'push/other', absence: 'sentinel', play: () => tellOnce() })).toEqual([]);
});

describe('what cases are made of', () => {
  const text = [
    "const window = 'open';",
    'export async function tellOnce(stage: Stage) {',
    '  await stage.fence.sentinel(juliet, phone);',
    '}',
    'async function tellTwice(stage: Stage) {',
    '  await tellOnce(stage);',
    '  setTimeout(done, 5);',
    '}',
    'export function tell(stage: Stage) {}',
  ].join('\n');
  const files = [{ file: 'suites/scene/steps.ts', text }];

  test('is searched for timers, which are named with file and line', () => {
    expect(lintTimers(files)).toEqual([
      'suites/scene/steps.ts:7 uses a timer: wait for an event, or move the clock',
    ]);
  });

  test('is searched for functions that put up fences, themselves or through others', () => {
    expect(fencingFunctions(files)).toEqual(['tellOnce', 'tellTwice']);
  });
});
