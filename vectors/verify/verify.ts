import { catalogue } from '../../suites/requirements/catalogue.js';
import { differences } from '../difference.js';
import { type SetName, testsOf, type Vector, type VectorFile } from '../vector.js';
import { answers } from './disco.js';
import { circumstances, stanzas } from './importance.js';
import { type Disagreement, disagreements, type Opinion } from './opinion.js';
import { cuts, notifications, plaintexts } from './payload.js';
import { contents } from './rfc8188.js';
import { bodies, messages, recipients } from './rfc8291.js';
import { audiences, keys, requests } from './rfc8292.js';
import { stanzaRequests, subscriptions } from './subscription.js';

type Asked = (test: never) => readonly Opinion[] | Promise<readonly Opinion[]>;

/** Whom to ask about the tests of each group. The schema of a set has made sure that a test has what its group asks for. */
const askers: Readonly<Record<SetName, Readonly<Record<string, Asked>>>> = {
  rfc8188: { contents },
  rfc8291: { messages, bodies, recipients },
  rfc8292: { keys, audiences, requests },
  subscription: { subscriptions },
  stanza: { enables: stanzaRequests, disables: stanzaRequests },
  importance: { stanzas, circumstances },
  disco: { answers },
  payload: { plaintexts, notifications, cuts },
};

/** What is wrong with a set whose file matches its schema, in the order of its tests. */
export async function verify(file: VectorFile): Promise<readonly Disagreement[]> {
  const found: Disagreement[] = [...checkForm(file)];
  for (const { group, test } of testsOf(file)) {
    const ask = askers[file.set][group];
    if (!ask) throw new Error(`nobody has an opinion on ${file.set} ${group}`);
    found.push(...(await answersOn(test, ask)));
  }
  return found;
}

/** An input that nobody can make anything of is wrong as well, and so are judges that disagree among themselves. */
async function answersOn(test: Vector, ask: Asked): Promise<readonly Disagreement[]> {
  try {
    return disagreements(test.id, await ask(test as never));
  } catch (error) {
    const actual = error instanceof Error ? error.message : String(error);
    return [{ id: test.id, by: 'every implementation', expected: 'an answer', actual }];
  }
}

/** What must hold of any set: names, siblings with one fault less, and the figures at its beginning. */
function checkForm(file: VectorFile): readonly Disagreement[] {
  const tests = testsOf(file).map(({ test }) => test);
  const known = new Map(tests.map((test) => [test.id, test]));
  const negatives = tests.filter(({ fault }) => fault !== undefined);
  const named = new Set(tests.flatMap(({ requirement }) => requirement ?? []));
  return [
    ...tests.flatMap((test, index) => checkId(test, index, file.set, tests)),
    ...tests.flatMap(checkResult),
    ...negatives.flatMap((test) => checkSibling(test, known)),
    ...disagreements(file.set, [
      { by: 'count', expected: file.tests, actual: tests.length },
      { by: 'count of negatives', expected: file.negatives, actual: negatives.length },
      { by: 'requirements', expected: file.requirements, actual: levelsOf(named) },
    ]),
  ];
}

function levelsOf(requirements: ReadonlySet<string>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...requirements].map((id) => [id, catalogue.get(id)?.level ?? 'no such requirement']),
  );
}

function checkId(
  { id }: Vector,
  index: number,
  set: string,
  tests: readonly Vector[],
): readonly Disagreement[] {
  const first = tests.findIndex((test) => test.id === id);
  return disagreements(id, [
    { by: 'id', expected: `${set}/…`, actual: id.startsWith(`${set}/`) ? `${set}/…` : id },
    {
      by: 'id',
      expected: 'an id of its own',
      actual: first === index ? 'an id of its own' : 'the id of two tests',
    },
  ]);
}

/** Only a fault is a reason to refuse. */
function checkResult({ id, fault, expected }: Vector): readonly Disagreement[] {
  if (!('result' in expected)) return [];
  const result = fault === undefined ? 'valid' : 'invalid';
  return disagreements(id, [{ by: 'result', expected: expected.result, actual: result }]);
}

/** A negative says something about its fault only if its sibling is right and differs in nothing else. */
function checkSibling(test: Vector, known: ReadonlyMap<string, Vector>): readonly Disagreement[] {
  const sibling = known.get(test.sibling ?? '');
  if (!sibling || sibling.fault !== undefined)
    return disagreements(test.id, [
      {
        by: 'sibling',
        expected: 'a positive of this set',
        actual: sibling ? 'a negative' : `no ${test.sibling}`,
      },
    ]);
  return disagreements(test.id, [
    { by: 'sibling', expected: [test.differs], actual: differences(sibling.input, test.input) },
  ]);
}
