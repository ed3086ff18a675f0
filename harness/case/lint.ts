import type { Case } from './case.js';
import type { Catalogue } from './requirement.js';

/** What is wrong with how cases are written, one line each, beginning with the case's id. Empty when all is well. */
export function lintCases(cases: readonly Case[], catalogue: Catalogue): readonly string[] {
  const byId = new Map(cases.map((subject) => [subject.id, subject]));
  return cases.flatMap((subject, index) => {
    const problems = [...lintCase(subject, catalogue)];
    if (cases.findIndex(({ id }) => id === subject.id) !== index)
      problems.push('has the id of an earlier case');
    const { negative } = subject;
    if (negative) {
      const sibling = byId.get(negative.sibling);
      if (!sibling) problems.push(`names a sibling ${negative.sibling} that does not exist`);
      else if (sibling === subject) problems.push('names itself as its sibling');
      else if (sibling.negative)
        problems.push(`names ${negative.sibling} as its sibling, which is itself a negative`);
    }
    return problems.map((problem) => `${subject.id} ${problem}`);
  });
}

/** Levels live in the catalogue; a title that repeats one will contradict it one day. */
const levelWords = /\b(MUST|SHOULD|MAY|SHALL|REQUIRED|RECOMMENDED|OPTIONAL)\b/;

/** A case waits for events. Whoever waits for time has a case that is slow, or wrong on a loaded machine. */
const timers = /\b(setTimeout|setInterval|setImmediate|sleep|delay)\s*\(/;

function* lintCase(subject: Case, catalogue: Catalogue): Generator<string> {
  const { id, title, requirements, negative, play, judge } = subject;
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
  if (negative && negative.fault.trim() === '') yield 'is a negative without a fault';
  if (negative && /\band\b|;/.test(negative.fault)) yield `names more than one fault: ${negative.fault}`;
  if (timers.test(`${play}${judge}`)) yield 'uses a timer: wait for an event, or move the clock';
}
