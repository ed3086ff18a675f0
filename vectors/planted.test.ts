import { describe, expect, test, vi } from 'vitest';
import { pathOf, readVectors } from './files.js';
import { setNames, testsOf, type Vector, type VectorFile } from './vector.js';
import { verify } from './verify/verify.js';

// A whole set is verified several times, on a machine that does other things too.
vi.setConfig({ testTimeout: 60_000 });

/** The set with tests changed; `undefined` leaves a test as it is. */
function planted(file: VectorFile, change: (test: Vector, group: string) => Vector | undefined) {
  const changed: string[] = [];
  const groups = Object.entries(file.groups).map(([name, group]) => {
    const tests = group.tests.map((original) => {
      const replacement = change(original, name);
      if (replacement) changed.push(original.id);
      return replacement ?? original;
    });
    return [name, { ...group, tests }] as const;
  });
  return { file: { ...file, groups: Object.fromEntries(groups) }, changed };
}

/** Ids that an implementation complains about, not only a rule on the form of vectors. */
async function noticed(file: VectorFile): Promise<readonly string[]> {
  const forms = new Set(['sibling', 'id', 'result', 'count', 'count of negatives', 'requirements']);
  const found = (await verify(file)).filter(({ by }) => !forms.has(by));
  return [...new Set(found.map(({ id }) => id))];
}

/** A path to each value in an expectation that says something. */
function leavesOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, member]) =>
    name === 'result' || name === 'conditions' ? [] : leavesOf(member, [...path, name]),
  );
}

/** The text leaves the verdict to the server. */
const asksNobody = ({ expected }: Vector) => 'importance' in expected && expected.importance === 'either';

function altered(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name !== undefined && Array.isArray(value))
    return value.map((member, index) => (String(index) === name ? altered(member, rest) : member));
  if (name !== undefined && typeof value === 'object' && value !== null) {
    const members = Object.entries(value);
    return Object.fromEntries(
      members.map(([key, member]) => [key, key === name ? altered(member, rest) : member]),
    );
  }
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  // In the middle, where no check of a length or a last character sees it.
  const text = String(value);
  const middle = Math.floor(text.length / 2);
  return text === ''
    ? 'A'
    : `${text.slice(0, middle)}${text[middle] === 'A' ? 'B' : 'A'}${text.slice(middle + 1)}`;
}

describe.each(setNames)('In the vectors of %s', (set) => {
  const file = readVectors(pathOf(set));
  const byId = new Map(testsOf(file).map((entry) => [entry.test.id, entry.test]));

  test('a negative without its fault is noticed, each of them', async () => {
    const { file: wrong, changed } = planted(file, (negative) => {
      const sibling = byId.get(negative.sibling ?? '');
      // A sibling that may be pushed or not is not pushed by the reference either.
      return sibling && !asksNobody(sibling) ? { ...negative, input: sibling.input } : undefined;
    });
    expect(changed.length).toBe(file.negatives - (set === 'importance' ? 7 : 0));
    expect(await noticed(wrong)).toEqual(changed);
  });

  test.each([
    ['first', () => 0],
    ['middle', (all: number) => Math.floor(all / 2)],
    ['last', (all: number) => all - 1],
  ])('a wrong %s value in what is expected is noticed, in each vector that has one', async (_, pick) => {
    const { file: wrong, changed } = planted(file, (vector) => {
      const paths = asksNobody(vector) ? [] : leavesOf(vector.expected);
      const path = paths[pick(paths.length)];
      return path && { ...vector, expected: altered(vector.expected, path) as object };
    });
    expect(await noticed(wrong)).toEqual(changed);
  });
});

/** Where an implementation says which sentence is broken. */
const judged: readonly string[] = [
  'rfc8291 bodies',
  'rfc8292 requests',
  'disco answers',
  'payload plaintexts',
];

test.each(setNames)(
  'A negative of %s that names the wrong sentence is noticed where sentences are judged',
  async (set) => {
    const original = readVectors(pathOf(set));
    const { file, changed } = planted(original, (negative, group) =>
      negative.fault === undefined || !judged.includes(`${set} ${group}`)
        ? undefined
        : { ...negative, requirement: 'rfc8030.post' },
    );
    expect(await noticed(file)).toEqual(changed);
  },
);

test.each(setNames)('A refusal of %s with the wrong condition is noticed', async (set) => {
  const other = {
    'bad-request': 'not-acceptable',
    'not-acceptable': 'bad-request',
    none: 'bad-request',
  } as const;
  const { file, changed } = planted(readVectors(pathOf(set)), (negative) => {
    const [condition] = 'conditions' in negative.expected ? (negative.expected.conditions as string[]) : [];
    const replacement = Object.entries(other).find(([name]) => name === condition)?.[1];
    return replacement && { ...negative, expected: { ...negative.expected, conditions: [replacement] } };
  });
  expect(await noticed(file)).toEqual(changed);
});

test('An input that cannot be read is named, and stops nothing', async () => {
  const { file, changed } = planted(readVectors(pathOf('disco')), (test) =>
    test.id === 'disco/answer' ? { ...test, input: { stanza: '<iq>' } } : undefined,
  );
  expect(await noticed(file)).toEqual(changed);
});

describe('The form of a set', () => {
  const file = readVectors(pathOf('rfc8188'));
  const complaints = async (change: (test: Vector) => Vector | undefined, more: Partial<VectorFile> = {}) =>
    (await verify({ ...planted(file, change).file, ...more })).map(({ by, actual }) => `${by}: ${actual}`);
  const only = (id: string, change: Partial<Vector>) => (test: Vector) =>
    test.id === id ? { ...test, ...change } : undefined;

  test.each([
    [
      'a sibling that is not there',
      'rfc8188/tag-bit',
      { sibling: 'rfc8188/none' },
      'sibling: no rfc8188/none',
    ],
    ['a sibling with a fault', 'rfc8188/tag-bit', { sibling: 'rfc8188/salt-bit' }, 'sibling: a negative'],
    [
      'a sibling that differs in more',
      'rfc8188/tag-bit',
      { sibling: 'rfc8188/single' },
      'sibling: ["ikm","body"]',
    ],
    ['a part that does not differ', 'rfc8188/tag-bit', { differs: 'body.salt' }, 'sibling: ["body.sealed"]'],
    ['the name of another', 'rfc8188/tag-bit', { id: 'rfc8188/salt-bit' }, 'id: the id of two tests'],
    ['the name of another set', 'rfc8188/tag-bit', { id: 'rfc8291/tag-bit' }, 'id: rfc8291/tag-bit'],
    [
      'a requirement that is not listed',
      'rfc8188/tag-bit',
      { requirement: 'rfc8030.post' },
      'requirements: ',
    ],
  ] as const)('tells %s', async (_, id, change, complaint) => {
    expect(await complaints(only(id, change))).toContainEqual(expect.stringContaining(complaint));
  });

  test('tells a wrong level', async () => {
    const requirements = { ...file.requirements, 'rfc8188.tag': 'MAY' } as const;
    expect(await complaints(() => undefined, { requirements })).toEqual([
      expect.stringContaining('"rfc8188.tag":"MUST"'),
    ]);
  });

  test('tells a wrong figure', async () => {
    expect(await complaints(() => undefined, { tests: 1, negatives: 2 })).toEqual([
      `count: ${file.tests}`,
      `count of negatives: ${file.negatives}`,
    ]);
  });
});
