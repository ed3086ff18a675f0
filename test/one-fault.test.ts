import { beforeAll, describe, expect, test } from 'vitest';
import type { Case } from '../harness/case/case.js';
import { type Permutation, permutationsOf, siblingOf } from '../harness/case/permutation.js';
import { createAuthority } from '../harness/certificate/certificate.js';
import { groupByPlay, longestFirst } from '../harness/run/group.js';
import { run } from '../harness/run/run.js';
import { createTurn, takeTurns } from '../harness/run/split.js';
import { notingDeeds } from '../harness/sibling/deeds.js';
import { differences, type Tree } from '../harness/sibling/differences.js';
import { embeddedTarget } from '../harness/target/embedded.js';
import { cases } from '../suites/cases.js';
import { important, unimportant } from '../suites/importance/template.js';
import { catalogue } from '../suites/requirements/catalogue.js';
import { body } from '../suites/scene/stanzas.js';
import { chat, message } from '../suites/scene/webpush.js';

/** Faults that show in more places than one because nobody could have the one without the other. */
const inseparable: Readonly<Record<string, { readonly places: number; readonly because: string }>> = {
  'importance/error': { places: 2, because: 'type error and the error come together (RFC 6120 §8.3.1)' },
  'importance/retraction-with-fallback': { places: 2, because: 'a fallback body is one of something' },
  'importance/reaction-with-fallback': { places: 2, because: 'a fallback body is one of something' },
  'importance/sent-carbon': { places: 2, because: 'the way back has another end, too' },
  'importance/sent-carbon-call': { places: 2, because: 'the way back has another end, too' },
  'archive/outgoing': { places: 2, because: 'the way back has another end, too' },
  'archive/outgoing-hibernated': { places: 2, because: 'the way back has another end, too' },
  'security/before-authentication': {
    places: 2,
    because: 'without a header there is no stream, and with a session it has been sent already',
  },
  'security/resolved-address': {
    places: 2,
    because: 'a name is allowed for the whole server, so that one which is not must be another',
  },
};

/** Each negative in permutations that have every pair of values, with its sibling in the same. */
const negatives = cases
  .flatMap((subject) => permutationsOf(subject, 'every'))
  .flatMap((negative) => {
    const sibling = siblingOf(negative, cases);
    return negative.negative && sibling
      ? [{ id: negative.id, path: negative.path, fault: negative.negative.fault, negative, sibling }]
      : [];
  });

const toVerona = {
  id: 'planted',
  title: 'planted',
  requirement: 'important.chat-body',
} as const;

/** Pairs of which one only seems to be the other with one fault. */
const planted: readonly { readonly what: string; readonly sibling: Case; readonly negative: Case }[] = [
  {
    what: 'another type and another text',
    sibling: important({ ...toVerona, stanza: (juliet) => chat(juliet, 'Hark!') }),
    negative: unimportant({
      ...toVerona,
      stanza: (juliet) => message(juliet, { type: 'headline' }, body('Hark, hark!')),
    }),
  },
  {
    what: 'another type and another state of the phone',
    sibling: important({ ...toVerona, away: ['hibernated'], stanza: (juliet) => chat(juliet, 'Hark!') }),
    negative: unimportant({
      ...toVerona,
      stanza: (juliet) => message(juliet, { type: 'headline' }, body('Hark!')),
    }),
  },
  {
    what: 'another type on a server of other settings',
    sibling: important({ ...toVerona, stanza: (juliet) => chat(juliet, 'Hark!') }),
    negative: {
      ...unimportant({
        ...toVerona,
        stanza: (juliet) => message(juliet, { type: 'headline' }, body('Hark!')),
      }),
      needs: { config: { importantBody: 'Hark!' } },
    },
  },
];

/** What every case of the pairs does, by what the case is called here. */
const deeds = new Map<string, Tree>();

beforeAll(async () => {
  const named = new Map<string, Permutation>();
  for (const { negative, sibling } of negatives)
    for (const subject of [negative, sibling]) named.set(subject.path, subject);
  for (const [index, { sibling, negative }] of planted.entries()) {
    for (const [name, subject] of [
      [`planted ${index}`, { ...sibling, id: `planted/sibling-${index}` }],
      [`planted ${index} negative`, { ...negative, id: `planted/negative-${index}` }],
    ] as const)
      for (const usual of permutationsOf(subject, 'usual')) named.set(name, usual);
  }
  const noted = [...named].map(([name, subject]) => ({ name, ...notingDeeds(subject) }));
  await run({
    next: takeTurns(longestFirst(groupByPlay(noted.map((each) => each.case))), createTurn()),
    catalogue,
    target: embeddedTarget,
    authority: await createAuthority(),
    seed: 7,
    jobs: 8,
    timeoutScale: 5,
    signal: new AbortController().signal,
  });
  for (const each of noted) deeds.set(each.name, each.deeds());
}, 120_000);

function differencesOf(sibling: string, negative: string): readonly string[] {
  const [one, other] = [deeds.get(sibling), deeds.get(negative)];
  if (!one?.content.length || !other?.content.length)
    throw new Error(`${sibling} or ${negative} was not played`);
  return differences(one, other);
}

describe('A negative differs from its sibling in one place', () => {
  test.each(negatives.filter(({ id }) => !(id in inseparable)))('$path: $fault', ({ path, sibling }) => {
    expect(differencesOf(sibling.path, path)).toHaveLength(1);
  });
});

describe('A negative differs from its sibling in places that come together', () => {
  test.each(negatives.filter(({ id }) => id in inseparable))('$path', ({ id, path, sibling }) => {
    expect(differencesOf(sibling.path, path)).toHaveLength(inseparable[id]?.places ?? 1);
  });
});

describe('A second fault is found', () => {
  test.each(planted.map(({ what }, index) => ({ what, index })))('$what', ({ index }) => {
    expect(differencesOf(`planted ${index}`, `planted ${index} negative`).length).toBeGreaterThan(1);
  });
});
