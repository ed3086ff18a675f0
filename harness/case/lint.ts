import type { Case, Dimensions } from './case.js';
import type { Catalogue } from './requirement.js';

/** What one file of a suite holds. */
export interface SuiteFile {
  /** `suites/enable/refused.suite.ts` */
  readonly file: string;
  readonly cases: readonly Case[];
}

/**
 * What is wrong with how cases are written, one line each, beginning with the file and the case's id. Empty when all is well.
 *
 * @param fencing names of functions that put up a fence: see `fencingFunctions`.
 */
export function lintCases(
  files: readonly SuiteFile[],
  catalogue: Catalogue,
  fencing: readonly string[] = [],
): readonly string[] {
  const cases = files.flatMap((file) => file.cases);
  const byId = new Map(cases.map((subject) => [subject.id, subject]));
  const fence = new RegExp(String.raw`\bfence\b|\b(?:${['sentinel', ...fencing].join('|')})\)?\(`);
  const seen = new Set<string>();
  return files.flatMap(({ file, cases: own }) =>
    own.flatMap((subject) => {
      const problems = [
        ...lintCase(subject, catalogue, fence),
        ...lintDimensions(subject.vary),
        ...lintNegative(subject, byId),
        ...(seen.has(subject.id) ? ['has the id of an earlier case'] : []),
      ];
      seen.add(subject.id);
      return problems.map((problem) => `${file}: ${subject.id} ${problem}`);
    }),
  );
}

/** Levels live in the catalogue; a title that repeats one will contradict it one day. */
const levelWords = /\b(MUST|SHOULD|MAY|SHALL|REQUIRED|RECOMMENDED|OPTIONAL)\b/;

/** A case waits for events. Whoever waits for time has a case that is slow, or wrong on a loaded machine. */
const timers = /\b(setTimeout|setInterval|setImmediate|sleep|delay)\)?\s*\(/;

/** Judges that find something did not happen. */
const absences = /\b(?:noPush|nothingAtAll)\)?\(|\bclaimsAbsence: true\b/;

function* lintCase(subject: Case, catalogue: Catalogue, fence: RegExp): Generator<string> {
  const { id, title, requirements, absence, play, judge } = subject;
  if (!/^[a-z0-9-]+\/[a-z0-9-]+$/.test(id)) yield 'has an id that is not area/topic in lower case';
  if (title.trim() === '') yield 'has no title';
  if (levelWords.test(title)) yield 'has a level in its title: levels live in the catalogue';
  if (requirements.length === 0) yield 'names no requirement';
  for (const name of requirements) {
    const requirement = catalogue.get(name);
    if (!requirement) yield `names the requirement ${name}, which is not in the catalogue`;
    else if (requirement.excluded)
      yield `names the requirement ${name}, which is excluded: ${requirement.excluded}`;
  }
  if (timers.test(`${play}${judge}`)) yield 'uses a timer: wait for an event, or move the clock';
  if (absence && !fence.test(String(play)))
    yield `claims an absence, but its play puts up no fence: use stage.fence.${absence}`;
  if (!absence && absences.test(String(judge)))
    yield 'has a judge that claims an absence, but names no fence in absence';
}

function* lintDimensions(vary: Dimensions | undefined): Generator<string> {
  if (!vary) return;
  if (Object.keys(vary).length === 0) yield 'varies nothing: leave vary out';
  for (const [name, values] of Object.entries(vary)) {
    const words = [name, ...values];
    const bad = words.find((word) => !/^[a-z0-9][a-z0-9.-]*$/.test(word));
    if (bad !== undefined)
      yield `varies "${bad}", which is no word of lower-case letters, digits, dots and dashes`;
    if (values.length < 2) yield `varies ${name}, which has but one value`;
    if (new Set(values).size < values.length) yield `varies ${name}, which has the same value twice`;
  }
}

function* lintNegative(
  { id, negative, vary = {} }: Case,
  byId: ReadonlyMap<string, Case>,
): Generator<string> {
  if (!negative) return;
  const { fault, across } = negative;
  if (fault.trim() === '') yield 'is a negative without a fault';
  if (/\band\b|;/.test(fault)) yield `names more than one fault: ${fault}`;
  if (across !== undefined && !vary[across]) yield `has a fault across ${across}, which it does not vary`;
  const sibling = byId.get(negative.sibling);
  if (!sibling) yield `names a sibling ${negative.sibling} that does not exist`;
  else if (sibling.id === id) yield 'names itself as its sibling';
  else if (sibling.negative) yield `names ${sibling.id} as its sibling, which is itself a negative`;
  else
    for (const [name, values] of Object.entries(vary)) {
      const lacking = values.filter((value) => name !== across && !sibling.vary?.[name]?.includes(value));
      if (lacking.length > 0)
        yield `varies ${name}, but its sibling ${sibling.id} is never played with ${lacking.join(', ')}`;
    }
}
