import type { Level } from '../../harness/case/requirement.js';
import { catalogue, type RequirementId } from '../../suites/requirements/catalogue.js';
import { differences } from '../difference.js';
import type { SetName, Vector, VectorFile } from '../vector.js';

/** A test as the makers of a set write it down; `assemble` adds what can be worked out. */
export interface Draft<Input extends object, Expected extends object> {
  readonly name: string;
  readonly title?: string;
  readonly fault?: string;
  /** Name of the sibling. */
  readonly sibling?: string;
  readonly requirement?: RequirementId;
  readonly source?: string;
  readonly input: Input;
  readonly expected: Expected;
}

/** What is right, and shows that its negatives are wrong for their fault alone. */
export function positive<Input extends object, Expected extends object>(
  name: string,
  title: string,
  input: Input,
  expected: Expected,
  more: { readonly requirement?: RequirementId; readonly source?: string } = {},
): Draft<Input, Expected> {
  return { name, title, ...more, input, expected };
}

/** The sibling with one fault, and the sentence that the fault breaks. */
export function negative<Input extends object, Expected extends object>(
  name: string,
  sibling: string,
  fault: string,
  requirement: RequirementId,
  input: Input,
  expected: Expected,
): Draft<Input, Expected> {
  return { name, fault, sibling, requirement, input, expected };
}

type Drafts = Readonly<
  Record<string, { readonly title: string; readonly tests: readonly Draft<object, object>[] }>
>;

/**
 * Puts a set together.
 *
 * @throws {Error} when a name is taken twice, a sibling is missing, or a negative has not exactly one fault.
 */
export function assemble(set: SetName, title: string, notes: readonly string[], groups: Drafts): VectorFile {
  const all = Object.values(groups).flatMap(({ tests }) => tests);
  const known = new Map(all.map((draft) => [draft.name, draft]));
  if (known.size !== all.length) throw new Error(`${set}: ${twiceIn(all)} is the name of two tests`);
  const finished = (draft: Draft<object, object>): Vector => {
    const { name, title, fault, sibling, requirement, source, input, expected } = draft;
    const right = sibling === undefined ? undefined : known.get(sibling);
    if (sibling !== undefined && right?.fault !== undefined)
      throw new Error(`${set}/${name}: its sibling ${sibling} has a fault itself`);
    if (sibling !== undefined && !right) throw new Error(`${set}/${name}: there is no sibling ${sibling}`);
    return {
      id: `${set}/${name}`,
      ...(title === undefined ? {} : { title }),
      ...(fault === undefined ? {} : { fault }),
      ...(right ? { sibling: `${set}/${right.name}`, differs: onlyDifference(draft, right, set) } : {}),
      ...(requirement === undefined ? {} : { requirement }),
      ...(source === undefined ? {} : { source }),
      input,
      expected,
    };
  };
  const named = all.flatMap(({ requirement }) => (requirement === undefined ? [] : [requirement]));
  return {
    $schema: `../schemas/vectors-${set}.schema.json`,
    set,
    title,
    notes,
    requirements: Object.fromEntries([...new Set(named)].sort().map((id) => [id, levelOf(id)])),
    tests: all.length,
    negatives: all.filter(({ fault }) => fault !== undefined).length,
    groups: Object.fromEntries(
      Object.entries(groups).map(([name, group]) => [
        name,
        { title: group.title, tests: group.tests.map(finished) },
      ]),
    ),
  };
}

function onlyDifference(
  { name, input }: Draft<object, object>,
  sibling: Draft<object, object>,
  set: string,
): string {
  const [only, ...others] = differences(sibling.input, input);
  if (only !== undefined && others.length === 0) return only;
  const found = only === undefined ? 'nothing' : [only, ...others].join(', ');
  throw new Error(`${set}/${name} must differ from ${sibling.name} in one part; it differs in ${found}`);
}

function levelOf(id: RequirementId): Level {
  const requirement = catalogue.get(id);
  if (!requirement) throw new Error(`there is no requirement ${id}`);
  return requirement.level;
}

function twiceIn(drafts: readonly { readonly name: string }[]): string {
  const names = drafts.map(({ name }) => name);
  return names.find((name, index) => names.indexOf(name) !== index) ?? '';
}

/** The text of a set's file. */
export function textOf(file: VectorFile): string {
  return `${JSON.stringify(file, undefined, 2)}\n`;
}
