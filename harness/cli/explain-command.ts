import { existsSync } from 'node:fs';
import { mutants } from '../../fixtures/mutants/mutants.js';
import { cases } from '../../suites/cases.js';
import { catalogue } from '../../suites/requirements/catalogue.js';
import { countVectors } from '../../vectors/files.js';
import type { Case, Dimensions } from '../case/case.js';
import { everyChoice } from '../case/pairs.js';
import { type Permutation, permutationsOf, siblingOf } from '../case/permutation.js';
import type { Requirement } from '../case/requirement.js';
import { suggest, UsageError } from '../usage/usage-error.js';
import { defaultText, readSentences } from './spec-text.js';

/**
 * Prints what a case does or what a requirement says.
 *
 * @throws UsageError when there is no such id.
 */
export function explainCommand(id: string): void {
  const requirement = catalogue.get(id);
  const subject = cases.find((candidate) => candidate.id === id);
  const permutation = cases
    .filter((candidate) => id.startsWith(`${candidate.id}/`))
    .flatMap((candidate) => permutationsOf(candidate, 'every'))
    .find(({ path }) => path === id);
  if (requirement) process.stdout.write(explainRequirement(requirement));
  else if (subject) process.stdout.write(explainCase({ ...subject, path: id }));
  else if (permutation) process.stdout.write(explainCase(permutation));
  else {
    const known = [...catalogue.keys(), ...cases.map((candidate) => candidate.id)];
    throw new UsageError(`there is no case or requirement "${id}"${suggest(id, known)}`);
  }
}

function sentenceLines({ id, level, document, section, sentence }: Requirement): string[] {
  return [`${id} (${level}), ${document} §${section}`, `  “${sentence}”`];
}

function explainRequirement(requirement: Requirement): string {
  const testing = cases.filter(({ requirements }) => requirements.includes(requirement.id as never));
  return lines(
    ...sentenceLines(requirement),
    ...(requirement.hash ? [`  ${placeInText(requirement.id)}hash ${requirement.hash}`] : []),
    '',
    ...(requirement.excluded ? [`No case tests it: ${requirement.excluded}.`] : []),
    ...(testing.length > 0 ? ['Cases, and what turns them red:', ...testing.flatMap(killLines)] : []),
    ...mutantLines(requirement.id),
    ...vectorLines(requirement.id),
    ...(testing.length === 0 && !requirement.excluded ? ['No case tests it yet.'] : []),
  );
}

/** The mutants of the reference that break it: one of its cases has to notice each. */
function mutantLines(id: string): readonly string[] {
  const breaking = mutants.filter(({ breaks }) => breaks.some((broken) => broken === id));
  if (breaking.length === 0) return [];
  const width = Math.max(...breaking.map((mutant) => mutant.id.length));
  return [
    'Mutants that one of them notices:',
    ...breaking.map((mutant) => `  ${mutant.id.padEnd(width)}  ${mutant.title}`),
  ];
}

/** The test vectors on it, for who is not as far as having a server. */
function vectorLines(id: string): readonly string[] {
  const count = countVectors(id);
  return count === 0 ? [] : [`Test vectors: ${count}; npx webpush-conformance vectors list ${id}`];
}

/** A case and the server that it catches. */
function killLines({ id, title, negative, absence }: Case): readonly string[] {
  const killer = negative
    ? `a server that does the same as in ${negative.sibling}, though ${negative.fault}`
    : absence
      ? 'a server that does it after all, until the fence holds or late'
      : 'a server that does otherwise, or nothing';
  return [`  ${id}  ${title}`, `      ${killer}`];
}

/** `reference/spec/webpush.xml:123, `, or nothing when the text is not there. */
function placeInText(id: string): string {
  if (!existsSync(defaultText)) return '';
  const line = readSentences(defaultText).find((sentence) => sentence.id === id)?.line;
  return line === undefined ? '' : `reference/spec/webpush.xml:${line}, `;
}

/** @param subject a case, or one permutation of it. */
function explainCase(
  subject: Pick<Permutation, 'path'> & Partial<Pick<Permutation, 'choice'>> & Omit<Case, 'play' | 'judge'>,
): string {
  const { path, title, requirements, negative, absence, needs, vary } = subject;
  return lines(
    `${path}: ${title}`,
    '',
    ...requirements.flatMap((name) => {
      const requirement = catalogue.get(name);
      return requirement ? sentenceLines(requirement) : [];
    }),
    '',
    ...(negative ? [`It is ${siblingPath(subject)} with one fault: ${negative.fault}.`] : []),
    ...(vary ? [`It varies ${inWords(vary)}: ${everyChoice(vary).length} permutations.`] : []),
    ...(absence ? [`It claims that something does not happen; a ${absence} fence proves it.`] : []),
    ...(needs?.traits ? [`It needs a target with ${needs.traits.join(', ')}.`] : []),
    ...(needs?.hooks ? [`It needs the hooks ${needs.hooks.join(', ')}.`] : []),
    ...(needs?.config ? [`It needs a server set to ${JSON.stringify(needs.config)}.`] : []),
    `Play it: npx webpush-conformance run --filter ${path}`,
  );
}

/** Of a case the sibling, of a permutation the one that is the same. */
function siblingPath({ negative, choice }: Partial<Pick<Permutation, 'negative' | 'choice'>>): string {
  const same = negative && choice ? siblingOf({ negative, choice }, cases) : undefined;
  return same?.path ?? negative?.sibling ?? '';
}

function inWords(vary: Dimensions): string {
  return Object.entries(vary)
    .map(([name, values]) => `${name} (${values.join(', ')})`)
    .join(' with ');
}

function lines(...text: readonly string[]): string {
  return `${text.join('\n')}\n`;
}
